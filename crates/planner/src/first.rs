//! What the first period of a plan asks of a rebalance.

use crate::{Plan, Transition};
use samebits_canon::{max, min};

/// Numbers for the parameters of a rebalance, all fractions of net asset value; money and its rounding are the caller's.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstPeriod {
    /// Most net gain: what the plan realises in the period, not less than 0.
    pub gain_budget: f64,
    /// Largest weight of each name: what the plan leaves of it, or its target weight where that is larger (never beyond
    /// the cap of the period).
    pub weight_cap: Vec<f64>,
    /// The largest of `weight_cap`, for a rebalance with one cap.
    pub largest_cap: f64,
    /// Purchases plus sales.
    pub turnover_max: f64,
    /// Tracking error that the plan leaves, a fraction a year: a cap at which the plan itself is a feasible answer.
    pub tracking_error_cap: f64,
    /// Names of which a loss is realised: not to be bought back for as long as the wash-sale window lasts.
    pub losses_in: Vec<usize>,
}

/// The first period of a plan as limits.
///
/// # Panics
/// When the plan is not one of this question.
#[must_use]
pub fn first_period(transition: &Transition, plan: &Plan) -> FirstPeriod {
    let own = &plan.evaluation.periods[0];
    let cap = |(name, weight): (usize, &f64)| {
        max(*weight, min(transition.benchmark[name], transition.cap[(0, name)]))
    };
    let weight_cap: Vec<f64> = own.weights.iter().enumerate().map(cap).collect();
    let sold = transition.lots.iter().zip(&own.trades.sales);
    let mut losses_in: Vec<usize> =
        sold.filter(|(lot, sold)| lot.gain < 0.0 && **sold > 0.0).map(|(lot, _)| lot.name).collect();
    losses_in.sort_unstable();
    losses_in.dedup();
    FirstPeriod {
        gain_budget: max(own.net_gain, 0.0),
        largest_cap: weight_cap.iter().fold(0.0, |most, cap| max(most, *cap)),
        weight_cap,
        turnover_max: own.turnover,
        tracking_error_cap: own.tracking_error,
        losses_in,
    }
}
