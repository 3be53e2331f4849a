//! A decision made again from what was kept of it: the day opens, the problem is built with the kept sides, the kept state
//! takes the place of the solve, and everything after it is the code of the decision itself.
//!
//! What is derived is exact or refused: the caller compares the content id of the outcome with the recorded one.

use crate::decide::{Day, Decision};
use crate::restore::{Seen, chosen};
use crate::solve::{Solved, standstill};
use crate::{Error, see};
use samebits_canon::Isa;
use samebits_qp::{
    Certificate, Multipliers, Path, Problem, Settings, Solution, Solver, State, Status as SolveStatus,
};
use samebits_snapshot::record::{Inputs, Kept, Method, Outcome, Status};

/// Finds the point that a state decides, without a search.
pub trait AtState {
    /// The optimum of `problem` at `state`; `None` where that is no optimum within the tolerance of `settings`.
    ///
    /// # Errors
    /// A malformed problem, a state that cannot be one of it.
    fn at(
        &self,
        problem: &Problem,
        state: &State,
        settings: &Settings,
    ) -> Result<Option<Solution>, samebits_qp::Error>;

    /// Instructions that its kernels may use; moves no bit.
    fn isa(&self) -> Isa;
}

/// The decision on `inputs` by `method` that `kept` was kept of. Its `stages` are left to the caller, as those of
/// [`decide`](crate::decide).
///
/// # Errors
/// [`Error::NotDerived`] where the outcome needs a search: no state was kept, or not the cap that the state belongs to;
/// or where the state has no optimum. [`Error::NotKept`] where the outcome that follows would keep something else, and
/// what the inputs and the shapes of `kept` may have wrong.
pub fn derive(
    inputs: &Inputs,
    method: &Method,
    kept: &Kept,
    optimum: &dyn AtState,
) -> Result<Decision, Error> {
    let seen = chosen(inputs, &method.rules, &kept.sides, kept.netted.as_ref())?;
    let solved = solved(&seen, kept, optimum, &seen.rules.settings(method))?;
    let day = Day { inputs, terms: seen.terms(inputs), book: &seen.book, model: &seen.model };
    let mut rounded = if inputs.market.execution.is_none() {
        day.planned(solved, |plan, _| plan.take(&kept.trades).map(|()| kept.rounding.clone()))?
    } else {
        // What was traded is what filled of the plan: it has to be found again.
        day.round(solved)?
    };
    rounded.rounding.tightened = kept.rounding.tightened;
    let search = (kept.harvest.clone(), kept.netted.clone());
    let decision = day.conclude(rounded, seen.opening.clone(), search)?;
    match differs(kept, &Kept::of(&decision.outcome)) {
        None => Ok(decision),
        Some(part) => Err(Error::NotKept { part }),
    }
}

/// The cap of the last solve of a decision whose cap was tightened, found by deciding from its state on, with `solver`;
/// `None` where that tightens it another number of times than `outcome` says, or not at all.
///
/// # Errors
/// Inputs that contradict each other, an outcome that does not fit them.
pub fn tightened_cap(
    inputs: &Inputs,
    method: &Method,
    outcome: &Outcome,
    solver: &dyn Solver,
) -> Result<Option<f64>, Error> {
    let times = outcome.rounding.tightened;
    if times == 0 {
        return Ok(None);
    }
    let seen = see(inputs, &method.rules, outcome)?;
    let state = seen.state(&outcome.active)?;
    let day = Day { inputs, terms: seen.terms(inputs), book: &seen.book, model: &seen.model };
    let rounded = day.solve_and_round(Some(&state), solver, &seen.rules.settings(method))?;
    Ok(rounded.solved.problem.risk_cap.filter(|_| rounded.rounding.tightened == times))
}

/// The solution of the kept state, and what had to give for it.
fn solved(seen: &Seen, kept: &Kept, optimum: &dyn AtState, settings: &Settings) -> Result<Solved, Error> {
    let problem = limited(seen, kept)?;
    let solution = match (&kept.status, &kept.path) {
        (Status::Unsolved(_), None) => standstill(&problem, &unanswered()),
        (Status::Unsolved(_), Some(_)) => {
            return Err(Error::NotDerived { why: "a day without an answer has no state" });
        }
        (_, None) => return Err(Error::NotDerived { why: "its solver ended without a state" }),
        (_, Some(path)) => {
            let known = Path::ALL.into_iter().find(|known| known.name() == path);
            let path = known.ok_or(Error::NotDerived { why: "its path to the state is not known" })?;
            let state = seen.state(&kept.active)?;
            let found = optimum.at(&problem, &state, settings)?;
            let found = found.ok_or(Error::NotDerived { why: "there is no optimum at its state" })?;
            Solution { path, ..found }
        }
    };
    let mut relaxed_by = vec![0.0; problem.rows.len()];
    for given in &kept.given {
        relaxed_by[given.row as usize] = given.by;
    }
    Ok(Solved {
        status: kept.status.clone(),
        problem,
        solution,
        relaxed_by,
        cap_relaxed_by: kept.cap_given.unwrap_or(0.0),
        cap: kept.cap,
        solves: kept.solves,
        iterations: kept.iterations,
        isa: optimum.isa(),
    })
}

/// What a standstill is made from: an answer without content.
fn unanswered() -> Solution {
    Solution {
        status: SolveStatus::Failed,
        path: Path::Raw,
        finish: None,
        trades: Vec::new(),
        weights: Vec::new(),
        multipliers: Multipliers::default(),
        iterations: 0,
        objective: 0.0,
        certificate: Certificate::default(),
    }
}

/// The problem of the day with the limits of the last solve.
fn limited(seen: &Seen, kept: &Kept) -> Result<Problem, Error> {
    let mut problem = seen.model.problem.clone();
    problem.risk_cap = match (kept.rounding.tightened, kept.tightened) {
        (0, _) => kept.cap,
        (_, Some(cap)) => Some(cap),
        (_, None) => return Err(Error::NotDerived { why: "the cap that it was tightened to was not kept" }),
    };
    let expected = problem.rows.len();
    for given in &kept.given {
        let found = given.row as usize;
        let row = problem.rows.get_mut(found).ok_or(Error::Shape { what: "kept.given", found, expected })?;
        row.lower = given.lower.unwrap_or(f64::NEG_INFINITY);
        row.upper = given.upper.unwrap_or(f64::INFINITY);
    }
    Ok(problem)
}

/// What differs between what was kept and what would be kept of the outcome that follows from it.
fn differs(kept: &Kept, found: &Kept) -> Option<&'static str> {
    let parts = [
        ("status", kept.status == found.status),
        ("sides", kept.sides == found.sides),
        ("active", kept.active == found.active),
        ("trades", kept.trades == found.trades),
        ("cap", same(kept.cap, found.cap)),
        ("rounding", kept.rounding == found.rounding),
        ("tightened", kept.tightened.is_some() == (found.rounding.tightened > 0)),
        ("given", kept.given == found.given),
        ("cap_given", same(kept.cap_given, found.cap_given)),
        ("path", kept.path == found.path),
    ];
    parts.into_iter().find(|(_, same)| !same).map(|(part, _)| part)
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    a.map(f64::to_bits) == b.map(f64::to_bits)
}
