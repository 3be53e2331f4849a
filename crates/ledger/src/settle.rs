//! The day's orders, settled at the close: sales, wash-sale matches of their losses, purchases, short sales, covers.

use crate::day::Day;
use crate::day_tax;
use crate::law::{Rules, law_of};
use crate::{Error, shorts, wash};
use samebits_snapshot::record::{Account, CashReason, Event, Market, Tax, Trade, TradeSide};
use samebits_units::{Bps, Money, Qty};

/// An order in one security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Direction.
    pub side: TradeSide,
    /// Index into `Market::securities`.
    pub security: u32,
    /// The lot to sell from, or the short lot to cover; `None` for a purchase or a short sale.
    pub lot: Option<u64>,
    /// Shares, positive.
    pub quantity: Qty,
}

/// Trading costs as rates on notional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// On purchases and covers; part of the lot's basis, or of what a cover pays.
    pub buy: Bps,
    /// On sales, short ones too; reduces the proceeds.
    pub sell: Bps,
}

/// A settled day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The account after trading.
    pub account: Account,
    /// Lot-level trades, in the order of the orders.
    pub trades: Vec<Trade>,
    /// The day's events after those of [`open_day`](crate::open_day).
    pub events: Vec<Event>,
    /// Taxes of the day.
    pub tax: Tax,
}

impl Settlement {
    /// Taxes on the day's transactions, as a positive amount.
    ///
    /// # Errors
    /// Overflow.
    pub fn levies(&self) -> Result<Money, Error> {
        let paid = self.events.iter().filter_map(|event| match event {
            Event::Cash { reason: CashReason::Levy, amount, .. } => Some(amount.negated()),
            _ => None,
        });
        Ok(Money::total(paid.collect::<Result<Vec<_>, _>>()?)?)
    }
}

/// Settles `orders` (sells, buys, shorts, covers, each by ascending security) against `account`, as
/// [`open_day`](crate::open_day) left it.
///
/// # Errors
/// An order that cannot be carried out; nothing is applied then.
pub fn settle(
    account: &Account,
    market: &Market,
    orders: &[Order],
    costs: Costs,
) -> Result<Settlement, Error> {
    check_order(orders, market)?;
    let rules = Rules::of(law_of(account, market)?)?;
    let (before, trades, events) = (account, Vec::new(), Vec::new());
    let mut day = Day { market, rules, costs, before, account: account.clone(), trades, events };
    let of = |side| orders.iter().enumerate().filter(move |(_, order)| order.side == side);
    let mut losses = Vec::new();
    for (index, order) in of(TradeSide::Sell) {
        losses.extend(day.sell(index, order)?);
    }
    for loss in losses {
        let events = wash::after_sale(&day.account, market, &rules, &loss)?;
        day.record(events)?;
    }
    for (index, order) in of(TradeSide::Buy) {
        day.buy(index, order)?;
    }
    for (index, order) in of(TradeSide::Short) {
        day.short(index, order)?;
    }
    let mut losses = Vec::new();
    for (index, order) in of(TradeSide::Cover) {
        losses.extend(day.cover(index, order)?);
    }
    for loss in losses {
        let events = shorts::after_cover(&day.account, market, &rules, &loss)?;
        day.record(events)?;
    }
    if day.account.cash.is_negative() {
        return Err(Error::NegativeCash { cash: day.account.cash });
    }
    let tax = day_tax(account, &day.account, &day.events, market)?;
    Ok(Settlement { account: day.account, trades: day.trades, events: day.events, tax })
}

fn check_order(orders: &[Order], market: &Market) -> Result<(), Error> {
    let known = market.securities.len().min(market.prices.len());
    for (index, order) in orders.iter().enumerate() {
        if order.security as usize >= known {
            return Err(Error::NoSecurity { security: order.security, known });
        }
        if !order.quantity.is_positive() {
            return Err(Error::Order { index, problem: "the quantity is not positive" });
        }
        if order.lot.is_some() != matches!(order.side, TradeSide::Sell | TradeSide::Cover) {
            let problem =
                "a sale names its lot, a cover its short lot; a purchase or a short sale names none";
            return Err(Error::Order { index, problem });
        }
        if order.lot.is_some() && orders[..index].iter().any(|before| before.lot == order.lot) {
            return Err(Error::Order { index, problem: "the lot is sold twice, or covered twice" });
        }
        let key = |order: &Order| (order.side, order.security);
        if index.checked_sub(1).is_some_and(|before| key(&orders[before]) > key(order)) {
            return Err(Error::Order {
                index,
                problem: "sells come before buys, then shorts, then covers, each by ascending security",
            });
        }
    }
    Ok(())
}
