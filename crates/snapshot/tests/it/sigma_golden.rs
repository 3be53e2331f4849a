//! One blob of each codec for covariances, with all that it builds upon, written once and read for ever: the recipes and
//! the formulas of the predictions are frozen with them.
//!
//! The words of a payload pass through compression libraries and may be written otherwise one day; a panel and a covariance
//! that its panel predicts pass through none.

use crate::sigma_scene::{Golden, Kept, Own, golden};
use samebits_snapshot::{Digest, Kind, Limits, Reader, Section};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/snapshot/v1/sigma")
}

/// Every frozen blob under the name of its file.
pub(crate) fn frozen() -> (BTreeMap<String, Vec<u8>>, Kept) {
    let ids = std::fs::read_to_string(folder().join("ids.txt")).unwrap();
    let (mut named, mut kept) = (BTreeMap::new(), Kept::default());
    for line in ids.lines() {
        let (name, id) = line.split_once(' ').unwrap();
        let bytes = std::fs::read(folder().join(format!("{name}.blob"))).unwrap();
        let head = Section::read_head(&bytes, &Limits::default()).unwrap();
        assert_eq!(head.id.to_string(), id, "{name}");
        kept.0.insert(head.id, bytes.clone());
        named.insert(name.to_owned(), bytes);
    }
    (named, kept)
}

#[test]
fn every_frozen_blob_is_read() {
    let (named, kept) = frozen();
    let limits = Limits::default();
    let reader = Reader { limits: &limits, blobs: &kept, shared: None, predictor: Some(&Own), derive: None };
    for bytes in named.values() {
        reader.read_blob(bytes).unwrap();
    }
    for (name, risk, _) in golden().named {
        assert_eq!(reader.read_matrix(&named[name]).unwrap(), risk.sigma, "{name}");
    }
}

#[test]
fn what_is_written_today_has_the_frozen_content() {
    let (named, kept) = frozen();
    let Golden { named: today, beside } = golden();
    let head = |bytes: &[u8]| Section::read_head(bytes, &Limits::default()).unwrap();
    for (name, _, blob) in &today {
        let (now, then) = (head(&blob.bytes), head(&named[*name]));
        assert_eq!((now.codec, now.id), (then.codec, then.id), "{name}");
        if name.starts_with("19") {
            assert_eq!(blob.bytes, named[*name], "{name}");
        }
    }
    let panels: Vec<_> = beside.iter().filter(|blob| head(&blob.bytes).kind == Kind::Panel).collect();
    assert_eq!(panels.len(), 2);
    for panel in panels {
        assert_eq!(kept.0[&panel.id], panel.bytes);
    }
}

/// The folder holds what the list names and nothing else.
#[test]
fn every_file_is_listed() {
    let (named, _) = frozen();
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let blobs = files.filter(|path| path.extension().is_some_and(|kind| kind == "blob"));
    let mut found: Vec<String> =
        blobs.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    found.sort();
    assert_eq!(found, named.into_keys().collect::<Vec<String>>());
    assert_ne!(Digest::default(), golden().named[0].2.id);
}
