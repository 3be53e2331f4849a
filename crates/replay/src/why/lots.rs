//! Why this lot and not that one.

use super::codes::{Facts, Reason, primary};
use super::held::{Held, HeldCode};
use super::terms::{self, BP_PER_PERCENT};
use super::view::View;
use crate::Error;
use samebits_rebalance::{LotView, ShortView, Variable};
use samebits_snapshot::record::{LotRule, Trade, TradeSide};
use samebits_units::{Bps, Qty, rate};
use serde::Serialize;

/// A lot, sold or not.
#[derive(Debug, Clone, Serialize)]
pub struct LotAnswer {
    /// Its id.
    pub lot: u64,
    /// Shares held before.
    pub held: String,
    /// Shares sold.
    pub sold: String,
    /// Day of purchase.
    pub acquired: String,
    /// Day from which the holding period counts.
    pub held_from: String,
    /// `short` or `long`.
    pub term: &'static str,
    /// Days held for the term.
    pub held_days: i32,
    /// Days until the lot is long-term; 0 when it is, and where the law knows no terms.
    pub days_to_long_term: i32,
    /// These shares replace an earlier loss sale.
    pub replacement: bool,
    /// Days of holding that a replaced lot left to this one.
    pub tacked_days: i32,
    /// Gain as a percentage of value.
    pub gain_percent: f64,
    /// `short` or `long`: the bucket that its result counts in.
    pub bucket: &'static str,
    /// Marginal rate of that bucket, basis points.
    pub rate_bp: f64,
    /// Tax in basis points of net asset value per 1 % sold.
    pub tax_bp: f64,
    /// The tax and the prices of its gain: the key of the order of disposal.
    pub key_bp: f64,
    /// Of a lot that was sold: why.
    pub code: Option<Reason>,
    /// What holds its loss or its gain back, sold or not; the amounts are in [`super::Why::held`].
    pub held_back: Option<HeldCode>,
    /// Why it was sold or kept.
    pub reason: String,
}

/// A short lot, covered or not.
#[derive(Debug, Clone, Serialize)]
pub struct ShortAnswer {
    /// Its id.
    pub lot: u64,
    /// Shares owed before.
    pub owed: String,
    /// Shares bought back.
    pub covered: String,
    /// Day of the short sale.
    pub opened: String,
    /// Days that it has been open.
    pub open_days: i32,
    /// Proceeds of the short sale, in the currency.
    pub proceeds: String,
    /// These shares replace an earlier short position closed at a loss.
    pub replacement: bool,
    /// Gain as a percentage of value.
    pub gain_percent: f64,
    /// `short` or `long`.
    pub bucket: &'static str,
    /// Marginal rate of that bucket, basis points.
    pub rate_bp: f64,
    /// Tax in basis points of net asset value per 1 % covered.
    pub tax_bp: f64,
    /// The key of the order of covering.
    pub key_bp: f64,
    /// Of a lot that was covered: why.
    pub code: Option<Reason>,
    /// What holds its loss or its gain back, covered or not; the amounts are in [`super::Why::held`].
    pub held_back: Option<HeldCode>,
    /// Why it was covered or kept.
    pub reason: String,
}

/// The next lot in the order of disposal that was not touched.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextLot {
    /// Its id.
    pub lot: u64,
    /// Its key, basis points of net asset value per 1 %.
    pub key_bp: f64,
}

pub(super) const fn bucket(long: bool) -> &'static str {
    if long { "long" } else { "short" }
}

/// The marginal rate of a bucket that the decision was made on.
pub(super) fn marginal(view: &View<'_>, long: bool) -> Bps {
    if long { view.seen.marginal.long_term } else { view.seen.marginal.short_term }
}

fn rate_bp(view: &View<'_>, long: bool) -> f64 {
    1e4 * rate::factor(marginal(view, long))
}

/// What is said of a lot in one sentence: `kept` or `traded` as without it, and what holds it back.
fn said(text: &str, held: Option<&Held>) -> String {
    held.map_or_else(|| text.to_owned(), |held| format!("{text}; {}", held.why))
}

/// The order in which lots are disposed of, in words.
pub(crate) fn order(view: &View<'_>) -> &'static str {
    match view.lot_rule() {
        LotRule::Specific => "lots are named: least tax first, then earliest held",
        LotRule::Fifo => "first in, first out: the law leaves no choice of lots",
        LotRule::Average => "average cost: all shares of a name are one lot",
    }
}

/// The lot variable that `trade` took shares of.
pub(crate) fn variable(view: &View<'_>, trade: &Trade) -> Option<Variable> {
    let (security, book) = (trade.security as usize, &view.seen.book);
    match trade.side {
        TradeSide::Buy => Some(Variable::Buy { security }),
        TradeSide::Short => Some(Variable::Short { security }),
        TradeSide::Sell => {
            let rank = book.lots[security].iter().position(|lot| lot.id == trade.lot)?;
            Some(Variable::Sell { security, rank })
        }
        TradeSide::Cover => {
            let rank = book.shorts[security].iter().position(|lot| lot.id == trade.lot)?;
            Some(Variable::Cover { security, rank })
        }
    }
}

/// The code of a trade in one lot.
pub(crate) fn reason(view: &View<'_>, variable: Variable, facts: &Facts) -> Option<Reason> {
    let book = &view.seen.book;
    let long_bucket = match variable {
        Variable::Sell { security, rank } => book.lots[security][rank].long_bucket,
        Variable::Cover { security, rank } => book.shorts[security][rank].long_bucket,
        Variable::Buy { .. } | Variable::Short { .. } => false,
    };
    let marginal = terms::of(view, variable)?;
    Some(primary(&marginal.terms, &view.kinds, &Facts { long_bucket, ..facts.clone() }))
}

pub(crate) fn longs(
    view: &View<'_>,
    i: usize,
    trades: &[&Trade],
    facts: Option<&Facts>,
    held: &[Held],
) -> Result<Vec<LotAnswer>, Error> {
    let lots = view.seen.book.lots[i].iter().enumerate();
    let own = |id: u64| held.iter().find(|held| held.lot == id);
    lots.map(|(rank, lot)| {
        let variable = Variable::Sell { security: i, rank };
        long(view, variable, lot, trades, facts, own(lot.id))
    })
    .collect()
}

fn long(
    view: &View<'_>,
    variable: Variable,
    lot: &LotView,
    trades: &[&Trade],
    facts: Option<&Facts>,
    held: Option<&Held>,
) -> Result<LotAnswer, Error> {
    let (as_of, law) = (view.run.inputs.market.as_of, &view.seen.law);
    let record = &view.seen.opened.lots[lot.index];
    let sold = trades.iter().filter(|trade| trade.side == TradeSide::Sell && trade.lot == lot.id);
    let sold = Qty::total(sold.map(|trade| trade.quantity))?;
    let long_from = record.held_from.plus_years(law.long_term_years)?.plus_days(1)?;
    let code = if sold.is_positive() { facts.and_then(|facts| reason(view, variable, facts)) } else { None };
    let text = match (sold.is_positive(), lot.sellable) {
        (true, _) if held.is_some() => "sold all the same",
        (false, _) if held.is_some() => "kept",
        (true, _) if lot.gain < 0.0 => "sold: its loss saves the most tax per share of the lots left",
        (true, _) => "sold: it costs the least tax per share of the lots left",
        (false, false) => "kept: it may not be sold today",
        (false, true) => "kept: selling it costs more than it gains",
    };
    let text = match view.lot_rule() {
        LotRule::Fifo if sold.is_positive() => "sold: the earliest acquired of the lots left",
        LotRule::Average if sold.is_positive() => "sold at the average cost of the name",
        _ => text,
    };
    Ok(LotAnswer {
        lot: lot.id,
        held: lot.quantity.to_string(),
        sold: sold.to_string(),
        acquired: record.acquired.to_string(),
        held_from: record.held_from.to_string(),
        term: bucket(lot.long_term),
        held_days: as_of.days_since(record.held_from),
        days_to_long_term: if lot.long_term { 0 } else { long_from.days_since(as_of).max(0) },
        replacement: record.replacement,
        tacked_days: record.acquired.days_since(record.held_from),
        gain_percent: lot.gain * 100.0,
        bucket: bucket(lot.long_bucket),
        rate_bp: rate_bp(view, lot.long_bucket),
        tax_bp: lot.tax * BP_PER_PERCENT,
        key_bp: view.key(lot.tax, lot.gain, lot.long_bucket) * BP_PER_PERCENT,
        code,
        held_back: held.map(|held| held.code),
        reason: said(text, held),
    })
}

pub(crate) fn shorts(
    view: &View<'_>,
    i: usize,
    trades: &[&Trade],
    facts: Option<&Facts>,
    held: &[Held],
) -> Result<Vec<ShortAnswer>, Error> {
    let lots = view.seen.book.shorts[i].iter().enumerate();
    let own = |id: u64| held.iter().find(|held| held.lot == id);
    lots.map(|(rank, lot)| {
        let variable = Variable::Cover { security: i, rank };
        short(view, variable, lot, trades, facts, own(lot.id))
    })
    .collect()
}

fn short(
    view: &View<'_>,
    variable: Variable,
    lot: &ShortView,
    trades: &[&Trade],
    facts: Option<&Facts>,
    held: Option<&Held>,
) -> Result<ShortAnswer, Error> {
    let record = &view.seen.opened.shorts[lot.index];
    let covered = trades.iter().filter(|trade| trade.side == TradeSide::Cover && trade.lot == lot.id);
    let covered = Qty::total(covered.map(|trade| trade.quantity))?;
    let text = match (covered.is_positive(), lot.coverable) {
        (true, _) if held.is_some() => "covered all the same",
        (false, _) if held.is_some() => "kept",
        (true, _) => "covered: it costs the least tax per share of the short lots left",
        (false, false) => "kept: it may not be covered today",
        (false, true) => "kept: covering it costs more than it gains",
    };
    let code =
        if covered.is_positive() { facts.and_then(|facts| reason(view, variable, facts)) } else { None };
    Ok(ShortAnswer {
        lot: lot.id,
        owed: lot.quantity.to_string(),
        covered: covered.to_string(),
        opened: record.opened.to_string(),
        open_days: view.run.inputs.market.as_of.days_since(record.opened),
        proceeds: record.proceeds.to_string(),
        replacement: record.replacement,
        gain_percent: lot.gain * 100.0,
        bucket: bucket(lot.long_bucket),
        rate_bp: rate_bp(view, lot.long_bucket),
        tax_bp: lot.tax * BP_PER_PERCENT,
        key_bp: view.key(lot.tax, lot.gain, lot.long_bucket) * BP_PER_PERCENT,
        code,
        held_back: held.map(|held| held.code),
        reason: said(text, held),
    })
}

/// The first lot in the order of disposal that no trade took shares of.
pub(crate) fn next(view: &View<'_>, i: usize, trades: &[&Trade]) -> Option<NextLot> {
    let book = &view.seen.book;
    let untouched = |id: u64| trades.iter().all(|trade| trade.lot != id);
    view.closing(i).into_iter().find_map(|variable| {
        let (id, key) = match variable {
            Variable::Sell { security, rank } => {
                let lot = &book.lots[security][rank];
                (lot.id, view.key(lot.tax, lot.gain, lot.long_bucket))
            }
            Variable::Cover { security, rank } => {
                let lot = &book.shorts[security][rank];
                (lot.id, view.key(lot.tax, lot.gain, lot.long_bucket))
            }
            Variable::Buy { .. } | Variable::Short { .. } => return None,
        };
        untouched(id).then_some(NextLot { lot: id, key_bp: key * BP_PER_PERCENT })
    })
}
