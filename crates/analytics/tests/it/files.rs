//! What is on disk: the same bytes each time, nothing half written, nothing overwritten.

use crate::contents::{read, written};
use crate::desk::{ACCOUNTS, correct, store};
use samebits_analytics::{Error, Lots, Wanted, export, tables};
use samebits_store::{Filter, Store};
use std::path::Path;

fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    let file = |name: &str| std::fs::read(folder.join(format!("{name}.parquet"))).unwrap();
    tables().iter().map(|table| file(table.name)).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const ALL: [&str; 5] =
    ["exposures.parquet", "lots.parquet", "runs.parquet", "trades.parquet", "weights.parquet"];

#[test]
fn the_same_bytes_from_any_thread_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut made = store(&path);
    let once = folder.path().join("once");
    written(Store::open_read_only(&path).unwrap(), &once, Filter::default(), Lots::Every);
    let first = bytes(&once);
    assert_eq!(names(&once), ALL);
    std::thread::scope(|scope| {
        for at in 0..4 {
            let (path, out) = (path.clone(), folder.path().join(format!("thread-{at}")));
            let first = &first;
            scope.spawn(move || {
                written(Store::open_read_only(&path).unwrap(), &out, Filter::default(), Lots::Every);
                assert!(bytes(&out) == *first, "thread {at}");
            });
        }
    });
    for (table, found) in tables().iter().zip(&first) {
        let read = read(&once, table.name);
        assert_eq!(
            (read.created_by.as_str(), read.facts["samebits.table"].as_str()),
            ("samebits", table.name)
        );
        assert_eq!(read.facts["samebits.version"], "analytics/1");
        assert!(!found.windows(7).any(|part| part == b"parquet"), "the name of a library is in the file");
    }
    let of_records = |folder: &Path| read(folder, "trades").facts["samebits.records"].clone();
    assert_eq!(of_records(&once), read(&once, "runs").facts["samebits.records"]);
    correct(&mut made, &format!("{}/1", ACCOUNTS[1]), "again");
    let corrected = folder.path().join("corrected");
    written(made, &corrected, Filter::default(), Lots::Every);
    assert_ne!(of_records(&once), of_records(&corrected));
}

#[test]
fn a_range_and_nothing_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(store(&path));
    let day = |text: &str| Some(text.parse().unwrap());
    let some = Filter { account: Some(ACCOUNTS[0].into()), from: day("2017-02-09"), to: day("2017-02-10") };
    let out = folder.path().join("some");
    let summary = written(Store::open_read_only(&path).unwrap(), &out, some, Lots::Last);
    assert_eq!(summary.records, 2);
    let runs = read(&out, "runs");
    assert_eq!(runs.facts["samebits.from"], "2017-02-09");
    assert_eq!(runs.facts["samebits.account"], ACCOUNTS[0]);
    assert_eq!(runs.of(["sequence"]), [[1_i64.into()], [2_i64.into()]]);
    // The last one in the range, not of the account.
    assert!(read(&out, "lots").of(["as_of"]).iter().all(|row| *row == [day("2017-02-10").unwrap().into()]));
    let none = Filter { from: day("2018-01-01"), ..Filter::default() };
    let out = folder.path().join("none");
    let summary = written(Store::open_read_only(&path).unwrap(), &out, none, Lots::Every);
    assert_eq!((summary.records, names(&out).len()), (0, 5));
    for table in tables() {
        let read = read(&out, table.name);
        assert_eq!((read.rows, read.groups.len(), read.schema.len()), (0, 0, table.columns.len()));
    }
}

#[test]
fn files_are_replaced_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(store(&path));
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("weights.parquet"), "mine").unwrap();
    let again = |replace| {
        let wanted = Wanted { folder: &out, filter: Filter::default(), lots: Lots::Last, replace };
        export(Store::open_read_only(&path).unwrap(), &wanted, &mut |_, _| {})
    };
    assert!(matches!(again(false), Err(Error::Exists { path }) if path.ends_with("weights.parquet")));
    assert_eq!(names(&out), ["weights.parquet"]);
    assert_eq!(std::fs::read(out.join("weights.parquet")).unwrap(), b"mine");
    std::fs::remove_file(out.join("weights.parquet")).unwrap();
    std::fs::write(out.join(".lots.parquet.partial"), "of another export").unwrap();
    assert!(
        matches!(again(false), Err(Error::Unfinished { path }) if path.ends_with(".lots.parquet.partial"))
    );
    assert_eq!(names(&out), [".lots.parquet.partial"]);
    let rows: Vec<u64> = again(true).unwrap().tables.iter().map(|table| table.rows).collect();
    assert_eq!(names(&out), ALL);
    assert!(rows.iter().all(|rows| *rows > 0));
    let first = bytes(&out);
    assert!(matches!(again(false), Err(Error::Exists { .. })));
    again(true).unwrap();
    assert!(bytes(&out) == first);
}

#[test]
fn a_folder_that_cannot_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(store(&path));
    let out = path.join("inside a file");
    let wanted = Wanted { folder: &out, filter: Filter::default(), lots: Lots::Last, replace: false };
    let error = export(Store::open_read_only(&path).unwrap(), &wanted, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, Error::File { .. }) && !error.is_damage(), "{error}");
}
