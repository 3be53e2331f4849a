//! The decisions of the first days are frozen: ids of questions and answers, for every account. Protects every Run that
//! users hold; a change here needs a new version of the rules, the solver or the risk model.

use crate::scene::{KINDS, first_method, fixtures, record_by, record_catalogue, second_method};
use samebits_canon::Isa;
use samebits_snapshot::record::Method;
use samebits_store::Filter;
use std::fmt::Write;
use std::path::Path;

/// Records into a store: days, threads, instructions.
type Recorder<'a> = &'a dyn Fn(&Path, usize, usize, Isa);

fn ids(record: Recorder<'_>, days: usize, threads: usize, isa: Isa) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    record(&path, days, threads, isa);
    let mut text = String::new();
    for head in samebits_replay::open(&path).unwrap().list(&Filter::default()).unwrap() {
        let (account, sequence) = (&head.account, head.sequence);
        writeln!(text, "{account}/{sequence} {} {} {}", head.as_of, head.inputs_id, head.result_id).unwrap();
    }
    text
}

fn check(file: &str, record: Recorder<'_>, accounts: usize, days: usize) {
    let path = fixtures().join("runs").join(file);
    // Set SAMEBITS_WRITE_FROZEN=1 to write a file that is not there yet; one that is there never changes.
    if std::env::var_os("SAMEBITS_WRITE_FROZEN").is_some() && !path.exists() {
        std::fs::write(&path, ids(record, days, 1, Isa::Portable)).unwrap();
    }
    let frozen = std::fs::read_to_string(&path).unwrap();
    assert_eq!(frozen.lines().count(), accounts * days);
    for threads in [1, 2, 7] {
        assert_eq!(ids(record, days, threads, Isa::detect()), frozen, "{threads} threads");
    }
    for isa in Isa::available() {
        assert_eq!(ids(record, days, 2, isa), frozen, "{}", isa.name());
    }
}

fn by(method: Method) -> impl Fn(&Path, usize, usize, Isa) {
    move |path, days, threads, isa| {
        record_by(method.clone(), path, days, threads, isa);
    }
}

/// 1, 2 and 7 threads, every instruction set of this machine.
#[test]
fn the_first_days_are_the_frozen_ones_everywhere() {
    check("first-days.txt", &by(first_method()), 4, 4);
}

/// The same days by `active-set/1` and rules `rebalance/2`.
#[test]
fn the_first_days_of_the_second_method() {
    check("first-days-2.txt", &by(second_method()), 4, 15);
}

/// The first days of every kind of account under rules `rebalance/3`.
#[test]
fn the_first_days_of_the_catalogue() {
    let record = |path: &Path, days, threads, isa| {
        record_catalogue(path, days, threads, isa);
    };
    check("first-days-3.txt", &record, KINDS, 4);
}
