//! Every committed input of every target.

use samebits_hostile::TARGETS;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// The committed inputs of a target, with the names of their files.
pub(crate) fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("fuzz/corpus").join(target);
    let files = names(&folder);
    assert!(!files.is_empty(), "{target} has no corpus");
    let read = |file: String| std::fs::read(folder.join(&file)).map(|bytes| (file, bytes)).unwrap();
    files.into_iter().map(read).collect()
}

#[test]
fn every_committed_input_is_survived() {
    let mut failed = Vec::new();
    for target in TARGETS {
        for (file, bytes) in inputs(target.name) {
            if std::panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
                failed.push(format!("{}/{file}", target.name));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn every_target_has_a_program_and_a_small_corpus() {
    let known: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(known.len(), TARGETS.len());
    let programs = names(&root().join("fuzz/fuzz_targets"));
    let programs: BTreeSet<String> = programs.iter().map(|name| name.replace(".rs", "")).collect();
    assert_eq!(programs, known);
    assert_eq!(names(&root().join("fuzz/corpus")), known);
    for name in known {
        let folder = root().join("fuzz/corpus").join(&name);
        let files = names(&folder);
        let bytes: u64 = files.iter().map(|file| std::fs::metadata(folder.join(file)).unwrap().len()).sum();
        assert!(files.len() <= 60 && bytes <= 200_000, "{name}: {} files, {bytes} bytes", files.len());
    }
}

/// The counting allocator sees what is asked for, and what is given back.
#[test]
fn memory_is_counted() {
    let (kept, most) = samebits_hostile::peak(|| {
        drop(vec![0_u8; 1 << 20]);
        vec![0_u8; 1 << 10]
    });
    assert_eq!((kept.len(), most), (1 << 10, 1 << 20));
    let caught = std::panic::catch_unwind(|| samebits_hostile::within(10, || vec![0_u8; 2 << 20].len()));
    assert!(caught.is_err());
}
