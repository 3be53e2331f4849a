//! Copies of a store: from the first schema, from one place to another, interrupted and continued.

use super::Place;
use crate::scene::{append, correct, fill, packed, run};
use samebits_snapshot::{Digest, info_id};
use samebits_store::{Error, Filter, Migrated, NewRun, Opener, RunHead, Store};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A copy of the frozen store of schema 1: three Runs of account A, two of B.
pub(crate) fn frozen(folder: &Path) -> PathBuf {
    let path = folder.join("first.db");
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/store/v1/sample.db");
    std::fs::copy(frozen, &path).unwrap();
    path
}

/// The chain of heads by the formula of `docs/store.md`.
fn linked(heads: &[RunHead], account: &str) -> bool {
    let mut previous = Digest::default();
    heads.iter().filter(|head| head.account == account).all(|head| {
        let info = info_id(&run(account, head.sequence as u64).info).unwrap();
        let link = Digest::of_parts(
            "samebits 2026 chain link 2",
            &[
                previous.as_bytes(),
                account.as_bytes(),
                &head.sequence.to_le_bytes(),
                head.run_id.as_bytes(),
                info.as_bytes(),
                &head.recorded_at.to_le_bytes(),
                head.actor.as_bytes(),
            ],
        );
        let fits = head.previous == previous && head.link == link;
        previous = link;
        fits
    })
}

pub(crate) fn a_store_of_the_first_schema_gets_new_links(place: &dyn Place) {
    let folder = tempfile::tempdir().unwrap();
    let old = Store::open_read_only(&frozen(folder.path())).unwrap();
    let mut new = place.opener().create(None).unwrap();
    let mut seen = Vec::new();
    let migrated = new.migrate(&old, &mut |done| seen.push(done)).unwrap();
    assert_eq!(migrated, Migrated { blobs: 17, runs: 5, ..Migrated::default() });
    assert_eq!(seen, [5]);
    let (before, after) = (old.list(&Filter::default()).unwrap(), new.list(&Filter::default()).unwrap());
    assert!(linked(&after, "A") && linked(&after, "B"));
    for (before, after) in before.iter().zip(&after) {
        let (previous, link) = (after.previous, after.link);
        assert_ne!(before.link, link);
        assert_eq!(&RunHead { previous, link, ..before.clone() }, after);
        assert_eq!(new.get(&after.run_id).unwrap().run, run(&after.account, after.sequence as u64));
    }
    assert_eq!(old.find("latest").unwrap().run_id, new.find("latest").unwrap().run_id);
    let report = new.verify(&mut |_| {});
    assert_eq!((report.runs, report.problems), (5, vec![]));
    // Once more: everything is there. And the store goes on.
    let again = new.migrate(&old, &mut |_| {}).unwrap();
    assert_eq!(again, Migrated { there: 5, ..Migrated::default() });
    append(&mut new, &run("A", 3)).unwrap();
    assert_eq!(new.migrate(&old, &mut |_| {}).unwrap().there, 5);
    assert_eq!(new.verify(&mut |_| {}).problems, []);
}

pub(crate) fn there_and_back_everything_is_the_same(place: &dyn Place) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fill(&place.opener());
    for (wanted, reason) in [("A/1", "a price was stale"), ("B/0", "a"), ("A/1", "b")] {
        correct(&mut store, wanted, reason).unwrap();
    }
    let mut copy = Opener::from(&folder.path().join("copy.db")).create(None).unwrap();
    let migrated = copy.migrate(&store, &mut |_| {}).unwrap();
    assert_eq!((migrated.runs, migrated.corrections, migrated.there), (5, 3, 0));
    assert_eq!(copy.list(&Filter::default()).unwrap(), store.list(&Filter::default()).unwrap());
    assert_eq!(copy.corrections(None).unwrap(), store.corrections(None).unwrap());
    let sizes = [&copy, &store].map(|store| store.size().unwrap());
    assert_eq!((sizes[0].records, sizes[0].blobs), (sizes[1].records, sizes[1].blobs));
    assert_eq!(copy.verify(&mut |_| {}).problems, []);
    let back = store.migrate(&copy, &mut |_| {}).unwrap();
    assert_eq!((back.runs, back.corrections, back.there), (0, 0, 8));
}

/// The process dies behind a batch; whoever starts again ends with the same store.
pub(crate) fn an_interrupted_copy_is_continued(place: &dyn Place) {
    let folder = tempfile::tempdir().unwrap();
    let mut from = Store::create(&folder.path().join("from.db")).unwrap();
    // One transaction more than a batch.
    let runs: Vec<_> =
        (0..150).flat_map(|sequence| ["A", "B"].map(|account| run(account, sequence))).collect();
    let all: Vec<_> = runs.iter().map(packed).collect();
    let new: Vec<_> = runs
        .iter()
        .zip(&all)
        .map(|(run, packed)| NewRun { packed, run, actor: "tester", recorded_at: 5 })
        .collect();
    from.append(&new).unwrap();
    correct(&mut from, "A/7", "a price was stale").unwrap();
    let mut to = place.opener().create(None).unwrap();
    let died = catch_unwind(AssertUnwindSafe(|| to.migrate(&from, &mut |_| panic!("the machine stops"))));
    assert!(died.is_err());
    drop(to);
    let mut to = place.opener().write().unwrap();
    let report = to.verify(&mut |_| {});
    assert_eq!((report.runs, report.problems), (256, vec![]));
    let migrated = to.migrate(&from, &mut |_| {}).unwrap();
    assert_eq!((migrated.there, migrated.runs, migrated.corrections, migrated.blobs), (256, 44, 1, 0));
    assert_eq!(to.list(&Filter::default()).unwrap(), from.list(&Filter::default()).unwrap());
    assert_eq!(to.verify(&mut |_| {}).problems, []);
}

/// What is there already must be the same; what is copied must be sound.
pub(crate) fn nothing_false_is_copied(place: &dyn Place) {
    let folder = tempfile::tempdir().unwrap();
    let target = |name: &str| Opener::from(&folder.path().join(name)).create(None).unwrap();
    let mut store = fill(&place.opener());
    correct(&mut store, "A/1", "a price was stale").unwrap();
    let mut other = target("other.db");
    let mut told = run("A", 0);
    told.info.machine = "another machine".into();
    append(&mut other, &told).unwrap();
    let error = other.migrate(&store, &mut |_| {}).unwrap_err();
    assert!(matches!(&error, Error::OtherThere { what, .. } if what == "run A/0"), "{error}");
    let mut corrected = target("corrected.db");
    corrected.migrate(&store, &mut |_| {}).unwrap();
    let mut ahead = target("ahead.db");
    for sequence in 0..3 {
        append(&mut ahead, &run("A", sequence)).unwrap();
    }
    correct(&mut ahead, "A/2", "another one").unwrap();
    let error = ahead.migrate(&store, &mut |_| {}).unwrap_err();
    assert!(matches!(&error, Error::OtherThere { what, .. } if what == "correction 0 of A"), "{error}");
    for (at, (table, column, row)) in [
        ("runs", "record", 3),
        ("runs", "link", 4),
        ("blobs", "bytes", 2),
        ("corrections", "reason", 0),
        ("heads", "link", 0),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(place.flip(table, column, row, 1));
        let mut copy = target(&format!("{at}.db"));
        let error = copy.migrate(&store, &mut |_| {}).unwrap_err();
        assert!(error.is_damage(), "{table}.{column}: {error}");
        assert_eq!(copy.verify(&mut |_| {}).problems, [], "{table}.{column}");
        assert!(place.flip(table, column, row, 1));
    }
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}
