//! The day's orders, settled at the close: sales, wash-sale matches of the losses, then purchases.

use crate::{Error, accrued, apply, wash};
use samebits_snapshot::record::{Account, Event, Law, Market, Realised, Tax, Trade, TradeSide};
use samebits_units::{Bps, Date, Money, Qty};

/// An order in one security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Direction.
    pub side: TradeSide,
    /// Index into `Market::securities`.
    pub security: u32,
    /// The lot to sell from; `None` for a purchase.
    pub lot: Option<u64>,
    /// Shares, positive.
    pub quantity: Qty,
}

/// Trading costs as rates on notional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// On purchases; part of the lot's basis.
    pub buy: Bps,
    /// On sales; reduces the proceeds.
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

/// Whether shares held since `held_from` are long-term when sold on `day`; see [`samebits_tax::is_long_term`].
///
/// # Errors
/// A date out of range.
pub fn is_long_term(held_from: Date, day: Date, law: &Law) -> Result<bool, Error> {
    Ok(samebits_tax::is_long_term(law, held_from, day)?)
}

/// Settles `orders` (sells before buys, each by ascending security) against `account`, as [`open_day`](crate::open_day)
/// left it.
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
    let mut day = Day { market, account: account.clone(), trades: Vec::new(), events: Vec::new() };
    let sells = orders.iter().enumerate().filter(|(_, order)| order.side == TradeSide::Sell);
    let mut losses = Vec::new();
    for (index, order) in sells {
        losses.extend(day.sell(index, order, costs.sell)?);
    }
    for loss in losses {
        let events = wash::after_sale(&day.account, market, &loss)?;
        day.record(events)?;
    }
    for order in orders.iter().filter(|order| order.side == TradeSide::Buy) {
        let lot = day.buy(order, costs.buy)?;
        let events = wash::after_purchase(&day.account, market, lot)?;
        day.record(events)?;
    }
    if day.account.cash.is_negative() {
        return Err(Error::NegativeCash { cash: day.account.cash });
    }
    let tax = day.tax(account)?;
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
        if order.lot.is_some() != (order.side == TradeSide::Sell) {
            return Err(Error::Order { index, problem: "a sale names its lot, a purchase does not" });
        }
        if order.lot.is_some() && orders[..index].iter().any(|before| before.lot == order.lot) {
            return Err(Error::Order { index, problem: "the lot is sold twice" });
        }
        let key = |order: &Order| (order.side, order.security);
        if index.checked_sub(1).is_some_and(|before| key(&orders[before]) > key(order)) {
            return Err(Error::Order {
                index,
                problem: "sells come before buys, each by ascending security",
            });
        }
    }
    Ok(())
}

struct Day<'a> {
    market: &'a Market,
    account: Account,
    trades: Vec<Trade>,
    events: Vec<Event>,
}

impl Day<'_> {
    fn record(&mut self, events: Vec<Event>) -> Result<(), Error> {
        self.account = apply(&self.account, &events)?;
        self.events.extend(events);
        Ok(())
    }

    /// Sells from one lot; a loss comes back for the wash-sale rule.
    fn sell(&mut self, index: usize, order: &Order, rate: Bps) -> Result<Option<wash::Loss>, Error> {
        let id = order.lot.ok_or(Error::Order { index, problem: "a sale names its lot" })?;
        let lot = self.account.lots.iter().find(|lot| lot.id == id).ok_or(Error::NoLot { lot: id })?.clone();
        if lot.security != order.security {
            return Err(Error::Order { index, problem: "the lot is of another security" });
        }
        if order.quantity > lot.quantity {
            return Err(Error::Oversold { lot: id, wanted: order.quantity, held: lot.quantity });
        }
        let notional = self.market.prices[order.security as usize].value(order.quantity)?;
        let cost = notional.times(rate)?;
        let proceeds = notional.minus(cost)?;
        let whole = order.quantity == lot.quantity;
        let basis = if whole { lot.basis } else { lot.basis.share(order.quantity, lot.quantity)? };
        let gain = proceeds.minus(basis)?;
        let long_term = is_long_term(lot.held_from, self.market.as_of, &self.market.law)?;
        let quantity = order.quantity;
        self.record(vec![Event::Close { lot: id, quantity, proceeds, basis, long_term }])?;
        let side = TradeSide::Sell;
        self.trades.push(Trade {
            side,
            security: order.security,
            lot: id,
            quantity,
            notional,
            cost,
            gain,
            long_term,
        });
        if !gain.is_negative() {
            return Ok(None);
        }
        let held_days = self.market.as_of.days_since(lot.held_from);
        let amount = gain.negated()?;
        Ok(Some(wash::Loss {
            lot: id,
            purchase: lot.parent.unwrap_or(id),
            security: order.security,
            quantity,
            amount,
            held_days,
            long_term,
        }))
    }

    fn buy(&mut self, order: &Order, rate: Bps) -> Result<u64, Error> {
        let notional = self.market.prices[order.security as usize].value(order.quantity)?;
        let cost = notional.times(rate)?;
        let (lot, quantity, security) = (self.account.next_lot, order.quantity, order.security);
        let basis = notional.plus(cost)?;
        self.record(vec![Event::Open { lot, security, quantity, basis, acquired: self.market.as_of }])?;
        let (side, gain, long_term) = (TradeSide::Buy, Money::ZERO, false);
        self.trades.push(Trade { side, security, lot, quantity, notional, cost, gain, long_term });
        Ok(lot)
    }

    fn tax(&self, before: &Account) -> Result<Tax, Error> {
        let mut realised = Realised::default();
        let (mut lost, mut disallowed, mut disallowed_today) = (Money::ZERO, Money::ZERO, Money::ZERO);
        let mut add = |long_term: bool, amount: Money| -> Result<(), Error> {
            let bucket = if long_term { &mut realised.long_term } else { &mut realised.short_term };
            *bucket = bucket.plus(amount)?;
            Ok(())
        };
        for event in &self.events {
            match event {
                Event::Close { proceeds, basis, long_term, .. } => {
                    let gain = proceeds.minus(*basis)?;
                    add(*long_term, gain)?;
                    lost = if gain.is_negative() { lost.minus(gain)? } else { lost };
                }
                Event::WashDefer { loss, long_term, sold, .. } => {
                    add(*long_term, *loss)?;
                    disallowed = disallowed.plus(*loss)?;
                    if *sold == self.market.as_of {
                        disallowed_today = disallowed_today.plus(*loss)?;
                    }
                }
                _ => {}
            }
        }
        let law = &self.market.law;
        let owed = |account: &Account| accrued(&account.realised, &account.carry, &account.rates, law);
        let accrued = owed(&self.account)?;
        let change = accrued.minus(owed(before)?)?;
        Ok(Tax { realised, harvested: lost.minus(disallowed_today)?, disallowed, accrued, change })
    }
}
