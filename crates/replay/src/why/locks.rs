//! Locks that the day's sales open, and trades that locks and purchases barred.

use super::held;
use super::terms::{self, BP_PER_PERCENT};
use super::view::View;
use crate::Error;
use samebits_canon::max;
use samebits_rebalance::{NoBuy, Variable};
use samebits_snapshot::record::{Event, Lock, Side};
use serde::Serialize;

/// A trade that was not admitted.
#[derive(Debug, Clone, Serialize)]
pub struct Barred {
    /// Ticker.
    pub ticker: String,
    /// `purchase`, `short sale`, or `sale` of a loss.
    pub trade: &'static str,
    /// What barred it.
    pub why: String,
    /// Fall of the objective per unit traded that the bar prevented, in basis points per 1 %; 0 when the trade did not pay.
    pub price_bp: f64,
    /// Last day of the bar, where it has one.
    pub until: Option<String>,
    /// Of a lock: the sale that opened it. Of a barred sale: the lot.
    pub lot: Option<u64>,
    /// Of a lock: the day of that sale. Of a barred sale: the day of the purchase that bars it.
    pub day: Option<String>,
    /// Of a lock: the loss that no replacement has been matched with, in the currency.
    pub loss: Option<String>,
}

/// A lock that a sale of the day opened.
#[derive(Debug, Clone, Serialize)]
pub struct Opened {
    /// Ticker of the security sold, or covered.
    pub ticker: String,
    /// `purchase` or `short sale`: what it bars, in the whole identity group.
    pub bars: &'static str,
    /// The lot.
    pub lot: u64,
    /// Last day of the lock.
    pub through: String,
    /// Loss that it protects, in the currency.
    pub loss: String,
}

/// The last of the locks in force on the group of security `i`.
fn lock_of<'v>(view: &'v View<'_>, i: usize, short: bool) -> Option<&'v Lock> {
    let as_of = view.run.inputs.market.as_of;
    let mine = |lock: &&Lock| lock.group == view.group(i) && lock.short == short && as_of <= lock.last;
    view.seen.opened.locks.iter().filter(mine).max_by_key(|lock| lock.last)
}

/// Whether a lock on purchases of the group of security `i` ended since the decision before.
pub(crate) fn unlocked(view: &View<'_>, i: usize) -> bool {
    let as_of = view.run.inputs.market.as_of;
    let ended = |lock: &Lock| lock.group == view.group(i) && !lock.short && lock.last < as_of;
    view.run.inputs.account.locks.iter().any(ended) && lock_of(view, i, false).is_none()
}

pub(crate) fn bar_text(view: &View<'_>, i: usize, bar: NoBuy) -> String {
    match bar {
        NoBuy::Locked => lock_of(view, i, false).map_or_else(
            || "locked".to_owned(),
            |lock| {
                let (from, lot) = (view.ticker(lock.security as usize), lock.lot);
                format!("wash-sale lock through {}: lot {lot} of {from}, sold {}", lock.last, lock.sold)
            },
        ),
        NoBuy::Excluded => "excluded".to_owned(),
        NoBuy::Listed => "on the no-buy list".to_owned(),
        NoBuy::Short => "shares of its group are owed".to_owned(),
        _ if view.run.outcome.sides[i] == Side::Sell => "a lot of the name is worth harvesting".to_owned(),
        _ => "not to be bought".to_owned(),
    }
}

/// What the objective would have gained from one more unit of `variable`.
pub(crate) fn price(view: &View<'_>, variable: Variable) -> f64 {
    terms::of(view, variable).map_or(0.0, |marginal| max(-marginal.slope, 0.0) * BP_PER_PERCENT)
}

fn barred(view: &View<'_>, i: usize, trade: &'static str, why: String, price_bp: f64) -> Barred {
    let ticker = view.ticker(i).to_owned();
    Barred { ticker, trade, why, price_bp, until: None, lot: None, day: None, loss: None }
}

impl Barred {
    fn under(self, lock: Option<&Lock>) -> Self {
        let Some(lock) = lock else { return self };
        Self {
            until: Some(lock.last.to_string()),
            lot: Some(lock.lot),
            day: Some(lock.sold.to_string()),
            loss: Some(lock.open_loss.to_string()),
            ..self
        }
    }
}

/// Purchases, short sales and loss sales that were not admitted.
pub(crate) fn all(view: &View<'_>) -> Result<Vec<Barred>, Error> {
    let book = &view.seen.book;
    let mut list = Vec::new();
    for (i, bar) in book.no_buy.iter().enumerate() {
        let Some(bar) = *bar else { continue };
        let price = price(view, Variable::Buy { security: i });
        let lock = if bar == NoBuy::Locked { lock_of(view, i, false) } else { None };
        list.push(barred(view, i, "purchase", bar_text(view, i, bar), price).under(lock));
    }
    if view.seen.policy.short_gross_max.is_some() {
        for i in 0..book.no_short.len() {
            let lock = lock_of(view, i, true);
            let listed = view.seen.policy.no_short.iter().any(|ticker| ticker == view.ticker(i));
            let why = match lock {
                Some(lock) => format!("lock on short sales through {}", lock.last),
                None if listed => "on the no-short list".to_owned(),
                None => continue,
            };
            let price = price(view, Variable::Short { security: i });
            list.push(barred(view, i, "short sale", why, price).under(lock));
        }
    }
    for i in 0..book.lots.len() {
        for (rank, lot) in book.lots[i].iter().enumerate() {
            if lot.sellable || lot.gain >= 0.0 {
                continue;
            }
            let price = price(view, Variable::Sell { security: i, rank });
            let why = match &lot.deferral {
                _ if book.sides[i] == Side::Buy => "the name is on the buy side of its conflict".to_owned(),
                Some(deferral) => format!("a loss beside shares bought {}", held::place_text(view, deferral)),
                None => "an earlier lot that goes first may not be sold".to_owned(),
            };
            let recent = lot.deferral.filter(|_| book.sides[i] != Side::Buy).map(|deferral| deferral.day);
            let until = recent.map(|day| day.plus_days(view.seen.law.wash_days)).transpose()?;
            list.push(Barred {
                lot: Some(lot.id),
                until: until.map(|day| day.to_string()),
                day: recent.map(|day| day.to_string()),
                ..barred(view, i, "sale", why, price)
            });
        }
    }
    Ok(list)
}

/// The locks that the day's trades open.
pub(crate) fn opened(view: &View<'_>) -> Vec<Opened> {
    let events = view.run.outcome.events.iter();
    events
        .filter_map(|event| match event {
            Event::LockOpen { lock } => Some(Opened {
                ticker: view.ticker(lock.security as usize).to_owned(),
                bars: if lock.short { "short sale" } else { "purchase" },
                lot: lock.lot,
                through: lock.last.to_string(),
                loss: lock.open_loss.to_string(),
            }),
            _ => None,
        })
        .collect()
}
