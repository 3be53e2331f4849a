//! What a year came to, account by account.

use crate::Error;
use samebits_snapshot::record::{Run, Status, TradeSide};
use samebits_units::{Money, rate};

/// The year of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// The account.
    pub account: String,
    /// Runs.
    pub runs: u32,
    /// Runs whose constraints conflicted.
    pub relaxed: u32,
    /// Runs without a certified answer.
    pub unsolved: u32,
    /// Trades.
    pub trades: u32,
    /// Net asset value before the first and after the last Run.
    pub nav: (Money, Money),
    /// Losses harvested.
    pub harvested: Money,
    /// Losses disallowed.
    pub disallowed: Money,
    /// Trading costs.
    pub costs: Money,
    /// Net gains realised over the year.
    pub realised: Money,
    /// Purchases plus sales over net asset value, the first day of a cash-funded account left out, half of it: one-way.
    pub turnover: f64,
    /// Sum of the final annualised tracking errors; divided by `runs` it is their mean.
    pub tracking_error_sum: f64,
    /// Conflicts between buying a name and harvesting its loss, and how many of them the search over sides bought.
    pub conflicts: u32,
    /// See `conflicts`.
    pub bought: u32,
    /// What the search lowered the objective by, below no purchase in any conflict: the sum over the days.
    pub gained: f64,
    /// How far the objective may be above the best choice of sides: the sum over the days.
    pub gap: f64,
    /// Largest violation of a constraint by final holdings.
    pub largest_excess: f64,
    /// What execution cost against the prices of the decisions.
    pub shortfall: Money,
    /// Largest |net asset value before, less costs, less net asset value after| of a day.
    pub largest_imbalance: Money,
}

impl Tally {
    pub(crate) fn new(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            runs: 0,
            relaxed: 0,
            unsolved: 0,
            trades: 0,
            nav: (Money::ZERO, Money::ZERO),
            harvested: Money::ZERO,
            disallowed: Money::ZERO,
            costs: Money::ZERO,
            realised: Money::ZERO,
            turnover: 0.0,
            tracking_error_sum: 0.0,
            conflicts: 0,
            bought: 0,
            gained: 0.0,
            gap: 0.0,
            largest_excess: 0.0,
            shortfall: Money::ZERO,
            largest_imbalance: Money::ZERO,
        }
    }

    /// Mean annualised tracking error in basis points.
    pub fn tracking_error_bp(&self) -> f64 {
        if self.runs == 0 { 0.0 } else { self.tracking_error_sum / f64::from(self.runs) * 1e4 }
    }

    pub(crate) fn add(&mut self, run: &Run) -> Result<(), Error> {
        let (outcome, totals) = (&run.outcome, &run.outcome.totals);
        if self.runs == 0 {
            self.nav.0 = totals.nav_before;
        }
        self.nav.1 = totals.nav_after;
        self.runs += 1;
        self.relaxed += u32::from(matches!(outcome.status, Status::Relaxed(_)));
        self.unsolved += u32::from(matches!(outcome.status, Status::Unsolved(_)));
        self.trades += outcome.trades.len() as u32;
        self.harvested = self.harvested.plus(outcome.tax.harvested)?;
        self.disallowed = self.disallowed.plus(outcome.tax.disallowed)?;
        self.costs = self.costs.plus(totals.costs)?;
        let day = outcome.tax.realised.short_term.plus(outcome.tax.realised.long_term)?;
        self.realised = self.realised.plus(day)?;
        let sells = outcome.trades.iter().any(|trade| trade.side == TradeSide::Sell);
        if self.runs > 1 || sells {
            self.turnover += 0.5 * rate::fraction(totals.bought.plus(totals.sold)?, totals.nav_before);
        }
        self.tracking_error_sum += totals.final_tracking_error;
        if let Some(harvest) = &outcome.harvest {
            self.conflicts += harvest.conflicts;
            self.bought += harvest.bought;
            if let (Some(no_buy), Some(objective)) = (harvest.no_buy, harvest.objective) {
                self.gained += no_buy - objective;
                self.gap +=
                    harvest.lower_bound.map_or(0.0, |bound| samebits_canon::max(objective - bound, 0.0));
            }
        }
        for row in &outcome.rows {
            self.largest_excess = samebits_canon::max(self.largest_excess, row.final_excess);
        }
        let shortfall = outcome.execution.as_ref().map_or(Money::ZERO, |executed| executed.shortfall);
        self.shortfall = self.shortfall.plus(shortfall)?;
        let imbalance = totals.nav_before.minus(totals.costs)?.minus(shortfall)?.minus(totals.nav_after)?;
        let size = if imbalance.is_negative() { imbalance.negated()? } else { imbalance };
        self.largest_imbalance = self.largest_imbalance.max(size);
        Ok(())
    }
}
