//! Bits of the frozen file flipped, and the file cut: nothing is handed out that is not what was stored.
//!
//! Beyond its first page every bit counts but those in space that SQLite has not given to any row. On the first page, which
//! holds SQLite's own head and the text of the schema, a bit may pass (a counter, the case of a letter, the text of a
//! trigger): then all Runs are the same.
//!
//! A debug build flips one bit of every byte that is in use and looks at a sample of the others; a release build flips all:
//! `cargo test --release -p samebits-store --test it frozen_file`.

use crate::suite::migrate::frozen;
use samebits_store::{Filter, Opener, Store};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const PAGE: usize = 4096;
/// Whether all bits are flipped.
const ALL: bool = !cfg!(debug_assertions);

/// Everything that the store hands out.
fn content(store: &Store) -> Result<Vec<String>, samebits_store::Error> {
    let heads = store.list(&Filter::default())?;
    let text = |head: &samebits_store::RunHead| {
        let run = store.get(&head.run_id)?.run;
        Ok(format!("{head:?} {run:?}"))
    };
    heads.iter().map(text).collect()
}

/// A copy of the frozen file, and what it holds.
struct Copy {
    _folder: tempfile::TempDir,
    path: PathBuf,
    good: Vec<u8>,
    whole: Vec<String>,
}

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = frozen(folder.path());
        let good = std::fs::read(&path).unwrap();
        let whole = content(&Opener::from(&path).read().unwrap()).unwrap();
        assert_eq!((whole.len(), good.len() % PAGE), (5, 0));
        Self { _folder: folder, path, good, whole }
    }

    /// Whether the file as it is now is refused; if it is not, it holds what it held.
    fn refused(&self) -> bool {
        let Ok(store) = Opener::from(&self.path).read() else { return true };
        if !store.verify(&mut |_| {}).problems.is_empty() {
            return true;
        }
        assert!(content(&store).is_ok_and(|found| found == self.whole), "another content");
        false
    }
}

fn put(path: &Path, at: usize, byte: u8) {
    let mut file = File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(&[byte]).unwrap();
}

/// Bytes that no row has: between the places of a page's cells and its cells, and in blocks that were given back.
fn unused(file: &[u8]) -> Vec<bool> {
    let u16_at = |at: usize| usize::from(file[at]) << 8 | usize::from(file[at + 1]);
    let mut unused = vec![false; file.len()];
    for base in (0..file.len()).step_by(PAGE) {
        let head = base + if base == 0 { 100 } else { 0 };
        // Of an inner page the head is four bytes longer.
        let places = head + if matches!(file[head], 2 | 5) { 12 } else { 8 };
        unused[places + 2 * u16_at(head + 3)..base + u16_at(head + 5)].fill(true);
        let mut block = u16_at(head + 1);
        while block > 0 {
            unused[base + block + 4..base + block + u16_at(base + block + 2)].fill(true);
            block = u16_at(base + block);
        }
    }
    unused
}

#[test]
fn every_byte_of_the_frozen_file_counts_or_says_nothing() {
    let copy = Copy::new();
    let unused = unused(&copy.good);
    let (mut passed, mut tried) = (0, 0);
    for (at, &byte) in copy.good.iter().enumerate() {
        if unused[at] && !ALL && !at.is_multiple_of(37) {
            continue;
        }
        let seeded = at * 5 % 8;
        for bit in (0..8).filter(|bit| ALL || *bit == seeded) {
            put(&copy.path, at, byte ^ 1 << bit);
            let refused = copy.refused();
            assert!(refused || at < PAGE || unused[at], "byte {at} bit {bit}");
            (passed, tried) = (passed + usize::from(!refused), tried + 1);
        }
        put(&copy.path, at, byte);
    }
    assert!(!copy.refused() && passed > 100 && tried > 10_000, "{passed} of {tried}");
}

#[test]
fn every_cut_of_the_frozen_file_is_found() {
    let copy = Copy::new();
    let (step, end) = (if ALL { 1 } else { 61 }, copy.good.len());
    let lengths = (0..end).step_by(step).chain((0..end).step_by(PAGE)).chain(end - 16..end);
    for length in lengths {
        std::fs::write(&copy.path, &copy.good[..length]).unwrap();
        // SQLite takes zeros for what is missing of the last page: six bytes, which are zeros.
        assert!(copy.refused() || copy.good[length..].iter().all(|byte| *byte == 0), "{length} bytes");
    }
}
