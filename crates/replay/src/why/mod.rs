//! Why: the three questions of an audit, answered from the pinned Run alone.
//!
//! 1. Why was this trade made? Lots chosen and not chosen, effect on tax, tracking error and cost, and the price of every
//!    constraint that spoke in it.
//! 2. What constraints applied? Every row with its value, limit and multiplier; every parameter with its source.
//! 3. What was the risk model that day? Recipe, exposures, tracking error by factor and specific.
//!
//! The marginal terms of a name are those of the stationarity condition in `docs/qp.md`, in basis points of net asset
//! value per 1 % of net asset value traded. For a trade that is neither at zero nor at its limit they add up to zero.

mod risk;
mod terms;
mod trade;

pub use risk::{FactorPart, RiskAnswer};
pub use terms::Term;
pub use trade::{LotAnswer, TradeAnswer};

use crate::Error;
use samebits_rebalance::{Book, Model, NoBuy, Policy, Seen, catalogue, see};
use samebits_snapshot::record::{Account, Row, Run, Setting, Side};
use serde::Serialize;

/// Everything that [`why`] says of a Run.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// One answer for each name that was traded, or for the name asked for.
    pub trades: Vec<TradeAnswer>,
    /// Every constraint with its value, limit and price.
    pub constraints: Vec<Row>,
    /// Every parameter with its source and meaning.
    pub parameters: Vec<ParameterAnswer>,
    /// Names that could not be bought, and what that cost.
    pub barred: Vec<Barred>,
    /// The risk model of the day.
    pub risk: RiskAnswer,
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

/// A name that could not be bought.
#[derive(Debug, Clone, Serialize)]
pub struct Barred {
    /// Ticker.
    pub ticker: String,
    /// `locked until DATE`, `excluded`, `on the no-buy list`, or `a lot of the name is harvested`.
    pub why: String,
    /// Fall of the objective per unit bought that the bar prevented, in basis points per 1 %; 0 when buying did not pay.
    pub price_bp: f64,
}

/// The Run as a problem again.
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    pub(crate) opened: Account,
    pub(crate) policy: Policy,
    pub(crate) book: Book,
    pub(crate) model: Model,
}

impl<'a> View<'a> {
    fn new(run: &'a Run) -> Result<Self, Error> {
        let Seen { opened, policy, book, model, .. } = see(&run.inputs, &run.method.rules, &run.outcome)?;
        Ok(Self { run, opened, policy, book, model })
    }

    pub(crate) fn ticker(&self, security: usize) -> &str {
        &self.run.inputs.market.securities[security].ticker
    }
}

/// Explains `run`: all its trades, or the one name `ticker`, traded or not.
///
/// # Errors
/// [`Error::UnknownTicker`], and inputs that do not make a problem.
pub fn why(run: &Run, ticker: Option<&str>) -> Result<Why, Error> {
    let view = View::new(run)?;
    let names: Vec<usize> = match ticker {
        Some(ticker) => {
            let wanted = |i: &usize| view.ticker(*i).eq_ignore_ascii_case(ticker);
            let found = (0..view.book.lots.len()).find(wanted);
            vec![found.ok_or_else(|| Error::UnknownTicker { ticker: ticker.to_owned() })?]
        }
        None => traded(run),
    };
    let marginals = terms::Marginals::new(&view);
    let trades =
        names.into_iter().map(|i| trade::answer(&view, &marginals, i)).collect::<Result<_, Error>>()?;
    Ok(Why {
        trades,
        constraints: run.outcome.rows.clone(),
        parameters: parameters(run),
        barred: barred(&view, &marginals),
        risk: risk::answer(&view)?,
    })
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

fn barred(view: &View<'_>, marginals: &terms::Marginals) -> Vec<Barred> {
    let bars = view.book.no_buy.iter().enumerate();
    bars.filter_map(|(i, bar)| {
        let why = bar_text(view, i, (*bar)?);
        let total: f64 = marginals.buy(view, i).iter().fold(0.0, |sum, term| sum + term.bp);
        Some(Barred { ticker: view.ticker(i).to_owned(), why, price_bp: samebits_canon::max(-total, 0.0) })
    })
    .collect()
}

pub(crate) fn bar_text(view: &View<'_>, i: usize, bar: NoBuy) -> String {
    let group = view.run.inputs.market.securities[i].identity_group;
    match bar {
        NoBuy::Locked => {
            let last =
                view.opened.locks.iter().filter(|lock| lock.group == group).map(|lock| lock.last).max();
            last.map_or_else(|| "locked".to_owned(), |last| format!("wash-sale lock through {last}"))
        }
        NoBuy::Excluded => "excluded".to_owned(),
        NoBuy::Listed => "on the no-buy list".to_owned(),
        _ if view.run.outcome.sides[i] == Side::Sell => "a lot of the name is worth harvesting".to_owned(),
        _ => "not to be bought".to_owned(),
    }
}
