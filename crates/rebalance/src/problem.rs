//! From the record to the optimisation problem.

use crate::book::{Book, NoBuy, Terms, gain_budgets};
use crate::netting::GainRow;
use crate::risk::{column, widened};
use crate::{BenchmarkOf, Error, Policy, Rules};
use samebits_qp::{Problem, RowLimit, TradeVariable};
use samebits_snapshot::record::{Inputs, RiskModel, RowKind};
use samebits_units::{Bps, rate};

/// The problem of a day, and what its variables and rows stand for.
#[derive(Debug, Clone)]
pub struct Model {
    /// The problem.
    pub problem: Problem,
    /// What each trade variable does.
    pub variables: Vec<Variable>,
    /// What each row limits.
    pub rows: Vec<RowTag>,
    /// A limit on the long positions together that the other rows imply, with what it counts. It stands beside the
    /// problem: nearly parallel rows keep a search from settling which of them binds.
    pub implied: Option<RowLimit>,
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
    /// Sells a security short.
    Short {
        /// Its index.
        security: usize,
    },
    /// Buys back from a short lot.
    Cover {
        /// Index of the security.
        security: usize,
        /// Position in [`Book::shorts`] of the security.
        rank: usize,
    },
}

impl Variable {
    /// The security that it moves.
    pub const fn security(self) -> usize {
        match self {
            Self::Buy { security }
            | Self::Sell { security, .. }
            | Self::Short { security }
            | Self::Cover { security, .. } => security,
        }
    }

    /// Whether it pays for shares.
    pub const fn pays(self) -> bool {
        matches!(self, Self::Buy { .. } | Self::Cover { .. })
    }

    /// Tax per unit of weight, and gain realised per unit by bucket: short-term, long-term.
    pub fn tax_and_gain(self, book: &Book) -> (f64, [f64; 2]) {
        let (tax, gain, long) = match self {
            Self::Buy { .. } | Self::Short { .. } => return (0.0, [0.0; 2]),
            Self::Sell { security, rank } => {
                let lot = &book.lots[security][rank];
                (lot.tax, lot.gain, lot.long_bucket)
            }
            Self::Cover { security, rank } => {
                let lot = &book.shorts[security][rank];
                (lot.tax, lot.gain, lot.long_bucket)
            }
        };
        (tax, if long { [0.0, gain] } else { [gain, 0.0] })
    }
}

/// What a row limits.
#[derive(Debug, Clone, PartialEq)]
pub struct RowTag {
    /// The kind.
    pub kind: RowKind,
    /// Which one of the kind.
    pub name: String,
    /// Of a limit on gains: what it counts short-term and long-term gains with.
    pub gains: Option<[f64; 2]>,
}

impl Model {
    /// Builds the problem of `inputs` for the account as seen by `book`; `gains` limits the gains of the day to a piece of
    /// the year's tax.
    ///
    /// # Errors
    /// [`Error::Shape`] when the risk model does not fit the universe, [`Error::UnknownFactor`].
    pub fn new(inputs: &Inputs, terms: &Terms<'_>, book: &Book, gains: &[GainRow]) -> Result<Self, Error> {
        let n = inputs.market.securities.len();
        check_risk(&inputs.risk, n)?;
        let policy = terms.policy;
        let (variables, trades) = trade_variables(book, terms);
        let benchmark = match policy.benchmark {
            BenchmarkOf::Market => inputs.market.benchmark.weights.clone(),
            BenchmarkOf::Equal => vec![1.0 / n as f64; n],
            BenchmarkOf::None => vec![0.0; n],
        };
        let mut model = Self {
            problem: Problem {
                gamma: policy.risk_aversion,
                risk: widened(&inputs.risk, policy.factor_form),
                benchmark,
                start: book.held.clone(),
                alpha: rewards(inputs, policy)?,
                lower: book.lower.clone(),
                upper: book.upper.clone(),
                trades,
                rows: Vec::new(),
                risk_cap: policy.tracking_error_cap,
            },
            variables,
            rows: Vec::new(),
            implied: None,
        };
        model.budget(terms);
        model.factors(&inputs.risk, policy);
        model.sectors(inputs, terms, book);
        model.turnover(policy);
        model.gain_budgets(terms, book)?;
        model.gross(book, policy);
        model.netting(book, gains);
        Ok(model)
    }

    /// Rows of the class `name` of the relaxation order.
    pub fn class_rows(&self, kind: RowKind, name: &str) -> Vec<usize> {
        let inside = |tag: &RowTag| tag.kind == kind && (kind != RowKind::Budget || tag.name == name);
        (0..self.rows.len()).filter(|&r| inside(&self.rows[r])).collect()
    }

    fn push(&mut self, kind: RowKind, name: &str, row: RowLimit) {
        self.rows.push(RowTag { kind, name: name.to_owned(), gains: None });
        self.problem.rows.push(row);
    }

    /// Invested weight plus trading costs; two rows, because only the second one may give. A net exposure takes the place
    /// of the second.
    fn budget(&mut self, terms: &Terms<'_>) {
        let n = self.problem.start.len();
        let (policy, [buy, sell]) = (terms.policy, costs(terms));
        let costs: Vec<f64> =
            self.variables.iter().map(|variable| if variable.pays() { buy } else { sell }).collect();
        let row =
            |lower, upper| RowLimit { on_weights: vec![1.0; n], on_trades: costs.clone(), lower, upper };
        let least_cash = row(f64::NEG_INFINITY, 1.0 - policy.cash_min);
        let most_cash = row(1.0 - policy.cash_max, f64::INFINITY);
        self.push(RowKind::Budget, "cash_min", least_cash);
        match policy.net_exposure {
            None => self.push(RowKind::Budget, "cash_max", most_cash),
            Some(net) => {
                let exact =
                    RowLimit { on_weights: vec![1.0; n], on_trades: Vec::new(), lower: net, upper: net };
                self.push(RowKind::Budget, "net_exposure", exact);
            }
        }
    }

    fn factors(&mut self, risk: &RiskModel, policy: &Policy) {
        let limit = if policy.factor_neutral { Some(0.0) } else { policy.factor_limit };
        let Some(limit) = limit else { return };
        for (k, name) in risk.factors.iter().enumerate() {
            let exposure: Vec<f64> = column(&risk.loadings, k);
            self.active_row(RowKind::Factor, name, exposure, limit);
        }
    }

    /// A sector all of whose names are excluded may be left (rules 3): its limits cannot both be what the client asks for.
    fn sectors(&mut self, inputs: &Inputs, terms: &Terms<'_>, book: &Book) {
        let Some(limit) = terms.policy.sector_limit else { return };
        for (k, name) in inputs.market.sectors.iter().enumerate() {
            let inside = |i: usize| inputs.market.securities[i].sector as usize == k;
            let n = self.problem.start.len();
            let members = (0..n).map(|i| f64::from(u8::from(inside(i)))).collect();
            self.active_row(RowKind::Sector, name, members, limit);
            let mut names = (0..n).filter(|&i| inside(i));
            let excluded = names.all(|i| book.no_buy[i] == Some(NoBuy::Excluded));
            if let (true, Some(row)) = (excluded && terms.rules >= Rules::Third, self.problem.rows.last_mut())
            {
                row.lower = f64::NEG_INFINITY;
            }
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

    /// Net gain of the day within what the year's budgets leave; nothing more once a budget is used up.
    fn gain_budgets(&mut self, terms: &Terms<'_>, book: &Book) -> Result<(), Error> {
        for budget in gain_budgets(terms, book.nav)? {
            let limits = [f64::NEG_INFINITY, budget.left];
            self.gain_row(RowKind::GainBudget, budget.name, book, budget.weights, limits);
        }
        Ok(())
    }

    /// Limits on `weights[0]` times the short-term gain of the day plus `weights[1]` times the long-term one.
    fn gain_row(&mut self, kind: RowKind, name: &str, book: &Book, weights: [f64; 2], limits: [f64; 2]) {
        let gain = |variable: &Variable| {
            let (_, [short, long]) = variable.tax_and_gain(book);
            // One of the two is zero.
            if weights[0] == weights[1] {
                weights[0] * (short + long)
            } else {
                weights[0] * short + weights[1] * long
            }
        };
        let on_trades = self.variables.iter().map(gain).collect();
        let [lower, upper] = limits;
        self.problem.rows.push(RowLimit { on_weights: Vec::new(), on_trades, lower, upper });
        self.rows.push(RowTag { kind, name: name.to_owned(), gains: Some(weights) });
    }

    fn netting(&mut self, book: &Book, gains: &[GainRow]) {
        for row in gains {
            let weights = [f64::from(row.short), f64::from(row.long)];
            self.gain_row(RowKind::Netting, &row.name, book, weights, [row.at_least, f64::INFINITY]);
        }
    }

    /// Long and short positions together. A name held long counts by its weight, one that is not held by what is bought of
    /// it; short positions likewise.
    fn gross(&mut self, book: &Book, policy: &Policy) {
        let n = book.lots.len();
        let upper = |limit: f64, on_weights: Vec<f64>, on_trades: Vec<f64>| RowLimit {
            on_weights,
            on_trades,
            lower: f64::NEG_INFINITY,
            upper: limit,
        };
        if let Some(limit) = policy.long_gross_max {
            let held = (0..n).map(|i| f64::from(u8::from(!book.lots[i].is_empty()))).collect();
            let opens = |variable: &Variable| {
                let opens = matches!(*variable, Variable::Buy { security } if book.lots[security].is_empty());
                f64::from(u8::from(opens))
            };
            let on_trades = self.variables.iter().map(opens).collect();
            let row = upper(limit, held, on_trades);
            // What is held long is the net exposure and what is owed.
            let net = policy.net_exposure.unwrap_or(1.0 - policy.cash_min);
            if policy.short_gross_max.is_some_and(|short| net + short <= limit) {
                self.implied = Some(row);
            } else {
                self.push(RowKind::LongGross, "", row);
            }
        }
        if let Some(limit) = policy.short_gross_max {
            let owed = (0..n).map(|i| if book.is_short(i) { -1.0 } else { 0.0 }).collect();
            let opens = |variable: &Variable| {
                let opens = matches!(*variable, Variable::Short { security } if !book.is_short(security));
                f64::from(u8::from(opens))
            };
            let on_trades = self.variables.iter().map(opens).collect();
            self.push(RowKind::ShortGross, "", upper(limit, owed, on_trades));
        }
    }
}

/// Costs of a purchase and of a sale per unit of weight, taxes on the transaction included.
pub(crate) fn costs(terms: &Terms<'_>) -> [f64; 2] {
    let levies = terms.law.system.as_ref().map(|system| system.levies).unwrap_or_default();
    let add = |cost: Bps, levy: Bps| {
        if levy == Bps::ZERO { rate::factor(cost) } else { rate::factor(cost) + rate::factor(levy) }
    };
    [add(terms.policy.buy_cost, levies.buy), add(terms.policy.sell_cost, levies.sell)]
}

/// Borrow fee that the objective charges per unit of short weight: the day's rate over the horizon of the policy, by years
/// of 360 days.
pub(crate) fn borrow_fee(terms: &Terms<'_>, security: usize) -> f64 {
    rate::factor(terms.market.borrow[security]) * (terms.policy.borrow_horizon_days as f64 / 360.0)
}

/// By security: its purchase if it may be bought, its lots that may be sold, in order of disposal; then its short sale and
/// its short lots that may be covered.
fn trade_variables(book: &Book, terms: &Terms<'_>) -> (Vec<Variable>, Vec<TradeVariable>) {
    let [buy, sell] = costs(terms);
    let mut variables = Vec::new();
    let mut trades = Vec::new();
    let mut add = |variable: Variable, sign: f64, cost: f64, upper: f64| {
        variables.push(variable);
        trades.push(TradeVariable { asset: Some(variable.security()), sign, cost, upper });
    };
    for (security, lots) in book.lots.iter().enumerate() {
        if book.no_buy[security].is_none() {
            add(Variable::Buy { security }, 1.0, buy, f64::INFINITY);
        }
        for (rank, lot) in lots.iter().enumerate().filter(|(_, lot)| lot.sellable) {
            add(Variable::Sell { security, rank }, -1.0, sell + lot.tax, lot.weight);
        }
        let borrow = borrow_fee(terms, security);
        if !book.no_short[security] {
            add(Variable::Short { security }, -1.0, sell + borrow, f64::INFINITY);
        }
        for (rank, lot) in book.shorts[security].iter().enumerate().filter(|(_, lot)| lot.coverable) {
            add(Variable::Cover { security, rank }, 1.0, buy - borrow + lot.tax, lot.weight);
        }
    }
    (variables, trades)
}

/// The reward of each name: its expected return, and the tilts.
fn rewards(inputs: &Inputs, policy: &Policy) -> Result<Vec<f64>, Error> {
    let (risk, market, n) = (&inputs.risk, &inputs.market, inputs.market.securities.len());
    let mut alpha = vec![0.0; n];
    if policy.alpha_weight > 0.0 {
        if market.alpha.len() != n {
            return Err(Error::Shape { what: "market.alpha", found: market.alpha.len(), expected: n });
        }
        if let Some(index) = market.alpha.iter().position(|value| !value.is_finite()) {
            let problem = format!("{} is not a finite number", market.alpha[index]);
            return Err(Error::Inconsistent { what: "market.alpha", index, problem });
        }
        alpha = market.alpha.iter().map(|value| policy.alpha_weight * value).collect();
    }
    for tilt in &policy.tilts {
        let k = risk.factors.iter().position(|name| *name == tilt.factor);
        let known = || Error::UnknownFactor { factor: tilt.factor.clone(), known: risk.factors.join(", ") };
        let loadings = column(&risk.loadings, k.ok_or_else(known)?);
        for (alpha, loading) in alpha.iter_mut().zip(loadings) {
            *alpha = samebits_canon::fma(tilt.reward, loading, *alpha);
        }
    }
    Ok(alpha)
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
