//! Every bit of every frozen file flipped, every length cut, a byte more: a typed error, no panic, nothing that passes for
//! something else. No bit of these files is free.
//!
//! Lists of ids are for people and for tests: no reader takes them.

use crate::sigma_scene::{Kept, Own};
use samebits_snapshot::{Blob, Error, Limits, Reader, Sealed, Section, unpack_shared};
use std::path::{Path, PathBuf};

/// All files below a folder, by path.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

fn is(path: &Path, kinds: &[&str]) -> bool {
    path.extension().is_some_and(|found| kinds.iter().any(|kind| found == *kind))
}

/// Reads a file as what it is.
fn judge(path: &Path, bytes: &[u8], reader: &Reader<'_>) -> Result<(), Error> {
    if is(path, &["blob"]) {
        reader.read_blob(bytes).map(drop)
    } else if is(path, &["run"]) {
        unpack_shared(bytes, reader).map(drop)
    } else {
        // Its content stands under its hash, which is looked at first.
        Sealed::read(bytes, reader.limits).map(drop)
    }
}

#[test]
fn every_flipped_bit_and_every_cut_of_a_frozen_file_is_found() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/snapshot/v1");
    let all: Vec<_> =
        files(&folder).into_iter().filter(|(path, _)| !is(path, &["id", "txt", "md"])).collect();
    let mut kept = Kept::default();
    let blobs = all.iter().filter(|(path, _)| is(path, &["blob"]));
    let blob = |(_, bytes): &(PathBuf, Vec<u8>)| {
        let id = Section::read_head(bytes, &Limits::default()).unwrap().id;
        Blob { id, bytes: bytes.clone() }
    };
    kept.add(blobs.map(blob).collect());
    let limits = Limits::default();
    let reader = Reader { predictor: Some(&Own), ..Reader::new(&limits, &kept) };
    let mut whole = 0;
    for (path, good) in &all {
        let judge = |bytes: &[u8]| judge(path, bytes, &reader);
        let name = path.display();
        match judge(good) {
            Ok(()) => whole += 1,
            // Recipes of the risk model are not known here; what is damaged is found none the less.
            Err(Error::Prediction { .. }) => {}
            Err(error) => panic!("{name}: {error}"),
        }
        let mut bad = good.clone();
        for at in 0..good.len() {
            for bit in 0..8 {
                bad[at] ^= 1 << bit;
                assert!(judge(&bad).is_err(), "{name}: byte {at} bit {bit}");
                bad[at] ^= 1 << bit;
            }
            assert!(judge(&good[..at]).is_err(), "{name}: cut at {at}");
        }
        for more in [&[0][..], &[0; 40], good] {
            assert!(judge(&[&good[..], more].concat()).is_err(), "{name}: longer");
        }
    }
    assert!(whole >= 14, "{whole} files");
}
