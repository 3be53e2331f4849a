//! A price on tracking error above a soft limit.
//!
//! `price * max(0, TE - limit)` is convex but has no quadratic form. At the optimum one of three things holds: the tracking
//! error is below the limit; it is at the limit, and a hard cap there has a multiplier of at most the price; or it is above
//! it, and a hard cap at that tracking error has exactly the price as its multiplier. The multiplier falls as the cap
//! rises, so the third case is found by halving the interval a fixed number of times, always on the same values.

use crate::problem::Model;
use crate::solve::{Solved, solve};
use crate::{Error, Policy, Rules};
use samebits_qp::{Settings, Solver};
use samebits_snapshot::record::Status;

/// Halvings of the interval between the soft limit and the tracking error without it: a relative width of 1e-6.
const HALVINGS: u32 = 20;

/// Solves `model`, and again under hard caps where the soft limit calls for one.
pub(crate) fn solve_soft(
    model: &Model,
    terms: (&Policy, Rules),
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Solved, Error> {
    let first = solve(model, terms, solver, settings)?;
    let Some((limit, price)) = terms.0.tracking_error_soft else { return Ok(first) };
    let free = crate::outcome::tracking_error(first.isa, &first.problem, &first.solution.weights);
    if first.status != Status::Solved || free <= limit {
        return Ok(first);
    }
    let (mut solves, mut iterations) = (first.solves, first.iterations);
    let mut at = |cap: f64| -> Result<Solved, Error> {
        let mut capped = model.clone();
        capped.problem.risk_cap = Some(cap);
        let found = solve(&capped, terms, solver, settings)?;
        solves += found.solves;
        iterations += found.iterations;
        Ok(found)
    };
    let paid = |found: &Solved| found.status == Status::Solved && found.solution.multipliers.cap <= price;
    let mut best = at(limit)?;
    if !paid(&best) {
        let (mut low, mut high) = (limit, free);
        best = first;
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            let found = at(middle)?;
            if paid(&found) {
                (high, best) = (middle, found);
            } else {
                low = middle;
            }
        }
    }
    best.solves = solves;
    best.iterations = iterations;
    best.cap = best.problem.risk_cap;
    Ok(best)
}
