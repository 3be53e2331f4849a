//! The same content in other bytes, and nothing else, may take the place of bytes.

use super::Place;
use crate::scene::{correct, corrected, fill, packed, run};
use samebits_snapshot::{Blob, DaySections, pack, pack_shared};
use samebits_store::{Error, Filter, RunHead};

/// A self-contained file holds the same Run as a record with references: other bytes, same content.
pub(crate) fn a_record_in_another_form_keeps_every_id_and_link(place: &dyn Place) {
    let mut store = fill(&place.opener());
    let correction = correct(&mut store, "B/1", "a price was stale").unwrap();
    let heads = store.list(&Filter::default()).unwrap();
    let (one, other) = (pack(&run("A", 1)).unwrap(), pack(&corrected("B", 1, 1)).unwrap());
    assert_ne!(one.bytes, packed(&run("A", 1)).bytes);
    let records = [(one.manifest.run_id, &one.bytes[..]), (correction.run_id, &other.bytes[..])];
    let sigma = interchange_sigma();
    let blobs = store.size().unwrap().blobs;
    let length = |head: &RunHead| packed(&run(&head.account, head.sequence as u64)).bytes.len();
    store.replace(&records, &[(sigma.id, &sigma.bytes)]).unwrap();
    assert_eq!(store.list(&Filter::default()).unwrap(), heads);
    assert_eq!(store.get(&one.manifest.run_id).unwrap().run, run("A", 1));
    assert_eq!(store.get_correction(&correction.run_id).unwrap().run, corrected("B", 1, 1));
    assert_eq!(store.verify(&mut |_| {}).problems, []);
    // The new bytes are what is stored, and what is read.
    let size = store.size().unwrap();
    let kept: usize = heads.iter().filter(|head| head.run_id != one.manifest.run_id).map(length).sum();
    assert_eq!(size.records as usize, kept + one.bytes.len() + other.bytes.len());
    let was = packed(&run("A", 0)).blobs.into_iter().find(|blob| blob.id == sigma.id).unwrap();
    assert_eq!(size.blobs + was.bytes.len() as u64, blobs + sigma.bytes.len() as u64);
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

pub(crate) fn another_content_is_refused_and_nothing_is_changed(place: &dyn Place) {
    let mut store = fill(&place.opener());
    let (good, other) = (pack(&run("A", 1)).unwrap(), pack(&run("A", 2)).unwrap());
    let mut told = run("A", 1);
    told.info.machine = "another machine".into();
    let told = pack(&told).unwrap();
    let id = good.manifest.run_id;
    let size = store.size().unwrap();
    // The whole of one transaction, or none of it.
    for wrong in [&other.bytes[..], &told.bytes[..], &good.bytes[..40], &[]] {
        let first = run("A", 0);
        let fine = pack(&first).unwrap();
        let error = store.replace(&[(fine.manifest.run_id, &fine.bytes), (id, wrong)], &[]).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        assert_eq!(store.size().unwrap(), size);
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

/// After a replacement the triggers are there again.
pub(crate) fn the_triggers_come_back(place: &dyn Place) {
    let mut store = fill(&place.opener());
    let refused = || {
        let statements = ["UPDATE runs SET record = link", "UPDATE blobs SET bytes = id"];
        statements.map(|statement| place.accident(statement).unwrap_err().contains("append-only"))
            == [true; 2]
    };
    assert!(refused());
    let good = pack(&run("A", 1)).unwrap();
    store.replace(&[(good.manifest.run_id, &good.bytes)], &[]).unwrap();
    assert!(refused());
    // Also after one that fails inside the database: a blob that is not there.
    let sigma = interchange_sigma();
    let size = store.size().unwrap();
    let other = packed(&run("Q", 9)).blobs.remove(0);
    let error = store.replace(&[], &[(sigma.id, &sigma.bytes), (other.id, &other.bytes)]).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert!(refused());
    assert_eq!(store.size().unwrap(), size);
}
