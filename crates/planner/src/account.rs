//! What trades lead to, recomputed from the trades alone.

use crate::factors::Factors;
use crate::{Error, Limit, Transition};
use samebits_canon::{chain, fma, max};

/// By how much a budget may be exceeded, as a fraction of net asset value.
pub const BUDGET_TOLERANCE: f64 = 1e-9;
/// By how much cash, a cap or the turnover may be exceeded, as a fraction of net asset value.
pub const LIMIT_TOLERANCE: f64 = 1e-7;

/// The trades of one period, in fractions of today's net asset value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trades {
    /// Sold of each lot.
    pub sales: Vec<f64>,
    /// Bought of each name.
    pub buys: Vec<f64>,
}

/// One period of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// The trades.
    pub trades: Trades,
    /// Weights after them, a name each.
    pub weights: Vec<f64>,
    /// Cash after them.
    pub cash: f64,
    /// Gains realised.
    pub gains: f64,
    /// Losses realised, as a positive number.
    pub losses: f64,
    /// Gains less losses, as the budget counts them.
    pub net_gain: f64,
    /// Tax on them at the marginal rates; negative for a benefit.
    pub tax: f64,
    /// Costs of the trades.
    pub cost: f64,
    /// Tracking error a year after the trades, a fraction.
    pub tracking_error: f64,
    /// Purchases plus sales.
    pub turnover: f64,
}

/// A tax year of a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Year {
    /// Its budget; infinite for none.
    pub budget: f64,
    /// Gains less losses.
    pub net_gain: f64,
}

/// Everything that follows from the trades.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// One a period.
    pub periods: Vec<Period>,
    /// One a tax year.
    pub years: Vec<Year>,
    /// The objective with the question's own terminal weight.
    pub objective: f64,
}

/// What `trades`, one entry a period, lead to. Every sum is a chain in the order of the lots, names and periods, so the
/// result depends on nothing else; limits are not looked at (see [`check`]).
///
/// # Errors
/// A malformed question or shape; a lot oversold.
pub fn evaluate(transition: &Transition, trades: &[Trades]) -> Result<Evaluation, Error> {
    transition.validate()?;
    evaluated(transition, &Factors::new(&transition.risk)?, transition.terminal, trades)
}

pub(crate) fn evaluated(
    transition: &Transition,
    factors: &Factors,
    terminal: f64,
    trades: &[Trades],
) -> Result<Evaluation, Error> {
    let t = transition;
    let shape = |what, found, expected| Err(Error::Shape { what, found, expected });
    if trades.len() != t.periods() {
        return shape("trades", trades.len(), t.periods());
    }
    let mut left: Vec<f64> = t.lots.iter().map(|lot| lot.weight).collect();
    let mut bought = vec![0.0; t.names()];
    let mut cash = left.iter().fold(1.0, |cash, weight| cash - weight);
    let mut periods: Vec<Period> = Vec::with_capacity(trades.len());
    for (period, own) in trades.iter().enumerate() {
        if own.sales.len() != t.lots.len() {
            return shape("sales", own.sales.len(), t.lots.len());
        }
        if own.buys.len() != t.names() {
            return shape("buys", own.buys.len(), t.names());
        }
        for (lot, (left, sold)) in left.iter_mut().zip(&own.sales).enumerate() {
            if !(*sold >= 0.0 && sold <= left) {
                return Err(Error::Oversold { period, lot, sold: *sold, left: *left });
            }
            *left -= sold;
        }
        for (index, (total, buy)) in bought.iter_mut().zip(&own.buys).enumerate() {
            if !(*buy >= 0.0 && buy.is_finite()) {
                let allowed = "finite, not negative";
                return Err(Error::Value { what: "buys", index, value: *buy, allowed });
            }
            *total += buy;
        }
        let mut weights = bought.clone();
        for (lot, left) in t.lots.iter().zip(&left) {
            weights[lot.name] += left;
        }
        let found = settle(t, factors, period, own, weights, cash);
        cash = found.cash;
        periods.push(found);
    }
    let objective = objective(t, terminal, &periods);
    Ok(Evaluation { years: years(t, &periods), periods, objective })
}

fn settle(
    t: &Transition,
    factors: &Factors,
    period: usize,
    own: &Trades,
    weights: Vec<f64>,
    before: f64,
) -> Period {
    let (mut cash, mut cost, mut turnover) = (before, 0.0, 0.0);
    for (buy, rate) in own.buys.iter().zip(&t.cost_buy) {
        cash -= fma(*rate, *buy, *buy);
        cost = fma(*rate, *buy, cost);
        turnover += buy;
    }
    let (mut gains, mut losses, mut net_gain, mut tax) = (0.0, 0.0, 0.0, 0.0);
    for (index, (lot, sold)) in t.lots.iter().zip(&own.sales).enumerate() {
        let rate = t.cost_sell[lot.name];
        cash += fma(-rate, *sold, *sold);
        cost = fma(rate, *sold, cost);
        turnover += sold;
        net_gain = fma(lot.gain, *sold, net_gain);
        tax = fma(t.tax(period, index), *sold, tax);
        if lot.gain > 0.0 {
            gains = fma(lot.gain, *sold, gains);
        } else {
            losses = fma(-lot.gain, *sold, losses);
        }
    }
    let d: Vec<f64> = weights.iter().zip(&t.benchmark).map(|(w, b)| w - b).collect();
    let tracking_error = max(factors.variance(&d), 0.0).sqrt();
    let trades = own.clone();
    Period { trades, weights, cash, gains, losses, net_gain, tax, cost, tracking_error, turnover }
}

/// Net gains of each year, added again sale by sale.
fn years(t: &Transition, periods: &[Period]) -> Vec<Year> {
    let gain: Vec<f64> = t.lots.iter().map(|lot| lot.gain).collect();
    let of_year = |year: usize| {
        let own = periods.iter().zip(&t.year).filter(|(_, y)| **y == year);
        own.fold(0.0, |sum, (period, _)| chain(sum, &gain, &period.trades.sales))
    };
    t.year_budget.iter().enumerate().map(|(y, &budget)| Year { budget, net_gain: of_year(y) }).collect()
}

fn objective(t: &Transition, terminal: f64, periods: &[Period]) -> f64 {
    let mut sum = 0.0;
    for (index, period) in periods.iter().enumerate() {
        let gamma = if index + 1 == t.periods() { t.gamma + terminal } else { t.gamma };
        sum = fma(0.5 * gamma * period.tracking_error, period.tracking_error, sum);
        sum = fma(t.tax_weight, period.tax, sum) + period.cost;
    }
    sum
}

/// Whether what [`evaluate`] found keeps every limit of the question: budgets within [`BUDGET_TOLERANCE`], the others
/// within [`LIMIT_TOLERANCE`], and no name bought in a period in which it is sold. The target of the tracking error is
/// compared without any tolerance.
///
/// # Errors
/// The first limit that is exceeded; a NaN counts as an excess.
pub fn check(transition: &Transition, found: &Evaluation) -> Result<(), Error> {
    if let Some((limit, excess)) = excesses(transition, found).into_iter().next() {
        return Err(Error::Exceeded { limit, excess });
    }
    for (period, own) in found.periods.iter().enumerate() {
        for (lot, sold) in transition.lots.iter().zip(&own.trades.sales) {
            let name = lot.name;
            if *sold > 0.0 && own.trades.buys[name] > 0.0 {
                return Err(Error::BoughtAndSold { period, name });
            }
        }
    }
    let reached = found.periods.last().map_or(f64::NAN, |last| last.tracking_error);
    match transition.final_tracking {
        Some(target) if !(reached <= target) => Err(Error::AboveTarget { target, reached }),
        _ => Ok(()),
    }
}

/// Limits that are exceeded by more than is allowed, with the excess.
pub(crate) fn excesses(t: &Transition, found: &Evaluation) -> Vec<(Limit, f64)> {
    let mut out = Vec::new();
    let mut note = |limit, excess: f64, allowed: f64| {
        if !(excess <= allowed) {
            out.push((limit, excess));
        }
    };
    for (index, year) in found.years.iter().enumerate().filter(|(_, year)| year.budget.is_finite()) {
        note(Limit::YearBudget(index), year.net_gain - year.budget, BUDGET_TOLERANCE);
    }
    for (period, own) in found.periods.iter().enumerate() {
        let bounded = |limit: f64, value: f64| if limit.is_finite() { value - limit } else { 0.0 };
        let budget = bounded(t.period_budget[period], own.net_gain);
        note(Limit::PeriodBudget(period), budget, BUDGET_TOLERANCE);
        note(Limit::CashMin(period), t.cash_min - own.cash, LIMIT_TOLERANCE);
        note(Limit::CashMax(period), own.cash - t.cash_max, LIMIT_TOLERANCE);
        note(Limit::Turnover(period), bounded(t.turnover_max[period], own.turnover), LIMIT_TOLERANCE);
        for name in 0..t.names() {
            let excess = bounded(t.cap[(period, name)], own.weights[name]);
            note(Limit::Cap { period, name }, excess, LIMIT_TOLERANCE);
            if period < t.buy_from[name] {
                note(Limit::NoBuy { period, name }, own.trades.buys[name], 0.0);
            }
        }
    }
    out
}
