//! One bit changed anywhere in the rows is found, and the report names the Run and the part.
//!
//! It is changed past the triggers, as someone with a file and a hex editor would not meet them.

use super::Place;
use crate::scene::{append, correct, fill, run};
use samebits_snapshot::Digest;
use samebits_store::Report;

fn verify(place: &dyn Place) -> Report {
    place.opener().read().unwrap().verify(&mut |_| {})
}

/// Five Runs, three corrections.
fn filled(place: &dyn Place) {
    let mut written = fill(&place.opener());
    correct(&mut written, "A/1", "a price was stale").unwrap();
    correct(&mut written, "A/2", "a dividend was missing").unwrap();
    correct(&mut written, "B/0", "a price was stale").unwrap();
}

/// Every column that a chain covers: table, column, whether a problem of it names a Run.
fn columns() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let runs = "account sequence as_of run_id inputs_id result_id solver status recorded_at actor previous link record";
    let corrections = "account number supersedes run_id record reason actor recorded_at previous link";
    let heads = "sequence link corrections correction_link";
    let of = |table, columns: &'static str, names_run| {
        columns.split(' ').map(move |column| (table, column, names_run))
    };
    of("runs", runs, true)
        .chain(of("corrections", corrections, false))
        .chain(of("blobs", "id bytes", false))
        .chain(of("heads", heads, false))
}

pub(crate) fn every_byte_of_every_row_is_covered(place: &dyn Place) {
    filled(place);
    assert!(verify(place).problems.is_empty());
    for (table, column, names_run) in columns() {
        let row = if table == "heads" { 1 } else { 2 };
        let mut tried = 0;
        // Every byte of short values; of records and blobs the first ones, and samples.
        let sampled = |at: &usize| *at < 64 && (place.every_byte() || *at % 15 < 2) || at.is_multiple_of(61);
        for at in (0..2_000).filter(sampled) {
            if !place.flip(table, column, row, at) {
                continue;
            }
            tried += 1;
            let problems = verify(place).problems;
            assert!(!problems.is_empty(), "{table}.{column} byte {at}");
            assert!(
                !names_run || problems.iter().any(|problem| problem.run.is_some()),
                "{table}.{column}: {problems:?}"
            );
            assert!(place.flip(table, column, row, at));
        }
        assert!(tried > 0, "{table}.{column}");
    }
    assert!(verify(place).problems.is_empty());
}

pub(crate) fn a_missing_row_is_found(place: &dyn Place) {
    filled(place);
    let kept = ["runs", "blobs", "corrections", "heads"];
    for table in kept {
        place.forge(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
    }
    for (statement, table) in [
        ("DELETE FROM runs WHERE account = 'A' AND sequence = 1", "runs"),
        ("DELETE FROM runs WHERE account = 'A' AND sequence = 2", "runs"),
        ("DELETE FROM runs WHERE account = 'B'", "runs"),
        ("DELETE FROM blobs WHERE id = (SELECT id FROM blobs ORDER BY id LIMIT 1)", "blobs"),
        ("DELETE FROM heads WHERE account = 'A'", "heads"),
        ("DELETE FROM corrections WHERE number = 0", "corrections"),
        ("DELETE FROM corrections WHERE number = 1", "corrections"),
        ("DELETE FROM corrections", "corrections"),
    ] {
        place.forge(statement);
        assert!(!verify(place).problems.is_empty(), "{statement}");
        place.forge(&format!("DELETE FROM {table}"));
        place.forge(&format!("INSERT INTO {table} {} SELECT * FROM kept_{table}", place.overriding()));
        assert_eq!(verify(place).problems, [], "{statement}");
    }
}

/// An account that is not what the Run before left is reported, although every Run is whole by itself.
pub(crate) fn a_broken_hand_over_is_found(place: &dyn Place) {
    let mut store = place.opener().create(None).unwrap();
    append(&mut store, &run("A", 0)).unwrap();
    let mut next = run("A", 1);
    next.inputs.account.cash = samebits_units::Money::from_micros(1);
    append(&mut store, &next).unwrap();
    let problems = store.verify(&mut |_| {}).problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].part.as_str(), &problems[0].run), ("account", &Some(("A".to_owned(), 1))));
}

/// A forger who computes the links anew (by the formula of `docs/store.md`) after taking out the Run before.
pub(crate) fn a_chain_that_skips_a_run_is_found(place: &dyn Place) {
    let store = fill(&place.opener());
    let (first, third) = (store.find("A/0").unwrap(), store.find("A/2").unwrap());
    let info_id = samebits_snapshot::info_id(&run("A", 2).info).unwrap();
    let link = Digest::of_parts(
        "samebits 2026 chain link 2",
        &[
            first.link.as_bytes(),
            b"A",
            &2_i64.to_le_bytes(),
            third.run_id.as_bytes(),
            info_id.as_bytes(),
            &third.recorded_at.to_le_bytes(),
            third.actor.as_bytes(),
        ],
    );
    let (first, link) = (place.literal(first.link.as_bytes()), place.literal(link.as_bytes()));
    place.forge(&format!(
        "UPDATE runs SET previous = {first}, link = {link} WHERE account = 'A' AND sequence = 2"
    ));
    place.forge(&format!("UPDATE heads SET link = {link} WHERE account = 'A'"));
    let problems = store.verify(&mut |_| {}).problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].part, "column previous");
}
