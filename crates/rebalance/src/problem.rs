//! From the record to the optimisation problem.

use crate::book::Book;
use crate::{Error, Policy};
use ndarray::{Array1, Array2};
use samebits_qp::{Problem, Risk, RowLimit, TradeVariable};
use samebits_snapshot::record::{Inputs, Matrix32, Realised, RiskModel, RowKind};
use samebits_units::{Money, rate};

/// The problem of a day, and what its variables and rows stand for.
#[derive(Debug, Clone)]
pub struct Model {
    /// The problem.
    pub problem: Problem,
    /// What each trade variable does.
    pub variables: Vec<Variable>,
    /// What each row limits.
    pub rows: Vec<RowTag>,
}

/// What a trade variable does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    /// Buys a security.
    Buy {
        /// Its index.
        security: usize,
    },
    /// Sells from a lot.
    Sell {
        /// Index of the security.
        security: usize,
        /// Position in [`Book::lots`] of the security.
        rank: usize,
    },
}

/// What a row limits.
#[derive(Debug, Clone, PartialEq)]
pub struct RowTag {
    /// The kind.
    pub kind: RowKind,
    /// Which one of the kind.
    pub name: String,
}

impl Model {
    /// Builds the problem of `inputs` for the account as seen by `book`.
    ///
    /// # Errors
    /// [`Error::Shape`] when the risk model does not fit the universe.
    pub fn new(inputs: &Inputs, realised: &Realised, book: &Book, policy: &Policy) -> Result<Self, Error> {
        let n = inputs.market.securities.len();
        check_risk(&inputs.risk, n)?;
        let (variables, trades) = trade_variables(book, policy);
        let mut model = Self {
            problem: Problem {
                gamma: policy.risk_aversion,
                risk: risk(&inputs.risk, policy.factor_form).into(),
                benchmark: inputs.market.benchmark.weights.clone(),
                start: book.held.clone(),
                alpha: vec![0.0; n],
                lower: vec![0.0; n],
                upper: book.upper.clone(),
                trades,
                rows: Vec::new(),
                risk_cap: policy.tracking_error_cap,
            },
            variables,
            rows: Vec::new(),
        };
        model.budget(policy);
        model.factors(&inputs.risk, policy);
        model.sectors(inputs, policy);
        model.turnover(policy);
        model.gain_budget(realised, book, policy);
        Ok(model)
    }

    /// Rows of the class `name` of the relaxation order.
    pub fn class_rows(&self, kind: RowKind, name: &str) -> Vec<usize> {
        let inside = |tag: &RowTag| tag.kind == kind && (kind != RowKind::Budget || tag.name == name);
        (0..self.rows.len()).filter(|&r| inside(&self.rows[r])).collect()
    }

    fn push(&mut self, kind: RowKind, name: &str, row: RowLimit) {
        self.rows.push(RowTag { kind, name: name.to_owned() });
        self.problem.rows.push(row);
    }

    /// Invested weight plus trading costs; two rows, because only the second one may give.
    fn budget(&mut self, policy: &Policy) {
        let n = self.problem.start.len();
        let (buy, sell) = (rate::factor(policy.buy_cost), rate::factor(policy.sell_cost));
        let costs: Vec<f64> = self
            .variables
            .iter()
            .map(|variable| if matches!(variable, Variable::Buy { .. }) { buy } else { sell })
            .collect();
        let row =
            |lower, upper| RowLimit { on_weights: vec![1.0; n], on_trades: costs.clone(), lower, upper };
        let least_cash = row(f64::NEG_INFINITY, 1.0 - policy.cash_min);
        let most_cash = row(1.0 - policy.cash_max, f64::INFINITY);
        self.push(RowKind::Budget, "cash_min", least_cash);
        self.push(RowKind::Budget, "cash_max", most_cash);
    }

    fn factors(&mut self, risk: &RiskModel, policy: &Policy) {
        let Some(limit) = policy.factor_limit else { return };
        for (k, name) in risk.factors.iter().enumerate() {
            let exposure: Vec<f64> = column(&risk.loadings, k);
            self.active_row(RowKind::Factor, name, exposure, limit);
        }
    }

    fn sectors(&mut self, inputs: &Inputs, policy: &Policy) {
        let Some(limit) = policy.sector_limit else { return };
        for (k, name) in inputs.market.sectors.iter().enumerate() {
            let member = |i: usize| f64::from(u8::from(inputs.market.securities[i].sector as usize == k));
            let members = (0..self.problem.start.len()).map(member).collect();
            self.active_row(RowKind::Sector, name, members, limit);
        }
    }

    /// `|a' (w - benchmark)| <= limit`.
    fn active_row(&mut self, kind: RowKind, name: &str, a: Vec<f64>, limit: f64) {
        let centre = samebits_canon::dot(&a, &self.problem.benchmark);
        let row =
            RowLimit { on_weights: a, on_trades: Vec::new(), lower: centre - limit, upper: centre + limit };
        self.push(kind, name, row);
    }

    fn turnover(&mut self, policy: &Policy) {
        let Some(limit) = policy.turnover_max else { return };
        let on_trades = vec![1.0; self.variables.len()];
        let row = RowLimit { on_weights: Vec::new(), on_trades, lower: f64::NEG_INFINITY, upper: limit };
        self.push(RowKind::Turnover, "", row);
    }

    /// Net gain of the day within what the year's budget leaves; nothing more once the budget is used up.
    fn gain_budget(&mut self, realised: &Realised, book: &Book, policy: &Policy) {
        let Some(budget) = policy.gain_budget else { return };
        let gain = |variable: &Variable| match *variable {
            Variable::Buy { .. } => 0.0,
            Variable::Sell { security, rank } => book.lots[security][rank].gain,
        };
        let on_trades = self.variables.iter().map(gain).collect();
        let used = realised.short_term.plus(realised.long_term).unwrap_or(budget);
        let left = budget.minus(used).unwrap_or(Money::ZERO).max(Money::ZERO);
        let upper = rate::fraction(left, book.nav);
        self.push(
            RowKind::GainBudget,
            "",
            RowLimit { on_weights: Vec::new(), on_trades, lower: f64::NEG_INFINITY, upper },
        );
    }
}

/// By security: its purchase if it may be bought, then its lots that may be sold, in order of disposal.
fn trade_variables(book: &Book, policy: &Policy) -> (Vec<Variable>, Vec<TradeVariable>) {
    let (buy, sell) = (rate::factor(policy.buy_cost), rate::factor(policy.sell_cost));
    let mut variables = Vec::new();
    let mut trades = Vec::new();
    for (security, lots) in book.lots.iter().enumerate() {
        if book.no_buy[security].is_none() {
            variables.push(Variable::Buy { security });
            trades.push(TradeVariable { asset: Some(security), sign: 1.0, cost: buy, upper: f64::INFINITY });
        }
        for (rank, lot) in lots.iter().enumerate().filter(|(_, lot)| lot.sellable) {
            variables.push(Variable::Sell { security, rank });
            let cost = sell + lot.tax;
            trades.push(TradeVariable { asset: Some(security), sign: -1.0, cost, upper: lot.weight });
        }
    }
    (variables, trades)
}

fn risk(model: &RiskModel, factor_form: bool) -> Risk {
    if !factor_form {
        return Risk::Dense(widen(&model.sigma));
    }
    let (n, k) = (model.loadings.rows, model.loadings.cols);
    let exposure = |(i, j): (usize, usize)| {
        if j == 0 { 1.0 } else { f64::from(model.loadings.values[i * k + j - 1]) }
    };
    Risk::Factor {
        exposures: Array2::from_shape_fn((n, k + 1), exposure),
        covariance: widen(&model.factor_model.covariance),
        specific: Array1::from_iter(model.factor_model.specific.values.iter().map(|value| f64::from(*value))),
    }
}

fn widen(matrix: &Matrix32) -> Array2<f64> {
    Array2::from_shape_fn((matrix.rows, matrix.cols), |(i, j)| f64::from(matrix.values[i * matrix.cols + j]))
}

fn column(matrix: &Matrix32, k: usize) -> Vec<f64> {
    (0..matrix.rows).map(|i| f64::from(matrix.values[i * matrix.cols + k])).collect()
}

fn check_risk(risk: &RiskModel, n: usize) -> Result<(), Error> {
    let k = risk.factors.len();
    for (what, matrix, rows, cols) in [
        ("risk.sigma", &risk.sigma, n, n),
        ("risk.loadings", &risk.loadings, n, k),
        ("risk.factor_model.covariance", &risk.factor_model.covariance, k + 1, k + 1),
        ("risk.factor_model.specific", &risk.factor_model.specific, n, 1),
    ] {
        if (matrix.rows, matrix.cols) != (rows, cols) {
            return Err(Error::Shape { what, found: matrix.rows * matrix.cols, expected: rows * cols });
        }
        if matrix.values.len() != rows * cols {
            return Err(Error::Shape { what, found: matrix.values.len(), expected: rows * cols });
        }
    }
    Ok(())
}
