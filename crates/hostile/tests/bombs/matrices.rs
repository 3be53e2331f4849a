//! Matrices and panels at their limits, from few bytes.

use crate::{LIMITS, bomb, read, reader};
use samebits_hostile::{Piece, Shelf, found_id};
use samebits_snapshot::{Codec, Digest, Error, Kind, Limits};

const SIDE: u32 = 1024;

fn piece(kind: Kind, codec: Codec, rows: u32, cols: u32, stored: &[u8]) -> Piece<'_> {
    Piece { kind: kind as u16, codec: codec as u16, rows, cols, raw: 0, stored }
}

fn zeros(length: usize) -> Vec<u8> {
    zstd::bulk::compress(&vec![0; length], 3).unwrap()
}

#[test]
fn matrices_of_the_first_codecs() {
    let (shelf, raw) = (Shelf::default(), LIMITS.matrix as usize);
    let triangle = (SIDE * (SIDE + 1) * 2) as usize;
    for (codec, stored) in [
        (Codec::Raw, vec![0; raw]),
        (Codec::Zstd, zeros(raw)),
        (Codec::Lz4, lz4_flex::block::compress(&vec![0; raw])),
        (Codec::ShuffleZstd, zeros(raw)),
        (Codec::TriangleShuffleZstd, zeros(triangle)),
    ] {
        read(codec.name(), &piece(Kind::Sigma, codec, SIDE, SIDE, &stored), &shelf).unwrap();
        let loadings = read(codec.name(), &piece(Kind::Loadings, codec, SIDE, SIDE / 2, &stored), &shelf);
        assert!(matches!(loadings, Err(Error::Damaged { .. })), "{loadings:?}");
    }
    for codec in [Codec::Zstd, Codec::ShuffleZstd, Codec::TriangleShuffleZstd] {
        for length in [64 << 20, raw + 4, triangle + 4, 4, 0] {
            let found =
                read("another length", &piece(Kind::Sigma, codec, SIDE, SIDE, &zeros(length)), &shelf);
            assert!(matches!(found, Err(Error::Damaged { .. })), "{length}: {found:?}");
        }
    }
}

/// A list that grows by doubling is longest beside what is in it just beyond a power of two.
#[test]
fn a_limit_that_is_no_power_of_two() {
    let (side, shelf) = (1040_u32, Shelf::default());
    let length = 4 * u64::from(side) * u64::from(side);
    let limits = Limits { side: side.into(), matrix: length, ..LIMITS };
    for (codec, stored) in [
        (Codec::Zstd, zeros(length as usize)),
        (Codec::ShuffleZstd, zeros(length as usize)),
        (Codec::TriangleShuffleZstd, zeros((side * (side + 1) * 2) as usize)),
        (Codec::SigmaWords, vec![0, 0]),
    ] {
        let blob = piece(Kind::Sigma, codec, side, side, &stored).blob(Digest::default());
        let found = bomb(codec.name(), length, || reader(&limits, &shelf).read_blob(&blob.bytes));
        let blob =
            piece(Kind::Sigma, codec, side, side, &stored).blob(found_id(&found.unwrap_err()).unwrap());
        let read = bomb(codec.name(), length, || reader(&limits, &shelf).read_matrix(&blob.bytes).map(drop));
        assert_eq!(read, Ok(()));
    }
}

/// Lists of words: none stored, and the metadata of pco at its largest.
#[test]
fn lists_of_words() {
    let shelf = Shelf::default();
    for shape in [0, 1] {
        read("no words", &piece(Kind::Sigma, Codec::SigmaWords, SIDE, SIDE, &[shape, 0]), &shelf).unwrap();
    }
    // The words are many more than the zstd form may have.
    let frame = [&[0, 2][..], &zeros(LIMITS.matrix as usize)].concat();
    let found = read("a frame of words", &piece(Kind::Sigma, Codec::SigmaWords, SIDE, SIDE, &frame), &shelf);
    assert!(found.unwrap_err().to_string().contains("at most 65536"));
    for fill in [0x00, 0x0f, 0x55, 0xaa, 0xf0, 0xff] {
        for size_of_table in 0..16 {
            // Header, mode and delta, then four bits of the table's size and fifteen of the number of bins.
            let mut stored = vec![0, 1, 4, 1, 0, size_of_table | fill & 0xf0];
            stored.extend(vec![fill; 1 << 19]);
            let found = read("bins", &piece(Kind::Sigma, Codec::SigmaWords, SIDE, SIDE, &stored), &shelf);
            assert!(found.is_ok() || matches!(found, Err(Error::Damaged { .. })), "{found:?}");
        }
    }
}

/// A keyframe: for each name a unit and a parameter, for each name an escape, then `bits`.
fn keyframe(names: usize, bits: u8, length: usize) -> Vec<u8> {
    let mut stored = vec![0];
    stored.extend([1, 0].repeat(names));
    // 24 zeros and 64 bits, 11 bytes: a close of any value.
    for _ in 0..names {
        stored.extend([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0]);
    }
    stored.extend(vec![bits; length]);
    stored
}

#[test]
fn panels_of_few_bits() {
    let shelf = Shelf::default();
    let sessions = |names: u32| LIMITS.matrix as u32 / 8 / names;
    for names in [512, 700, 1024] {
        let sessions = sessions(names);
        // A close that does not move is one bit.
        let bits = (sessions as usize - 1) * names as usize;
        let mut stored = keyframe(names as usize, 0xff, bits / 8);
        if !bits.is_multiple_of(8) {
            stored.push((1 << (bits % 8)) - 1);
        }
        let head = piece(Kind::Panel, Codec::SigmaPanel, sessions, names, &stored);
        read("a bit each", &head, &shelf).unwrap();
    }
    // Escapes to the end, and too few of them.
    let (sessions, names) = (700, 512);
    let escapes = keyframe(sessions as usize * names, 0, 0);
    let stored = [&[0][..], &[1, 0].repeat(names), &escapes[1 + 2 * sessions as usize * names..]].concat();
    let head = piece(Kind::Panel, Codec::SigmaPanel, sessions, names as u32, &stored);
    read("escapes", &head, &shelf).unwrap();
    let cut = Piece { stored: &stored[..stored.len() - 1], ..head };
    assert!(matches!(read("escapes", &cut, &shelf), Err(Error::Damaged { .. })));
    // More sessions than bits.
    for stored in [keyframe(1, 0, 0), keyframe(1024, 0xff, 0), vec![0], vec![1]] {
        let found = read("no bits", &piece(Kind::Panel, Codec::SigmaPanel, 512, 1024, &stored), &shelf);
        assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
    }
}
