//! Messages of strategies as they arrive at the venue.

use super::{Lane, order_key};
use crate::book::NONE;
use crate::event::{PRICE_LIMIT, Phase, QTY_LIMIT};
use crate::mutant;
use crate::order::{
    Arm, Condition, Message, NewOrder, Offset, Order, Pricing, Reason, State, TimeInForce, Trail,
};
use crate::report::{Liquidity, Report, Rule, What};
use crate::{Problem, Rounding, Side};

/// Largest number of an order.
const ID_LIMIT: u64 = 1 << 48;

impl Lane {
    /// Acts on a message.
    pub(crate) fn message(&mut self, owner: u16, message: &Message) -> Result<(), Problem> {
        match message {
            Message::New(order) => self.new_order(owner, order)?,
            Message::Cancel { id, .. } => self.cancel(owner, *id),
            Message::Replace { id, qty, price, .. } => self.replace(owner, *id, *qty, *price)?,
            Message::CancelAll { .. } => {
                self.end_where(owner, State::Cancelled, Rule::Life, Reason::Requested, |_| true);
            }
        }
        self.run_ready()
    }

    fn new_order(&mut self, owner: u16, new: &NewOrder) -> Result<(), Problem> {
        if new.id >= ID_LIMIT
            || self.find(owner, new.id).is_some() && mutant!("state.duplicate-taken", true, false)
        {
            let reason = if new.id >= ID_LIMIT { Reason::Invalid } else { Reason::DuplicateId };
            self.turn_away(owner, new.id, new.side, reason);
            return Ok(());
        }
        let at = self.orders.len() as u32;
        let price = match (new.pricing, new.trigger) {
            (Pricing::Limit(price), _) => price,
            (_, Some(trigger)) => trigger.price,
            _ => 0,
        };
        self.orders.push(Order {
            new: *new,
            owner,
            submitted: u64::from(at),
            state: State::Held,
            reason: Reason::None,
            open: new.qty,
            filled: 0,
            paid: 0,
            fees: 0,
            node: NONE,
            price,
            trigger: 0,
            follows: false,
        });
        self.index.set(order_key(owner, new.id), at);
        self.active[usize::from(owner)].push(at);
        if let Err(reason) = self.validate(owner, new) {
            self.finish(at, State::Rejected, Rule::Life, reason);
            return Ok(());
        }
        self.report(at, What::Accepted, Rule::Life, Reason::None);
        self.enrol(at);
        if let Some((parent, arm)) = new.parent {
            self.join_parent(at, owner, parent, arm);
            return Ok(());
        }
        self.begin(at)
    }

    /// Notes an order's links and its deadline.
    fn enrol(&mut self, at: u32) {
        let order = &self.orders[at as usize];
        let owner = order.owner;
        if let Some(group) = order.new.oco {
            self.groups.entry((owner, group)).or_default().push(at);
        }
        if let Some((parent, _)) = order.new.parent {
            self.children.entry((owner, parent)).or_default().push(at);
        }
        if let TimeInForce::Gtd(time) = order.new.tif {
            self.deadlines.push((time, at));
        }
        self.any_reduce_only |= order.new.reduce_only;
    }

    /// A child waits for its parent, or begins at once for what its parent has filled.
    fn join_parent(&mut self, at: u32, owner: u16, parent: u64, arm: Arm) {
        self.orders[at as usize].open = 0;
        let Some(parent) = self.find(owner, parent) else {
            self.finish(at, State::Rejected, Rule::Link, Reason::UnknownOrder);
            return;
        };
        let parent = self.orders[parent as usize];
        let armed = parent.filled > 0 && (arm == Arm::Partial || parent.state.is_final());
        if armed {
            self.awaken(at, parent.filled);
        } else if parent.state.is_final() {
            self.finish(at, State::Cancelled, Rule::Link, Reason::ParentGone);
        }
    }

    fn validate(&self, owner: u16, new: &NewOrder) -> Result<(), Reason> {
        match self.phase {
            Phase::Closed => return Err(Reason::SessionClosed),
            Phase::Halted => return Err(Reason::Halted),
            Phase::Open | Phase::Auction => {}
        }
        let (least, most) = self.instrument.order_lots;
        if new.qty < 1 || new.qty > QTY_LIMIT || new.weight == 0 {
            return Err(Reason::Invalid);
        }
        if new.qty < least || new.qty > most {
            return Err(Reason::OrderSize);
        }
        if new.qty % self.instrument.lot_step != 0 || new.display.is_some_and(|lots| lots < 1) {
            return Err(Reason::OffLot);
        }
        if let TimeInForce::Gtd(time) = new.tif
            && mutant!("tif.gtd-late", time <= self.now, time < self.now)
        {
            return Err(Reason::TimeUp);
        }
        self.validate_prices(new)?;
        if new.reduce_only && new.parent.is_none() && self.reducible(owner, new.side) == 0 {
            return Err(Reason::NothingToReduce);
        }
        if let Some(limit) = self.rules.position_limit {
            let after = self.accounts[owner as usize].position.saturating_add(new.side.sign() * new.qty);
            if mutant!(
                "risk.position-strict",
                after.saturating_abs() > limit,
                after.saturating_abs() >= limit
            ) && !new.reduce_only
            {
                return Err(Reason::PositionLimit);
            }
        }
        Ok(())
    }

    fn validate_prices(&self, new: &NewOrder) -> Result<(), Reason> {
        let limit = match new.pricing {
            Pricing::Limit(price) => Some(price),
            Pricing::Market | Pricing::MarketToLimit => None,
        };
        let fixed = new.trigger.filter(|trigger| trigger.trail.is_none()).map(|trigger| trigger.price);
        for price in [limit, fixed].into_iter().flatten() {
            if price.unsigned_abs() > PRICE_LIMIT.unsigned_abs() {
                return Err(Reason::Invalid);
            }
            if price % self.instrument.price_step != 0 {
                return Err(Reason::OffTick);
            }
        }
        if !new.trigger.and_then(|trigger| trigger.trail).is_none_or(|trail| fits(&trail)) {
            return Err(Reason::Invalid);
        }
        let trail = new.trigger.and_then(|trigger| trigger.trail.map(|_| trigger.condition));
        if trail.is_some_and(|condition| condition != Condition::Stop)
            || new.post_only.is_some() && limit.is_none()
        {
            return Err(Reason::Invalid);
        }
        if let (Some(price), Some(bps), Some(last)) = (limit, self.rules.price_band_bps, self.last) {
            let band = i128::from(last.unsigned_abs()) * i128::from(bps);
            let far = i128::from(price.abs_diff(last)) * 10_000;
            if mutant!("risk.band-strict", far > band, far >= band) {
                return Err(Reason::PriceBand);
            }
        }
        Ok(())
    }

    fn cancel(&mut self, owner: u16, id: u64) {
        let Some(at) = self.find(owner, id) else {
            self.turn_away(owner, id, Side::Buy, Reason::UnknownOrder);
            return;
        };
        if self.orders[at as usize].state.is_final() && mutant!("state.final-cancelled", true, false) {
            self.turn_away(owner, id, self.orders[at as usize].new.side, Reason::AlreadyFinal);
        } else {
            self.finish(at, State::Cancelled, Rule::Life, Reason::Requested);
        }
    }

    fn replace(&mut self, owner: u16, id: u64, qty: i64, price: i64) -> Result<(), Problem> {
        let Some(at) = self.find(owner, id) else {
            self.turn_away(owner, id, Side::Buy, Reason::UnknownOrder);
            return Ok(());
        };
        let order = self.orders[at as usize];
        let bad = if order.state.is_final() {
            Some(Reason::AlreadyFinal)
        } else if order.rests() && order.node == NONE {
            // A market order that waits for the end of an auction has no price to change.
            Some(Reason::Invalid)
        } else if self.phase == Phase::Halted {
            Some(Reason::Halted)
        } else if !(1..=QTY_LIMIT).contains(&qty) || price.unsigned_abs() > PRICE_LIMIT.unsigned_abs() {
            Some(Reason::Invalid)
        } else if price % self.instrument.price_step != 0 {
            Some(Reason::OffTick)
        } else if qty % self.instrument.lot_step != 0 {
            Some(Reason::OffLot)
        } else {
            None
        };
        if let Some(reason) = bad {
            self.turn_away(owner, id, order.new.side, reason);
            return Ok(());
        }
        let open = qty - mutant!("replace.forgets-filled", order.filled, 0);
        if open <= 0 {
            self.finish(at, State::Cancelled, Rule::Life, Reason::Requested);
            return Ok(());
        }
        self.orders[at as usize].new.qty = qty;
        match order.state {
            State::Open => self.replace_resting(at, open, price),
            State::Waiting => {
                self.conditions.remove(at, &order);
                self.live -= 1;
                let order = &mut self.orders[at as usize];
                order.open = open;
                if let Some(trigger) = &mut order.new.trigger {
                    trigger.price = price;
                }
                self.report(at, What::Replaced, Rule::Life, Reason::None);
                self.begin(at)
            }
            _ => {
                self.report(at, What::Replaced, Rule::Life, Reason::None);
                Ok(())
            }
        }
    }

    fn replace_resting(&mut self, at: u32, open: i64, price: i64) -> Result<(), Problem> {
        let order = self.orders[at as usize];
        let keeps = price == order.price && open <= order.open;
        if mutant!("replace.keeps-place", keeps, price == order.price) {
            self.orders[at as usize].open = open;
            let shown = self.orders[at as usize].slice();
            if self.book.node(order.node).qty > shown || order.new.display.is_none() {
                self.book.node_mut(order.node).qty = shown;
            }
            self.report(at, What::Replaced, Rule::Life, Reason::None);
            return Ok(());
        }
        self.leave(at);
        let order = &mut self.orders[at as usize];
        order.open = open;
        order.price = price;
        order.state = State::Held;
        order.new.pricing = Pricing::Limit(price);
        self.report(at, What::Replaced, Rule::Life, Reason::None);
        if self.is_continuous() { self.execute(at, None) } else { self.collect_for_auction(at) }
    }

    /// Rejects a message that belongs to no order of its own.
    fn turn_away(&mut self, owner: u16, id: u64, side: Side, reason: Reason) {
        self.out.push(Report {
            time: self.now,
            order: id,
            evidence: self.events,
            price: 0,
            qty: 0,
            queue: (0, 0),
            fee: 0,
            symbol: self.symbol,
            owner,
            counterparty: None,
            what: What::Rejected,
            side,
            liquidity: Liquidity::None,
            rule: Rule::Life,
            reason,
        });
    }

    /// An order's time is up.
    pub(crate) fn expire(&mut self, at: u32) -> Result<(), Problem> {
        if !self.orders[at as usize].state.is_final() {
            self.finish(at, State::Expired, Rule::Clock, Reason::TimeUp);
        }
        self.run_ready()
    }

    /// Average price of an order's fills, rounded half to even; `None` without fills.
    pub(crate) fn average(order: &Order) -> Option<i64> {
        (order.filled > 0).then(|| Rounding::HalfEven.divide(order.paid, i128::from(order.filled)) as i64)
    }
}

/// Whether the numbers of a trailing trigger are within the limits.
fn fits(trail: &Trail) -> bool {
    let offset = match trail.offset {
        Offset::Ticks(ticks) => (0..=PRICE_LIMIT).contains(&ticks),
        Offset::Bps(bps) => (0..=10_000).contains(&bps),
    };
    offset && trail.activation.is_none_or(|price| price.unsigned_abs() <= PRICE_LIMIT.unsigned_abs())
}
