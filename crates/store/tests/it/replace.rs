//! The same content in other bytes, and nothing else, may take the place of bytes.

use crate::scene::{correct, corrected, packed, run, store};
use rusqlite::Connection;
use samebits_snapshot::{Blob, DaySections, pack, pack_shared};
use samebits_store::{Error, Filter, Store};

/// A self-contained file holds the same Run as a record with references: other bytes, same content.
#[test]
fn a_record_in_another_form_keeps_every_id_and_link() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = store(&path);
    let correction = correct(&mut store, "B/1", "a price was stale").unwrap();
    let heads = store.list(&Filter::default()).unwrap();
    let (one, other) = (pack(&run("A", 1)).unwrap(), pack(&corrected("B", 1, 1)).unwrap());
    assert_ne!(one.bytes, packed(&run("A", 1)).bytes);
    let records = [(one.manifest.run_id, &one.bytes[..]), (correction.run_id, &other.bytes[..])];
    let sigma = interchange_sigma();
    store.replace(&records, &[(sigma.id, &sigma.bytes)]).unwrap();
    assert_eq!(store.list(&Filter::default()).unwrap(), heads);
    assert_eq!(store.get(&one.manifest.run_id).unwrap().run, run("A", 1));
    assert_eq!(store.get_correction(&correction.run_id).unwrap().run, corrected("B", 1, 1));
    assert_eq!(store.verify(&mut |_| {}).problems, []);
    let raw = Connection::open(&path).unwrap();
    let record: Vec<u8> = raw
        .query_row("SELECT record FROM runs WHERE account = 'A' AND sequence = 1", [], |row| row.get(0))
        .unwrap();
    assert_eq!(record, one.bytes);
    let blob: Vec<u8> = raw
        .query_row("SELECT bytes FROM blobs WHERE id = ?1", [sigma.id.as_bytes()], |row| row.get(0))
        .unwrap();
    assert_eq!(blob, sigma.bytes);
}

/// Sigma of the first day under another codec.
fn interchange_sigma() -> Blob {
    let run = run("A", 0);
    let day = DaySections::interchange(&run.inputs.market, &run.inputs.risk).unwrap();
    let blobs = pack_shared(&run, &day).unwrap().blobs;
    let sigma = blobs.into_iter().find(|blob| blob.bytes[..2] == [3, 0]).unwrap();
    assert!(!packed(&run).blobs.contains(&sigma));
    sigma
}

#[test]
fn another_content_is_refused_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = store(&path);
    let (good, other) = (pack(&run("A", 1)).unwrap(), pack(&run("A", 2)).unwrap());
    let mut told = run("A", 1);
    told.info.machine = "another machine".into();
    let told = pack(&told).unwrap();
    let id = good.manifest.run_id;
    // The whole of one transaction, or none of it.
    for wrong in [&other.bytes[..], &told.bytes[..], &good.bytes[..40], &[]] {
        let first = run("A", 0);
        let fine = pack(&first).unwrap();
        let error = store.replace(&[(fine.manifest.run_id, &fine.bytes), (id, wrong)], &[]).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        assert_eq!(bytes_of(&path, 0), packed(&first).bytes);
    }
    let sigma = interchange_sigma();
    let market = packed(&run("A", 0)).blobs[0].id;
    for (id, bytes) in [(market, &sigma.bytes[..]), (sigma.id, &sigma.bytes[..80])] {
        let error = store.replace(&[], &[(id, bytes)]).unwrap_err();
        assert!(matches!(error, Error::NotTheSame { .. }), "{error}");
    }
    let unknown = pack(&run("Z", 0)).unwrap();
    let error = store.replace(&[(unknown.manifest.run_id, &unknown.bytes)], &[]).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

fn bytes_of(path: &std::path::Path, sequence: i64) -> Vec<u8> {
    let raw = Connection::open(path).unwrap();
    let query = "SELECT record FROM runs WHERE account = 'A' AND sequence = ?1";
    raw.query_row(query, [sequence], |row| row.get(0)).unwrap()
}

/// After a replacement the triggers are there again.
#[test]
fn the_triggers_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = store(&path);
    let triggers = |path: &std::path::Path| -> Vec<String> {
        let raw = Connection::open(path).unwrap();
        let mut all =
            raw.prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name").unwrap();
        let rows = all.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let before = triggers(&path);
    assert_eq!(before.len(), 11);
    let good = pack(&run("A", 1)).unwrap();
    store.replace(&[(good.manifest.run_id, &good.bytes)], &[]).unwrap();
    assert_eq!(triggers(&path), before);
    // Also after one that fails inside the database: a blob that is not there.
    let sigma = interchange_sigma();
    let other = packed(&run("Q", 9)).blobs.remove(0);
    assert!(store.replace(&[], &[(sigma.id, &sigma.bytes), (other.id, &other.bytes)]).is_err());
    assert_eq!(triggers(&path), before);
    assert_ne!(Store::open_read_only(&path).unwrap().size().unwrap().blobs, 0);
    let raw = Connection::open(&path).unwrap();
    assert!(raw.execute("UPDATE runs SET record = x'00'", []).is_err());
}
