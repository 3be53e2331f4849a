//! A small store of sample Runs.
#![allow(dead_code, reason = "shared with the tests of other crates")]

use crate::sample;
use samebits_snapshot::record::Run;
use samebits_snapshot::{DaySections, Packed, pack_shared};
use samebits_store::{CorrectionHead, NewCorrection, NewRun, Opener, Store};
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

/// Three Runs of one account and two of another, in a file.
pub(crate) fn store(path: &Path) -> Store {
    fill(&Opener::from(path))
}

/// The same in any place.
pub(crate) fn fill(opener: &Opener) -> Store {
    let mut store = opener.create(None).unwrap();
    for (account, count) in [("A", 3), ("B", 2)] {
        for sequence in 0..count {
            append(&mut store, &run(account, sequence)).unwrap();
        }
    }
    store
}

/// Another Run for the question of `sequence`: the account had a little more cash.
pub(crate) fn corrected(account: &str, sequence: u64, more_micros: i64) -> Run {
    let mut run = run(account, sequence);
    run.inputs.account.cash =
        samebits_units::Money::from_micros(run.inputs.account.cash.micros() + more_micros);
    run
}

/// Corrects a Run (`ACCOUNT/SEQUENCE`) or what superseded it last; each time with another Run.
pub(crate) fn correct(
    store: &mut Store,
    wanted: &str,
    reason: &str,
) -> Result<CorrectionHead, samebits_store::Error> {
    let head = store.find(wanted)?;
    let before = store.corrections_of(&head.run_id)?;
    let run = corrected(&head.account, head.sequence as u64, 1 + before.len() as i64);
    let packed = packed(&run);
    let supersedes = before.last().map_or(head.run_id, |last| last.run_id);
    let recorded_at = 1_800_000_000_000_000_000 + before.len() as i64;
    store.correct(&NewCorrection {
        supersedes,
        packed: &packed,
        run: &run,
        reason,
        actor: "auditor",
        recorded_at,
    })
}
