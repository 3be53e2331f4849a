//! A Run's optimum checked from its stored state: one factorisation, no search.

use crate::Error;
use samebits_canon::{Isa, abs, max};
use samebits_qp::Settings;
use samebits_snapshot::record::{Run, Status};
use samebits_solver_cpu::ActiveSet;

/// Largest difference of a weight from the recorded one: what a tightened cap, which is not stored, may leave.
const ROUNDING: f64 = 1e-9;

/// What the stored state shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confirmed {
    /// The point that the state decides satisfies the optimality conditions, and is the recorded one in all bits.
    Optimal,
    /// As [`Confirmed::Optimal`] but up to 1e-9 in a weight: the cap was tightened, and the Run stores the risk that it
    /// led to, not the cap.
    Nearly,
    /// The state has no optimum, or its optimum is not the recorded one.
    Refuted,
    /// The Run stores no state, or its limits were relaxed.
    NotStored,
}

/// Rebuilds the optimum of `run` from the state that it stores and judges it by the problem's own data.
///
/// # Errors
/// Inputs that contradict each other, a state that does not fit them.
pub fn confirm(run: &Run, isa: Isa) -> Result<Confirmed, Error> {
    let outcome = &run.outcome;
    if outcome.finish.is_none() || outcome.status != Status::Solved {
        return Ok(Confirmed::NotStored);
    }
    samebits_canon::assert_ieee()?;
    let (mut problem, state) = samebits_rebalance::restore(&run.inputs, &run.method.rules, outcome)?;
    if outcome.rounding.tightened > 0 {
        problem.risk_cap = Some(outcome.totals.tracking_error);
    }
    let settings = Settings::new(run.method.tolerance, 1);
    let found =
        ActiveSet::new(isa, 1).at(&problem, &state, &settings).map_err(samebits_rebalance::Error::from)?;
    let Some(found) = found else { return Ok(Confirmed::Refuted) };
    let pairs = || found.weights.iter().zip(&outcome.weights);
    if found.weights.len() != outcome.weights.len() {
        return Ok(Confirmed::Refuted);
    }
    Ok(if pairs().all(|(a, b)| a.to_bits() == b.to_bits()) {
        Confirmed::Optimal
    } else if outcome.rounding.tightened > 0
        && pairs().fold(0.0, |most, (a, b)| max(most, abs(a - b))) <= ROUNDING
    {
        Confirmed::Nearly
    } else {
        Confirmed::Refuted
    })
}
