//! The forger of `docs/store.md`: one who can rewrite the whole file, chain included. Each store below was written anew
//! with one thing other than it was; `verify` finds nothing wrong with it, the kept attestation does.

use crate::sample;
use samebits_attest::{Attestation, Entry, History, SecretKey, Span};
use samebits_snapshot::record::{Run, Status};
use samebits_snapshot::{DaySections, account_id, pack_shared};
use samebits_store::{Filter, NewRun, Store};
use samebits_units::{Date, Money};

/// What is appended for one Run.
#[derive(Clone)]
struct Row {
    run: Run,
    actor: String,
    recorded_at: i64,
}

fn row(account: &str, sequence: u64, as_of: &str) -> Row {
    let run = sample::run_of(account, sequence, sample::day(as_of), sample::SECURITIES);
    let recorded_at = 1_700_000_000_000_000_000 + sequence as i64;
    Row { run, actor: "tester".into(), recorded_at }
}

/// Three Runs of one account and two of another.
fn rows() -> Vec<Row> {
    vec![
        row("A", 0, "2017-02-08"),
        row("A", 1, "2017-02-09"),
        row("A", 2, "2017-02-10"),
        row("B", 0, "2017-02-08"),
        row("B", 1, "2017-02-09"),
    ]
}

/// A whole store of these Runs, which its own `verify` accepts; its history.
fn written(rows: &[Row]) -> History {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = Store::create(&path).unwrap();
    for Row { run, actor, recorded_at } in rows {
        let sections = DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap();
        let packed = pack_shared(run, &sections).unwrap();
        store.append(&[NewRun { packed: &packed, run, actor, recorded_at: *recorded_at }]).unwrap();
    }
    drop(store);
    let store = Store::open_read_only(&path).unwrap();
    assert_eq!(store.verify(&mut |_| {}).problems, [], "the chain alone shows nothing");
    let heads = store.list(&Filter::default()).unwrap();
    let entry = |head: samebits_store::RunHead| {
        let entry =
            Entry { account: head.account, sequence: head.sequence, run_id: head.run_id, link: head.link };
        (head.as_of, entry)
    };
    heads.into_iter().map(entry).collect()
}

/// The attestation of the good store, kept elsewhere; with or without a list of Runs.
fn kept(lists: bool) -> Attestation {
    let statement = written(&rows()).statement("s", Span::Through(day("2017-02-10")), lists).unwrap();
    Attestation::read(&statement.sign(&SecretKey::from_seed([3; 32])).unwrap()).unwrap()
}

fn day(text: &str) -> Date {
    sample::day(text)
}

/// Days, and account/sequence, that differ from what was attested.
fn found(rows: &[Row]) -> (Vec<String>, Vec<String>) {
    let history = written(rows);
    let days = history.differences(&kept(false).statement);
    let runs = history.differences(&kept(true).statement);
    let named = runs.iter().map(|difference| {
        difference.run.as_ref().map_or_else(
            || difference.date.to_string(),
            |(account, sequence)| format!("{account}/{sequence}"),
        )
    });
    (days.iter().map(|difference| difference.date.to_string()).collect(), named.collect())
}

fn check(what: &str, change: impl FnOnce(&mut Vec<Row>), days: &[&str], runs: &[&str]) {
    let mut rows = rows();
    change(&mut rows);
    let (found_days, found_runs) = found(&rows);
    assert_eq!(found_days, days, "{what}");
    assert_eq!(found_runs, runs, "{what}");
}

#[test]
fn the_store_as_it_was() {
    check("nothing", |_| (), &[], &[]);
}

/// One column after the other; the links from there on follow.
#[test]
fn every_column_rewritten_with_its_chain() {
    let last_two = ["2017-02-09", "2017-02-10"];
    check("actor", |rows| rows[1].actor = "another".into(), &last_two, &["A/1", "A/2"]);
    check("recorded_at", |rows| rows[1].recorded_at -= 1, &last_two, &["A/1", "A/2"]);
    check("recorded_at of the last", |rows| rows[4].recorded_at += 1, &["2017-02-09"], &["B/1"]);
    check("solver", |rows| rows[1].run.method.solver = "plain/2".into(), &last_two, &["A/1", "A/2"]);
    check("status", |rows| rows[2].run.outcome.status = Status::Solved, &["2017-02-10"], &["A/2"]);
    check("result", |rows| rows[4].run.outcome.weights[2] += 1e-12, &["2017-02-09"], &["B/1"]);
    check(
        "result, sign of a zero",
        |rows| rows[2].run.outcome.rows[0].multiplier = 0.0,
        &["2017-02-10"],
        &["A/2"],
    );
    check(
        "inputs: a parameter",
        |rows| drop(rows[4].run.inputs.params.settings.remove("te_cap").unwrap()),
        &["2017-02-09"],
        &["B/1"],
    );
    check(
        "inputs: the account from its first Run on",
        |rows| {
            for row in &mut rows[3..] {
                row.run.inputs.account.cash = Money::from_micros(1);
                row.run.outcome.stages.account_after = account_id(&row.run.inputs.account).unwrap();
            }
        },
        &["2017-02-08", "2017-02-09"],
        &["B/0", "B/1"],
    );
    check("record: what no id covers", |rows| rows[4].run.info.solve_ns += 1, &["2017-02-09"], &["B/1"]);
    check(
        "account",
        |rows| {
            for row in &mut rows[3..] {
                row.run.inputs.question.account = "C".into();
            }
        },
        &["2017-02-08", "2017-02-09"],
        &["B/0", "C/0", "B/1", "C/1"],
    );
    check(
        "sequence: a Run left out, the next one in its place",
        |rows| {
            rows.remove(1);
            rows[1].run.inputs.question.sequence = 1;
        },
        &["2017-02-09", "2017-02-10"],
        &["A/1", "A/1", "A/2"],
    );
    check(
        "as_of",
        |rows| rows[4] = row("B", 1, "2017-02-10"),
        &["2017-02-09", "2017-02-10"],
        &["B/1", "B/1"],
    );
}

#[test]
fn runs_removed_and_added() {
    check("the last Run", |rows| drop(rows.remove(2)), &["2017-02-10"], &["2017-02-10"]);
    check("an account", |rows| rows.truncate(3), &["2017-02-08", "2017-02-09"], &["B/0", "B/1"]);
    check("added to an attested day", |rows| rows.push(row("C", 0, "2017-02-09")), &["2017-02-09"], &["C/0"]);
    check("added before", |rows| rows.push(row("C", 0, "2017-01-31")), &["2017-02-08"], &["2017-02-08"]);
    check("added after", |rows| rows.push(row("A", 3, "2017-02-13")), &[], &[]);
    check("a new account after", |rows| rows.push(row("C", 0, "2017-02-11")), &[], &[]);
}
