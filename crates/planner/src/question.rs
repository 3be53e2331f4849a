//! The question: what is held, where it should go, and the limits on the way.

use crate::Error;
use ndarray::Array2;
use samebits_qp::Risk;

/// Most periods of a plan.
pub const MOST_PERIODS: usize = 64;

/// One tax lot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lot {
    /// The name it belongs to.
    pub name: usize,
    /// Its size, a fraction of net asset value.
    pub weight: f64,
    /// Gain per unit sold, `(price - cost of sale - basis) / price`; negative for a loss.
    pub gain: f64,
    /// First period in which its gain is long-term; 0 for at once, the number of periods or more for never.
    pub long_from: usize,
}

/// Tax on realised gains, as fractions of the gain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Of a short-term gain.
    pub short: f64,
    /// Of a long-term gain.
    pub long: f64,
}

/// A transition over several periods. `n` names, `T` periods; weights are fractions of today's net asset value.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Target weights, length `n`.
    pub benchmark: Vec<f64>,
    /// Covariance a year.
    pub risk: Risk,
    /// All holdings; what they leave of 1 is cash.
    pub lots: Vec<Lot>,
    /// Marginal rates.
    pub rates: Rates,
    /// Weight of the tax in the objective, not negative.
    pub tax_weight: f64,
    /// Cost of a purchase per unit, length `n`.
    pub cost_buy: Vec<f64>,
    /// Cost of a sale per unit, length `n`.
    pub cost_sell: Vec<f64>,
    /// Weight of half the active variance after each period.
    pub gamma: f64,
    /// Additional weight of half the active variance after the last period.
    pub terminal: f64,
    /// Tax year of each period, length `T`: 0, then the same or the next.
    pub year: Vec<usize>,
    /// Most net gain of each year (gains less losses), a fraction of net asset value; infinite for none. A year that has
    /// begun: what is left of it.
    pub year_budget: Vec<f64>,
    /// Most net gain of each period, length `T`; infinite for none.
    pub period_budget: Vec<f64>,
    /// Largest weight of each name after each period, `T x n`; infinite for none.
    pub cap: Array2<f64>,
    /// Least cash after each period.
    pub cash_min: f64,
    /// Most cash after each period.
    pub cash_max: f64,
    /// Most purchases plus sales of each period, length `T`; infinite for none.
    pub turnover_max: Vec<f64>,
    /// First period in which each name may be bought, length `n`; `T` for never.
    pub buy_from: Vec<usize>,
    /// Largest tracking error a year after the last period, a fraction.
    pub final_tracking: Option<f64>,
}

impl Transition {
    /// Names.
    pub fn names(&self) -> usize {
        self.benchmark.len()
    }

    /// Periods.
    pub fn periods(&self) -> usize {
        self.year.len()
    }

    /// Tax per unit of a lot sold in a period, without `tax_weight`; negative for a benefit.
    ///
    /// # Panics
    /// When there is no such lot.
    pub fn tax(&self, period: usize, lot: usize) -> f64 {
        let lot = &self.lots[lot];
        let rate = if period >= lot.long_from { self.rates.long } else { self.rates.short };
        rate * lot.gain
    }

    /// Checks lengths and ranges; the covariance is looked at when it is factored.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] with the first entry that is wrong.
    pub fn validate(&self) -> Result<(), Error> {
        let (n, t) = (self.names(), self.periods());
        let years = self.year.last().map_or(0, |last| last.saturating_add(1));
        for (what, found, expected) in [
            ("risk", self.risk.n(), n),
            ("cost_buy", self.cost_buy.len(), n),
            ("cost_sell", self.cost_sell.len(), n),
            ("buy_from", self.buy_from.len(), n),
            ("year_budget", self.year_budget.len(), years),
            ("period_budget", self.period_budget.len(), t),
            ("turnover_max", self.turnover_max.len(), t),
            ("cap rows", self.cap.nrows(), t),
            ("cap columns", self.cap.ncols(), n),
        ] {
            if found != expected {
                return Err(Error::Shape { what, found, expected });
            }
        }
        let count =
            |what, value: usize, allowed| Error::Value { what, index: 0, value: value as f64, allowed };
        if n == 0 {
            return Err(count("names", n, "at least 1"));
        }
        if t == 0 || t > MOST_PERIODS {
            return Err(count("periods", t, "1 to 64"));
        }
        self.years()?;
        self.numbers()?;
        self.held()
    }

    fn years(&self) -> Result<(), Error> {
        let mut before = 0;
        for (index, year) in self.year.iter().enumerate() {
            if *year != before && (index == 0 || *year != before + 1) {
                let value = *year as f64;
                let allowed = "0 first, then the same or the next";
                return Err(Error::Value { what: "year", index, value, allowed });
            }
            before = *year;
        }
        Ok(())
    }

    fn numbers(&self) -> Result<(), Error> {
        let finite: fn(f64) -> bool = f64::is_finite;
        let not_negative: fn(f64) -> bool = |x| x.is_finite() && x >= 0.0;
        let cost: fn(f64) -> bool = |x| (0.0..1.0).contains(&x);
        let budget: fn(f64) -> bool = |x| x > f64::NEG_INFINITY;
        let limit: fn(f64) -> bool = |x| x >= 0.0;
        let (bounded, open) = ("finite", "not negative, may be infinite");
        let cap: Vec<f64> = self.cap.iter().copied().collect();
        let single = |x: f64| vec![x];
        for (what, values, allowed, rule) in [
            ("benchmark", self.benchmark.clone(), bounded, finite),
            ("rates.short", single(self.rates.short), "finite, not negative", not_negative),
            ("rates.long", single(self.rates.long), "finite, not negative", not_negative),
            ("tax_weight", single(self.tax_weight), "finite, not negative", not_negative),
            ("gamma", single(self.gamma), "finite, not negative", not_negative),
            ("terminal", single(self.terminal), "finite, not negative", not_negative),
            ("cost_buy", self.cost_buy.clone(), "0 to 1, less than 1", cost),
            ("cost_sell", self.cost_sell.clone(), "0 to 1, less than 1", cost),
            ("year_budget", self.year_budget.clone(), "a number or +infinity", budget),
            ("period_budget", self.period_budget.clone(), "a number or +infinity", budget),
            ("cap", cap, open, limit),
            ("turnover_max", self.turnover_max.clone(), open, limit),
            ("cash_min", single(self.cash_min), bounded, finite),
            ("cash_max", single(self.cash_max), bounded, finite),
        ] {
            if let Some(index) = values.iter().position(|x| !rule(*x)) {
                return Err(Error::Value { what, index, value: values[index], allowed });
            }
        }
        let one = |what, value, allowed| Err(Error::Value { what, index: 0, value, allowed });
        if self.cash_min > self.cash_max {
            return one("cash_max", self.cash_max, "at least cash_min");
        }
        if self.gamma + self.terminal <= 0.0 {
            return one("gamma", self.gamma, "gamma and terminal not both 0");
        }
        match self.final_tracking {
            Some(target) if !(target > 0.0 && target.is_finite()) => {
                one("final_tracking", target, "finite, positive")
            }
            _ => Ok(()),
        }
    }

    fn held(&self) -> Result<(), Error> {
        for (index, lot) in self.lots.iter().enumerate() {
            let wrong = |what, value, allowed| Err(Error::Value { what, index, value, allowed });
            if lot.name >= self.names() {
                return wrong("lots.name", lot.name as f64, "a name of the benchmark");
            }
            if !(lot.weight > 0.0 && lot.weight.is_finite()) {
                return wrong("lots.weight", lot.weight, "finite, positive");
            }
            if !(lot.gain <= 1.0 && lot.gain.is_finite()) {
                return wrong("lots.gain", lot.gain, "finite, at most 1");
            }
        }
        Ok(())
    }
}
