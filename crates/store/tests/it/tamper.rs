//! One byte changed anywhere in the rows is found, and the report names the Run and the part.
//!
//! The triggers are dropped first, as someone with a file and a hex editor would not meet them.

use crate::scene::{correct, run, store};
use rusqlite::{Connection, params, types::Value};
use samebits_store::{Report, Store};
use std::path::Path;

fn open_raw(path: &Path) -> Connection {
    let raw = Connection::open(path).unwrap();
    raw.execute_batch(
        "PRAGMA journal_mode = DELETE; DROP TRIGGER runs_are_final; DROP TRIGGER blobs_are_final;
         DROP TRIGGER records_are_final; DROP TRIGGER blob_bytes_are_final;
         DROP TRIGGER corrections_are_final; DROP TRIGGER corrected_records_are_final;
         DROP TRIGGER runs_stay; DROP TRIGGER blobs_stay; DROP TRIGGER corrections_stay;
         DROP TRIGGER heads_stay; DROP TRIGGER heads_advance;",
    )
    .unwrap();
    raw
}

fn verify(path: &Path) -> Report {
    Store::open_read_only(path).unwrap().verify(&mut |_| {})
}

/// The value with one bit changed; `None` past its end.
fn changed(value: &Value, at: usize) -> Option<Value> {
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        *bytes.get_mut(at)? ^= 1;
        Some(bytes)
    };
    match value {
        Value::Integer(number) => (at < 8).then(|| Value::Integer(number ^ (1 << (8 * at)))),
        Value::Text(text) => Some(Value::Text(String::from_utf8(flip(text.as_bytes())?).unwrap())),
        Value::Blob(bytes) => Some(Value::Blob(flip(bytes)?)),
        _ => None,
    }
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

#[test]
fn every_byte_of_every_row_is_covered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut written = store(&path);
    correct(&mut written, "A/1", "a price was stale").unwrap();
    correct(&mut written, "A/2", "a dividend was missing").unwrap();
    correct(&mut written, "B/0", "a price was stale").unwrap();
    drop(written);
    let raw = open_raw(&path);
    assert!(verify(&path).problems.is_empty());
    for (table, column, names_run) in columns() {
        let key = if table == "heads" { "account" } else { "rowid" };
        let mut statement =
            raw.prepare(&format!("SELECT {key}, {column} FROM {table} ORDER BY {key}")).unwrap();
        let rows: Vec<(Value, Value)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        drop(statement);
        let (id, value) = &rows[rows.len() / 2];
        let update = format!("UPDATE {table} SET {column} = ?1 WHERE {key} = ?2");
        let length = match value {
            Value::Blob(bytes) => bytes.len(),
            Value::Text(text) => text.len(),
            _ => 8,
        };
        // Every byte of short values; of records and blobs the first ones, the last ones, and samples between.
        for at in (0..length).filter(|at| length <= 64 || *at < 8 || *at + 8 > length || at % 61 == 0) {
            let other = changed(value, at).unwrap();
            if raw.execute(&update, params![other, id]).is_err() {
                // The keys of the table forbid this one.
                continue;
            }
            let problems = verify(&path).problems;
            assert!(!problems.is_empty(), "{table}.{column} byte {at}");
            assert!(
                !names_run || problems.iter().any(|problem| problem.run.is_some()),
                "{table}.{column}: {problems:?}"
            );
            raw.execute(&update, params![value, id]).unwrap();
        }
    }
    assert!(verify(&path).problems.is_empty());
}

#[test]
fn a_missing_run_or_blob_is_found() {
    for statement in [
        "DELETE FROM runs WHERE account = 'A' AND sequence = 1",
        "DELETE FROM runs WHERE account = 'A' AND sequence = 2",
        "DELETE FROM runs WHERE account = 'B'",
        "DELETE FROM blobs WHERE rowid = 3",
        "DELETE FROM heads WHERE account = 'A'",
        "DELETE FROM corrections WHERE number = 0",
        "DELETE FROM corrections WHERE number = 1",
        "DELETE FROM corrections",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut written = store(&path);
        correct(&mut written, "A/1", "a price was stale").unwrap();
        correct(&mut written, "A/2", "a dividend was missing").unwrap();
        drop(written);
        let raw = open_raw(&path);
        raw.execute(statement, []).unwrap();
        drop(raw);
        assert!(!verify(&path).problems.is_empty(), "{statement}");
    }
}

/// Bytes of the file itself: an error, a report, or unused space; never a panic, never a wrong Run.
#[test]
fn flips_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let heads = store(&path).list(&samebits_store::Filter::default()).unwrap();
    open_raw(&path).execute_batch("VACUUM").unwrap();
    let good = std::fs::read(&path).unwrap();
    let other = folder.path().join("t.db");
    let mut found = 0;
    let mut tried = 0;
    for at in (0..good.len()).step_by(509) {
        let mut bad = good.clone();
        bad[at] ^= 0x20;
        std::fs::write(&other, &bad).unwrap();
        tried += 1;
        let Ok(store) = Store::open_read_only(&other) else {
            found += 1;
            continue;
        };
        found += usize::from(!store.verify(&mut |_| {}).problems.is_empty());
        for head in &heads {
            if let Ok(stored) = store.get(&head.run_id) {
                assert_eq!(stored.run, crate::scene::run(&head.account, head.sequence as u64));
            }
        }
    }
    assert!(found * 4 > tried, "{found} of {tried}: the rest of the pages of so small a store is unused");
}

/// An account that is not what the Run before left is reported, although every Run is whole by itself.
#[test]
fn a_broken_hand_over_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = Store::create(&path).unwrap();
    crate::scene::append(&mut store, &crate::scene::run("A", 0)).unwrap();
    let mut next = crate::scene::run("A", 1);
    next.inputs.account.cash = samebits_units::Money::from_micros(1);
    crate::scene::append(&mut store, &next).unwrap();
    let problems = store.verify(&mut |_| {}).problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].part.as_str(), &problems[0].run), ("account", &Some(("A".to_owned(), 1))));
}

/// A forger who computes the links anew (by the formula of `docs/store.md`) after taking out the Run before.
#[test]
fn a_chain_that_skips_a_run_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(store(&path));
    let raw = open_raw(&path);
    let first: Vec<u8> = raw
        .query_row("SELECT link FROM runs WHERE account = 'A' AND sequence = 0", [], |row| row.get(0))
        .unwrap();
    let (run_id, recorded_at, actor): (Vec<u8>, i64, String) = raw
        .query_row(
            "SELECT run_id, recorded_at, actor FROM runs WHERE account = 'A' AND sequence = 2",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let info_id = samebits_snapshot::info_id(&run("A", 2).info).unwrap();
    let link = samebits_snapshot::Digest::of_parts(
        "samebits 2026 chain link 2",
        &[
            &first,
            b"A",
            &2_i64.to_le_bytes(),
            &run_id,
            info_id.as_bytes(),
            &recorded_at.to_le_bytes(),
            actor.as_bytes(),
        ],
    );
    raw.execute(
        "UPDATE runs SET previous = ?1, link = ?2 WHERE account = 'A' AND sequence = 2",
        params![first, link.as_bytes()],
    )
    .unwrap();
    raw.execute("UPDATE heads SET link = ?1 WHERE account = 'A'", params![link.as_bytes()]).unwrap();
    let problems = verify(&path).problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].part, "column previous");
}
