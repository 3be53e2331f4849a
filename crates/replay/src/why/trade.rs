//! Why one name was traded, or was not.

use super::risk::{final_weights, tracking_error_bp};
use super::terms::{Marginals, Term};
use super::{View, bar_text};
use crate::Error;
use samebits_rebalance::LotView;
use samebits_snapshot::record::{Trade, TradeSide};
use samebits_units::Qty;
use serde::Serialize;

/// Why one name was traded, or was not.
#[derive(Debug, Clone, Serialize)]
pub struct TradeAnswer {
    /// Ticker.
    pub ticker: String,
    /// `buy`, `sell` or `hold`.
    pub action: &'static str,
    /// In one sentence.
    pub sentence: String,
    /// Shares bought or sold.
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
    /// The marginal terms at the continuous optimum: of the purchase, or of the sale of the last lot touched.
    pub terms: Vec<Term>,
    /// Sum of the terms: 0 for a trade between its limits.
    pub terms_sum_bp: f64,
    /// Lots in order of disposal: those sold, and the alternatives that were not.
    pub lots: Vec<LotAnswer>,
}

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
    /// `short` or `long`.
    pub term: &'static str,
    /// Days held for the term.
    pub held_days: i32,
    /// Days until the lot is long-term; 0 when it is.
    pub days_to_long_term: i32,
    /// Gain as a percentage of value.
    pub gain_percent: f64,
    /// Tax in basis points of net asset value per 1 % sold: the key of the order of disposal.
    pub tax_bp: f64,
    /// Why it was sold or kept.
    pub reason: String,
}

pub(crate) fn answer(view: &View<'_>, marginals: &Marginals, i: usize) -> Result<TradeAnswer, Error> {
    let outcome = &view.run.outcome;
    let trades: Vec<&Trade> = outcome.trades.iter().filter(|trade| trade.security as usize == i).collect();
    let side = trades.first().map(|trade| trade.side);
    let money = |part: fn(&Trade) -> samebits_units::Money| {
        samebits_units::Money::total(trades.iter().map(|t| part(t)))
    };
    let last_rank = last_rank(view, i, &trades);
    let terms = match side {
        Some(TradeSide::Sell) => marginals.sell(view, i, last_rank).unwrap_or_default(),
        _ => marginals.buy(view, i),
    };
    let lots = lots(view, i, &trades)?;
    let weights = final_weights(view);
    let mut without = weights.clone();
    without[i] = view.book.held[i];
    let change = tracking_error_bp(view, &weights) - tracking_error_bp(view, &without);
    let percent = |weight: f64| weight * 100.0;
    let no_buy = view.book.no_buy[i].map(|bar| bar_text(view, i, bar));
    let gain = money(|trade| trade.gain)?;
    Ok(TradeAnswer {
        ticker: view.ticker(i).to_owned(),
        action: side.map_or("hold", TradeSide::name),
        sentence: sentence(side, &terms, gain.is_negative(), no_buy.as_deref()),
        shares: Qty::total(trades.iter().map(|trade| trade.quantity))?.to_string(),
        price: view.run.inputs.market.prices[i].to_string(),
        notional: money(|trade| trade.notional)?.to_string(),
        cost: money(|trade| trade.cost)?.to_string(),
        gain: gain.to_string(),
        weights_percent: [
            percent(view.book.held[i]),
            percent(outcome.weights[i]),
            percent(weights[i]),
            percent(view.model.problem.benchmark[i]),
        ],
        tracking_error_change_bp: change,
        no_buy,
        terms_sum_bp: terms.iter().fold(0.0, |sum, term| sum + term.bp),
        terms,
        lots,
    })
}

/// Rank of the last lot that was touched.
fn last_rank(view: &View<'_>, i: usize, trades: &[&Trade]) -> usize {
    let rank = |trade: &&Trade| view.book.lots[i].iter().position(|lot| lot.id == trade.lot);
    trades.iter().filter_map(rank).max().unwrap_or(0)
}

fn lots(view: &View<'_>, i: usize, trades: &[&Trade]) -> Result<Vec<LotAnswer>, Error> {
    view.book.lots[i].iter().map(|lot| lot_answer(view, lot, trades)).collect()
}

fn lot_answer(view: &View<'_>, lot: &LotView, trades: &[&Trade]) -> Result<LotAnswer, Error> {
    let market = &view.run.inputs.market;
    let record = &view.opened.lots[lot.index];
    let sold = trades.iter().filter(|trade| trade.side == TradeSide::Sell && trade.lot == lot.id);
    let sold = Qty::total(sold.map(|trade| trade.quantity))?;
    let long_from = record.held_from.plus_years(market.law.long_term_years)?.plus_days(1)?;
    let reason = match (sold.is_positive(), lot.sellable) {
        (true, _) if lot.gain < 0.0 => "sold: its loss saves the most tax per share of the lots left",
        (true, _) => "sold: it costs the least tax per share of the lots left",
        (false, false) => "kept: a loss, and shares of the group were bought within the wash-sale window",
        (false, true) => "kept: selling it costs more than it gains",
    };
    Ok(LotAnswer {
        lot: lot.id,
        held: lot.quantity.to_string(),
        sold: sold.to_string(),
        acquired: record.acquired.to_string(),
        term: if lot.long_term { "long" } else { "short" },
        held_days: market.as_of.days_since(record.held_from),
        days_to_long_term: if lot.long_term { 0 } else { long_from.days_since(market.as_of) },
        gain_percent: lot.gain * 100.0,
        tax_bp: lot.tax * 100.0,
        reason: reason.to_owned(),
    })
}

/// The term that speaks most for the trade, and the one that speaks most against it.
fn sentence(side: Option<TradeSide>, terms: &[Term], loss: bool, no_buy: Option<&str>) -> String {
    let most = |sign: f64| {
        let speaking = terms.iter().filter(|term| term.bp * sign > 0.0);
        speaking.max_by(|a, b| (a.bp * sign).total_cmp(&(b.bp * sign))).map(|term| term.what.as_str())
    };
    let name = |what: &str| match what {
        "tax" if loss => "the tax saved by realising the loss".to_owned(),
        "tax" => "the tax on the gain".to_owned(),
        "tracking error" => "the tracking error".to_owned(),
        "trading cost" => "the trading cost".to_owned(),
        other => format!("the {other}"),
    };
    match side {
        None => match no_buy {
            Some(bar) => format!("Not traded. It could not be bought: {bar}."),
            None => "Not traded: no trade of this name was worth its cost.".to_owned(),
        },
        Some(side) => {
            let verb = if side == TradeSide::Buy { "Bought" } else { "Sold" };
            let for_it = most(-1.0).map_or_else(|| "rounding".to_owned(), name);
            let against =
                most(1.0).map_or_else(String::new, |what| format!("; against it spoke {}", name(what)));
            format!("{verb} mainly for {for_it}{against}.")
        }
    }
}
