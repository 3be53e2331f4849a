//! The convex program of a transition in the sparse form of `qp::general`.
//!
//! Columns, period by period: sales of the lots, purchases, weights, factors `f = R'd`, cash. Rows, period by period: one
//! a name (`w_t = w_before + u - E s`), one a factor, cash, then the turnover and the budget of the period where there
//! are such limits; after the periods one a lot and one a year.

use crate::factors::Factors;
use crate::{Limit, Transition};
use samebits_canon::{fma, max};
use samebits_qp::general::{General, Sparse};

/// What is barred so that no loss is realised where the name is bought: one list a period.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bars {
    pub(crate) buys: Vec<Vec<bool>>,
    pub(crate) sales: Vec<Vec<bool>>,
}

impl Bars {
    pub(crate) fn none(t: &Transition) -> Self {
        let table = |width| vec![vec![false; width]; t.periods()];
        Self { buys: table(t.names()), sales: table(t.lots.len()) }
    }
}

/// By how much limits are tightened so that the answer, cleaned, keeps them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tight {
    pub(crate) year: Vec<f64>,
    pub(crate) period: Vec<f64>,
    /// Cash, caps and turnover.
    pub(crate) other: f64,
}

impl Tight {
    pub(crate) fn none(t: &Transition) -> Self {
        Self { year: vec![0.0; t.year_budget.len()], period: vec![0.0; t.periods()], other: 0.0 }
    }
}

/// Where the columns and rows of a transition are.
pub(crate) struct Layout<'a> {
    pub(crate) transition: &'a Transition,
    pub(crate) factors: &'a Factors,
    start: Vec<f64>,
    cash: f64,
}

/// A program with the limit of the question that each row stands for, if it stands for one.
pub(crate) struct Program {
    pub(crate) general: General,
    pub(crate) limits: Vec<Option<Limit>>,
}

/// Rows under construction.
#[derive(Default)]
struct Rows {
    entries: Vec<Vec<(usize, f64)>>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    limits: Vec<Option<Limit>>,
}

impl Rows {
    fn row(&mut self, entries: &[(usize, f64)], lower: f64, upper: f64, limit: Option<Limit>) {
        let row = self.lower.len();
        for (column, value) in entries {
            self.entries[*column].push((row, *value));
        }
        self.lower.push(lower);
        self.upper.push(upper);
        self.limits.push(limit);
    }
}

impl<'a> Layout<'a> {
    pub(crate) fn new(transition: &'a Transition, factors: &'a Factors) -> Self {
        let mut start = vec![0.0; transition.names()];
        for lot in &transition.lots {
            start[lot.name] += lot.weight;
        }
        let cash = transition.lots.iter().fold(1.0, |cash, lot| cash - lot.weight);
        Self { transition, factors, start, cash }
    }

    fn width(&self) -> usize {
        self.transition.lots.len() + 2 * self.transition.names() + self.factors.k + 1
    }

    pub(crate) fn sale(&self, period: usize, lot: usize) -> usize {
        period * self.width() + lot
    }

    pub(crate) fn buy(&self, period: usize, name: usize) -> usize {
        period * self.width() + self.transition.lots.len() + name
    }

    pub(crate) fn weight(&self, period: usize, name: usize) -> usize {
        self.buy(period, self.transition.names() + name)
    }

    pub(crate) fn factor(&self, period: usize, factor: usize) -> usize {
        self.buy(period, 2 * self.transition.names() + factor)
    }

    pub(crate) fn money(&self, period: usize) -> usize {
        (period + 1) * self.width() - 1
    }

    /// The program with `terminal` as the weight after the last period.
    pub(crate) fn program(&self, terminal: f64, bars: &Bars, tight: &Tight) -> Program {
        let t = self.transition;
        let columns = t.periods() * self.width();
        let mut rows = Rows { entries: vec![Vec::new(); columns], ..Rows::default() };
        for period in 0..t.periods() {
            self.period_rows(&mut rows, period, tight);
        }
        for (lot, held) in t.lots.iter().enumerate() {
            let entries: Vec<_> = (0..t.periods()).map(|p| (self.sale(p, lot), 1.0)).collect();
            rows.row(&entries, f64::NEG_INFINITY, held.weight, None);
        }
        for (year, budget) in t.year_budget.iter().enumerate().filter(|(_, budget)| budget.is_finite()) {
            let periods = (0..t.periods()).filter(|p| t.year[*p] == year);
            let entries: Vec<_> = periods.flat_map(|p| self.gains(p)).collect();
            let upper = budget - tight.year[year];
            rows.row(&entries, f64::NEG_INFINITY, upper, Some(Limit::YearBudget(year)));
        }
        let (p, q, constant) = self.objective(terminal);
        let (lower, upper) = self.bounds(bars, tight);
        let Rows { entries, lower: row_lower, upper: row_upper, limits } = rows;
        let a = sparse(row_lower.len(), &entries);
        Program { general: General { p, q, constant, a, row_lower, row_upper, lower, upper }, limits }
    }

    fn gains(&self, period: usize) -> Vec<(usize, f64)> {
        let lots = self.transition.lots.iter().enumerate();
        lots.map(|(lot, held)| (self.sale(period, lot), held.gain)).collect()
    }

    fn period_rows(&self, rows: &mut Rows, period: usize, tight: &Tight) {
        let t = self.transition;
        for name in 0..t.names() {
            let mut entries = vec![(self.weight(period, name), 1.0), (self.buy(period, name), -1.0)];
            let own = t.lots.iter().enumerate().filter(|(_, lot)| lot.name == name);
            entries.extend(own.map(|(lot, _)| (self.sale(period, lot), 1.0)));
            let mut right = self.start[name];
            if period > 0 {
                entries.push((self.weight(period - 1, name), -1.0));
                right = 0.0;
            }
            rows.row(&entries, right, right, None);
        }
        let k = self.factors.k;
        for factor in 0..k {
            let mut entries = vec![(self.factor(period, factor), 1.0)];
            let mut right = 0.0;
            for (name, b) in t.benchmark.iter().enumerate() {
                let r = self.factors.r[name * k + factor];
                if r != 0.0 {
                    entries.push((self.weight(period, name), -r));
                    right = fma(-r, *b, right);
                }
            }
            rows.row(&entries, right, right, None);
        }
        let mut entries = vec![(self.money(period), 1.0)];
        entries.extend(t.cost_buy.iter().enumerate().map(|(name, c)| (self.buy(period, name), 1.0 + c)));
        let sales = t.lots.iter().enumerate();
        entries.extend(sales.map(|(lot, held)| (self.sale(period, lot), t.cost_sell[held.name] - 1.0)));
        let mut right = self.cash;
        if period > 0 {
            entries.push((self.money(period - 1), -1.0));
            right = 0.0;
        }
        rows.row(&entries, right, right, None);
        if t.turnover_max[period].is_finite() {
            let trades = self.sale(period, 0)..self.weight(period, 0);
            let entries: Vec<_> = trades.map(|column| (column, 1.0)).collect();
            let upper = max(t.turnover_max[period] - tight.other, 0.0);
            rows.row(&entries, f64::NEG_INFINITY, upper, Some(Limit::Turnover(period)));
        }
        if t.period_budget[period].is_finite() {
            let upper = t.period_budget[period] - tight.period[period];
            let limit = Some(Limit::PeriodBudget(period));
            rows.row(&self.gains(period), f64::NEG_INFINITY, upper, limit);
        }
    }

    fn objective(&self, terminal: f64) -> (Sparse, Vec<f64>, f64) {
        let t = self.transition;
        let columns = t.periods() * self.width();
        let (mut p, mut q, mut constant) = (vec![Vec::new(); columns], vec![0.0; columns], 0.0);
        for period in 0..t.periods() {
            let gamma = if period + 1 == t.periods() { t.gamma + terminal } else { t.gamma };
            for (lot, held) in t.lots.iter().enumerate() {
                q[self.sale(period, lot)] = fma(t.tax_weight, t.tax(period, lot), t.cost_sell[held.name]);
            }
            for (name, b) in t.benchmark.iter().enumerate() {
                q[self.buy(period, name)] = t.cost_buy[name];
                let own = gamma * self.factors.specific[name];
                let column = self.weight(period, name);
                if own > 0.0 {
                    p[column].push((column, own));
                    q[column] = -own * b;
                    constant = fma(0.5 * own * b, *b, constant);
                }
            }
            for factor in 0..self.factors.k {
                let column = self.factor(period, factor);
                if gamma > 0.0 {
                    p[column].push((column, gamma));
                }
            }
        }
        (sparse(columns, &p), q, constant)
    }

    fn bounds(&self, bars: &Bars, tight: &Tight) -> (Vec<f64>, Vec<f64>) {
        let t = self.transition;
        let columns = t.periods() * self.width();
        let (mut lower, mut upper) = (vec![f64::NEG_INFINITY; columns], vec![f64::INFINITY; columns]);
        let room = t.cash_max - t.cash_min;
        let inside = if room > 4.0 * tight.other { tight.other } else { 0.0 };
        for period in 0..t.periods() {
            for (lot, held) in t.lots.iter().enumerate() {
                let column = self.sale(period, lot);
                lower[column] = 0.0;
                upper[column] = if bars.sales[period][lot] { 0.0 } else { held.weight };
            }
            for name in 0..t.names() {
                let column = self.buy(period, name);
                lower[column] = 0.0;
                if bars.buys[period][name] || period < t.buy_from[name] {
                    upper[column] = 0.0;
                }
                upper[self.weight(period, name)] = max(t.cap[(period, name)] - tight.other, 0.0);
            }
            lower[self.money(period)] = t.cash_min + inside;
            upper[self.money(period)] = t.cash_max - inside;
        }
        (lower, upper)
    }
}

/// A matrix by columns whose entries have ascending rows.
fn sparse(rows: usize, columns: &[Vec<(usize, f64)>]) -> Sparse {
    let (mut start, mut index, mut value) = (vec![0], Vec::new(), Vec::new());
    for column in columns {
        index.extend(column.iter().map(|entry| entry.0));
        value.extend(column.iter().map(|entry| entry.1));
        start.push(index.len());
    }
    Sparse { rows, start, index, value }
}
