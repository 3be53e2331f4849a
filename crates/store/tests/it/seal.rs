//! Sealing: the same Runs in fewer bytes, found and read through one another, and every damage found.

use crate::scene::{append, run};
use rusqlite::Connection;
use samebits_snapshot::record::{Derive, Inputs, Kept, Method, Outcome};
use samebits_snapshot::{InputIds, Limits, Sealed, seal};
use samebits_store::{Error, Filter, SEAL_BLOCK, SealedRecord, Store, StoredRun};
use std::path::Path;
use std::sync::Arc;

/// More than a block of one account, less of another.
const RUNS: [(&str, u64); 2] = [("A", SEAL_BLOCK as u64 + 9), ("B", 5)];

fn wide(path: &Path) -> Store {
    let mut store = Store::create(path).unwrap();
    for (account, count) in RUNS {
        for sequence in 0..count {
            append(&mut store, &run(account, sequence)).unwrap();
        }
    }
    store
}

/// Derives what the scene's Runs have; every second sequence is derivable.
struct Scene;

impl Derive for Scene {
    fn outcome(
        &self,
        inputs: &Inputs,
        _ids: &InputIds,
        _method: &Method,
        kept: &Kept,
    ) -> Result<Outcome, String> {
        let outcome = run(&inputs.question.account, inputs.question.sequence).outcome;
        if Kept::of(&outcome) == *kept { Ok(outcome) } else { Err("another state".into()) }
    }
}

fn keep(stored: &StoredRun) -> Option<Kept> {
    (stored.head.sequence % 2 == 1).then(|| Kept::of(&stored.run.outcome))
}

fn seal_all(store: &mut Store) -> Vec<SealedRecord> {
    let accounts = store.accounts().unwrap();
    let blocks = accounts.iter().flat_map(|(account, runs)| {
        let blocks = 0..(runs + SEAL_BLOCK - 1) / SEAL_BLOCK;
        blocks.map(|block| (account.as_str(), *runs, block))
    });
    let narrow = |(account, runs, block)| store.narrow((account, runs), block, &keep).unwrap();
    let narrowed: Vec<SealedRecord> = blocks.flat_map(narrow).collect();
    store.put_narrow(&narrowed).unwrap();
    narrowed
}

fn record(path: &Path, account: &str, sequence: i64) -> Vec<u8> {
    let query = "SELECT record FROM runs WHERE account = ?1 AND sequence = ?2";
    Connection::open(path).unwrap().query_row(query, (account, sequence), |row| row.get(0)).unwrap()
}

fn put_record(path: &Path, account: &str, sequence: i64, record: &[u8]) {
    let raw = Connection::open(path).unwrap();
    raw.execute_batch("DROP TRIGGER IF EXISTS records_are_final").unwrap();
    let update = "UPDATE runs SET record = ?3 WHERE account = ?1 AND sequence = ?2";
    assert_eq!(raw.execute(update, (account, sequence, record)).unwrap(), 1);
}

#[test]
fn sealed_runs_keep_ids_links_and_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    let heads = store.list(&Filter::default()).unwrap();
    let narrowed = seal_all(&mut store);
    assert_eq!(narrowed.len(), heads.len());
    assert_eq!(narrowed.iter().filter(|record| record.kept).count(), 22);
    assert!(narrowed.iter().all(|record| record.bytes.len() < record.before));
    assert_eq!(store.list(&Filter::default()).unwrap(), heads);
    // Each through a store that has read nothing before, so that its bases are read.
    for head in &heads {
        let store = Store::open_read_only(&path).unwrap().deriving(Arc::new(Scene));
        let stored = store.get(&head.run_id).unwrap();
        assert_eq!(stored.run, run(&head.account, head.sequence as u64));
        assert_eq!(stored.manifest.run_id, head.run_id);
    }
    let before = store.size().unwrap().file;
    store.reclaim().unwrap();
    assert!(store.size().unwrap().file < before);
    let store = Store::open_read_only(&path).unwrap();
    assert_eq!(store.verify(&mut |_| {}).problems, []);
    let error = store.get(&store.find("A/1").unwrap().run_id).unwrap_err();
    assert!(error.to_string().contains("derives none") && !error.is_damage(), "{error}");
    assert!(store.get(&store.find("A/2").unwrap().run_id).is_ok(), "all of its outcome is there");
}

/// The question of any record, without what derives outcomes; every column and the link are held against it.
#[test]
fn what_was_asked_is_read_without_the_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    let check = || {
        let store = Store::open_read_only(&path).unwrap();
        for head in store.list(&Filter::default()).unwrap() {
            let (asked, run) = (store.asked(&head.run_id).unwrap(), run(&head.account, head.sequence as u64));
            assert_eq!(asked.inputs, run.inputs);
            assert_eq!(asked.manifest.method, run.method);
            assert_eq!(asked.manifest.result_id, head.result_id);
            assert_eq!(asked.ids, samebits_snapshot::input_ids(&run.inputs).unwrap());
            assert_eq!(asked.head, head);
        }
    };
    check();
    seal_all(&mut store);
    check();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("DROP TRIGGER runs_are_final; UPDATE runs SET solver = 'x/1', link = zeroblob(32)")
        .unwrap();
    for name in ["A/0", "A/1"] {
        let error = store.asked(&store.find(name).unwrap().run_id).unwrap_err();
        assert!(error.is_damage() && error.to_string().contains("column solver"), "{error}");
    }
}

#[test]
fn later_runs_are_sealed_against_sealed_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    seal_all(&mut store);
    for sequence in 5..9 {
        append(&mut store, &run("B", sequence)).unwrap();
    }
    assert_eq!(store.verify(&mut |_| {}).problems, []);
    let again = seal_all(&mut store);
    assert_eq!(again.len(), 4);
    assert_eq!(Sealed::read(&again[1].bytes, &Limits::default()).unwrap().distance(), 2);
    let fresh = Store::open_read_only(&path).unwrap().deriving(Arc::new(Scene));
    assert_eq!(fresh.verify(&mut |_| {}).problems, []);
    assert_eq!(fresh.get(&fresh.find("B/8").unwrap().run_id).unwrap().run, run("B", 8));
    assert!(seal_all(&mut store).is_empty());
}

#[test]
fn every_flipped_bit_of_a_sealed_record_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    seal_all(&mut store);
    drop(store);
    let good = record(&path, "B", 3);
    let id = Store::open_read_only(&path).unwrap().find("B/3").unwrap().run_id;
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        put_record(&path, "B", 3, &bad);
        let store = Store::open_read_only(&path).unwrap().deriving(Arc::new(Scene));
        assert!(store.get(&id).unwrap_err().is_damage(), "byte {at}");
        if at % 16 == 0 {
            let problems = store.verify(&mut |_| {}).problems;
            assert_eq!(problems.first().and_then(|problem| problem.run.clone()), Some(("B".into(), 3)));
        }
    }
}

/// A whole record in the place of another one, a base that is gone or wide, an outcome that another state gives.
#[test]
fn records_in_the_wrong_place_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    let plain = record(&path, "B", 2);
    seal_all(&mut store);
    drop(store);
    let open = || Store::open_read_only(&path).unwrap().deriving(Arc::new(Scene));
    let (second, third) = (record(&path, "B", 2), record(&path, "B", 3));
    let id = |wanted: &str| open().find(wanted).unwrap().run_id;
    put_record(&path, "B", 3, &second);
    assert!(open().get(&id("B/3")).unwrap_err().is_damage());
    assert!(!open().verify(&mut |_| {}).problems.is_empty());
    put_record(&path, "B", 3, &third);
    assert_eq!(open().verify(&mut |_| {}).problems, []);
    put_record(&path, "B", 2, &plain);
    assert!(open().get(&id("B/2")).is_ok());
    let error = open().get(&id("B/3")).unwrap_err();
    assert!(error.to_string().contains("builds upon run 2"), "{error}");
    assert!(!open().verify(&mut |_| {}).problems.is_empty());
}

/// What is kept of an outcome has no id of its own: a changed one whose record's hash is mended is found by deriving.
#[test]
fn a_changed_state_is_found_when_the_outcome_is_derived() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    let plain = record(&path, "B", 1);
    seal_all(&mut store);
    let base = record(&path, "B", 0);
    let columns = Sealed::read(&base, &Limits::default()).unwrap().columns(None).unwrap();
    let mut kept = Kept::of(&run("B", 1).outcome);
    kept.iterations += 1;
    let forged = seal(&plain, &Limits::default(), Some(&kept), Some((1, &columns))).unwrap();
    put_record(&path, "B", 1, &forged.bytes);
    let store = Store::open_read_only(&path).unwrap().deriving(Arc::new(Scene));
    assert_eq!(store.verify(&mut |_| {}).problems, [], "as docs/store.md says");
    let error = store.get(&store.find("B/1").unwrap().run_id).unwrap_err();
    assert!(error.is_damage() && error.to_string().contains("another state"), "{error}");
}

struct Other;

impl Derive for Other {
    fn outcome(
        &self,
        inputs: &Inputs,
        ids: &InputIds,
        method: &Method,
        kept: &Kept,
    ) -> Result<Outcome, String> {
        let mut outcome = Scene.outcome(inputs, ids, method, kept)?;
        outcome.weights[0] += 1e-9;
        Ok(outcome)
    }
}

#[test]
fn an_outcome_that_is_derived_otherwise_is_not_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    seal_all(&mut store);
    let store = store.deriving(Arc::new(Other));
    let error = store.get(&store.find("B/1").unwrap().run_id).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }) && error.to_string().contains("outcome"), "{error}");
}

/// A reader that has columns of the wide form's neighbours in memory finds its way when they are sealed meanwhile.
#[test]
fn a_store_that_is_sealed_while_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = wide(&path).deriving(Arc::new(Scene));
    let reader = Store::open_read_only(&path).unwrap().deriving(Arc::new(Scene));
    let id = reader.find("A/7").unwrap().run_id;
    assert_eq!(reader.get(&id).unwrap().run, run("A", 7));
    seal_all(&mut store);
    assert_eq!(reader.get(&id).unwrap().run, run("A", 7));
    assert_eq!(reader.verify(&mut |_| {}).problems, []);
}
