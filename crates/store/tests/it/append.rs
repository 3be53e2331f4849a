//! What may be appended, and what is found again.

use crate::scene::{append, correct, packed, run, store};
use samebits_store::{Error, Filter, NewRun, Store};
use std::sync::Arc;

#[test]
fn runs_are_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let written = store(&path);
    let heads = written.list(&Filter::default()).unwrap();
    assert_eq!(heads.len(), 5);
    let only = Filter { account: Some("B".into()), from: "2017-02-09".parse().ok(), ..Filter::default() };
    assert_eq!(written.list(&only).unwrap().len(), 1);
    drop(written);
    let store = Store::open_read_only(&path).unwrap();
    for head in &heads {
        let stored = store.get(&head.run_id).unwrap();
        assert_eq!(stored.run, run(&head.account, head.sequence as u64));
        assert_eq!(&store.find(&format!("{}/{}", head.account, head.sequence)).unwrap(), head);
        assert_eq!(&store.find(&head.run_id.to_string()[..12]).unwrap(), head);
    }
    assert_eq!(store.find("latest").unwrap().account, "B");
    assert!(matches!(store.find("Z/0"), Err(Error::NotFound { .. })));
    assert!(matches!(store.find("not hex"), Err(Error::NotFound { .. })));
    let report = store.verify(&mut |_| {});
    assert_eq!((report.runs, report.accounts, report.problems.len()), (5, 2, 0));
    // Three days of six parts each; the params are the same on all of them, and so is the recipe.
    assert_eq!(report.blobs, 3 * 5 + 2);
}

#[test]
fn a_run_must_follow_its_account() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(&folder.path().join("s.db"));
    for (account, sequence) in [("A", 2), ("A", 4), ("C", 1)] {
        let error = append(&mut store, &run(account, sequence)).unwrap_err();
        assert!(matches!(error, Error::NotNext { .. }), "{error}");
    }
    let mut early = run("A", 3);
    early.inputs.question.as_of = "2017-02-10".parse().unwrap();
    Arc::make_mut(&mut early.inputs.market).as_of = early.inputs.question.as_of;
    assert!(matches!(append(&mut store, &early), Err(Error::NotNext { .. })));
    append(&mut store, &run("A", 3)).unwrap();
}

/// A transaction with one bad Run leaves nothing of the good one.
#[test]
fn all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(&folder.path().join("s.db"));
    let (good, bad) = (run("A", 3), run("B", 9));
    let (a, b) = (packed(&good), packed(&bad));
    let new = |packed, run| NewRun { packed, run, actor: "tester", recorded_at: 1 };
    assert!(store.append(&[new(&a, &good), new(&b, &bad)]).is_err());
    assert_eq!(store.list(&Filter::default()).unwrap().len(), 5);
    assert!(store.verify(&mut |_| {}).problems.is_empty());
}

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
    let newer = folder.path().join("newer.db");
    drop(store(&newer));
    rusqlite::Connection::open(&newer).unwrap().execute("UPDATE meta SET value = '99'", []).unwrap();
    assert!(matches!(Store::open_read_only(&newer), Err(Error::TooNew { found: 99, .. })));
}

#[test]
fn accidents_are_stopped_by_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut written = store(&path);
    correct(&mut written, "A/1", "a price was stale").unwrap();
    drop(written);
    let raw = rusqlite::Connection::open(&path).unwrap();
    for statement in [
        "UPDATE runs SET actor = 'x'",
        "UPDATE runs SET record = x'00'",
        "DELETE FROM runs WHERE sequence = 2",
        "UPDATE blobs SET id = x'00'",
        "UPDATE blobs SET bytes = x'00'",
        "DELETE FROM blobs",
        "UPDATE corrections SET reason = 'x'",
        "UPDATE corrections SET record = x'00'",
        "DELETE FROM corrections",
        "UPDATE heads SET sequence = sequence - 1",
        "UPDATE heads SET link = zeroblob(32)",
        "DELETE FROM heads",
    ] {
        let error = raw.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("append-only") || error.contains("only advance"), "{statement}: {error}");
    }
}
