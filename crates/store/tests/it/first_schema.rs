//! A store of schema 1, frozen in `fixtures/store/v1`: read and verified under its own formula, not appended to.

use crate::scene::{append, correct, packed, run};
use crate::suite::migrate::frozen;
use samebits_store::{Error, Filter, Report, Store};

#[test]
fn it_is_read_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_read_only(&frozen(folder.path())).unwrap();
    assert_eq!(store.schema(), 1);
    let report = store.verify(&mut |_| {});
    assert_eq!(report, Report { runs: 5, blobs: 17, accounts: 2, ..Report::default() });
    for head in store.list(&Filter::default()).unwrap() {
        assert_eq!(store.get(&head.run_id).unwrap().run, run(&head.account, head.sequence as u64));
        assert_eq!(store.corrections_of(&head.run_id).unwrap(), []);
    }
    assert!(store.size().unwrap().records > 0);
}

#[test]
fn nothing_is_added_or_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = frozen(folder.path());
    let mut store = Store::create(&path).unwrap();
    let next = run("A", 3);
    let bytes = packed(&run("A", 0));
    for error in [
        append(&mut store, &next).unwrap_err(),
        correct(&mut store, "A/0", "a price was stale").unwrap_err(),
        store.replace(&[(bytes.manifest.run_id, &bytes.bytes)], &[]).unwrap_err(),
    ] {
        assert!(matches!(error, Error::OldSchema { found: 1, .. }), "{error}");
        assert!(error.to_string().contains("samebits store migrate"), "{error}");
    }
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

/// Its links cover the bytes of the record: the same content in other bytes is found there.
#[test]
fn one_bit_of_a_record_or_a_link_is_found() {
    for (column, at) in [("record", 100), ("link", 3), ("previous", 0)] {
        let folder = tempfile::tempdir().unwrap();
        let path = frozen(folder.path());
        let raw = rusqlite::Connection::open(&path).unwrap();
        raw.execute_batch("DROP TRIGGER runs_are_final").unwrap();
        let query = format!("SELECT {column} FROM runs WHERE rowid = 2");
        let mut bytes: Vec<u8> = raw.query_row(&query, [], |row| row.get(0)).unwrap();
        bytes[at] ^= 4;
        raw.execute(&format!("UPDATE runs SET {column} = ?1 WHERE rowid = 2"), [bytes]).unwrap();
        drop(raw);
        let report = Store::open_read_only(&path).unwrap().verify(&mut |_| {});
        assert!(report.problems.iter().any(|problem| problem.run == Some(("A".into(), 1))), "{column}");
    }
}
