//! What replaced a harvested name: the difference of two solves, with its harvest barred and as done.

use super::risk::correlation;
use super::view::View;
use crate::Error;
use samebits_canon::max;
use samebits_qp::State;
use samebits_rebalance::{Optimum, Variable, optimum_from};
use samebits_snapshot::record::{Status, TradeSide};
use samebits_units::Money;
use serde::Serialize;
use std::collections::BTreeMap;

/// Harvested names whose baskets are listed.
const MOST: usize = 5;
/// Weights below this are not part of a basket.
const SMALLEST: f64 = 1e-9;
/// Part of a purchase that must go back to harvests for it to be a replacement.
const REPLACES: f64 = 0.5;

/// A harvested name and what is held instead of it. Weights are those of the continuous optimum: as done less with the
/// harvest barred.
#[derive(Debug, Clone, Serialize)]
pub struct Basket {
    /// The harvested name.
    pub of: String,
    /// Loss realised, in the currency, as a positive amount.
    pub loss: String,
    /// What barring the harvest would cost, basis points of net asset value.
    pub worth_bp: f64,
    /// Change of the harvested name's own weight, percent: negative.
    pub own_percent: f64,
    /// What is held more of, largest first: the substitutes.
    pub substitutes: Vec<Substitute>,
    /// What is held less of, largest first.
    pub reduced: Vec<Substitute>,
    /// Change of cash and costs, percent: what the others leave.
    pub cash_percent: f64,
}

/// A name of a basket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Substitute {
    /// Ticker.
    pub ticker: String,
    /// Change of its weight, percent.
    pub weight_percent: f64,
    /// Whether the decision buys it.
    pub bought: bool,
    /// Correlation with the harvested name under the pinned covariance.
    pub correlation: f64,
}

/// The baskets, and the harvested name that each purchase replaces.
pub(crate) struct Baskets {
    pub(crate) list: Vec<Basket>,
    pub(crate) replaced: BTreeMap<usize, String>,
}

pub(crate) fn answer(view: &View<'_>) -> Result<Baskets, Error> {
    let none = Baskets { list: Vec::new(), replaced: BTreeMap::new() };
    let harvested = harvested(view)?;
    let weights = &view.run.outcome.weights;
    if harvested.is_empty() || matches!(view.run.outcome.status, Status::Unsolved(_)) {
        return Ok(none);
    }
    // Optima are near each other: each begins where the one before ended, the first one where the Run did.
    let recorded = view.seen.state(&view.run.outcome.active).ok();
    let done = solve(view, &[], recorded.as_ref())?;
    let names: Vec<usize> = harvested.iter().map(|(i, _)| *i).collect();
    let without = solve(view, &names, done.state.as_ref())?;
    let mut list = Vec::new();
    let mut differences = Vec::new();
    for (i, loss) in harvested.iter().take(MOST) {
        let barred =
            if names.len() == 1 { without.clone() } else { solve(view, &[*i], done.state.as_ref())? };
        let difference: Vec<f64> = done.weights.iter().zip(&barred.weights).map(|(a, b)| a - b).collect();
        list.push(basket(view, *i, *loss, &difference, barred.objective - done.objective));
        differences.push((*i, difference));
    }
    let mut replaced = BTreeMap::new();
    for j in 0..weights.len() {
        let bought = done.weights[j] - view.seen.book.held[j];
        let to_harvests = done.weights[j] - without.weights[j];
        if bought <= SMALLEST || to_harvests < REPLACES * bought {
            continue;
        }
        let mut best: Option<(f64, usize)> = None;
        for (i, difference) in &differences {
            if difference[j] > SMALLEST && best.is_none_or(|(most, _)| difference[j] > most) {
                best = Some((difference[j], *i));
            }
        }
        if let Some((_, i)) = best {
            replaced.insert(j, view.ticker(i).to_owned());
        }
    }
    Ok(Baskets { list, replaced })
}

/// Names with losses sold, largest loss first.
fn harvested(view: &View<'_>) -> Result<Vec<(usize, Money)>, Error> {
    let mut losses: BTreeMap<usize, Money> = BTreeMap::new();
    let trades = view.run.outcome.trades.iter();
    for trade in trades.filter(|trade| trade.side == TradeSide::Sell && trade.gain.is_negative()) {
        let sum = losses.entry(trade.security as usize).or_insert(Money::ZERO);
        *sum = sum.minus(trade.gain)?;
    }
    let mut all: Vec<(usize, Money)> = losses.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(all)
}

/// The optimum of the Run's problem with no loss lot of `barred` sold, found from a state that is near it.
fn solve(view: &View<'_>, barred: &[usize], from: Option<&State>) -> Result<Optimum, Error> {
    let mut model = view.seen.model.clone();
    let book = &view.seen.book;
    for (variable, trade) in model.variables.iter().zip(&mut model.problem.trades) {
        if let Variable::Sell { security, rank } = *variable
            && barred.contains(&security)
            && book.lots[security][rank].gain < 0.0
        {
            trade.upper = 0.0;
        }
    }
    for &i in barred {
        // What may not be sold has to fit below the cap.
        let kept = book.lots[i].iter().filter(|lot| !lot.sellable || lot.gain < 0.0);
        let kept = kept.fold(0.0, |sum, lot| sum + lot.weight);
        model.problem.upper[i] = max(model.problem.upper[i], kept);
    }
    let terms = (&view.seen.policy, view.seen.rules);
    Ok(optimum_from(&model, terms, from, view.solver.as_ref(), &view.settings)?)
}

fn basket(view: &View<'_>, of: usize, loss: Money, difference: &[f64], worth: f64) -> Basket {
    let mut moved: Vec<(usize, f64)> = difference.iter().copied().enumerate().collect();
    moved.retain(|(j, change)| *j != of && samebits_canon::abs(*change) > SMALLEST);
    let entry = |(j, change): &(usize, f64)| Substitute {
        ticker: view.ticker(*j).to_owned(),
        weight_percent: change * 100.0,
        bought: view.run.outcome.weights[*j] - view.seen.book.held[*j] > SMALLEST,
        correlation: correlation(view, of, *j),
    };
    let side = |sign: f64| {
        let mut list: Vec<(usize, f64)> =
            moved.iter().copied().filter(|(_, change)| change * sign > 0.0).collect();
        list.sort_by(|a, b| (b.1 * sign).total_cmp(&(a.1 * sign)).then(a.0.cmp(&b.0)));
        list.iter().map(entry).collect::<Vec<Substitute>>()
    };
    let total = difference.iter().fold(0.0, |sum, change| sum + change);
    Basket {
        of: view.ticker(of).to_owned(),
        loss: loss.to_string(),
        worth_bp: worth * 1e4,
        own_percent: difference[of] * 100.0,
        substitutes: side(1.0),
        reduced: side(-1.0),
        cash_percent: -total * 100.0,
    }
}
