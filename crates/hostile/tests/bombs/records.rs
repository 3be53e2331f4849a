//! Whole Runs whose parts are all as large as the limits allow.

use crate::{LIMITS, bomb, refusal};
use samebits_hostile::golden;
use samebits_snapshot::record::Matrix32;
use samebits_snapshot::{Digest, NoBlobs, inspect, pack, pack_interchange, unpack};

/// The most that a Run may come to.
const DECLARED: u64 = LIMITS.run + 5 * LIMITS.message;

fn zeros(rows: usize, cols: usize) -> Matrix32 {
    Matrix32 { rows, cols, values: vec![0.0; rows * cols] }
}

#[test]
fn runs_of_large_matrices() {
    let mut run = golden();
    let mut risk = (*run.inputs.risk).clone();
    risk.sigma = zeros(1024, 1024);
    risk.loadings = zeros(1024, 1000);
    risk.factor_model.covariance = zeros(1001, 1001);
    risk.factor_model.specific = zeros(1024, 1);
    run.inputs.risk = risk.into();
    for packed in [pack(&run).unwrap(), pack_interchange(&run).unwrap()] {
        assert!(packed.bytes.len() < 1 << 20, "{}", packed.bytes.len());
        let read = bomb("a large Run", DECLARED, || unpack(&packed.bytes, &LIMITS, &NoBlobs).map(drop));
        assert_eq!(read, Ok(()));
        let seen = bomb("looked at", DECLARED, || inspect(&packed.bytes, &LIMITS, &NoBlobs));
        assert!(seen.problems.is_empty(), "{:?}", seen.problems);
    }
    // The sides do not have to fit for the file to be one; together they are beyond the limit of a Run.
    let small = samebits_snapshot::Limits { run: 1 << 22, ..LIMITS };
    let bytes = pack(&run).unwrap().bytes;
    let refused = refusal("beyond a Run", || unpack(&bytes, &small, &NoBlobs).map(drop));
    assert!(matches!(refused, Err(samebits_snapshot::Error::Limit { part: "sections together", .. })));
}

/// The raw lengths in the heads of a file, one after another, at their limits: what is stored is a frame of that length.
#[test]
fn sections_that_grow() {
    let good = pack(&golden()).unwrap().bytes;
    let head = |kind: usize| 32 + 72 * (kind - 1);
    let long = |bytes: &[u8], at: usize| {
        bytes[at..at + 8].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let frame = zstd::bulk::compress(&vec![0; LIMITS.message as usize], 19).unwrap();
    let manifest = 32 + 720 + usize::from(u16::from_le_bytes([good[24], good[25]]));
    for kind in [1, 2, 7, 8, 9, 10] {
        let mut at = manifest;
        for before in 1..kind {
            at += long(&good, head(before) + 32);
        }
        let old = long(&good, head(kind) + 32);
        let mut bad = [&good[..at], &frame, &good[at + old..good.len() - 40]].concat();
        let place = head(kind);
        bad[place + 2] = 1;
        bad[place + 16..place + 20].copy_from_slice(&crc32c::crc32c(&frame).to_le_bytes());
        bad[place + 24..place + 32].copy_from_slice(&LIMITS.message.to_le_bytes());
        bad[place + 32..place + 40].copy_from_slice(&(frame.len() as u64).to_le_bytes());
        let hash = Digest::of("samebits 2026 run file", &bad);
        bad.extend_from_slice(hash.as_bytes());
        let length = bad.len() as u64 + 8;
        bad.extend_from_slice(&length.to_le_bytes());
        let found = bomb("a section", LIMITS.message, || unpack(&bad, &LIMITS, &NoBlobs).map(drop));
        assert!(matches!(found, Err(samebits_snapshot::Error::Damaged { .. })), "{kind}: {found:?}");
        let seen = bomb("looked at", LIMITS.message, || inspect(&bad, &LIMITS, &NoBlobs));
        assert!(!seen.problems.is_empty());
    }
}
