//! What a statement covers: days, gaps, days before and after, and who signed.

use crate::golden::{date, entry, history, key, rows};
use samebits_attest::{Attestation, Difference, Error, History, Problem, Proof, SecretKey, Span, Statement};

type Row = (samebits_units::Date, samebits_attest::Entry);
type Change<'a> = &'a dyn Fn(&mut Statement);

fn through(history: &History, last: &str, lists: bool) -> Statement {
    history.statement("s", Span::Through(date(last)), lists).unwrap()
}

fn said(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(ToString::to_string).collect()
}

#[test]
fn later_days_may_follow_but_no_earlier_ones() {
    let attested = through(&history(), "2017-02-14", false);
    let with = |day: &str| -> History { rows().into_iter().chain([(date(day), entry("C", 0))]).collect() };
    assert_eq!(with("2017-02-15").differences(&attested), []);
    // The store had nothing on this day, and the statement says so.
    assert_eq!(said(&with("2017-02-14").differences(&attested)), ["2017-02-14: there, and not attested"]);
    assert_eq!(said(&with("2017-02-10").differences(&attested)), ["2017-02-10: there, and not attested"]);
    assert_eq!(said(&with("2017-02-09").differences(&attested)), ["2017-02-09: 1 Runs attested, 2 found"]);
    let before = with("2017-02-07").differences(&attested);
    assert!(matches!(before[..], [Difference { problem: Problem::Before { .. }, .. }]), "{before:?}");
}

/// A statement of one day covers the days before by their root.
#[test]
fn one_day_covers_the_days_before() {
    let attested = history().statement("s", Span::Day(date("2017-02-13")), false).unwrap();
    assert_eq!(attested.days.len(), 1);
    assert_eq!(history().differences(&attested), []);
    let without: History = rows().into_iter().filter(|(day, _)| *day != date("2017-02-09")).collect();
    let differences = without.differences(&attested);
    assert!(
        matches!(differences[..], [Difference { problem: Problem::Before { .. }, run: None, .. }]),
        "{differences:?}"
    );
    assert!(said(&differences)[0].starts_with("2017-02-13: the days before are not as attested: root "));
    let nothing = history().statement("s", Span::Day(date("2017-02-10")), false).unwrap_err();
    assert_eq!(nothing.to_string(), "no Runs on 2017-02-10: there is nothing to attest");
    assert!(matches!(
        History::default().statement("s", Span::Through(date("2017-02-10")), false),
        Err(Error::Nothing { .. })
    ));
}

/// With a list the Run is named, without it the day.
#[test]
fn a_list_names_the_run() {
    let changed = |change: &dyn Fn(&mut Vec<Row>)| -> History {
        let mut rows = rows();
        change(&mut rows);
        rows.into_iter().collect()
    };
    let rewritten = changed(&|rows| rows[4].1.link = samebits_snapshot::Digest::of("test", b"forged"));
    let swapped = changed(&|rows| rows[4].1.account = "C".into());
    let removed = changed(&|rows| drop(rows.remove(4)));
    let gone = changed(&|rows| drop(rows.remove(1)));
    let (plain, listed) = (through(&history(), "2017-02-13", false), through(&history(), "2017-02-13", true));
    assert_eq!(
        said(&rewritten.differences(&plain)),
        ["2017-02-13: not as attested: an id or a link was rewritten"]
    );
    assert_eq!(
        said(&rewritten.differences(&listed)),
        ["2017-02-13: B/1: not as attested: an id or a link was rewritten"]
    );
    assert_eq!(
        said(&swapped.differences(&listed)),
        ["2017-02-13: B/1: attested, and not there any more", "2017-02-13: C/1: there, and not attested"]
    );
    assert_eq!(said(&removed.differences(&plain)), ["2017-02-13: 4 Runs attested, 3 found"]);
    assert_eq!(said(&removed.differences(&listed)), ["2017-02-13: B/1: attested, and not there any more"]);
    assert_eq!(said(&gone.differences(&listed)), ["2017-02-09: attested, and not there any more"]);
}

/// Whoever can write the file can sign it with a key of their own: only the pinned key tells.
#[test]
fn another_signer_is_told_by_the_pinned_key() {
    let forger = SecretKey::from_seed([9; 32]);
    let file = through(&history(), "2017-02-13", false).sign(&forger).unwrap();
    let kept = Attestation::read(&file).unwrap();
    assert!(kept.check_key(&forger.public()).is_ok());
    let error = kept.check_key(&key().public()).unwrap_err();
    assert!(error.is_damage() && matches!(error, Error::OtherKey { .. }), "{error}");
}

/// A signer cannot sign what contradicts itself.
#[test]
fn statements_that_contradict_themselves_are_not_signed() {
    let good = through(&history(), "2017-02-13", true);
    assert!(good.sign(&key()).is_ok());
    let changes: [(&str, Change<'_>); 8] = [
        ("2017-02-08: the day root", &|s| s.previous = s.root()),
        ("2017-02-09: the day root", &|s| s.days[1].day.merkle = s.previous),
        ("2017-02-13: the day root", &|s| s.days[2].day.count += 1),
        ("2017-02-13: the day is not in its place", &|s| s.through = date("2017-02-12")),
        ("2017-02-08: the list of Runs is not as long", &|s| drop(s.days[0].runs.as_mut().unwrap().pop())),
        ("2017-02-08: the list of Runs is not in order", &|s| s.days[0].runs.as_mut().unwrap().swap(0, 1)),
        ("2017-02-08: the Merkle root", &|s| s.days[0].runs.as_mut().unwrap()[0].leaf = s.previous),
        ("2017-02-13: no day", &|s| s.days.clear()),
    ];
    for (expected, change) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        let error = bad.sign(&key()).unwrap_err();
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
}

#[test]
fn every_run_has_a_proof_and_no_other_day_takes_it() {
    let statement = through(&history(), "2017-02-13", false);
    for (day, run) in rows() {
        let mut proof = history().proof(day, &run.account, run.sequence).unwrap();
        proof.check(&statement).unwrap();
        assert_eq!(proof.entry, run);
        // A tree of another size may have the same way up.
        for count in (1..9).filter(|count| *count != proof.count) {
            let other = Proof { count, ..proof.clone() };
            assert!(matches!(other.check(&statement), Err(Error::NotIncluded { .. })), "{count}");
        }
        proof.date = if day == date("2017-02-08") { date("2017-02-13") } else { date("2017-02-08") };
        assert!(matches!(proof.check(&statement), Err(Error::NotIncluded { .. })));
        proof.date = date("2017-02-10");
        assert!(matches!(proof.check(&statement), Err(Error::NotAttested { .. })));
    }
    assert!(matches!(history().proof(date("2017-02-08"), "B", 1), Err(Error::NoRun { .. })));
}
