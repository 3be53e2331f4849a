//! Every byte flipped, every length cut, bytes appended, lengths that lie: a typed error that names the part, no panic.

use crate::sample;
use samebits_snapshot::{DaySections, Error, Limits, NoBlobs, Section, inspect, pack, pack_shared, unpack};

fn file() -> Vec<u8> {
    pack(&sample::run()).unwrap().bytes
}

fn open(bytes: &[u8]) -> Result<(), Error> {
    unpack(bytes, &Limits::default(), &NoBlobs).map(drop)
}

#[test]
fn every_flipped_bit_is_found_and_named() {
    let good = file();
    assert_eq!(open(&good), Ok(()));
    assert!(inspect(&good, &Limits::default(), &NoBlobs).problems.is_empty());
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            assert!(open(&bad).is_err(), "byte {at} bit {bit}");
        }
        let mut bad = good.clone();
        bad[at] = !bad[at];
        assert!(!inspect(&bad, &Limits::default(), &NoBlobs).problems.is_empty(), "byte {at}");
    }
}

/// A flip inside a section is reported with the name of the section.
#[test]
fn the_damaged_section_is_named() {
    let good = file();
    let sections = inspect(&good, &Limits::default(), &NoBlobs).sections;
    let payloads: u64 = sections.iter().map(|inspected| inspected.section.stored_length).sum();
    let mut at = good.len() - 40 - payloads as usize;
    for inspected in &sections {
        let name = inspected.section.kind.name();
        for offset in
            [0, inspected.section.stored_length as usize / 2, inspected.section.stored_length as usize - 1]
        {
            let mut bad = good.clone();
            bad[at + offset] ^= 0x10;
            let error = open(&bad).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}: damaged")), "{name}: {error}");
        }
        at += inspected.section.stored_length as usize;
    }
}

#[test]
fn every_length_is_refused_but_the_whole() {
    let good = file();
    for length in 0..good.len() {
        assert!(open(&good[..length]).is_err(), "{length}");
        assert!(!inspect(&good[..length], &Limits::default(), &NoBlobs).problems.is_empty());
    }
    for more in [&[0][..], &[0; 40], &good] {
        assert!(open(&[&good[..], more].concat()).is_err());
    }
}

#[test]
fn every_flipped_bit_of_a_blob_is_found() {
    let run = sample::run();
    let day = DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap();
    for blob in &pack_shared(&run, &day).unwrap().blobs {
        assert_eq!(Section::read_blob(&blob.bytes, &Limits::default()).unwrap().0.id, blob.id);
        for at in 0..blob.bytes.len() {
            for bit in 0..8 {
                let mut bad = blob.bytes.clone();
                bad[at] ^= 1 << bit;
                let found = Section::read_blob(&bad, &Limits::default());
                assert!(found.is_err(), "byte {at} bit {bit}");
            }
        }
        for length in 0..blob.bytes.len() {
            assert!(Section::read_blob(&blob.bytes[..length], &Limits::default()).is_err(), "{length}");
        }
    }
}

/// Heads that lie about sizes, behind a trailer that was made right again: refused before memory is asked for.
#[test]
fn sizes_that_lie_are_refused() {
    let good = file();
    for (at, value) in [
        (20, u64::from(u32::MAX)),
        (24, u64::from(u32::MAX)),
        (32 + 8 * 72 + 24, u64::MAX),
        (32 + 8 * 72 + 32, u64::MAX),
        (32 + 2 * 72 + 8, 20_001),
        (32 + 2 * 72 + 24, 1 << 40),
        (32 + 9 * 72 + 24, 1 << 27),
    ] {
        let mut bad = good[..good.len() - 40].to_vec();
        let width = if at < 32 || at == 32 + 2 * 72 + 8 { 4 } else { 8 };
        bad[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        let hash = samebits_snapshot::Digest::of("samebits 2026 run file", &bad);
        bad.extend_from_slice(hash.as_bytes());
        let length = bad.len() as u64 + 8;
        bad.extend_from_slice(&length.to_le_bytes());
        assert!(open(&bad).is_err(), "at {at}");
    }
}

#[test]
fn newer_files_and_limits() {
    let good = file();
    let changed = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        open(&bytes).unwrap_err()
    };
    assert!(matches!(changed(8, 2), Error::TooNew { part: "format version", found: 2, supported: 1 }));
    assert!(matches!(changed(12, 4), Error::TooNew { part: "required features", found: 4, .. }));
    assert!(changed(0, b'S').to_string().contains("changed as text"));
    for limits in [
        Limits { file: 1_000, ..Limits::default() },
        Limits { manifest: 100, ..Limits::default() },
        Limits { message: 500, ..Limits::default() },
        Limits { side: 3, ..Limits::default() },
        Limits { matrix: 30, ..Limits::default() },
    ] {
        assert!(matches!(unpack(&good, &limits, &NoBlobs), Err(Error::Limit { .. })), "{limits:?}");
    }
}

/// A manifest that states another id, behind a trailer that was made right again.
#[test]
fn the_ids_of_the_manifest_are_recomputed() {
    let packed = pack(&sample::run()).unwrap();
    let manifest = &packed.manifest;
    for id in [manifest.inputs_id, manifest.method_id, manifest.result_id, manifest.run_id] {
        // The result id is the content id of the outcome's head too; the manifest comes after the heads.
        let at = packed.bytes.windows(32).rposition(|window| window == id.as_bytes()).unwrap();
        let mut bad = packed.bytes[..packed.bytes.len() - 40].to_vec();
        bad[at + 31] ^= 1;
        let hash = samebits_snapshot::Digest::of("samebits 2026 run file", &bad);
        bad.extend_from_slice(hash.as_bytes());
        let length = bad.len() as u64 + 8;
        bad.extend_from_slice(&length.to_le_bytes());
        assert!(matches!(open(&bad), Err(Error::Damaged { part: "manifest", .. })), "{id}");
    }
}
