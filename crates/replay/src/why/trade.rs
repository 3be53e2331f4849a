//! Why one name was traded, or was not.

use super::baskets::Baskets;
use super::codes::{Facts, Reason};
use super::held::{self, Held};
use super::lots::{self, LotAnswer, NextLot, ShortAnswer};
use super::risk::{Loaded, RiskSplit};
use super::sides::{SideAnswer, Sides};
use super::terms::{self, Marginal, Term};
use super::view::View;
use super::{locks, risk};
use crate::Error;
use samebits_rebalance::{NoBuy, Part, Variable};
use samebits_snapshot::record::{Trade, TradeSide};
use samebits_units::{Money, Qty};
use serde::Serialize;

/// Part of a share below which a continuous trade is none.
const NO_SHARES: f64 = 0.01;

/// Why one name was traded, or was not.
#[derive(Debug, Clone, Serialize)]
pub struct TradeAnswer {
    /// Ticker.
    pub ticker: String,
    /// `buy`, `sell`, `short`, `cover` or `hold`.
    pub action: &'static str,
    /// The primary reason: that of the largest lot traded.
    pub code: Option<Reason>,
    /// In one sentence.
    pub sentence: String,
    /// Shares traded.
    pub shares: String,
    /// Price.
    pub price: String,
    /// Notional of the trade, in the currency.
    pub notional: String,
    /// Trading cost, in the currency.
    pub cost: String,
    /// Gain realised, in the currency.
    pub gain: String,
    /// Weight before, at the continuous optimum, after, and in the benchmark, in percent.
    pub weights_percent: [f64; 4],
    /// Tracking error with the trade less tracking error without it, basis points.
    pub tracking_error_change_bp: f64,
    /// Why it may not be bought, if so.
    pub no_buy: Option<String>,
    /// Last day of the lock that the trade opens.
    pub lock_through: Option<String>,
    /// The marginal terms at the continuous optimum: of the trade that opens, or of the last lot touched.
    pub terms: Vec<Term>,
    /// Sum of the terms: 0.
    pub terms_sum_bp: f64,
    /// How far the condition is from holding, in objective per unit of weight.
    pub residual: f64,
    /// The term `tracking error` by source.
    pub risk: RiskSplit,
    /// The conflict that the name is in.
    pub side: Option<SideAnswer>,
    /// From the continuous optimum to whole shares.
    pub rounding: RoundingAnswer,
    /// Lots in order of disposal: those sold, and the alternatives that were not.
    pub lots: Vec<LotAnswer>,
    /// Short lots in order of covering.
    pub shorts: Vec<ShortAnswer>,
    /// The next lot that was not touched.
    pub next_lot: Option<NextLot>,
}

/// What whole shares cost the name.
#[derive(Debug, Clone, Serialize)]
pub struct RoundingAnswer {
    /// Shares at the continuous optimum, purchases positive.
    pub optimum_shares: f64,
    /// Shares that were ordered, purchases positive.
    pub ordered_shares: String,
    /// Objective given up, at the prices of the optimum and with every other name there, basis points of net asset value.
    pub given_up_bp: f64,
}

/// What all names of a Run share.
pub(crate) struct Shared<'a, 'v> {
    pub(crate) loaded: Loaded,
    pub(crate) sides: Sides<'a, 'v>,
    pub(crate) baskets: Baskets,
    pub(crate) held: Vec<Held>,
}

pub(crate) fn answer(view: &View<'_>, shared: &Shared<'_, '_>, i: usize) -> Result<TradeAnswer, Error> {
    let outcome = &view.run.outcome;
    let trades: Vec<&Trade> = outcome.trades.iter().filter(|trade| trade.security as usize == i).collect();
    let side = trades.first().map(|trade| trade.side);
    let money = |part: fn(&Trade) -> Money| Money::total(trades.iter().map(|t| part(t)));
    let rounding = rounding(view, i)?;
    let facts = side.map(|side| facts(view, shared, i, side, rounding.optimum_shares));
    let last = trades.last().and_then(|trade| lots::variable(view, trade));
    let variable = last.unwrap_or(Variable::Buy { security: i });
    let marginal = terms::of(view, variable).unwrap_or(Marginal {
        terms: Vec::new(),
        sum_bp: 0.0,
        slope: 0.0,
        residual: 0.0,
    });
    let code = code(view, &trades, facts.as_ref());
    let risk_term = marginal.terms.iter().find(|term| term.part == Some(Part::Risk));
    let risk = shared.loaded.split(view, i, terms::sign(variable), risk_term.map_or(0.0, |term| term.bp));
    let weights = view.final_weights();
    let mut without = weights.clone();
    without[i] = view.seen.book.held[i];
    let change = view.tracking_error_bp(&weights) - view.tracking_error_bp(&without);
    let no_buy = view.seen.book.no_buy[i].map(|bar| locks::bar_text(view, i, bar));
    let gain = money(|trade| trade.gain)?;
    let ids: Vec<u64> = trades.iter().map(|trade| trade.lot).collect();
    let opened = locks::opened(view).into_iter().filter(|lock| ids.contains(&lock.lot));
    Ok(TradeAnswer {
        ticker: view.ticker(i).to_owned(),
        action: side.map_or("hold", TradeSide::name),
        sentence: sentence(side, code.as_ref(), &marginal.terms, gain.is_negative(), no_buy.as_deref()),
        code,
        shares: Qty::total(trades.iter().map(|trade| trade.quantity))?.to_string(),
        price: view.run.inputs.market.prices[i].to_string(),
        notional: money(|trade| trade.notional)?.to_string(),
        cost: money(|trade| trade.cost)?.to_string(),
        gain: gain.to_string(),
        weights_percent: [
            view.seen.book.held[i],
            outcome.weights[i],
            weights[i],
            view.seen.model.problem.benchmark[i],
        ]
        .map(|weight| weight * 100.0),
        tracking_error_change_bp: change,
        no_buy,
        lock_through: opened.map(|lock| lock.through).max(),
        terms_sum_bp: marginal.sum_bp,
        residual: marginal.residual,
        terms: marginal.terms,
        risk,
        side: shared.sides.of(i)?,
        rounding,
        lots: lots::longs(view, i, &trades, facts.as_ref(), &shared.held)?,
        shorts: lots::shorts(view, i, &trades, facts.as_ref(), &shared.held)?,
        next_lot: lots::next(view, i, &trades),
    })
}

fn facts(view: &View<'_>, shared: &Shared<'_, '_>, i: usize, side: TradeSide, optimum: f64) -> Facts {
    let (policy, account, nav) = (&view.seen.policy, &view.seen.opened, view.seen.book.nav);
    let cash = samebits_units::rate::fraction(account.cash, nav);
    let wanted = if side.pays() { optimum } else { -optimum };
    Facts {
        side,
        long_bucket: false,
        excluded: view.seen.book.no_buy[i] == Some(NoBuy::Excluded),
        at_optimum: wanted >= NO_SHARES,
        cash_in: policy.flows.contribution.is_positive() || cash > policy.cash_max,
        cash_out: policy.flows.withdrawal.is_positive() || cash < policy.cash_min,
        unlocked: locks::unlocked(view, i),
        replaces: shared.baskets.replaced.get(&i).cloned(),
    }
}

/// The reason of the largest lot traded; of equal ones the earlier code.
fn code(view: &View<'_>, trades: &[&Trade], facts: Option<&Facts>) -> Option<Reason> {
    let mut best: Option<(Money, Reason)> = None;
    for trade in trades {
        let Some(reason) = lots::reason(view, lots::variable(view, trade)?, facts?) else { continue };
        let ahead = best.as_ref().is_none_or(|(most, known)| {
            trade.notional > *most || (trade.notional == *most && reason.code < known.code)
        });
        if ahead {
            best = Some((trade.notional, reason));
        }
    }
    best.map(|(_, reason)| reason)
}

/// Where security `i` went on the way to whole shares.
///
/// With the multipliers of the optimum the Lagrangian has no slope in a trade between its limits, so what a rounded trade
/// gives up is the slope of what is at a limit, and half the curvature times the square of the change.
fn rounding(view: &View<'_>, i: usize) -> Result<RoundingAnswer, Error> {
    let (book, outcome) = (&view.seen.book, &view.run.outcome);
    let ordered = view.ordered(i)?;
    let wanted = outcome.weights[i] - book.held[i];
    let taken = book.share[i] * (ordered.micros() as f64 / 1e6);
    let slopes = |change: f64| {
        let parts = view.spread(i, change).into_iter();
        parts.fold(0.0, |sum, (variable, amount)| {
            sum + terms::of(view, variable).map_or(0.0, |marginal| marginal.slope * amount)
        })
    };
    let change = taken - wanted;
    let variance = view.seen.model.problem.risk.diagonal()[i];
    let curved = 0.5 * view.slopes.curvature() * variance * (change * change);
    Ok(RoundingAnswer {
        optimum_shares: wanted / book.share[i],
        ordered_shares: ordered.to_string(),
        given_up_bp: (slopes(taken) - slopes(wanted) + curved) * 1e4,
    })
}

/// The term that decided, and the one that speaks most against the trade.
fn sentence(
    side: Option<TradeSide>,
    code: Option<&Reason>,
    terms: &[Term],
    loss: bool,
    no_buy: Option<&str>,
) -> String {
    let name = |what: &str| match what {
        "tax" if loss => "the tax saved by realising the loss".to_owned(),
        "tax" => "the tax on the gain".to_owned(),
        other => format!("the {other}"),
    };
    let Some(side) = side else {
        return match no_buy {
            Some(bar) => format!("Not traded. It could not be bought: {bar}."),
            None => "Not traded: no trade of this name was worth its cost.".to_owned(),
        };
    };
    let verb = match side {
        TradeSide::Buy => "Bought",
        TradeSide::Sell => "Sold",
        TradeSide::Short => "Sold short",
        TradeSide::Cover => "Covered",
    };
    let of = code.and_then(|reason| reason.of.as_ref());
    let of = of.map_or_else(String::new, |of| format!(" in the place of {of}"));
    let deciding = code.map_or("", |reason| reason.term.as_str());
    let for_it = if deciding.is_empty() { "rounding".to_owned() } else { name(deciding) };
    let mut against: Option<&Term> = None;
    for term in terms.iter().filter(|term| term.bp > 0.0) {
        if against.is_none_or(|known| term.bp > known.bp) {
            against = Some(term);
        }
    }
    let against = against.map_or_else(String::new, |term| format!("; against it spoke {}", name(&term.what)));
    format!("{verb}{of} mainly for {for_it}{against}.")
}

pub(crate) fn shared<'a, 'v>(view: &'v View<'a>) -> Result<Shared<'a, 'v>, Error> {
    Ok(Shared {
        loaded: risk::Loaded::new(view)?,
        sides: Sides::new(view)?,
        baskets: super::baskets::answer(view)?,
        held: held::all(view)?,
    })
}
