//! Damage is said with the Run and the part, by every command that meets it, and ends with exit code 5.

use crate::scene::{samebits, store};
use std::path::PathBuf;

/// A copy of the store after `change`, made behind the triggers' back.
fn changed(change: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    std::fs::copy(store(), &path).unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch(
        "DROP TRIGGER runs_are_final; DROP TRIGGER records_are_final; DROP TRIGGER runs_stay;
         DROP TRIGGER blobs_are_final; DROP TRIGGER blob_bytes_are_final;",
    )
    .unwrap();
    assert_eq!(raw.execute(change, []).unwrap(), 1, "{change}");
    (folder, path)
}

#[test]
fn a_flipped_byte_in_the_store() {
    // The byte in the middle of a record, a blob, and two columns.
    let flip = |column: &str| {
        format!(
            "{column} = CAST(substr({column}, 1, length({column}) / 2) || CASE WHEN substr({column}, length({column}) / 2 + 1, 1) = x'00' THEN x'01' ELSE x'00' END || substr({column}, length({column}) / 2 + 2) AS BLOB)"
        )
    };
    for (change, part) in [
        (format!("UPDATE runs SET {} WHERE account = 'A2' AND sequence = 1", flip("record")), "A2/1"),
        (
            format!("UPDATE runs SET {} WHERE account = 'A2' AND sequence = 1", flip("link")),
            "A2/1: chain link",
        ),
        (
            "UPDATE runs SET actor = 'tess' WHERE account = 'A2' AND sequence = 1".to_owned(),
            "A2/1: chain link",
        ),
        (format!("UPDATE blobs SET {} WHERE rowid = 2", flip("bytes")), "blob"),
    ] {
        let (_folder, path) = changed(&change);
        for arguments in [&["verify"][..], &["replay", "--all", "--verify"], &["replay", "A1/0", "--verify"]]
        {
            let call = samebits(&path, arguments);
            assert_eq!(call.code, 5, "{change} {arguments:?}: {}{}", call.out, call.err);
            assert!(
                call.err.contains(part) && call.err.contains("DAMAGED"),
                "{change} {arguments:?}: {}",
                call.err
            );
        }
        let out = path.with_extension("tables");
        let parquet = ["export", "--parquet", out.to_str().unwrap()];
        if part.starts_with("A2/1") {
            for arguments in
                [&["show", "A2/1"][..], &["why", "A2/1"], &["replay", "A2/1"], &["replay", "--all"], &parquet]
            {
                let call = samebits(&path, arguments);
                assert_eq!(call.code, 5, "{change} {arguments:?}: {}{}", call.out, call.err);
            }
        }
    }
}

#[test]
fn a_flipped_byte_in_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.run");
    let file = path.to_str().unwrap();
    assert_eq!(samebits(store(), &["export", "A1/1", file]).code, 0);
    let good = std::fs::read(&path).unwrap();
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bad = good.clone();
        bad[at] ^= 4;
        std::fs::write(&path, &bad).unwrap();
        let call = samebits(store(), &["inspect", file]);
        assert_eq!(call.code, 5, "byte {at}: {}{}", call.out, call.err);
        assert!(call.out.contains("DAMAGED"), "byte {at}");
    }
    std::fs::write(&path, b"").unwrap();
    assert_eq!(samebits(store(), &["inspect", file]).code, 5);
}
