//! The stationarity condition of a decision, term by term, from what a Run records.
//!
//! For every trade `t` of security `i`, with the signs of `docs/qp.md`, 3:
//!
//! ```text
//! tax + cost + borrow fee + sign ( gamma (Sigma d)_i + cap/TE (Sigma d)_i - alpha_i + bound_i + sum_r y_r Aw_ri ) + sum_r y_r At_rt + price of the limit = 0
//! ```
//!
//! A trade strictly between its limits has no last term. For one at a limit the last term is whatever the others leave, and
//! only its sign can be wrong.

use crate::book::{Book, Terms};
use crate::problem::{Model, Variable, borrow_fee};
use crate::soft::solve_soft;
use crate::{Error, Policy, Rules};
use samebits_canon::{Isa, abs, max};
use samebits_qp::{AT_UPPER, AT_ZERO, Settings, Solver, State};
use samebits_snapshot::record::{Identity, Outcome, Status};
use std::collections::BTreeSet;

/// A term of the condition. Values are fractions of net asset value per unit of weight traded; a negative one speaks for
/// the trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Marginal tax of the lot.
    Tax,
    /// Trading cost, taxes on the transaction included.
    Cost,
    /// Borrow fee over the horizon of the policy.
    Borrow,
    /// `gamma (Sigma d)_i`.
    Risk,
    /// The price of the tracking-error cap, hard or soft, times the slope of the tracking error.
    Cap,
    /// Minus the reward of the name.
    Reward,
    /// The price of the name's weight bounds.
    Bound,
    /// The price of row `r` of the problem.
    Row(usize),
}

/// The recorded multipliers and the slopes that they go with.
#[derive(Debug, Clone)]
pub struct Slopes {
    risk: Vec<f64>,
    cap: Vec<f64>,
    reward: Vec<f64>,
    bounds: Vec<f64>,
    rows: Vec<f64>,
    fees: Vec<f64>,
    curvature: f64,
}

impl Slopes {
    /// The slopes of `outcome`, decided under `terms` on `model`; `isa` moves no bit.
    ///
    /// # Errors
    /// [`Error::Shape`] for an outcome of another problem.
    pub fn new(isa: Isa, terms: &Terms<'_>, model: &Model, outcome: &Outcome) -> Result<Self, Error> {
        let (problem, n) = (&model.problem, model.problem.start.len());
        let rows = model.problem.rows.len();
        for (what, found, expected) in [
            ("outcome.weights", outcome.weights.len(), n),
            ("outcome.bound_multipliers", outcome.bound_multipliers.len(), n),
            // After the rows of the problem the tracking error, then a limit that the rows imply.
            ("outcome.rows", outcome.rows.len(), rows + 1 + usize::from(model.implied.is_some())),
        ] {
            if found != expected {
                return Err(Error::Shape { what, found, expected });
            }
        }
        let d = problem.active(&outcome.weights);
        let gradient = problem.risk_gradient_on(isa, &d);
        let error = max(samebits_canon::dot_on(isa, &d, &gradient), 0.0).sqrt();
        let price = outcome.rows[rows].multiplier;
        let per_slope = if error > 0.0 { price / error } else { 0.0 };
        Ok(Self {
            risk: gradient.iter().map(|g| problem.gamma * g).collect(),
            cap: gradient.iter().map(|g| per_slope * g).collect(),
            reward: problem.alpha.iter().map(|alpha| -alpha).collect(),
            bounds: outcome.bound_multipliers.clone(),
            rows: outcome.rows[..rows].iter().map(|row| row.multiplier).collect(),
            fees: (0..n).map(|i| borrow_fee(terms, i)).collect(),
            curvature: problem.gamma + per_slope,
        })
    }

    /// `gamma + cap/TE`: second derivative of the priced objective by weight is this times the variance of the name.
    pub fn curvature(&self) -> f64 {
        self.curvature
    }

    /// The terms of trade variable `v` of `model`, which may admit more trades than the recorded problem but has its rows;
    /// the price of the variable's own limits is not among them.
    pub fn parts(&self, book: &Book, model: &Model, v: usize) -> Vec<(Part, f64)> {
        let (variable, trade) = (model.variables[v], &model.problem.trades[v]);
        let i = variable.security();
        let (tax, _) = variable.tax_and_gain(book);
        let fee = match variable {
            Variable::Short { .. } => self.fees[i],
            Variable::Cover { .. } => -self.fees[i],
            Variable::Buy { .. } | Variable::Sell { .. } => 0.0,
        };
        let sign = trade.sign;
        let mut parts = vec![
            (Part::Tax, tax),
            (Part::Cost, trade.cost - tax - fee),
            (Part::Borrow, fee),
            (Part::Risk, sign * self.risk[i]),
            (Part::Cap, sign * self.cap[i]),
            (Part::Reward, sign * self.reward[i]),
            (Part::Bound, sign * self.bounds[i]),
        ];
        for (r, (row, price)) in model.problem.rows.iter().zip(&self.rows).enumerate() {
            let on_weight = row.on_weights.get(i).map_or(0.0, |a| sign * a);
            let on_trade = row.on_trades.get(v).copied().unwrap_or(0.0);
            parts.push((Part::Row(r), price * (on_weight + on_trade)));
        }
        parts
    }

    /// The sum of [`Slopes::parts`]: change of the priced objective per unit of the trade.
    pub fn slope(&self, book: &Book, model: &Model, v: usize) -> f64 {
        self.parts(book, model, v).iter().fold(0.0, |sum, (_, value)| sum + value)
    }

    /// How far the condition of variable `v` is from holding: the slope of a trade between its limits; of one at a limit,
    /// what its slope has of the wrong sign.
    pub fn residual(&self, book: &Book, model: &Model, outcome: &Outcome, v: usize) -> f64 {
        let slope = self.slope(book, model, v);
        match Self::state(book, outcome, model.variables[v]) {
            Some(state) if state == AT_ZERO => max(-slope, 0.0),
            Some(state) if state == AT_UPPER => max(slope, 0.0),
            _ => abs(slope),
        }
    }

    /// The identity over every trade variable of the traded names.
    pub fn identity(&self, book: &Book, model: &Model, outcome: &Outcome) -> Identity {
        let names: BTreeSet<usize> = outcome.trades.iter().map(|trade| trade.security as usize).collect();
        let own = (0..model.variables.len()).filter(|&v| names.contains(&model.variables[v].security()));
        let largest = own.fold(0.0, |most: f64, v| {
            let residual = self.residual(book, model, outcome, v);
            // A residual that is no number stays.
            if most.is_nan() || residual <= most { most } else { residual }
        });
        Identity { names: names.len() as u32, largest_residual: largest }
    }
}

impl Slopes {
    /// Where the record says that `variable` ended: one of the codes of [`samebits_qp::State::trades`].
    pub fn state(book: &Book, outcome: &Outcome, variable: Variable) -> Option<u8> {
        let active = &outcome.active;
        let code = match variable {
            Variable::Buy { security } => active.buys.get(security),
            Variable::Short { security } => active.shorts.get(security),
            Variable::Sell { security, rank } => active.sells.get(book.lots[security][rank].index),
            Variable::Cover { security, rank } => active.covers.get(book.shorts[security][rank].index),
        };
        code.and_then(|code| u8::try_from(*code).ok())
    }
}

/// The optimum of a problem with every choice made that is not the solver's.
#[derive(Debug, Clone)]
pub struct Optimum {
    /// How it ended.
    pub status: Status,
    /// One weight a security.
    pub weights: Vec<f64>,
    /// One amount a trade variable.
    pub trades: Vec<f64>,
    /// Objective as a fraction of net asset value, the charge of a soft limit included.
    pub objective: f64,
    /// Annualised tracking error, as a fraction.
    pub tracking_error: f64,
    /// The state of the answer, where it was finished canonically: [`optimum_from`] may begin there.
    pub state: Option<State>,
}

/// Solves `model` as a decision does: soft limit, conflicting constraints; no search over sides, no rounding.
///
/// # Errors
/// What the solver says of a malformed problem.
pub fn optimum(
    model: &Model,
    (policy, rules): (&Policy, Rules),
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Optimum, Error> {
    optimum_from(model, (policy, rules), None, solver, settings)
}

/// As [`optimum`], beginning at a state: of another problem of the same trades and rows, whose optimum is near.
///
/// # Errors
/// As [`optimum`].
pub fn optimum_from(
    model: &Model,
    (policy, rules): (&Policy, Rules),
    from: Option<&State>,
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Optimum, Error> {
    let solved = solve_soft(model, (policy, rules), from, solver, settings)?;
    let state = solved.solution.finish.map(|finish| finish.state);
    let (weights, trades) = (solved.solution.weights, solved.solution.trades);
    let tracking_error = crate::outcome::tracking_error(solver.isa(), &model.problem, &weights);
    let charge =
        policy.tracking_error_soft.map_or(0.0, |(limit, price)| price * max(tracking_error - limit, 0.0));
    Ok(Optimum {
        status: solved.status,
        objective: model.problem.objective(&weights, &trades) + charge,
        weights,
        trades,
        tracking_error,
        state,
    })
}
