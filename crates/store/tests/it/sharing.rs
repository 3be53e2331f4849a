//! Parts that Runs share are read and verified once by those who hold a cache, and give the same Runs.

use crate::scene::store;
use rusqlite::{Connection, params};
use samebits_snapshot::{Digest, Shared};
use samebits_store::{Filter, Store};
use std::path::Path;
use std::sync::Arc;

fn ids(store: &Store) -> Vec<Digest> {
    store.list(&Filter::default()).unwrap().into_iter().map(|head| head.run_id).collect()
}

/// Flips a bit of the blob that holds the covariance of the first Run.
fn damage_sigma(path: &Path) {
    let raw = Connection::open(path).unwrap();
    raw.execute_batch("PRAGMA journal_mode = DELETE; DROP TRIGGER blob_bytes_are_final;").unwrap();
    // A head of 72 bytes begins with the kind: 3 is the covariance.
    let query = "SELECT rowid, bytes FROM blobs WHERE substr(bytes, 1, 2) = x'0300' ORDER BY rowid LIMIT 1";
    let (rowid, mut bytes): (i64, Vec<u8>) =
        raw.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    raw.execute("UPDATE blobs SET bytes = ?1 WHERE rowid = ?2", params![bytes, rowid]).unwrap();
}

#[test]
fn a_cache_gives_the_same_runs_and_one_copy_of_what_they_share() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(store(&path));
    let plain = Store::open_read_only(&path).unwrap();
    let shared = Arc::new(Shared::default());
    let sharing = Store::open_read_only(&path).unwrap().sharing(Arc::clone(&shared));
    let none = Store::open_read_only(&path).unwrap().sharing(Arc::new(Shared::new(0)));
    let mut models = Vec::new();
    for id in ids(&plain) {
        let (one, other) = (plain.get(&id).unwrap(), sharing.get(&id).unwrap());
        assert_eq!((&one.run, &one.manifest, one.ids), (&other.run, &other.manifest, other.ids));
        assert_eq!(none.get(&id).unwrap().run, one.run);
        assert_eq!(sharing.day(&id).unwrap(), Some(i64::from(one.head.as_of.days())));
        models.push((one.head.as_of, other.run.inputs.risk, other.run.inputs.market));
    }
    assert_eq!(sharing.day(&Digest::default()).unwrap(), None);
    for (day, risk, market) in &models {
        let of_day = models.iter().filter(|(other, ..)| other == day);
        for (_, other_risk, other_market) in of_day {
            assert!(Arc::ptr_eq(risk, other_risk) && Arc::ptr_eq(market, other_market));
        }
    }
    // Three days, a market and a risk model each.
    assert_eq!(shared.size().0, 6);
}

#[test]
fn damage_shows_to_whoever_reads_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(store(&path));
    let cache = Arc::new(Shared::default());
    let early = Store::open_read_only(&path).unwrap().sharing(Arc::clone(&cache));
    let first = ids(&early)[0];
    let before = early.get(&first).unwrap();
    drop(early);
    damage_sigma(&path);
    let fresh = Store::open_read_only(&path).unwrap().sharing(Arc::default());
    for _ in 0..2 {
        let error = fresh.get(&first).unwrap_err();
        assert!(error.is_damage() && error.to_string().contains("sigma"), "{error}");
    }
    // What was verified before stays what it was; the walk of `verify` trusts no cache.
    let late = Store::open_read_only(&path).unwrap().sharing(cache);
    assert_eq!(late.get(&first).unwrap().run, before.run);
    let report = late.verify(&mut |_| {});
    assert!(report.problems.iter().any(|problem| problem.run == Some((before.head.account.clone(), 0))));
}
