//! Small inputs that ask for much, at limits that are small: what a reader holds at once is at most twice its limit.
//!
//! Every byte counts here, those that C libraries ask for too. Where a limit is not that of `snapshot::Limits`, the test says
//! which one it is.
#![allow(clippy::unwrap_used, clippy::panic_in_result_fn, reason = "a test may stop")]
#![allow(clippy::print_stdout, reason = "`--nocapture` tells what was held")]

mod chains;
mod documents;
mod frames;
mod heap;
mod matrices;
mod problems;
mod records;
mod tables;
mod tapes;

use samebits_hostile::{Closes, Piece, Shelf, found_id, peak};
use samebits_snapshot::{Blob, Digest, Error, Kind, Limits, Reader, Shared};

/// Small, and large beside what a decompressor takes by itself.
const LIMITS: Limits = Limits {
    file: 1 << 22,
    manifest: 1 << 22,
    message: 1 << 22,
    side: 1024,
    matrix: 1 << 22,
    run: 1 << 24,
    chain: 32,
};

/// Heads, texts of errors, and the tables of decompressors, which do not depend on the input.
const FIXED: u64 = 1 << 18;

/// What `work` returns; it held at most twice `declared` bytes and [`FIXED`].
#[track_caller]
fn bomb<T>(name: &str, declared: u64, work: impl FnOnce() -> T) -> T {
    let (done, most) = peak(work);
    if most as u64 > declared {
        println!("{name}: held {most} bytes, {:.2} of {declared}", most as f64 / declared as f64);
    }
    assert!(
        most as u64 <= 2 * declared + FIXED,
        "{name}: held {most} bytes, twice the limit are {}",
        2 * declared
    );
    done
}

/// What `work` returns, which refuses before anything is decoded.
#[track_caller]
fn refusal<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let (done, most) = peak(work);
    assert!(most <= REFUSAL, "{name}: held {most} bytes");
    done
}

/// Bytes of an error with its texts, and of a reader's buffers.
const REFUSAL: usize = 1 << 15;

fn reader<'a>(limits: &'a Limits, shelf: &'a Shelf) -> Reader<'a> {
    Reader { predictor: Some(&Closes), ..Reader::new(limits, shelf) }
}

/// Reads a piece; `Ok` when all but its content id, which is made up, is as it should be.
fn read(name: &str, piece: &Piece<'_>, shelf: &Shelf) -> Result<Blob, Error> {
    let matrix = piece.kind != Kind::Panel as u16 && piece.rows > 0;
    let declared = if matrix || piece.kind == Kind::Panel as u16 { LIMITS.matrix } else { LIMITS.message };
    let reader = reader(&LIMITS, shelf);
    let blob = piece.blob(Digest::default());
    let error = bomb(name, declared, || reader.read_blob(&blob.bytes)).unwrap_err();
    let Some(id) = found_id(&error) else { return Err(error) };
    let blob = piece.blob(id);
    let (_, raw) = bomb(name, declared, || reader.read_blob(&blob.bytes)).unwrap();
    assert!(!raw.is_empty());
    if matrix {
        let read = bomb(name, declared, || reader.read_matrix(&blob.bytes));
        assert!(read.is_ok() || matches!(read, Err(Error::Schema { .. })), "{name}: {read:?}");
    }
    Ok(blob)
}

/// The piece as it can be read, not measured: its bases are kept in `shared`.
fn made(piece: &Piece<'_>, shelf: &Shelf, shared: &Shared) -> Blob {
    let reader = Reader { shared: Some(shared), ..reader(&LIMITS, shelf) };
    let error = reader.read_blob(&piece.blob(Digest::default()).bytes).unwrap_err();
    let blob = piece.blob(found_id(&error).unwrap());
    reader.read_blob(&blob.bytes).unwrap();
    blob
}

/// What every other test here stands upon: all that is asked for is counted, and given back.
#[test]
fn memory_is_counted_whoever_asks_for_it() {
    let (kept, most) = peak(|| {
        drop(vec![0_u8; 1 << 20]);
        vec![0_u8; 1 << 10]
    });
    assert!(kept.len() == 1 << 10 && (1 << 20..(1 << 20) + 8192).contains(&most), "{most}");
    // The window of a frame is memory of a C library.
    let frame = zstd::encode_all(&vec![1_u8; 1 << 22][..], 1).unwrap();
    let mut one = [0];
    let (_, most) = peak(|| {
        let mut decoder = zstd::Decoder::new(&frame[..]).unwrap();
        std::io::Read::read(&mut decoder, &mut one).unwrap()
    });
    assert!(most > 1 << 19 || !heap::SEES_C, "{most}");
    let caught = std::panic::catch_unwind(|| bomb("more than twice", 1 << 10, || vec![0_u8; 1 << 19].len()));
    assert!(caught.is_err());
}
