//! The decisions of the first days are frozen: ids of questions and answers, for every account. Protects every Run that
//! users hold; a change here needs a new version of the rules, the solver or the risk model.

use crate::scene::{first_method, fixtures, record_by};
use samebits_canon::Isa;
use samebits_snapshot::record::Method;
use samebits_store::{Filter, Store};
use std::fmt::Write;

const DAYS: usize = 4;

fn ids(method: Method, threads: usize, isa: Isa) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    record_by(method, &path, DAYS, threads, isa);
    let mut text = String::new();
    for head in Store::open_read_only(&path).unwrap().list(&Filter::default()).unwrap() {
        let (account, sequence) = (&head.account, head.sequence);
        writeln!(text, "{account}/{sequence} {} {} {}", head.as_of, head.inputs_id, head.result_id).unwrap();
    }
    text
}

fn check(file: &str, method: &Method) {
    let frozen = std::fs::read_to_string(fixtures().join("runs").join(file)).unwrap();
    assert_eq!(frozen.lines().count(), 4 * DAYS);
    for threads in [1, 2, 7] {
        assert_eq!(ids(method.clone(), threads, Isa::detect()), frozen, "{threads} threads");
    }
    for isa in Isa::available() {
        assert_eq!(ids(method.clone(), 2, isa), frozen, "{}", isa.name());
    }
}

/// 1, 2 and 7 threads, every instruction set of this machine.
#[test]
fn the_first_days_are_the_frozen_ones_everywhere() {
    check("first-days.txt", &first_method());
}
