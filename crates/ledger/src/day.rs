//! One day's orders, one by one: each becomes a trade and events, and the account moves by the events alone.

use crate::law::{Rules, group_of};
use crate::{Costs, Error, Order, apply_to, shorts, wash};
use samebits_snapshot::record::{Account, CashReason, Event, Lot, LotRule, Market, Netting, Trade, WashRule};
use samebits_units::{Bps, Money, Qty};

pub(crate) struct Day<'a> {
    pub(crate) market: &'a Market,
    pub(crate) rules: Rules<'a>,
    pub(crate) costs: Costs,
    /// As the day began: what was held then decides the term of a loss on a short sale of the day.
    pub(crate) before: &'a Account,
    pub(crate) account: Account,
    pub(crate) trades: Vec<Trade>,
    pub(crate) events: Vec<Event>,
}

/// An order's money before anything else.
struct Priced {
    notional: Money,
    cost: Money,
}

impl Day<'_> {
    pub(crate) fn record(&mut self, events: Vec<Event>) -> Result<(), Error> {
        apply_to(&mut self.account, &events)?;
        self.events.extend(events);
        Ok(())
    }

    fn price(&self, order: &Order, rate: Bps) -> Result<Priced, Error> {
        let notional = self.market.prices[order.security as usize].value(order.quantity)?;
        Ok(Priced { notional, cost: notional.times(rate)? })
    }

    fn trade(&mut self, order: &Order, lot: u64, priced: Priced, (gain, long_term): (Money, bool)) {
        let Priced { notional, cost } = priced;
        let (side, security, quantity) = (order.side, order.security, order.quantity);
        self.trades.push(Trade { side, security, lot, quantity, notional, cost, gain, long_term });
    }

    /// The transaction tax of a trade, if there is one, leaves in cash and counts nowhere else.
    fn levy(&mut self, order: &Order, notional: Money) -> Result<(), Error> {
        let rates = self.rules.levies;
        let rate = if order.side.pays() { rates.buy } else { rates.sell };
        let amount = notional.times(rate)?.negated()?;
        if amount.is_zero() {
            return Ok(());
        }
        let security = Some(order.security);
        self.record(vec![Event::Cash { reason: CashReason::Levy, security, amount }])
    }

    /// Sells from one lot; a loss comes back for the wash-sale rule.
    pub(crate) fn sell(&mut self, index: usize, order: &Order) -> Result<Option<wash::Loss>, Error> {
        let lot = self.lot_to_sell(index, order)?;
        let priced = self.price(order, self.costs.sell)?;
        let (notional, quantity) = (priced.notional, order.quantity);
        let proceeds = notional.minus(priced.cost)?;
        let whole = quantity == lot.quantity;
        let part = |amount: Money| if whole { Ok(amount) } else { amount.share(quantity, lot.quantity) };
        let basis = part(lot.basis)?;
        let fair_value = lot.fair_value.map(part).transpose()?;
        let counted = self.rules.counted_basis(lot.acquired, basis, fair_value, notional);
        let deemed = Some(counted).filter(|counted| *counted != basis);
        let gain = proceeds.minus(deemed.unwrap_or(basis))?;
        let held_long = self.rules.is_long_term(lot.held_from, self.market.as_of)?;
        let long_term = self.rules.bucket(held_long, gain);
        self.record(vec![Event::Close { lot: lot.id, quantity, proceeds, basis, long_term, deemed }])?;
        self.levy(order, notional)?;
        self.trade(order, lot.id, priced, (gain, held_long));
        if !gain.is_negative() {
            return Ok(None);
        }
        Ok(Some(wash::Loss {
            lot: lot.id,
            purchase: lot.parent.unwrap_or(lot.id),
            security: order.security,
            quantity,
            amount: gain.negated()?,
            held_days: self.market.as_of.days_since(lot.held_from),
            long_term,
        }))
    }

    fn lot_to_sell(&self, index: usize, order: &Order) -> Result<Lot, Error> {
        let id = order.lot.ok_or(Error::Order { index, problem: "a sale names its lot" })?;
        let lot = self.account.lots.iter().find(|lot| lot.id == id).ok_or(Error::NoLot { lot: id })?.clone();
        if lot.security != order.security {
            return Err(Error::Order { index, problem: "the lot is of another security" });
        }
        if order.quantity > lot.quantity {
            return Err(Error::Oversold { lot: id, wanted: order.quantity, held: lot.quantity });
        }
        if self.rules.lots == LotRule::Fifo {
            let lots = self.account.lots.iter().filter(|other| other.security == lot.security);
            let first = lots.min_by_key(|other| (other.acquired, other.id));
            if let Some(expected) = first.map(|first| first.id).filter(|first| *first != id) {
                return Err(Error::NotFirst { index, lot: id, expected });
            }
        }
        Ok(lot)
    }

    pub(crate) fn buy(&mut self, index: usize, order: &Order) -> Result<(), Error> {
        let shorts = self.account.shorts.iter().map(|short| short.security);
        self.refuse_box(index, order.security, shorts)?;
        let priced = self.price(order, self.costs.buy)?;
        let (lot, quantity, security) = (self.account.next_lot, order.quantity, order.security);
        let (notional, basis) = (priced.notional, priced.notional.plus(priced.cost)?);
        let pool =
            self.account.lots.iter().find(|held| held.security == security).map_or(lot, |held| held.id);
        self.record(vec![Event::Open { lot, security, quantity, basis, acquired: self.market.as_of }])?;
        if self.rules.lots == LotRule::Average {
            self.record(vec![Event::Pool { into: pool, from: lot }])?;
        }
        self.levy(order, notional)?;
        self.trade(order, lot, priced, (Money::ZERO, false));
        if self.rules.wash == WashRule::ShareForShare {
            let events = wash::after_purchase(&self.account, self.market, lot)?;
            self.record(events)?;
        }
        Ok(())
    }

    /// Refuses an order whose group is already on the other side, in the securities `held`.
    fn refuse_box(&self, index: usize, security: u32, held: impl Iterator<Item = u32>) -> Result<(), Error> {
        let group = group_of(self.market, security)?;
        for other in held {
            if group_of(self.market, other)? == group {
                return Err(Error::AgainstTheBox { index, group });
            }
        }
        Ok(())
    }

    pub(crate) fn short(&mut self, index: usize, order: &Order) -> Result<(), Error> {
        let longs = self.account.lots.iter().map(|lot| lot.security);
        self.refuse_box(index, order.security, longs)?;
        let priced = self.price(order, self.costs.sell)?;
        let (lot, quantity, security) = (self.account.next_lot, order.quantity, order.security);
        let (notional, proceeds) = (priced.notional, priced.notional.minus(priced.cost)?);
        let against_long_term = self.held_long_term(security)?;
        let opened = self.market.as_of;
        self.record(vec![Event::ShortOpen { lot, security, quantity, proceeds, opened, against_long_term }])?;
        self.levy(order, notional)?;
        self.trade(order, lot, priced, (Money::ZERO, false));
        if self.rules.wash == WashRule::ShareForShare {
            let events = shorts::after_short(&self.account, self.market, lot)?;
            self.record(events)?;
        }
        Ok(())
    }

    /// Whether shares of the security's group were held long-term on the day (section 1233(d); by-term netting only). They
    /// were sold before the short sale, or it would have been refused.
    fn held_long_term(&self, security: u32) -> Result<bool, Error> {
        if self.rules.netting != Netting::ByTerm {
            return Ok(false);
        }
        let group = group_of(self.market, security)?;
        for lot in &self.before.lots {
            if group_of(self.market, lot.security)? == group
                && self.rules.is_long_term(lot.held_from, self.market.as_of)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Buys back shares of one short lot; a loss comes back for the wash-sale rule.
    pub(crate) fn cover(&mut self, index: usize, order: &Order) -> Result<Option<shorts::Loss>, Error> {
        let id = order.lot.ok_or(Error::Order { index, problem: "a cover names its short lot" })?;
        let short = self.account.shorts.iter().find(|short| short.id == id);
        let short = short.ok_or(Error::NoShort { lot: id })?.clone();
        if short.security != order.security {
            return Err(Error::Order { index, problem: "the short lot is of another security" });
        }
        let quantity: Qty = order.quantity;
        if quantity > short.quantity {
            return Err(Error::Overcovered { lot: id, wanted: quantity, owed: short.quantity });
        }
        let priced = self.price(order, self.costs.buy)?;
        let (notional, paid) = (priced.notional, priced.notional.plus(priced.cost)?);
        let whole = quantity == short.quantity;
        let proceeds = if whole { short.proceeds } else { short.proceeds.share(quantity, short.quantity)? };
        let gain = proceeds.minus(paid)?;
        let long_term = gain.is_negative() && short.against_long_term;
        self.record(vec![Event::ShortClose { lot: id, quantity, proceeds, paid, long_term }])?;
        self.levy(order, notional)?;
        self.trade(order, id, priced, (gain, long_term));
        if !gain.is_negative() {
            return Ok(None);
        }
        let (security, opened, amount) = (short.security, short.opened, gain.negated()?);
        Ok(Some(shorts::Loss { lot: id, security, opened, quantity, amount, long_term }))
    }
}
