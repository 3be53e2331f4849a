//! A transition over several periods: a concentrated portfolio of low basis glides into an index, within its budgets.
//!
//! Periods `t`, names `i`, lots `l` (each of one name); weights are fractions of today's net asset value, prices are
//! today's. `s` is sold of a lot, `u` bought of a name, `c` cash:
//!
//! ```text
//! minimise    sum_t [ gamma/2 d_t' Sigma d_t + tax_weight tax_t' s_t + cost_sell' s_t + cost_buy' u_t ]
//!                                                                            + terminal/2 d_T' Sigma d_T
//!             w_t = w_{t-1} + u_t - E s_t,   d_t = w_t - benchmark
//!             c_t = c_{t-1} + (1 - cost_sell)' s_t - (1 + cost_buy)' u_t
//! subject to  s, u >= 0,   sum_t s_lt <= weight of the lot
//!             cash_min <= c_t <= cash_max,   w_t <= cap_t,   1'u_t + 1's_t <= turnover_max_t
//!             sum over the periods of a year of gain' s_t <= budget of the year
//!             gain' s_t <= budget of the period
//! ```
//!
//! `tax_lt = rate * gain_l`, short-term until the period in which the lot becomes long-term. `Sigma = R R' + D` with `R`
//! from an ordered Cholesky factor, and `f_t = R' d_t` are variables, so the program is sparse. It is solved by
//! `samebits_solver_cpu::solve_general`; then the trades are cleaned, everything is computed again from the trades alone
//! ([`evaluate`]), and what does not pass [`check`] is never returned: a budget is kept within [`BUDGET_TOLERANCE`].
//!
//! A loss realised in a period in which the name is bought would be a wash sale. Selling and buying exclude each other,
//! which is not convex: [`plan()`] bars one trade of each such pair in three written ways, takes the best and reports a
//! lower bound over all ways.
//!
//! ```
//! use ndarray::{Array2, array};
//! use samebits_planner::{Lot, Rates, Transition, plan};
//! // 90 % in a name that has doubled; the target is half. Net gains of 5 % a year are allowed.
//! let question = Transition {
//!     benchmark: vec![0.5, 0.5],
//!     risk: samebits_qp::Risk::Dense(array![[0.04, 0.01], [0.01, 0.04]]),
//!     lots: vec![
//!         Lot { name: 0, weight: 0.9, gain: 0.5, long_from: 0 },
//!         Lot { name: 1, weight: 0.1, gain: 0.1, long_from: 0 },
//!     ],
//!     rates: Rates { short: 0.37, long: 0.238 },
//!     tax_weight: 1.0,
//!     cost_buy: vec![0.0; 2],
//!     cost_sell: vec![0.0; 2],
//!     gamma: 20.0,
//!     terminal: 0.0,
//!     year: vec![0, 0, 0, 0, 1, 1, 1, 1],
//!     year_budget: vec![0.05, 0.05],
//!     period_budget: vec![f64::INFINITY; 8],
//!     cap: Array2::from_elem((8, 2), f64::INFINITY),
//!     cash_min: 0.0,
//!     cash_max: 0.0,
//!     turnover_max: vec![f64::INFINITY; 8],
//!     buy_from: vec![0; 2],
//!     final_tracking: None,
//! };
//! let found = plan(&question)?;
//! for year in &found.evaluation.years {
//!     assert!(year.net_gain <= 0.05 + 1e-9);
//! }
//! # Ok::<(), samebits_planner::Error>(())
//! ```
//!
//! Left out on purpose: drift of prices and new gains (plan again each quarter), shares bought by the plan are not sold by
//! it, identity groups (merge the names), losses carried from year to year (lower the rates or raise the budget), taxes
//! paid out of the account, money and whole shares (`first_period` gives a rebalance its limits).

mod account;
mod clean;
mod conflict;
mod error;
mod factors;
mod first;
mod plan;
mod program;
mod question;

pub use account::{BUDGET_TOLERANCE, Evaluation, LIMIT_TOLERANCE, Period, Trades, Year, check, evaluate};
pub use error::{Error, Limit};
pub use first::{FirstPeriod, first_period};
pub use plan::{HALVINGS, HEAVIER, Plan, SETTINGS, Side, plan};
pub use question::{Lot, MOST_PERIODS, Rates, Transition};

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    /// Two independent names; all is in the first, the target is half each.
    pub(crate) fn two_names(periods: usize) -> Transition {
        Transition {
            benchmark: vec![0.5, 0.5],
            risk: samebits_qp::Risk::Dense(array![[0.04, 0.0], [0.0, 0.09]]),
            lots: vec![
                Lot { name: 0, weight: 0.8, gain: 0.5, long_from: 0 },
                Lot { name: 0, weight: 0.2, gain: 0.6, long_from: 0 },
            ],
            rates: Rates { short: 0.4, long: 0.2 },
            tax_weight: 1.0,
            cost_buy: vec![0.0; 2],
            cost_sell: vec![0.0; 2],
            gamma: 10.0,
            terminal: 0.0,
            year: (0..periods).map(|p| p / 4).collect(),
            year_budget: vec![f64::INFINITY; periods.div_ceil(4)],
            period_budget: vec![f64::INFINITY; periods],
            cap: Array2::from_elem((periods, 2), f64::INFINITY),
            cash_min: 0.0,
            cash_max: 0.0,
            turnover_max: vec![f64::INFINITY; periods],
            buy_from: vec![0; 2],
            final_tracking: None,
        }
    }
}
