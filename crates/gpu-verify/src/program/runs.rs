//! The problems of recorded Runs: `--store FILE`.

use crate::Machine;
use crate::row::{Row, Verdict};
use samebits_gpu_verify::check::{self, Backend, Compared};
use samebits_qp::{Problem, Solution};
use samebits_rebalance::restore;
use samebits_snapshot::record::{Run, Status};
use samebits_store::{Filter, StoredRun};
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

/// Milliseconds in which the demo's 1,008 Runs should be solved in one call.
const TARGET_MS: f64 = 100.0;
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
            for (backend, compared, ms) in found {
                let mut row =
                    Row::compared("runs", format!("{}, recorded", backend.name()), Ok(compared), true, begun);
                let _ = write!(row.detail, "; all in one call {ms:.1} ms (1,008 of the demo: {TARGET_MS})");
                show(row);
            }
        }
    }
}

/// A solver, how its answers compare, and the milliseconds of one call with every problem.
type Answered = (Backend, Compared, f64);

fn all(machine: &Machine<'_>, path: &Path) -> anyhow::Result<Vec<Answered>> {
    let store = samebits_replay::open(path)?;
    let shared = check::share((machine.open)()?, machine.arguments.memory, machine.isa)?;
    let mut heads = store.list(&Filter::default())?;
    if machine.arguments.emulate {
        heads.truncate(EMULATED);
    }
    let runs: Vec<StoredRun> = heads.iter().map(|head| store.get(&head.run_id)).collect::<Result<_, _>>()?;
    let problem = |stored: &StoredRun| {
        restore(&stored.run.inputs, &stored.run.method.rules, &stored.run.outcome).map(|found| found.0)
    };
    let problems: Vec<Problem> = runs.iter().map(problem).collect::<Result<_, _>>()?;
    let Some(method) = runs.first().map(|stored| &stored.run.method) else { return Ok(Vec::new()) };
    let settings = method.rules.parse::<samebits_rebalance::Rules>()?.settings(method);
    let mut found = Vec::new();
    for backend in [Backend::ActiveSet, Backend::Ipm] {
        let mut compared = check::batch(&shared, backend, &problems, settings, machine.isa);
        // Once more, warm.
        let begun = Instant::now();
        let (answers, _) = backend.on_device(&shared, &problems, &settings);
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        if backend == Backend::ActiveSet {
            for (stored, answer) in runs.iter().zip(&answers) {
                let what = answer.as_ref().ok().and_then(|answer| recorded(&stored.run, answer));
                let Some(what) = what else { continue };
                compared.differing += 1;
                compared.first.get_or_insert(format!("Run {}: {what}", stored.head.run_id));
            }
        }
        found.push((backend, compared, ms));
    }
    Ok(found)
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
