//! One solve, and the elastic re-solve of a day whose constraints conflict.

use crate::problem::Model;
use crate::{Error, Policy, Rules};
use samebits_canon::Isa;
use samebits_qp::{Class, Problem, Relaxed, Settings, Solution, Solver, State, Status as SolveStatus, relax};
use samebits_snapshot::record::{RowKind, Status};

/// A solution, and what had to give for it.
#[derive(Debug, Clone)]
pub(crate) struct Solved {
    pub(crate) status: Status,
    /// The problem that `solution` solves.
    pub(crate) problem: Problem,
    pub(crate) solution: Solution,
    /// One a row.
    pub(crate) relaxed_by: Vec<f64>,
    pub(crate) cap_relaxed_by: f64,
    /// The cap that the decision answers to: the relaxed one, but not the tightened one.
    pub(crate) cap: Option<f64>,
    pub(crate) solves: u32,
    pub(crate) iterations: u32,
    /// Instructions that kernels may use; moves no bit.
    pub(crate) isa: Isa,
}

/// Limits that conflict give by multiples of this (rules 3).
const RELAXATION_STEP: f64 = 1e-6;

/// Solves `model`, from a state where one is known; a conflict is resolved in the order of the policy.
pub(crate) fn solve(
    model: &Model,
    (policy, rules): (&Policy, Rules),
    from: Option<&State>,
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Solved, Error> {
    let problem = &model.problem;
    let solution = match from {
        None => solver.solve(problem, settings)?,
        Some(from) => solver.solve_from(problem, settings, from)?,
    };
    let iterations = solution.iterations;
    let mut solved = Solved {
        status: Status::Solved,
        problem: problem.clone(),
        relaxed_by: vec![0.0; problem.rows.len()],
        cap_relaxed_by: 0.0,
        cap: policy.tracking_error_cap,
        solves: 1,
        iterations,
        isa: solver.isa(),
        solution,
    };
    let ended = solved.solution.status;
    if ended == SolveStatus::Optimal {
        return Ok(solved);
    }
    // A solver may run out of iterations on constraints that conflict instead of proving it, so both are tried: when
    // the listed classes have to give, the elastic problem says so; when they do not, nothing is gained and the day
    // stays unsolved.
    let classes: Vec<Class> =
        policy.relaxation_order.iter().map(|(kind, name)| class(model, *kind, name)).collect();
    let step = if rules >= Rules::Third { RELAXATION_STEP } else { 0.0 };
    match relax(problem, &classes, step, solver, settings)? {
        Some(relaxed) => solved.take(relaxed, policy),
        None if ended == SolveStatus::Infeasible => {
            solved.give_up(problem, "no relaxation of the listed classes resolves the conflict");
        }
        None => solved.give_up(problem, &format!("the solver ended with {ended:?}")),
    }
    Ok(solved)
}

fn class(model: &Model, kind: RowKind, name: &str) -> Class {
    Class { rows: model.class_rows(kind, name), cap: kind == RowKind::TrackingError }
}

impl Solved {
    fn take(&mut self, relaxed: Relaxed, policy: &Policy) {
        let released = &policy.relaxation_order[..relaxed.released];
        let names: Vec<&str> = released.iter().map(|(_, name)| *name).collect();
        self.status = Status::Relaxed(format!("released in this order: {}", names.join(", ")));
        self.solves += relaxed.solves;
        self.iterations += relaxed.iterations;
        self.relaxed_by = relaxed.relaxed_by;
        self.cap_relaxed_by = relaxed.cap_relaxed_by;
        self.cap = relaxed.problem.risk_cap;
        self.problem = relaxed.problem;
        self.solution = relaxed.solution;
    }

    /// No trade: the account stays as it is, and the status says why.
    fn give_up(&mut self, problem: &Problem, why: &str) {
        self.status = Status::Unsolved(why.to_owned());
        self.solution = standstill(problem, &self.solution);
    }
}

/// No trade: the account stays as it is.
pub(crate) fn standstill(problem: &Problem, failed: &Solution) -> Solution {
    let mut still = failed.clone();
    still.trades = vec![0.0; problem.trades.len()];
    still.weights.clone_from(&problem.start);
    still.multipliers = samebits_qp::Multipliers {
        rows: vec![0.0; problem.rows.len()],
        bounds: vec![0.0; problem.start.len()],
        trades: vec![0.0; problem.trades.len()],
        cap: 0.0,
    };
    still.certificate = samebits_qp::Certificate::default();
    still
}
