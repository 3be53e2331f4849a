//! The decision on rebuilt inputs beside the recorded one.

use super::changes::{Part, ValueChange, largest};
use super::rebuild::Day;
use crate::{Backend, Error};
use samebits_qp::Solver;
use samebits_rebalance::decide;
use samebits_snapshot::record::{Inputs, Market, Outcome, RiskModel, Run, Status, TradeSide};
use samebits_units::{Money, Qty};
use std::collections::BTreeMap;

/// A trade that appears, disappears or has other shares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TradeChange {
    /// Direction.
    pub side: TradeSide,
    /// Index into `Market::securities`.
    pub security: u32,
    /// Ticker.
    pub ticker: String,
    /// The lot sold or covered; `None` for a purchase or a short sale, whose lot is new.
    pub lot: Option<u64>,
    /// Shares in the Run; zero for a trade that appears.
    pub recorded: Qty,
    /// Shares on the rebuilt inputs; zero for a trade that disappears.
    pub today: Qty,
}

impl TradeChange {
    /// What happened to it.
    pub fn what(&self) -> &'static str {
        if self.recorded == Qty::ZERO {
            "appears"
        } else if self.today == Qty::ZERO {
            "disappears"
        } else {
            "changes"
        }
    }
}

/// The decision with one part rebuilt and the others as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// The part.
    pub part: Part,
    /// Trades that differ from the recorded ones; `None` when no decision is possible so.
    pub trades: Option<usize>,
    /// Whether the trades are those of all parts together.
    pub as_all: bool,
}

/// What the decision would have been. Pairs are the recorded value and the one on rebuilt inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Redecided {
    /// Trades that differ, sells before buys, by security.
    pub trades: Vec<TradeChange>,
    /// Trades altogether.
    pub count: (usize, usize),
    /// The largest change of a weight of the continuous optimum; absent when all bits are equal.
    pub weight: Option<ValueChange>,
    /// Tax of the day.
    pub tax: (Money, Money),
    /// Losses harvested.
    pub harvested: (Money, Money),
    /// Net asset value before trading.
    pub nav: (Money, Money),
    /// How the decisions ended.
    pub status: (Status, Status),
    /// Each part that differs, alone.
    pub alone: Vec<Alone>,
}

type Trades = BTreeMap<(TradeSide, u32, Option<u64>), Qty>;

/// Decides the Run's account on the rebuilt day, by its own params and method.
///
/// # Errors
/// What the rebalance says of these inputs.
pub(crate) fn again(run: &Run, day: &Day, backend: &Backend) -> Result<Redecided, Error> {
    let solver = backend.solver(&run.method.solver, 1)?;
    let _deciding = backend.decide();
    let now = outcome(run, day.market.clone(), &day.risk, solver.as_ref())?;
    let then = &run.outcome;
    let (recorded, today) = (trades(then)?, trades(&now)?);
    let mut alone = Vec::new();
    for change in &day.changes.parts {
        let only = if day.changes.parts.len() == 1 && day.changes.rescaled.is_empty() {
            Ok(today.clone())
        } else {
            one_part(run, day, change.part, solver.as_ref())
        };
        alone.push(match only {
            Ok(found) => Alone {
                part: change.part,
                trades: Some(moved(run, &recorded, &found).len()),
                as_all: found == today,
            },
            Err(_) => Alone { part: change.part, trades: None, as_all: false },
        });
    }
    let tickers: Vec<&str> = run.inputs.market.securities.iter().map(|one| one.ticker.as_str()).collect();
    Ok(Redecided {
        trades: moved(run, &recorded, &today),
        count: (then.trades.len(), now.trades.len()),
        weight: largest(&tickers, then.weights.iter().copied(), now.weights.iter().copied()),
        tax: (then.tax.change, now.tax.change),
        harvested: (then.tax.harvested, now.tax.harvested),
        nav: (then.totals.nav_before, now.totals.nav_before),
        status: (then.status.clone(), now.status),
        alone,
    })
}

fn one_part(run: &Run, day: &Day, part: Part, solver: &dyn Solver) -> Result<Trades, Error> {
    let (recorded, built) = (&run.inputs.market, &day.market);
    let mut market = Market::clone(recorded);
    match part {
        Part::Prices => market.prices.clone_from(&built.prices),
        Part::Benchmark => market.benchmark.clone_from(&built.benchmark),
        Part::Alpha => market.alpha.clone_from(&built.alpha),
        Part::Risk => {}
        Part::Terms => {
            market = Market {
                prices: recorded.prices.clone(),
                benchmark: recorded.benchmark.clone(),
                alpha: recorded.alpha.clone(),
                ..built.clone()
            };
        }
    }
    let risk = if part == Part::Risk { &day.risk } else { &run.inputs.risk };
    trades(&outcome(run, market, risk, solver)?)
}

fn outcome(run: &Run, market: Market, risk: &RiskModel, solver: &dyn Solver) -> Result<Outcome, Error> {
    samebits_canon::assert_ieee()?;
    let recorded = &run.inputs;
    let inputs = Inputs {
        question: recorded.question.clone(),
        market: market.into(),
        risk: risk.clone().into(),
        account: recorded.account.clone(),
        params: recorded.params.clone(),
    };
    Ok(decide(&inputs, &run.method, solver)?.outcome)
}

/// Shares by what is traded. Amounts are left out: at another price the same shares are the same decision.
fn trades(outcome: &Outcome) -> Result<Trades, Error> {
    let mut all = Trades::new();
    for trade in &outcome.trades {
        let lot = matches!(trade.side, TradeSide::Sell | TradeSide::Cover).then_some(trade.lot);
        let shares = all.entry((trade.side, trade.security, lot)).or_insert(Qty::ZERO);
        *shares = shares.plus(trade.quantity)?;
    }
    Ok(all)
}

fn moved(run: &Run, recorded: &Trades, today: &Trades) -> Vec<TradeChange> {
    let mut keys: Vec<_> = recorded.keys().chain(today.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let shares = |of: &Trades, key| of.get(key).copied().unwrap_or(Qty::ZERO);
    let all = keys.into_iter().map(|key| TradeChange {
        side: key.0,
        security: key.1,
        ticker: run.inputs.market.securities[key.1 as usize].ticker.clone(),
        lot: key.2,
        recorded: shares(recorded, key),
        today: shares(today, key),
    });
    all.filter(|change| change.recorded != change.today).collect()
}
