//! What a year came to.

use crate::Exact;
use crate::returns::{deviation, linked, ratio};
use samebits_units::{Date, Money};

/// A day of an account, after its trades.
#[derive(Debug, Clone, PartialEq)]
pub struct DayFigures {
    /// The day.
    pub date: Date,
    /// Value after trading.
    pub value: Exact,
    /// Tax accrued since the first Run, closed years included; negative is a benefit.
    pub tax: Money,
    /// Time-weighted return of the day.
    pub account: f64,
    /// The same with the accrued tax deducted.
    pub account_after_tax: f64,
    /// Return of the benchmark; 0 on the first day.
    pub benchmark: f64,
    /// The same with the holder's tax on its dividends deducted.
    pub benchmark_after_tax: f64,
    /// Predicted annualised tracking error of the final holdings.
    pub predicted: f64,
    /// Long positions over value.
    pub long: f64,
    /// Short positions over value, positive.
    pub short: f64,
    /// Losses harvested, short-term and long-term, positive.
    pub harvested: [Money; 2],
}

/// Sums over the Runs of an account. Costs, fees and losses are positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Value before the first Run, at its day's prices.
    pub start: Exact,
    /// Value after the last Run.
    pub end: Exact,
    /// Put in by the client.
    pub contributions: Money,
    /// Taken out.
    pub withdrawals: Money,
    /// Market value given away.
    pub gifts: Exact,
    /// Dividends received.
    pub dividends: Money,
    /// Dividends paid on short positions.
    pub in_lieu: Money,
    /// Borrow fees.
    pub borrow: Money,
    /// Trading costs.
    pub costs: Money,
    /// Transaction taxes.
    pub levies: Money,
    /// Change of the market value of what was held, with the cash of corporate actions.
    pub price_gains: Exact,
    /// What trades made against the prices of the decisions, roundings to a millionth included.
    pub execution: Exact,
    /// Results after disallowed losses, short-term and long-term.
    pub realised: [Money; 2],
    /// Losses harvested, short-term and long-term.
    pub harvested: [Money; 2],
    /// Losses disallowed.
    pub disallowed: Money,
    /// The part of it that is in no basis here.
    pub gone: Money,
    /// Gains that left untaxed with gifts.
    pub given_gains: Exact,
    /// Basis counted beyond the cost.
    pub deemed: Money,
    /// Unrealised gains before the first Run and after the last.
    pub unrealised: [Exact; 2],
    /// Tax accrued since the first Run, closed years included.
    pub tax: Money,
}

impl Sums {
    /// What the identity in terms of value leaves unexplained: zero, as for every day.
    #[must_use]
    pub fn unexplained_value(&self) -> Exact {
        self.end - self.start - self.cash() + self.gifts + self.costs.into()
            - self.price_gains
            - self.execution
    }

    /// What the identity in terms of tax leaves unexplained: zero, as for every day.
    #[must_use]
    pub fn unexplained_tax(&self) -> Exact {
        let realised = Exact::from(self.realised[0]) + self.realised[1].into();
        let change = self.unrealised[1] - self.unrealised[0];
        self.end - self.start - self.cash() + self.gifts - realised - change - self.given_gains
            + self.gone.into()
            - self.deemed.into()
    }

    fn cash(&self) -> Exact {
        let plus = [self.contributions, self.dividends].map(Exact::from);
        let minus = [self.withdrawals, self.in_lieu, self.borrow, self.levies].map(Exact::from);
        plus.into_iter().sum::<Exact>() - minus.into_iter().sum()
    }
}

/// What was checked, and where the checks read events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Runs.
    pub runs: u32,
    /// Trades, each against its price, its event and its gain counted again.
    pub trades: u32,
    /// Lots compared with the recount, over all days.
    pub lots: u64,
    /// Corporate actions whose shares and basis were taken from their events (spin-off, return of capital, merger).
    pub taken_from_events: u32,
}

/// The year of an account: as many Runs as the store has of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Year {
    /// The account.
    pub account: String,
    /// Its strategy, as its parameters name it; empty when they do not.
    pub strategy: String,
    /// Whose it is, as far as taxes go; empty without a holder.
    pub holder: String,
    /// Currency of every amount.
    pub currency: String,
    /// Name of the benchmark.
    pub benchmark: String,
    /// The laws that held, in order.
    pub laws: Vec<String>,
    /// Day by day.
    pub days: Vec<DayFigures>,
    /// Sums.
    pub sums: Sums,
    /// Runs whose constraints conflicted.
    pub relaxed: u32,
    /// Runs without a certified answer.
    pub unsolved: u32,
    /// Trades of one lot.
    pub trades: u32,
    /// Half of all purchases and sales over value before trading; the funding day left out.
    pub turnover: f64,
    /// The largest exposure to a factor after rounding, with its name and day.
    pub largest_factor: Option<(String, f64, Date)>,
    /// Gain budgets of a tax year: name, budget, most used at the end of a day.
    pub budgets: Vec<(String, Money, Money)>,
    /// The markets have expected returns; they are made up.
    pub expected_returns: bool,
    /// The markets have borrow fees; they are made up.
    pub borrow_fees: bool,
    /// What was checked.
    pub checked: Checked,
}

impl Year {
    /// Time-weighted return of the account.
    pub fn account(&self) -> f64 {
        linked(self.days.iter().map(|day| day.account))
    }

    /// The same with accrued tax deducted.
    pub fn account_after_tax(&self) -> f64 {
        linked(self.days.iter().map(|day| day.account_after_tax))
    }

    /// Return of the benchmark.
    pub fn benchmark(&self) -> f64 {
        linked(self.days.iter().map(|day| day.benchmark))
    }

    /// The same with tax on its dividends deducted.
    pub fn benchmark_after_tax(&self) -> f64 {
        linked(self.days.iter().map(|day| day.benchmark_after_tax))
    }

    /// After-tax return less the benchmark's return, pre-tax and after its tax on dividends.
    pub fn after_tax_alpha(&self) -> [f64; 2] {
        let account = self.account_after_tax();
        [account - self.benchmark(), account - self.benchmark_after_tax()]
    }

    /// Annualised sample deviation of the daily returns less the benchmark's; the first day, which has no benchmark return,
    /// left out.
    pub fn realised_tracking_error(&self) -> f64 {
        let active: Vec<f64> = self.days.iter().skip(1).map(|day| day.account - day.benchmark).collect();
        deviation(&active)
    }

    /// Mean predicted tracking error of the final holdings.
    pub fn predicted_tracking_error(&self) -> f64 {
        let sum = self.days.iter().fold(0.0, |sum, day| sum + day.predicted);
        if self.days.is_empty() { 0.0 } else { sum / self.days.len() as f64 }
    }

    /// Harvested losses over the mean value.
    pub fn harvested_part(&self) -> f64 {
        let mean: Exact = self.days.iter().map(|day| day.value).sum();
        let [short, long] = self.sums.harvested.map(Exact::from);
        self.days.len() as f64 * ratio(short + long, mean)
    }

    /// Mean gross and mean net exposure: long plus short, long less short, over value.
    pub fn exposure(&self) -> [f64; 2] {
        let days = self.days.len().max(1) as f64;
        let sum = |of: fn(&DayFigures) -> f64| self.days.iter().fold(0.0, |sum, day| sum + of(day)) / days;
        [sum(|day| day.long + day.short), sum(|day| day.long - day.short)]
    }
}
