//! What the decision would have been: the pinned inputs with one thing changed, the Run's own method and solver.

use super::terms;
use super::view::View;
use crate::Error;
use samebits_canon::max;
use samebits_rebalance::{Policy, Variable, decide, optimum};
use samebits_snapshot::record::{Inputs, LotRule, Outcome, Setting, Source, Status, Value};
use samebits_units::Bps;
use serde::Serialize;

/// One thing that is changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Counterfactual {
    /// No lock on the group of this ticker.
    WithoutLock(String),
    /// A hard cap on tracking error, basis points.
    Cap(f64),
    /// This lot, long or short, is kept.
    KeepLot(u64),
    /// The short-term rate changes by this.
    Rate(Bps),
}

/// The decision with one thing changed, less the recorded one.
#[derive(Debug, Clone, Serialize)]
pub struct CounterfactualAnswer {
    /// What was changed.
    pub question: String,
    /// `decided again`: sides, piece of the tax and whole shares anew; `continuous optimum`: both kept, before whole
    /// shares.
    pub basis: &'static str,
    /// How it ended: `solved`, `relaxed`, `unsolved`.
    pub status: &'static str,
    /// Change of the objective at the continuous optimum, basis points of net asset value: positive is worse.
    pub objective_bp: f64,
    /// Change of the tax in the objective, basis points of net asset value.
    pub tax_bp: f64,
    /// Change of the tax of the day, in the currency; absent before whole shares.
    pub tax: Option<String>,
    /// Change of tracking error at the continuous optimum, basis points.
    pub tracking_error_bp: f64,
    /// Trades that differ, by security.
    pub trades: Vec<ChangedTrade>,
}

/// A trade that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedTrade {
    /// Ticker.
    pub ticker: String,
    /// Shares as recorded, purchases positive.
    pub then: f64,
    /// Shares now.
    pub now: f64,
}

pub(crate) fn answer(view: &View<'_>, asked: &Counterfactual) -> Result<CounterfactualAnswer, Error> {
    let mut inputs = view.run.inputs.clone();
    let question = match asked {
        Counterfactual::KeepLot(lot) => return keep(view, *lot),
        Counterfactual::WithoutLock(ticker) => {
            let i = view.find(ticker)?;
            let before = inputs.account.locks.len();
            inputs.account.locks.retain(|lock| lock.group != view.group(i));
            if inputs.account.locks.len() == before {
                return Err(Error::NoLock { ticker: view.ticker(i).to_owned() });
            }
            format!("without the lock on {}", view.ticker(i))
        }
        Counterfactual::Cap(bp) => {
            let value = Value::Real(bp / 1e4);
            let source = Source::Override("counterfactual".to_owned());
            inputs.params.settings.insert("tracking_error_cap".to_owned(), Setting { value, source });
            format!("with a tracking-error cap of {bp} bp")
        }
        Counterfactual::Rate(change) => {
            let rates = &mut inputs.account.rates;
            rates.short_term = rates.short_term.plus(*change)?;
            format!("with the short-term rate changed by {change} bp")
        }
    };
    again(view, question, &inputs)
}

/// Shares of each security, purchases positive.
fn shares(outcome: &Outcome, n: usize) -> Vec<f64> {
    let mut shares = vec![0.0; n];
    for trade in &outcome.trades {
        let quantity = trade.quantity.micros() as f64 / 1e6;
        shares[trade.security as usize] += if trade.side.pays() { quantity } else { -quantity };
    }
    shares
}

/// The objective that a decision minimised: its parts, the charge of a soft limit, and what the linear tax of the piece
/// leaves out.
fn objective(outcome: &Outcome, policy: &Policy) -> f64 {
    let soft = policy.tracking_error_soft;
    let charge = soft.map_or(0.0, |(limit, price)| price * max(outcome.totals.tracking_error - limit, 0.0));
    outcome.objective.total + charge + offset(outcome)
}

fn offset(outcome: &Outcome) -> f64 {
    let searched = outcome.harvest.as_ref().and_then(|harvest| harvest.objective);
    let tried = outcome.netted.as_ref().and_then(|netted| {
        netted.tried.iter().find(|(name, _)| *name == netted.piece).and_then(|(_, objective)| *objective)
    });
    searched.zip(tried).map_or(0.0, |(searched, tried)| tried - searched)
}

const fn status(status: &Status) -> &'static str {
    match status {
        Status::Solved => "solved",
        Status::Relaxed(_) => "relaxed",
        Status::Unsolved(_) => "unsolved",
    }
}

fn again(view: &View<'_>, question: String, inputs: &Inputs) -> Result<CounterfactualAnswer, Error> {
    let then = &view.run.outcome;
    let now = decide(inputs, &view.run.method, view.solver.as_ref())?.outcome;
    let n = inputs.market.securities.len();
    let (before, after) = (shares(then, n), shares(&now, n));
    let policy = Policy::new(&inputs.params)?;
    let tax = |outcome: &Outcome| outcome.objective.tax + offset(outcome);
    Ok(CounterfactualAnswer {
        question,
        basis: "decided again",
        status: status(&now.status),
        objective_bp: (objective(&now, &policy) - objective(then, &view.seen.policy)) * 1e4,
        tax_bp: (tax(&now) - tax(then)) * 1e4,
        tax: Some(now.tax.change.minus(then.tax.change)?.to_string()),
        tracking_error_bp: (now.totals.tracking_error - then.totals.tracking_error) * 1e4,
        trades: changed(view, &before, &after, 0.0),
    })
}

fn changed(view: &View<'_>, before: &[f64], after: &[f64], least: f64) -> Vec<ChangedTrade> {
    let pairs = before.iter().zip(after).enumerate();
    pairs
        .filter(|(_, (then, now))| samebits_canon::abs(*then - *now) > least)
        .map(|(i, (then, now))| ChangedTrade { ticker: view.ticker(i).to_owned(), then: *then, now: *now })
        .collect()
}

/// The optimum with a lot barred; sides and piece as recorded.
fn keep(view: &View<'_>, id: u64) -> Result<CounterfactualAnswer, Error> {
    let book = &view.seen.book;
    let own = |variable: Variable| match variable {
        Variable::Sell { security, rank } => book.lots[security][rank].id == id,
        Variable::Cover { security, rank } => book.shorts[security][rank].id == id,
        Variable::Buy { .. } | Variable::Short { .. } => false,
    };
    let wanted = view.seen.model.variables.iter().copied().find(|variable| own(*variable));
    let wanted = wanted.ok_or(Error::UnknownLot { lot: id })?;
    // What comes later cannot leave before it where the first lot in goes first.
    let kept = |variable: Variable| match (variable, wanted, view.lot_rule()) {
        (Variable::Sell { security, rank }, Variable::Sell { security: of, rank: from }, LotRule::Fifo) => {
            security == of && rank >= from
        }
        _ => variable == wanted,
    };
    let mut model = view.seen.model.clone();
    let mut stays = 0.0;
    for (variable, trade) in model.variables.iter().zip(&mut model.problem.trades) {
        if kept(*variable) {
            stays += trade.upper;
            trade.upper = 0.0;
        }
    }
    let i = wanted.security();
    let barred = book.lots[i].iter().filter(|lot| !lot.sellable).fold(stays, |sum, lot| sum + lot.weight);
    let owed = book.shorts[i].iter().filter(|lot| !lot.coverable).fold(stays, |sum, lot| sum + lot.weight);
    if terms::sign(wanted) < 0.0 {
        model.problem.upper[i] = max(model.problem.upper[i], barred);
    } else {
        model.problem.lower[i] = samebits_canon::min(model.problem.lower[i], -owed);
    }
    let (policy, solver) = (&view.seen.policy, view.solver.as_ref());
    let then = optimum(&view.seen.model, (policy, view.seen.rules), solver, &view.settings)?;
    let now = optimum(&model, (policy, view.seen.rules), solver, &view.settings)?;
    let tax = |trades: &[f64]| {
        let pairs = view.seen.model.variables.iter().zip(trades);
        pairs.fold(0.0, |sum, (variable, amount)| sum + variable.tax_and_gain(book).0 * amount)
    };
    let shares = |weights: &[f64]| -> Vec<f64> {
        (0..weights.len()).map(|i| (weights[i] - book.held[i]) / book.share[i]).collect()
    };
    Ok(CounterfactualAnswer {
        question: format!("keeping lot {id} of {}", view.ticker(i)),
        basis: "continuous optimum",
        status: status(&now.status),
        objective_bp: (now.objective - then.objective) * 1e4,
        tax_bp: (tax(&now.trades) - tax(&then.trades)) * 1e4,
        tax: None,
        tracking_error_bp: (now.tracking_error - then.tracking_error) * 1e4,
        trades: changed(view, &shares(&then.weights), &shares(&now.weights), 0.01),
    })
}
