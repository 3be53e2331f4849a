//! Sections whose stored bytes are few and say that they are many.

use crate::{LIMITS, read, reader, refusal};
use samebits_hostile::{Piece, Shelf};
use samebits_snapshot::{Codec, Digest, Error, Kind};

/// A message under a codec.
fn message(codec: Codec, raw: u64, stored: &[u8]) -> Piece<'_> {
    Piece { kind: Kind::Params as u16, codec: codec as u16, rows: 0, cols: 0, raw, stored }
}

fn zeros(length: usize) -> Vec<u8> {
    zstd::bulk::compress(&vec![0; length], 19).unwrap()
}

/// A frame of zstd by hand: a window of `2^log` bytes, or a stated content size, and one block of `count` equal bytes.
fn frame(window_log: Option<u8>, stated: u64, count: u32) -> Vec<u8> {
    let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd];
    if let Some(log) = window_log {
        // No checksum, no dictionary, no content size; exponent in the upper five bits.
        bytes.extend([0, (log - 10) << 3]);
    } else {
        // A single segment: its window is its content, of eight bytes.
        bytes.push(0xe0);
        bytes.extend(stated.to_le_bytes());
    }
    // The last block, of one byte again and again.
    let head = count << 3 | 0b011;
    bytes.extend(&head.to_le_bytes()[..3]);
    bytes.push(7);
    bytes
}

#[test]
fn zstd_frames_that_grow() {
    let shelf = Shelf::default();
    let limit = LIMITS.message as usize;
    let (fits, more, far_more) = (zeros(limit), zeros(limit + 1), zeros(64 << 20));
    assert!(fits.len() < 1 << 10 && far_more.len() < 1 << 13);
    read("as long as the limit", &message(Codec::Zstd, limit as u64, &fits), &shelf).unwrap();
    for (stored, raw) in [(&more, limit), (&far_more, limit), (&far_more, 1), (&fits, limit - 1), (&fits, 0)]
    {
        let found = read("longer than it says", &message(Codec::Zstd, raw as u64, stored), &shelf);
        assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
    }
    let found = read("shorter than it says", &message(Codec::Zstd, limit as u64, &zeros(9)), &shelf);
    assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
}

#[test]
fn zstd_frames_that_lie() {
    let shelf = Shelf::default();
    for stored in [
        frame(Some(10), 0, 1 << 17),
        frame(Some(31), 0, 1 << 17),
        frame(Some(41), 0, 1 << 17),
        frame(None, 1 << 17, 1 << 17),
        frame(None, 1 << 22, 1 << 17),
        frame(None, 1 << 40, 1 << 17),
        frame(None, u64::MAX - 3, 1 << 17),
    ] {
        for raw in [1, 1 << 17, LIMITS.message] {
            let found = read("a frame by hand", &message(Codec::Zstd, raw, &stored), &shelf);
            assert!(raw == 1 << 17 || matches!(found, Err(Error::Damaged { .. })), "{found:?}");
        }
    }
    read("a frame by hand", &message(Codec::Zstd, 1 << 17, &frame(Some(17), 0, 1 << 17)), &shelf).unwrap();
}

#[test]
fn lz4_blocks_that_grow() {
    let shelf = Shelf::default();
    let limit = LIMITS.message as usize;
    let stored = lz4_flex::block::compress(&vec![0; limit]);
    read("a block at the limit", &message(Codec::Lz4, limit as u64, &stored), &shelf).unwrap();
    let more = lz4_flex::block::compress(&vec![0; 16 << 20]);
    for raw in [0, 1, limit as u64] {
        let found = read("a block beyond the limit", &message(Codec::Lz4, raw, &more), &shelf);
        assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
    }
    // A match that is very long, by a run of lengths.
    let mut long = vec![0x1f, 0, 1, 0];
    long.extend(vec![0xff; 1 << 16]);
    let found = read("a match without end", &message(Codec::Lz4, limit as u64, &long), &shelf);
    assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
}

/// Heads that declare more than the limits, before a payload of one byte: refused before anything is asked for.
#[test]
fn heads_beyond_the_limits() {
    let shelf = Shelf::default();
    let reader = reader(&LIMITS, &shelf);
    let (side, most) = (LIMITS.side as u32, u32::MAX);
    let mut tried = 0;
    for kind in 1..=11_u16 {
        for codec in (0..5).chain(16..21) {
            for (rows, cols, raw) in [
                (0, 0, LIMITS.message + 1),
                (0, 0, u64::MAX),
                (side + 1, side, 0),
                (side, side + 1, 0),
                (most, 1, 0),
                (1, most, 0),
                (most, most, 0),
            ] {
                let blob = Piece { kind, codec, rows, cols, raw, stored: &[0] }.blob(Digest::default());
                let found = refusal("a head", || reader.read_blob(&blob.bytes).map(drop));
                assert!(matches!(found, Err(Error::Limit { .. } | Error::Damaged { .. })), "{found:?}");
                tried += usize::from(matches!(found, Err(Error::Limit { .. })));
            }
        }
    }
    assert!(tried > 100, "{tried}");
}
