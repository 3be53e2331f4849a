//! One incoming order against the book: rules 2 to 4 of `docs/tape.md`.

use super::Lane;
use super::fill::Fill;
use crate::book::{NO_KEY, NONE, STRANGER};
use crate::mutant;
use crate::order::{PostOnly, Pricing, Reason, State, TimeInForce};
use crate::queue::{Allocation, Segment};
use crate::report::{Liquidity, Rule};
use crate::rules::{Depth, Market, SelfTrade, Triggered};
use crate::slippage::{Scene, worsened};
use crate::{Problem, Rounding, Side};

impl Lane {
    /// Matches an order and deals with what is left; `trigger` is the price that fired it, if one did.
    pub(super) fn execute(&mut self, at: u32, trigger: Option<i64>) -> Result<(), Problem> {
        let side = self.orders[at as usize].new.side;
        let makers = side.opposite();
        let Ok(limit) = self.working_limit(at) else { return Ok(()) };
        self.orders[at as usize].price = limit.unwrap_or(0);
        if !self.post_only(at, limit) {
            return Ok(());
        }
        let limit = limit.map(|_| self.orders[at as usize].price);
        if !self.fill_or_kill(at, limit) {
            return Ok(());
        }
        let worst = limit.map_or(NO_KEY - 1, |price| makers.key(price));
        let skips = mutant!("walk.skips-a-level", false, true);
        let mut key = self.book.side(makers).best();
        while key != NO_KEY && within(key, worst) && self.active(at) {
            self.walk_level(at, makers, key, limit)?;
            key = self.book.side_mut(makers).after(key);
            if skips && key != NO_KEY {
                key = self.book.side_mut(makers).after(key);
            }
        }
        if self.rules.market == Market::Prints && self.active(at) {
            self.take_print(at, limit, trigger)?;
        }
        self.remainder(at)
    }

    /// Whether the order can still trade as a taker.
    fn active(&self, at: u32) -> bool {
        let order = &self.orders[at as usize];
        !order.state.is_final() && self.fillable(at) > 0
    }

    /// The limit that holds for this attempt: its own, the protection band, the opposite best. An error means that the
    /// order has ended for want of one.
    fn working_limit(&mut self, at: u32) -> Result<Option<i64>, Ended> {
        let order = &self.orders[at as usize];
        let side = order.new.side;
        let best = self.best_opposite(side);
        match order.new.pricing {
            Pricing::Limit(price) => {
                Ok(mutant!("match.sell-ignores-limit", Some(price), unlimited_sell(side, price)))
            }
            Pricing::Market => Ok(best
                .zip(mutant!("risk.no-protection", self.rules.protection_bps, None))
                .map(|(best, bps)| {
                    let band =
                        Rounding::Floor.divide(i128::from(best.unsigned_abs()) * i128::from(bps), 10_000);
                    side.worse(best, band as i64)
                })),
            Pricing::MarketToLimit => {
                if best.is_none() {
                    self.finish(at, State::Cancelled, Rule::Walk, Reason::NoLiquidity);
                    return Err(Ended);
                }
                Ok(best)
            }
        }
    }

    /// Best price that a taker of `side` meets: strangers, own orders, or the last print.
    fn best_opposite(&self, side: Side) -> Option<i64> {
        let makers = side.opposite();
        let key = self.book.side(makers).best();
        let booked = (key != NO_KEY).then(|| makers.price(key));
        match (booked, self.rules.market) {
            (None, Market::Prints) => self.print,
            _ => booked,
        }
    }

    /// Whether the order may go on: a post-only order that would take slides or is rejected.
    fn post_only(&mut self, at: u32, limit: Option<i64>) -> bool {
        let order = &self.orders[at as usize];
        let (Some(rule), Some(price)) = (order.new.post_only, limit) else { return true };
        let (side, best) = (order.new.side, self.best_opposite(order.new.side));
        let makers = side.opposite();
        let takes = best.is_some_and(|best| {
            mutant!(
                "post-only.at-touch",
                makers.key(best) <= makers.key(price),
                makers.key(best) < makers.key(price)
            )
        });
        match (takes, rule) {
            (false, _) => true,
            (true, PostOnly::Reject) => {
                self.finish(at, State::Rejected, Rule::Life, Reason::WouldTake);
                false
            }
            (true, PostOnly::Slide) => {
                let behind = side.worse(best.unwrap_or(price), -self.instrument.price_step);
                self.orders[at as usize].price = mutant!("post-only.no-slide", behind, price);
                true
            }
        }
    }

    /// Whether the order may go on: a fill-or-kill order that cannot fill in full is cancelled.
    fn fill_or_kill(&mut self, at: u32, limit: Option<i64>) -> bool {
        let order = &self.orders[at as usize];
        let single = match order.new.tif {
            TimeInForce::FokAny => false,
            TimeInForce::FokSingle => true,
            _ => return true,
        };
        let available =
            self.available(order.owner, order.new.side, limit, mutant!("fok.any-for-single", single, false));
        if available >= i128::from(self.orders[at as usize].open) || mutant!("fok.partial", false, true) {
            return true;
        }
        self.finish(at, State::Cancelled, Rule::Walk, Reason::NotFillable);
        false
    }

    /// Lots that a taker would find within its limit; at the limit level alone if `single`.
    fn available(&mut self, owner: u16, side: Side, limit: Option<i64>, single: bool) -> i128 {
        let makers = side.opposite();
        let worst = limit.map_or(NO_KEY - 1, |price| makers.key(price));
        let mut key = self.book.side(makers).best();
        if self.rules.depth == Depth::BestOnly && key != NO_KEY && key <= worst {
            return i128::MAX;
        }
        let mut sum = 0;
        while key != NO_KEY && key <= worst {
            if !single || key == worst {
                let at = self.book.side_mut(makers).find(key).unwrap_or_default();
                let level = *self.book.side(makers).level(at);
                let strangers = level.shown - level.taken;
                sum += i128::from(if strangers > 0 { strangers } else { 0 });
                let mut place = if level.own > 0 { level.head } else { NONE };
                while place != NONE {
                    let node = self.book.node(place);
                    if node.tag != STRANGER && !self.prevented(owner, node.tag) {
                        sum += i128::from(self.fillable(node.tag));
                    }
                    place = node.next;
                }
            }
            key = self.book.side_mut(makers).after(key);
        }
        if self.rules.market == Market::Prints && self.prints_cross(side, limit) {
            sum += match self.rules.depth {
                Depth::BestOnly => i128::from(i64::MAX),
                Depth::Displayed => i128::from(self.print_left),
            };
        }
        sum
    }

    /// Whether self-trade prevention stands between a taker's owner and a resting order.
    fn prevented(&self, owner: u16, maker: u32) -> bool {
        let same = self.orders[maker as usize].owner == owner;
        same && mutant!("stp.off", self.rules.self_trade != SelfTrade::Allow, false)
    }

    /// Trades with one level until it or the order is used up.
    fn walk_level(&mut self, at: u32, makers: Side, key: i64, limit: Option<i64>) -> Result<(), Problem> {
        let place = self.book.side_mut(makers).find(key).unwrap_or_default();
        let level = *self.book.side(makers).level(place);
        if level.own == 0 {
            return self.take_strangers(at, makers, key, level.shown - level.taken, limit);
        }
        if self.rules.allocation != Allocation::Fifo {
            return self.walk_shared(at, makers, key, limit);
        }
        while self.active(at) {
            let Some((node, strangers)) = self.first_available(makers, key) else { break };
            if node == NONE {
                self.take_strangers(at, makers, key, strangers, limit)?;
                continue;
            }
            let maker = self.book.node(node).tag;
            if self.fillable(maker) == 0 {
                self.finish(maker, State::Cancelled, Rule::Life, Reason::NothingToReduce);
            } else if self.prevented(self.orders[at as usize].owner, maker) {
                self.prevent(at, maker);
            } else {
                let lots = self.book.node(node).qty.min(self.fillable(maker));
                self.cross(at, maker, lots)?;
            }
        }
        Ok(())
    }

    /// The first node of a level that has lots: (`NONE`, lots) for a run of strangers, (node, 0) for an own order.
    fn first_available(&mut self, makers: Side, key: i64) -> Option<(u32, i64)> {
        let place = self.book.side_mut(makers).find(key)?;
        let level = *self.book.side(makers).level(place);
        let (mut skip, mut node) = (level.taken, level.head);
        while node != NONE {
            let segment = self.book.node(node);
            if segment.tag != STRANGER {
                return Some((node, 0));
            }
            if segment.qty > skip {
                return Some((NONE, segment.qty - skip));
            }
            skip -= segment.qty;
            node = segment.next;
        }
        None
    }

    /// Takes up to `available` lots of strangers at a level.
    fn take_strangers(
        &mut self,
        at: u32,
        makers: Side,
        key: i64,
        available: i64,
        limit: Option<i64>,
    ) -> Result<(), Problem> {
        let wanted = self.fillable(at);
        let optimistic = self.rules.depth == Depth::BestOnly;
        let lots = if optimistic || wanted < available { wanted } else { available };
        if lots <= 0 {
            return Ok(());
        }
        let place = self.book.side_mut(makers).find(key).unwrap_or_default();
        let level = self.book.side_mut(makers).level_mut(place);
        let shown = level.shown;
        if !optimistic {
            level.taken += mutant!("taker.ledger-off", lots, 0);
        }
        let price = makers.price(mutant!("walk.best-for-all", key, self.book.side(makers).best()));
        let price =
            mutant!("match.buys-at-bid", price, self.book.best_shown(makers.opposite()).unwrap_or(price));
        let price = self.slipped(at, price, lots, shown, limit)?;
        self.taker_fill(at, price, lots, Rule::Walk)
    }

    /// The price after slippage.
    fn slipped(&self, at: u32, price: i64, qty: i64, shown: i64, limit: Option<i64>) -> Result<i64, Problem> {
        let side = self.orders[at as usize].new.side;
        let scene = Scene { price, qty, shown, spread: self.spread() };
        let ticks = self.rules.slippage.ticks(&scene)?;
        Ok(worsened(side, price, ticks, self.instrument.price_step, limit))
    }

    fn taker_fill(&mut self, at: u32, price: i64, qty: i64, rule: Rule) -> Result<(), Problem> {
        let fill = Fill { price, qty, liquidity: Liquidity::Taker, rule, counterparty: None };
        self.fill(at, fill)?;
        self.executed(price)
    }

    /// An incoming order meets a resting one of ours: both fill at the resting price.
    fn cross(&mut self, taker: u32, maker: u32, lots: i64) -> Result<(), Problem> {
        let resting = self.orders[maker as usize];
        let incoming = &self.orders[taker as usize];
        if resting.new.oco.is_some() && resting.owner == incoming.owner && resting.new.oco == incoming.new.oco
        {
            // The legs of one OCO must not feed each other.
            self.finish(maker, State::Cancelled, Rule::SelfTrade, Reason::Oco);
            return Ok(());
        }
        let qty = lots.min(self.fillable(taker)).min(self.fillable(maker));
        if qty == 0 {
            return Ok(());
        }
        let price = mutant!("match.taker-price", resting.price, self.orders[taker as usize].price);
        let owners = (self.orders[taker as usize].owner, resting.owner);
        let rule = Rule::Cross;
        let taken = Fill { price, qty, liquidity: Liquidity::Taker, rule, counterparty: Some(owners.1) };
        self.fill(taker, taken)?;
        let made = Fill { liquidity: Liquidity::Maker, counterparty: Some(owners.0), ..taken };
        if !self.orders[maker as usize].state.is_final() {
            self.fill(maker, made)?;
        }
        self.executed(price)
    }

    /// Self-trade prevention between an incoming and a resting order of one strategy.
    fn prevent(&mut self, taker: u32, maker: u32) {
        let rule = Rule::SelfTrade;
        match self.rules.self_trade {
            SelfTrade::Allow => {}
            SelfTrade::CancelNewest => self.finish(taker, State::Cancelled, rule, Reason::SelfTrade),
            SelfTrade::CancelOldest => {
                let victim = mutant!("stp.wrong-victim", maker, taker);
                self.finish(victim, State::Cancelled, rule, Reason::SelfTrade);
            }
            SelfTrade::CancelBoth => {
                self.finish(maker, State::Cancelled, rule, Reason::SelfTrade);
                self.finish(taker, State::Cancelled, rule, Reason::SelfTrade);
            }
            SelfTrade::Decrement => {
                let (first, second) = (self.orders[taker as usize].open, self.orders[maker as usize].open);
                let lots = if first < second { first } else { second };
                self.reduce(maker, lots, rule, Reason::SelfTrade);
                self.reduce(taker, lots, rule, Reason::SelfTrade);
            }
        }
    }

    /// Shares an incoming order out over a level that does not go by time alone.
    fn walk_shared(&mut self, at: u32, makers: Side, key: i64, limit: Option<i64>) -> Result<(), Problem> {
        let owner = self.orders[at as usize].owner;
        let mut segments = std::mem::take(&mut self.segments);
        self.collect(makers, key, Some(owner), &mut segments);
        let mut plain: Vec<Segment> = segments.iter().map(|entry| entry.0).collect();
        self.rules.allocation.share_out(self.fillable(at), &mut plain);
        for (segment, (_, tag)) in plain.iter().zip(&segments).filter(|(segment, _)| segment.given > 0) {
            if *tag == STRANGER {
                self.take_strangers(at, makers, key, segment.given, limit)?;
            } else {
                self.cross(at, *tag, segment.given)?;
            }
        }
        segments.clear();
        self.segments = segments;
        Ok(())
    }

    /// The queue of a level as segments with their owners' orders; `taker` is who comes in, if it is one of ours.
    pub(super) fn collect(
        &mut self,
        side: Side,
        key: i64,
        taker: Option<u16>,
        into: &mut Vec<(Segment, u32)>,
    ) {
        let place = self.book.side_mut(side).find(key).unwrap_or_default();
        let level = *self.book.side(side).level(place);
        let (mut skip, mut node) = (if taker.is_some() { level.taken } else { 0 }, level.head);
        while node != NONE {
            let segment = *self.book.node(node);
            node = segment.next;
            let (qty, weight) = if segment.tag == STRANGER {
                let had = if skip < segment.qty { skip } else { segment.qty };
                skip -= had;
                (segment.qty - had, 1)
            } else if taker.is_some_and(|owner| self.prevented(owner, segment.tag)) {
                (0, 1)
            } else {
                let order = &self.orders[segment.tag as usize];
                (segment.qty.min(self.fillable(segment.tag)), order.new.weight)
            };
            into.push((Segment { qty, weight, given: 0 }, segment.tag));
        }
    }

    fn prints_cross(&self, side: Side, limit: Option<i64>) -> bool {
        let makers = side.opposite();
        self.print.is_some_and(|last| limit.is_none_or(|limit| makers.key(last) <= makers.key(limit)))
    }

    /// On a tape without a book a taker trades at the last print.
    fn take_print(&mut self, at: u32, limit: Option<i64>, trigger: Option<i64>) -> Result<(), Problem> {
        let side = self.orders[at as usize].new.side;
        let Some(last) = self.print.filter(|_| self.prints_cross(side, limit)) else { return Ok(()) };
        let wanted = self.fillable(at);
        let lots = match self.rules.depth {
            Depth::BestOnly => wanted,
            Depth::Displayed if wanted < self.print_left => wanted,
            Depth::Displayed => self.print_left,
        };
        if lots <= 0 {
            return Ok(());
        }
        if self.rules.depth == Depth::Displayed {
            self.print_left -= lots;
        }
        let at_trigger = mutant!("print.policy-swapped", Triggered::AtTrigger, Triggered::Print);
        let (price, rule) = match trigger.filter(|_| self.rules.triggered == at_trigger && limit.is_none()) {
            Some(trigger) => (trigger, Rule::AtTrigger),
            None => (last, Rule::Print),
        };
        let price = self.slipped(at, price, lots, self.print_left, limit)?;
        self.taker_fill(at, price, lots, rule)
    }

    /// What is left after the walk.
    fn remainder(&mut self, at: u32) -> Result<(), Problem> {
        let order = self.orders[at as usize];
        if order.state.is_final() {
            return Ok(());
        }
        if order.new.reduce_only && self.fillable(at) == 0 {
            self.finish(at, State::Cancelled, Rule::Life, Reason::NothingToReduce);
            return Ok(());
        }
        match (order.new.pricing, order.new.tif) {
            (Pricing::Market, _) => self.finish(at, State::Cancelled, Rule::Walk, Reason::NoLiquidity),
            (_, TimeInForce::Ioc | TimeInForce::FokAny | TimeInForce::FokSingle)
                if mutant!("tif.ioc-rests", true, false) =>
            {
                self.finish(at, State::Cancelled, Rule::Walk, Reason::ImmediateRest);
            }
            (Pricing::MarketToLimit, _) => {
                // It traded at the opposite best, which was its limit; it rests at the price of its last fill.
                self.rest(at)?;
            }
            (Pricing::Limit(_), _) => self.rest(at)?,
        }
        Ok(())
    }
}

/// An order that has ended before it could match.
struct Ended;

/// Whether a level lies within a taker's limit.
fn within(key: i64, worst: i64) -> bool {
    mutant!("match.limit-strict", key <= worst, key < worst)
}

#[cfg(feature = "mutants")]
const fn unlimited_sell(side: Side, price: i64) -> Option<i64> {
    match side {
        Side::Buy => Some(price),
        Side::Sell => None,
    }
}
