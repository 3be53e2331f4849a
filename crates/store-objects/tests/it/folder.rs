//! A store whose blobs are in a folder; and the same operations in memory.

use crate::scene::{append, correct, packed, run};
use object_store::memory::InMemory;
use samebits_snapshot::{DaySections, pack_shared};
use samebits_store::{Access, BlobStore, Drivers, Error, Filter, Location, Opener, Store};
use samebits_store_objects::{Objects, open};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn opener(folder: &Path) -> Opener {
    let drivers = Drivers { blobs: Some(open), ..Drivers::default() };
    Opener::new(Location::File(folder.join("s.db")), drivers)
}

fn fill(folder: &Path) -> Store {
    let mut store = opener(folder).create(Some("blobs")).unwrap();
    for sequence in 0..3 {
        append(&mut store, &run("A", sequence)).unwrap();
    }
    store
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for inner in std::fs::read_dir(folder.join("blobs")).unwrap() {
        all.extend(std::fs::read_dir(inner.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()));
    }
    all.sort();
    all
}

#[test]
fn blobs_are_files_and_the_database_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fill(folder.path());
    correct(&mut store, "A/1", "a price was stale").unwrap();
    drop(store);
    let store = opener(folder.path()).read().unwrap();
    let report = store.verify(&mut |_| {});
    assert_eq!((report.runs, report.corrections, report.blobs, report.problems), (3, 1, 17, vec![]));
    assert_eq!(files(folder.path()).len(), 17);
    for head in store.list(&Filter::default()).unwrap() {
        assert_eq!(store.get(&head.run_id).unwrap().run, run("A", head.sequence as u64));
    }
    let raw = rusqlite::Connection::open(folder.path().join("s.db")).unwrap();
    let inside: i64 = raw.query_row("SELECT count(*) FROM blobs", [], |row| row.get(0)).unwrap();
    assert_eq!(inside, 0);
    let length: u64 = files(folder.path()).iter().map(|file| file.metadata().unwrap().len()).sum();
    assert_eq!(store.size().unwrap().blobs, length);
}

#[test]
fn the_folder_moves_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    std::fs::create_dir(&old).unwrap();
    drop(fill(&old));
    std::fs::rename(&old, &new).unwrap();
    assert_eq!(opener(&new).read().unwrap().verify(&mut |_| {}).problems, []);
}

#[test]
fn damage_of_a_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = fill(folder.path());
    for file in files(folder.path()) {
        let good = std::fs::read(&file).unwrap();
        for at in [0, 9, 71, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 8;
            std::fs::write(&file, &bad).unwrap();
            assert!(!store.verify(&mut |_| {}).problems.is_empty(), "{} byte {at}", file.display());
        }
        std::fs::write(&file, &good[..good.len() / 2]).unwrap();
        assert!(!store.verify(&mut |_| {}).problems.is_empty(), "{} cut", file.display());
        std::fs::remove_file(&file).unwrap();
        assert!(!store.verify(&mut |_| {}).problems.is_empty(), "{} missing", file.display());
        std::fs::write(&file, &good).unwrap();
    }
    std::fs::write(folder.path().join("blobs/readme.txt"), "not ours").unwrap();
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

/// A machine that crashed between writing and synchronising leaves half a file, which no row refers to yet.
#[test]
fn half_a_file_is_written_anew_and_a_whole_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    drop(fill(folder.path()));
    let next = run("A", 3);
    let blobs = packed(&next).blobs;
    let path = |id: &samebits_snapshot::Digest| {
        let name = id.to_string();
        folder.path().join("blobs").join(&name[..2]).join(name)
    };
    // The market of the next day is half there; its covariance is there under another codec.
    let other = DaySections::interchange(&next.inputs.market, &next.inputs.risk).unwrap();
    let other = pack_shared(&next, &other).unwrap().blobs;
    let (market, sigma) = (&blobs[0], other.iter().find(|blob| blob.bytes[..2] == [3, 0]).unwrap());
    for (id, bytes) in [(market.id, &market.bytes[..50]), (sigma.id, &sigma.bytes)] {
        std::fs::create_dir_all(path(&id).parent().unwrap()).unwrap();
        std::fs::write(path(&id), bytes).unwrap();
    }
    let mut store = opener(folder.path()).write().unwrap();
    append(&mut store, &next).unwrap();
    assert_eq!(std::fs::read(path(&market.id)).unwrap(), market.bytes);
    assert_eq!(std::fs::read(path(&sigma.id)).unwrap(), sigma.bytes);
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

#[test]
fn what_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    drop(fill(folder.path()));
    let plain = Opener::from(&folder.path().join("s.db"));
    assert!(matches!(plain.read(), Err(Error::NoDriver { .. })));
    let moved = opener(folder.path()).create(Some("other"));
    assert!(matches!(moved, Err(Error::BlobsElsewhere { .. })));
    std::fs::rename(folder.path().join("blobs"), folder.path().join("gone")).unwrap();
    assert!(matches!(opener(folder.path()).read(), Err(Error::NoStore { .. })));
    assert!(!folder.path().join("blobs").exists());
}

/// The same content in other bytes, in a place that is not the database.
#[test]
fn blobs_are_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fill(folder.path());
    let first = run("A", 0);
    let other = DaySections::interchange(&first.inputs.market, &first.inputs.risk).unwrap();
    let other = pack_shared(&first, &other).unwrap().blobs;
    let sigma = other.iter().find(|blob| blob.bytes[..2] == [3, 0]).unwrap();
    store.replace(&[], &[(sigma.id, &sigma.bytes)]).unwrap();
    assert!(files(folder.path()).iter().any(|file| std::fs::read(file).unwrap() == sigma.bytes));
    assert!(matches!(
        store.replace(&[], &[(packed(&run("Q", 9)).blobs[0].id, &packed(&run("Q", 9)).blobs[0].bytes)]),
        Err(Error::NotFound { .. })
    ));
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

#[test]
fn objects_in_memory_behind_a_prefix() {
    let storage = Arc::new(InMemory::new());
    let objects = |prefix: &str| Objects::new(storage.clone(), "memory".into(), prefix.into()).unwrap();
    let (one, other) = (objects("a/b"), objects("a/c"));
    let blobs = packed(&run("A", 0)).blobs;
    one.put(&blobs.iter().collect::<Vec<_>>()).unwrap();
    let mut ids: Vec<_> = blobs.iter().map(|blob| blob.id).collect();
    ids.sort_unstable();
    assert_eq!(one.ids().unwrap(), ids);
    assert_eq!(other.ids().unwrap(), []);
    assert_eq!(one.get(&blobs[2].id).unwrap().as_ref(), Some(&blobs[2].bytes));
    assert_eq!(other.get(&blobs[2].id).unwrap(), None);
    assert_eq!(one.size().unwrap(), blobs.iter().map(|blob| blob.bytes.len() as u64).sum::<u64>());
    assert!(matches!(other.replace(&[(blobs[0].id, &[1])]), Err(Error::NotFound { .. })));
    assert!(matches!(open("/nowhere/at/all", Access::Read), Err(Error::NoStore { .. })));
}
