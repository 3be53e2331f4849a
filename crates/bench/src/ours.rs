//! Our solvers and Clarabel, interleaved.

use crate::Arguments;
use crate::device;
use crate::instance::Instance;
use crate::row::{Row, median};
use anyhow::{Context, Result};
use samebits_canon::Isa;
use samebits_qp::{Path, Problem, Risk, Settings, Solution, Solver, Status, certify};
use samebits_solver_cpu::{ActiveSet, by_id};
use samebits_testkit::weights_hash;
use std::time::Instant;

/// The solvers, the one that ratios refer to first.
const SOLVERS: [&str; 5] = ["active-set/1", "ipm/1", "ipm-raw/1", "clarabel/1", "clarabel-finished/1"];
/// From so many names on Clarabel takes minutes for a dense covariance; it runs only when the budget says so.
const TOO_MANY: usize = 1500;
/// Seconds of the budget that say so.
const PATIENT: f64 = 300.0;
/// Most rounds of a solver.
const ROUNDS: usize = 31;

/// The finish alone, from Clarabel's answer.
struct FinishOnly {
    active: ActiveSet,
    raw: Solution,
}

impl Solver for FinishOnly {
    fn id(&self) -> &'static str {
        "finish-only"
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, samebits_qp::Error> {
        let finished = self.active.finish(problem, &self.raw, Path::Finished, settings)?;
        Ok(finished.unwrap_or_else(|| self.raw.clone()))
    }
}

/// One row a solver.
pub(crate) fn rows(instance: &Instance, isa: Isa, arguments: &Arguments) -> Result<Vec<Row>> {
    let settings = Settings::new(arguments.tolerance, 200);
    let problem = &instance.problem;
    let mut solvers: Vec<Box<dyn Solver>> = Vec::new();
    let mut missing = Vec::new();
    let dense = matches!(*problem.risk, Risk::Dense(_));
    for id in SOLVERS {
        if id.starts_with("clarabel") && dense && instance.n > TOO_MANY && arguments.budget < PATIENT {
            let why = format!("not run: minutes; --budget {PATIENT} runs it");
            missing.push(Row::missing(instance.kind.name(), instance.n, instance.data, id, &why));
            continue;
        }
        solvers.push(by_id(id, isa, arguments.threads).with_context(|| format!("no solver {id}"))?);
    }
    match device::solvers(isa) {
        Ok(device) => solvers.extend(device),
        Err(why) => missing.extend(device::NAMES.map(|id| {
            Row::missing(instance.kind.name(), instance.n, instance.data, id, &format!("not run: {why}"))
        })),
    }
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); solvers.len()];
    let mut answers: Vec<Option<Solution>> = vec![None; solvers.len()];
    for round in 0..ROUNDS {
        for (k, solver) in solvers.iter().enumerate() {
            let spent = times[k].iter().fold(0.0, |sum, ms| sum + ms);
            let next = times[k].last().copied().unwrap_or(0.0);
            if spent + next > 1e3 * arguments.budget && round > 0 {
                continue;
            }
            let begun = Instant::now();
            let found = solver.solve(problem, &settings)?;
            times[k].push(begun.elapsed().as_secs_f64() * 1e3);
            answers[k] = Some(found);
        }
        if round == 0
            && let Some(raw) = raw_answer(&solvers, &answers)
        {
            let active = ActiveSet::new(isa, arguments.threads);
            solvers.push(Box::new(FinishOnly { active, raw }));
            times.push(Vec::new());
            answers.push(None);
        }
    }
    let all = solvers.iter().zip(times).zip(answers);
    let rows = all.filter_map(|((solver, times), answer)| Some(row(instance, solver.id(), times, &answer?)));
    Ok(rows.chain(missing).collect())
}

/// Where the finish alone starts: Clarabel's answer, or that of the interior point where Clarabel did not run.
fn raw_answer(solvers: &[Box<dyn Solver>], answers: &[Option<Solution>]) -> Option<Solution> {
    ["clarabel/1", "ipm-raw/1"].into_iter().find_map(|id| {
        let at = solvers.iter().position(|solver| solver.id() == id)?;
        answers[at].clone().filter(|raw| raw.status == Status::Optimal)
    })
}

fn row(instance: &Instance, id: &str, times: Vec<f64>, answer: &Solution) -> Row {
    let residuals = certify(&instance.problem, &answer.weights, &answer.trades, &answer.multipliers);
    let degenerate = answer.finish.as_ref().is_some_and(samebits_qp::Finish::degenerate);
    Row {
        form: instance.kind.name(),
        n: instance.n,
        data: instance.data,
        solver: id.to_owned(),
        status: format!(
            "{:?} ({}){}",
            answer.status,
            answer.path.name(),
            if degenerate { ", degenerate" } else { "" }
        ),
        runs: times.len(),
        ms_median: median(times),
        iterations: answer.iterations,
        primal: residuals.primal,
        dual: residuals.dual,
        gap: residuals.gap,
        objective: answer.objective,
        weights_hash: Some(weights_hash(&answer.weights)),
    }
}
