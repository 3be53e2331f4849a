//! A price on tracking error above a soft limit.
//!
//! `price * max(0, TE - limit)` is convex but has no quadratic form. At the optimum one of three things holds: the tracking
//! error is below the limit; it is at the limit, and a hard cap there has a multiplier of at most the price; or it is above
//! it, and a hard cap at that tracking error has exactly the price as its multiplier. The multiplier falls as the cap
//! rises, so the third case is found by halving the interval a fixed number of times, always on the same values.

use crate::problem::Model;
use crate::solve::{Solved, solve};
use crate::{Error, Policy, Rules};
use samebits_qp::{Settings, Solver, State};
use samebits_snapshot::record::Status;

/// Halvings of the interval between the soft limit and the tracking error without it: a relative width of 1e-6.
const HALVINGS: u32 = 20;

/// Solves `model`, and again under hard caps where the soft limit calls for one.
pub(crate) fn solve_soft(
    model: &Model,
    terms: (&Policy, Rules),
    from: Option<&State>,
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Solved, Error> {
    let first = solve(model, terms, from, solver, settings)?;
    let Some((limit, price)) = terms.0.tracking_error_soft else { return Ok(first) };
    let free = crate::outcome::tracking_error(first.isa, &first.problem, &first.solution.weights);
    if first.status != Status::Solved || free <= limit {
        return Ok(first);
    }
    let (mut solves, mut iterations) = (first.solves, first.iterations);
    let mut from = first.solution.finish.as_ref().map(|finish| finish.state.clone());
    let mut at = |cap: f64| -> Result<Option<Solved>, Error> {
        let mut found = first.clone();
        found.problem.risk_cap = Some(cap);
        found.solution = match &from {
            Some(from) => solver.solve_from(&found.problem, settings, from)?,
            None => solver.solve(&found.problem, settings)?,
        };
        solves += 1;
        iterations += found.solution.iterations;
        if let Some(finish) = &found.solution.finish {
            from = Some(finish.state.clone());
        }
        Ok((found.solution.status == samebits_qp::Status::Optimal).then_some(found))
    };
    let paid = |found: &Solved| found.solution.multipliers.cap <= price;
    let mut best = at(limit)?.filter(paid);
    if best.is_none() {
        let (mut low, mut high) = (limit, free);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            match at(middle)?.filter(paid) {
                Some(found) => (high, best) = (middle, Some(found)),
                None => low = middle,
            }
        }
    }
    let mut best = best.unwrap_or(first);
    best.solves = solves;
    best.iterations = iterations;
    best.cap = best.problem.risk_cap;
    Ok(best)
}
