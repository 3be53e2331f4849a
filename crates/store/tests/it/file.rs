//! What only a store in a file can be: another file.

use crate::scene::store;
use rusqlite::Connection;
use samebits_store::{Access, Error, Filter, Opener, Store};

#[test]
fn not_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    assert!(matches!(Store::open_read_only(&path), Err(Error::NoStore { .. })));
    std::fs::write(
        &path,
        b"this is not a database, and it is longer than a header of one hundred bytes would be ....",
    )
    .unwrap();
    let error = Store::open_read_only(&path).unwrap_err();
    assert!(error.is_damage(), "{error}");
}

/// A file that holds something else stays as it is.
#[test]
fn not_a_file_of_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let open = |access| Opener::from(&path).answers(access).map(drop);
    let refused = || {
        for access in [Access::Read, Access::Write, Access::Create] {
            let error = open(access).unwrap_err();
            assert!(matches!(error, Error::NotAnswers { .. }), "{access:?}: {error}");
        }
    };
    drop(store(&path));
    refused();
    assert_eq!(Store::open_read_only(&path).unwrap().verify(&mut |_| {}).problems, []);
    std::fs::write(&path, [b'x'; 200]).unwrap();
    refused();
    assert_eq!(std::fs::read(&path).unwrap(), [b'x'; 200]);
    std::fs::remove_file(&path).unwrap();
    open(Access::Create).unwrap();
    let mut answers = Opener::from(&path).answers(Access::Write).unwrap();
    assert!(matches!(answers.queue().map(drop), Err(Error::NoQueue { .. })));
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    assert!(matches!(open(Access::Write).unwrap_err(), Error::TooNew { found: 2, supported: 1 }));
}

/// Bytes of the file itself: an error, a report, or unused space; never a panic, never a wrong Run.
#[test]
fn flips_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let heads = store(&path).list(&Filter::default()).unwrap();
    Connection::open(&path).unwrap().execute_batch("PRAGMA journal_mode = DELETE; VACUUM").unwrap();
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
