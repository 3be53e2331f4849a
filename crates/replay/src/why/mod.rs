//! Why: the questions of an audit, answered from the pinned Run alone (`docs/why.md`).
//!
//! 1. Why was this trade made? Reason code, lots chosen and not chosen, side, rounding, effect on tax, tracking error and
//!    cost, and the price of every constraint that spoke in it.
//! 2. What constraints applied? Every row with its value, limit and multiplier; every parameter with its source; what was
//!    barred, until when, and at what price.
//! 3. What was the risk model that day? Recipe, exposures, tracking error by factor and specific.
//! 4. What replaced a harvested name, and what would have been decided with one thing changed? Solved again from the pinned
//!    inputs by the Run's own method.
//!
//! The marginal terms of a trade are those of the stationarity condition in `docs/qp.md`, in basis points of net asset
//! value per 1 % of net asset value traded. With the price of the trade's own limit they add up to zero.

mod baskets;
mod codes;
mod counterfactual;
mod held;
mod locks;
mod lots;
mod risk;
mod sides;
mod terms;
mod trade;
mod view;

pub use baskets::{Basket, Substitute};
pub use codes::{Code, Reason};
pub use counterfactual::{ChangedTrade, Counterfactual, CounterfactualAnswer};
pub use held::{BudgetAnswer, Held, HeldCode};
pub use locks::{Barred, Opened};
pub use lots::{LotAnswer, NextLot, ShortAnswer};
pub use risk::{FactorPart, RiskAnswer, RiskPart, RiskSplit};
pub use sides::SideAnswer;
pub use terms::Term;
pub use trade::{RoundingAnswer, TradeAnswer};

use crate::Error;
use samebits_canon::Isa;
use samebits_rebalance::catalogue;
use samebits_snapshot::record::{Identity, Row, Run, Setting};
use samebits_units::rate;
use serde::Serialize;
use view::View;

/// Largest residual of the identity that counts as none, in objective per unit of weight, for answers that are finished
/// canonically.
pub const RESIDUAL: f64 = 1e-12;
/// The same for raw answers of an interior point, in tolerances of the method.
pub const RAW_TOLERANCES: f64 = 100.0;

/// Everything that [`why`] says of a Run.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// The day in sums.
    pub day: DayAnswer,
    /// How well the terms of the traded names add up.
    pub identity: IdentityAnswer,
    /// One answer for each name that was traded, or for the name asked for.
    pub trades: Vec<TradeAnswer>,
    /// Every constraint with its value, limit and price.
    pub constraints: Vec<Row>,
    /// Every parameter with its source and meaning.
    pub parameters: Vec<ParameterAnswer>,
    /// Locks that the day's trades open.
    pub opened: Vec<Opened>,
    /// Trades that were not admitted, and what that cost.
    pub barred: Vec<Barred>,
    /// Lots whose loss counts nothing today, and lots whose gain a used-up budget bars.
    pub held: Vec<Held>,
    /// The largest harvests, and what is held instead.
    pub baskets: Vec<Basket>,
    /// The decision with one thing changed.
    pub counterfactuals: Vec<CounterfactualAnswer>,
    /// The risk model of the day.
    pub risk: RiskAnswer,
}

/// The day in sums. Objectives in basis points of net asset value.
#[derive(Debug, Clone, Serialize)]
pub struct DayAnswer {
    /// Net asset value before trading, in the currency.
    pub nav: String,
    /// Objective at the continuous optimum.
    pub objective_bp: f64,
    /// Objective at the final holdings less [`DayAnswer::objective_bp`].
    pub rounding_bp: f64,
    /// How lots are chosen.
    pub lot_order: &'static str,
    /// The law.
    pub law: String,
    /// The piece of the year's tax that decided, where the rules know pieces.
    pub piece: Option<String>,
    /// Marginal rates that the decision was made on: short-term, long-term, basis points.
    pub rates_bp: [f64; 2],
    /// Change of the year's tax by the day, in the currency.
    pub tax: String,
}

/// The identity, recomputed, beside what the Run stores.
#[derive(Debug, Clone, Serialize)]
pub struct IdentityAnswer {
    /// Recomputed from the record.
    pub found: Identity,
    /// As stored; absent under rules before the third.
    pub stored: Option<Identity>,
    /// Whether the two are the same bits, where one is stored.
    pub as_stored: bool,
    /// What the largest residual may be: [`RESIDUAL`]; for a raw answer [`RAW_TOLERANCES`] times the tolerance.
    pub limit: f64,
    /// Whether it is within that.
    pub holds: bool,
}

/// A parameter and where its value came from.
#[derive(Debug, Clone, Serialize)]
pub struct ParameterAnswer {
    /// Name.
    pub name: String,
    /// Value and source.
    #[serde(flatten)]
    pub setting: Setting,
    /// What it does.
    pub meaning: &'static str,
}

/// Explains `run`: all its trades, or the one name `ticker`, traded or not.
///
/// # Errors
/// [`Error::UnknownTicker`], and inputs that do not make a problem.
pub fn why(run: &Run, ticker: Option<&str>) -> Result<Why, Error> {
    explain(run, ticker, &[], Isa::detect())
}

/// As [`why`], with answers to `asked`; `isa` moves no bit.
///
/// # Errors
/// As [`why`], [`Error::NoLock`], [`Error::UnknownLot`].
pub fn explain(run: &Run, ticker: Option<&str>, asked: &[Counterfactual], isa: Isa) -> Result<Why, Error> {
    let view = View::new(run, isa)?;
    let names = match ticker {
        Some(ticker) => vec![view.find(ticker)?],
        None => traded(run),
    };
    let shared = trade::shared(&view)?;
    let answers = names.into_iter().map(|i| trade::answer(&view, &shared, i));
    Ok(Why {
        day: day(&view),
        identity: identity(&view),
        trades: answers.collect::<Result<_, Error>>()?,
        constraints: run.outcome.rows.clone(),
        parameters: parameters(run),
        opened: locks::opened(&view),
        barred: locks::all(&view)?,
        counterfactuals: asked
            .iter()
            .map(|asked| counterfactual::answer(&view, asked))
            .collect::<Result<_, Error>>()?,
        baskets: shared.baskets.list,
        held: shared.held,
        risk: risk::answer(&view)?,
    })
}

/// The identity of `run`'s traded names, recomputed from what it records.
///
/// # Errors
/// Inputs that do not make a problem.
pub fn check_identity(run: &Run) -> Result<IdentityAnswer, Error> {
    Ok(identity(&View::new(run, Isa::Portable)?))
}

fn identity(view: &View<'_>) -> IdentityAnswer {
    let found = view.slopes.identity(&view.seen.book, &view.seen.model, &view.run.outcome);
    let stored = view.run.outcome.identity;
    let same = |stored: Identity| {
        stored.names == found.names && stored.largest_residual.to_bits() == found.largest_residual.to_bits()
    };
    let finished = view.run.outcome.finish.is_some();
    let limit = if finished { RESIDUAL } else { RAW_TOLERANCES * view.run.method.tolerance };
    IdentityAnswer {
        as_stored: stored.is_none_or(same),
        holds: found.largest_residual <= limit,
        limit,
        found,
        stored,
    }
}

fn day(view: &View<'_>) -> DayAnswer {
    let (outcome, marginal) = (&view.run.outcome, view.seen.marginal);
    DayAnswer {
        nav: view.seen.book.nav.to_string(),
        objective_bp: outcome.objective.total * 1e4,
        rounding_bp: (outcome.final_objective.total - outcome.objective.total) * 1e4,
        lot_order: lots::order(view),
        law: view.seen.law.id.clone(),
        piece: outcome.netted.as_ref().map(|netted| netted.piece.clone()),
        rates_bp: [marginal.short_term, marginal.long_term].map(|one| 1e4 * rate::factor(one)),
        tax: outcome.tax.change.to_string(),
    }
}

fn traded(run: &Run) -> Vec<usize> {
    let mut names: Vec<usize> = run.outcome.trades.iter().map(|trade| trade.security as usize).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn parameters(run: &Run) -> Vec<ParameterAnswer> {
    let known = catalogue();
    let meaning =
        |name: &str| known.iter().find(|entry| entry.name == name).map_or("", |entry| entry.meaning);
    let settings = run.inputs.params.settings.iter();
    settings
        .map(|(name, setting)| ParameterAnswer {
            name: name.clone(),
            setting: setting.clone(),
            meaning: meaning(name),
        })
        .collect()
}
