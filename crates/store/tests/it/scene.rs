//! A small store of sample Runs.

use crate::sample;
use samebits_snapshot::record::Run;
use samebits_snapshot::{DaySections, Packed, pack_shared};
use samebits_store::{NewRun, Store};
use samebits_units::Date;
use std::path::Path;

/// Run `sequence` of `account`; a day later each.
pub(crate) fn run(account: &str, sequence: u64) -> Run {
    let first: Date = "2017-02-08".parse().unwrap();
    sample::run_of(account, sequence, first.plus_days(sequence as i32).unwrap(), sample::SECURITIES)
}

pub(crate) fn packed(run: &Run) -> Packed {
    pack_shared(run, &DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap()).unwrap()
}

pub(crate) fn append(store: &mut Store, run: &Run) -> Result<(), samebits_store::Error> {
    let packed = packed(run);
    let recorded_at = 1_700_000_000_000_000_000 + run.inputs.question.sequence as i64;
    store.append(&[NewRun { packed: &packed, run, actor: "tester", recorded_at }])
}

/// Three Runs of one account and two of another.
pub(crate) fn store(path: &Path) -> Store {
    let mut store = Store::create(path).unwrap();
    for (account, count) in [("A", 3), ("B", 2)] {
        for sequence in 0..count {
            append(&mut store, &run(account, sequence)).unwrap();
        }
    }
    store
}
