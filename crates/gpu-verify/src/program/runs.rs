//! The problems of recorded Runs: `--store FILE`.

use crate::Machine;
use crate::row::{Row, Verdict};
use samebits_gpu_verify::check::{self, Backend, Compared};
use samebits_qp::{Problem, Settings, Solution};
use samebits_rebalance::restore;
use samebits_snapshot::record::{Run, Status};
use samebits_solver_gpu::Shared;
use samebits_store::{Filter, Store, StoredRun};
use std::path::Path;
use std::time::Instant;

/// Runs of a batch.
const BATCH: usize = 128;
/// Runs that emulation has the patience for.
const EMULATED: usize = 8;

/// Solves the problem of every Run on both sides, and compares with the recorded weights where the Run has nothing but the
/// search in between.
pub(crate) fn step(machine: &Machine<'_>, show: &mut dyn FnMut(Row)) {
    let Some(path) = &machine.arguments.store else {
        return show(Row::skipped("runs", "recorded Runs", "no --store"));
    };
    let begun = Instant::now();
    match all(machine, path) {
        Err(error) => show(Row::new("runs", "recorded Runs", Verdict::Skipped, format!("{error:#}"), begun)),
        Ok(found) => {
            for backend in [Backend::ActiveSet, Backend::Ipm] {
                let own = found.iter().filter(|(own, _)| *own == backend);
                let mut compared = Compared::default();
                own.for_each(|(_, found)| compared.add(found.clone()));
                show(Row::compared(
                    "runs",
                    format!("{}, recorded", backend.name()),
                    Ok(compared),
                    true,
                    begun,
                ));
            }
        }
    }
}

fn all(machine: &Machine<'_>, path: &Path) -> anyhow::Result<Vec<(Backend, Compared)>> {
    let store = Store::open_read_only(path)?;
    let shared = check::share((machine.open)()?, machine.arguments.memory, machine.isa)?;
    let mut found = Vec::new();
    let (mut runs, mut problems): (Vec<StoredRun>, Vec<Problem>) = (Vec::new(), Vec::new());
    let mut heads = store.list(&Filter::default())?;
    if machine.arguments.emulate {
        heads.truncate(EMULATED);
    }
    for (k, head) in heads.iter().enumerate() {
        let stored = store.get(&head.run_id)?;
        let mut problem = restore(&stored.run.inputs, &stored.run.method.rules, &stored.run.outcome)?.0;
        // Accounts of a day share a covariance; they were recorded one after another.
        if let Some(other) = problems.iter().rev().take(8).find(|other| other.risk == problem.risk) {
            problem.risk = other.risk.clone();
        }
        problems.push(problem);
        runs.push(stored);
        if runs.len() == BATCH || k + 1 == heads.len() {
            found.extend(batch(machine, &shared, &runs, &problems));
            runs.clear();
            problems.clear();
        }
    }
    Ok(found)
}

fn batch(
    machine: &Machine<'_>,
    shared: &Shared,
    runs: &[StoredRun],
    problems: &[Problem],
) -> Vec<(Backend, Compared)> {
    let Some(method) = runs.first().map(|stored| &stored.run.method) else { return Vec::new() };
    let settings = Settings { tolerance: method.tolerance, max_iterations: method.max_iterations };
    let mut own = check::batch(shared, Backend::ActiveSet, problems, settings, machine.isa);
    let (answers, _) = Backend::ActiveSet.on_device(shared, problems, &settings);
    for (stored, answer) in runs.iter().zip(&answers) {
        let Some(what) = answer.as_ref().ok().and_then(|answer| recorded(&stored.run, answer)) else {
            continue;
        };
        own.differing += 1;
        own.first.get_or_insert(format!("Run {}: {what}", stored.head.run_id));
    }
    let ipm = check::batch(shared, Backend::Ipm, problems, settings, machine.isa);
    vec![(Backend::ActiveSet, own), (Backend::Ipm, ipm)]
}

/// What differs from the recorded weights; `None` also for a Run whose weights come from more than the search: relaxed limits,
/// a tightened cap.
fn recorded(run: &Run, answer: &Solution) -> Option<String> {
    let outcome = &run.outcome;
    let plain = run.method.solver == "active-set/1"
        && outcome.status == Status::Solved
        && outcome.rounding.tightened == 0;
    if !plain {
        return None;
    }
    let pairs = || answer.weights.iter().zip(&outcome.weights);
    let same =
        answer.weights.len() == outcome.weights.len() && pairs().all(|(a, b)| a.to_bits() == b.to_bits());
    (!same).then(|| "weights are not the recorded ones".to_owned())
}
