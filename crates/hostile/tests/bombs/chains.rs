//! Parts that build upon one another, each as large as the limits allow.

use crate::{LIMITS, bomb, made, read, reader};
use samebits_hostile::{Piece, Shelf};
use samebits_snapshot::{Blob, Codec, Digest, Error, Kind, Shared};

const SIDE: u32 = 1024;

fn sigma(codec: Codec, side: u32, stored: &[u8]) -> Piece<'_> {
    Piece { kind: Kind::Sigma as u16, codec: codec as u16, rows: side, cols: side, raw: 0, stored }
}

fn zeros(length: usize) -> Vec<u8> {
    zstd::bulk::compress(&vec![0; length], 3).unwrap()
}

/// A covariance upon `base` under a codec with one base; the matrix is the base's.
fn upon(base: &Digest, codec: Codec) -> Vec<u8> {
    let mut stored = base.as_bytes().to_vec();
    if codec == Codec::SigmaPrevious {
        // a, d, no vector, an empty list.
        stored.extend(1_f64.to_le_bytes());
        stored.extend(0_f64.to_le_bytes());
        stored.push(0);
    }
    // A list of one byte, all zero, then the residual: a triangle without words.
    stored.extend([1, 0, 0, 0, 0, 0, 0]);
    stored
}

/// The first of a chain, and what its links are read from.
fn first() -> (Shelf, Blob) {
    let mut shelf = Shelf::default();
    let stored = zeros(LIMITS.matrix as usize);
    let first = read("the first", &sigma(Codec::ShuffleZstd, SIDE, &stored), &shelf).unwrap();
    shelf.put(first.clone());
    (shelf, first)
}

/// A payload grows to the limit of files in a chain of 32; the matrices are as large as may be.
#[test]
fn chains_of_matrices() {
    for codec in [Codec::SigmaPrevious, Codec::SigmaGather] {
        let (mut shelf, first) = first();
        // Two links of one content would be one: each has another side or another diagonal.
        let (mut last, near) = (first.id, Shared::default());
        for link in 0..33 {
            let side = if codec == Codec::SigmaGather { SIDE - link - 1 } else { SIDE };
            let mut stored = upon(&last, codec);
            if codec == Codec::SigmaPrevious {
                let at = 32 + 8;
                stored[at..at + 8].copy_from_slice(&1_f64.to_le_bytes());
            }
            let piece = sigma(codec, side, &stored);
            let blob = match link {
                0..31 => made(&piece, &shelf, &near),
                31 => read("a link", &piece, &shelf).unwrap(),
                _ => {
                    let error = read("a link", &piece, &shelf).unwrap_err();
                    assert_eq!(error, Error::ChainTooLong { part: "sigma", allowed: 32 });
                    break;
                }
            };
            last = blob.id;
            shelf.put(blob);
        }
        // Parts that are kept count by their own limit, here that of one matrix.
        let shared = Shared::new(LIMITS.matrix);
        let reader = samebits_snapshot::Reader { shared: Some(&shared), ..reader(&LIMITS, &shelf) };
        let blob = samebits_snapshot::BlobSource::blob(&shelf, &last).unwrap().unwrap();
        let kept = bomb("kept", LIMITS.matrix + LIMITS.matrix / 2, || reader.read_matrix(&blob).map(drop));
        assert!(kept.is_ok() && shared.size().1 <= LIMITS.matrix, "{kept:?} {:?}", shared.size());
    }
}

#[test]
fn circles() {
    for codec in [Codec::SigmaPrevious, Codec::SigmaGather] {
        let (mut shelf, first) = first();
        let stored = upon(&first.id, codec);
        let blob = sigma(codec, SIDE, &stored).blob(first.id);
        shelf.put(blob.clone());
        let found =
            bomb("a circle", LIMITS.matrix, || reader(&LIMITS, &shelf).read_blob(&blob.bytes).map(drop));
        assert_eq!(found.unwrap_err(), Error::ChainTooLong { part: "sigma", allowed: 32 });
    }
    // The blobs that are gone through count: a circle of long ones ends before.
    let (mut shelf, first) = first();
    let mut stored = upon(&first.id, Codec::SigmaGather);
    stored.extend(vec![0; LIMITS.file as usize / 8]);
    let blob = sigma(Codec::SigmaGather, SIDE, &stored).blob(first.id);
    shelf.put(blob.clone());
    let declared = LIMITS.matrix;
    let found = bomb("a long circle", declared, || reader(&LIMITS, &shelf).read_blob(&blob.bytes).map(drop));
    assert!(matches!(found, Err(Error::Limit { part: "sigma", .. })), "{found:?}");
}

fn panel(sessions: u32, names: u32, stored: &[u8]) -> Piece<'_> {
    let (kind, codec) = (Kind::Panel as u16, Codec::SigmaPanel as u16);
    Piece { kind, codec, rows: sessions, cols: names, raw: 0, stored }
}

#[test]
fn chains_of_panels() {
    let names = 512_u32;
    let sessions = LIMITS.matrix as u32 / 8 / names;
    let mut stored = vec![0];
    stored.extend([1, 0].repeat(names as usize));
    stored.extend([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0].repeat(names as usize));
    stored.extend(vec![0xff; (sessions as usize - 1) * names as usize / 8]);
    // Dropped and appended: all but one, half of them, one.
    for dropped in [sessions - 1, sessions / 2, 1] {
        let mut shelf = Shelf::default();
        let first = read("a keyframe", &panel(sessions, names, &stored), &shelf).unwrap();
        let (mut last, near) = (first.id, Shared::default());
        shelf.put(first);
        for link in 0..33_u8 {
            let mut append = vec![1];
            append.extend_from_slice(last.as_bytes());
            append.extend(dropped.to_le_bytes());
            // The first close of the first session goes another way in each link.
            let bits = dropped as usize * names as usize;
            append.extend([0, 0, 0, link, 9, 9, 9, 9, 9, 9, 9]);
            append.extend(vec![0xff; (bits - 1) / 8]);
            let left = (bits - 1) % 8;
            if left > 0 {
                append.push((1 << left) - 1);
            }
            let piece = panel(sessions, names, &append);
            let blob = match link {
                0..31 => made(&piece, &shelf, &near),
                31 => read("an append", &piece, &shelf).unwrap(),
                _ => {
                    let error = read("an append", &piece, &shelf).unwrap_err();
                    assert_eq!(error, Error::ChainTooLong { part: "panel", allowed: 32 });
                    break;
                }
            };
            last = blob.id;
            shelf.put(blob);
        }
    }
}

#[test]
fn factor_models_and_vectors() {
    let mut shelf = Shelf::default();
    let matrix = |kind: Kind, rows: u32, cols: u32, shelf: &mut Shelf| {
        let stored = zeros(4 * (rows * cols) as usize);
        let piece = Piece { kind: kind as u16, codec: 4, rows, cols, raw: 0, stored: &stored };
        let blob = read("of a factor model", &piece, shelf).unwrap();
        shelf.put(blob.clone());
        blob.id
    };
    let mut refused = 0;
    for factors in [1, 64, 200, 255, 256, 1023] {
        let (side, m) = (SIDE, factors + 1);
        let loadings = matrix(Kind::Loadings, side, factors, &mut shelf);
        let covariance = matrix(Kind::FactorCovariance, m, m, &mut shelf);
        let specific = matrix(Kind::Specific, side, 1, &mut shelf);
        let ids = [loadings, covariance, specific].map(|id| *id.as_bytes()).concat();
        let found =
            read("by factors", &sigma(Codec::SigmaFactor, side, &[&ids[..], &[0, 0]].concat()), &shelf);
        refused += usize::from(found.is_err());
        assert!(found.is_ok() || factors > 200, "{factors}: {found:?}");
    }
    assert!(refused > 0);
    // A covariance of the factors that is as large as may be, beside loadings that it does not fit.
    let loadings = matrix(Kind::Loadings, SIDE, 255, &mut shelf);
    let covariance = matrix(Kind::FactorCovariance, SIDE, SIDE, &mut shelf);
    let ids = [loadings, covariance, covariance].map(|id| *id.as_bytes()).concat();
    let found = read("by others", &sigma(Codec::SigmaFactor, SIDE, &[&ids[..], &[0, 0]].concat()), &shelf);
    assert!(found.unwrap_err().to_string().contains("sides that fit"));
    // Eight vectors of as many entries as there are.
    let (shelf, base) = first();
    for list in [vec![0], [&[2][..], &zeros(4 * 8 * SIDE as usize)].concat()] {
        let mut stored = base.id.as_bytes().to_vec();
        stored.extend([1_f64, 1.0].map(f64::to_le_bytes).concat());
        stored.push(8);
        stored.extend([0.5_f64; 8].map(f64::to_le_bytes).concat());
        stored.extend((list.len() as u32).to_le_bytes());
        stored.extend(&list);
        stored.extend([0, 0]);
        read("by vectors", &sigma(Codec::SigmaPrevious, SIDE, &stored), &shelf).unwrap();
    }
}
