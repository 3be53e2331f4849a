//! The decisions of the first days are frozen: ids of questions and answers, for every account. Protects every Run that
//! users hold; a change here needs a new version of the rules, the solver or the risk model.

use crate::scene::{first_method, fixtures, record_by, second_method};
use samebits_canon::Isa;
use samebits_snapshot::record::Method;
use samebits_store::{Filter, Store};
use std::fmt::Write;

fn ids(method: Method, days: usize, threads: usize, isa: Isa) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    record_by(method, &path, days, threads, isa);
    let mut text = String::new();
    for head in Store::open_read_only(&path).unwrap().list(&Filter::default()).unwrap() {
        let (account, sequence) = (&head.account, head.sequence);
        writeln!(text, "{account}/{sequence} {} {} {}", head.as_of, head.inputs_id, head.result_id).unwrap();
    }
    text
}

fn check(file: &str, method: &Method, days: usize) {
    let path = fixtures().join("runs").join(file);
    // Set SAMEBITS_WRITE_FROZEN=1 to write a file that is not there yet; one that is there never changes.
    if std::env::var_os("SAMEBITS_WRITE_FROZEN").is_some() && !path.exists() {
        std::fs::write(&path, ids(method.clone(), days, 1, Isa::Portable)).unwrap();
    }
    let frozen = std::fs::read_to_string(&path).unwrap();
    assert_eq!(frozen.lines().count(), 4 * days);
    for threads in [1, 2, 7] {
        assert_eq!(ids(method.clone(), days, threads, Isa::detect()), frozen, "{threads} threads");
    }
    for isa in Isa::available() {
        assert_eq!(ids(method.clone(), days, 2, isa), frozen, "{}", isa.name());
    }
}

/// 1, 2 and 7 threads, every instruction set of this machine.
#[test]
fn the_first_days_are_the_frozen_ones_everywhere() {
    check("first-days.txt", &first_method(), 4);
}

/// The same days by `active-set/1` and rules `rebalance/2`.
#[test]
fn the_first_days_of_the_second_method() {
    check("first-days-2.txt", &second_method(), 15);
}
