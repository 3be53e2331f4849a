//! Market data: what a replayed market does to the book and to the orders that rest in it.

use super::Lane;
use super::fill::Fill;
use super::orders::stranger;
use crate::book::{NO_KEY, NONE, STRANGER};
use crate::event::{Event, Kind, Phase};
use crate::mutant;
use crate::order::{Reason, State};
use crate::queue::{Allocation, Segment};
use crate::report::{Liquidity, Rule, What};
use crate::rules::{Crossed, Market, Through};
use crate::{Problem, Side};

impl Lane {
    /// A trade: resting orders at its price take part in order of their queue, orders better than it fill at their limits.
    pub(super) fn trade(&mut self, event: &Event) -> Result<(), Problem> {
        self.print = Some(event.price);
        self.print_left = event.qty;
        if self.live == 0 && self.ready.is_empty() {
            self.last = Some(event.price);
            return Ok(());
        }
        if mutant!("order.conditionals-first", false, true) {
            self.executed(event.price)?;
            self.run_ready()?;
        }
        for side in [Side::Buy, Side::Sell] {
            // The aggressor's own side does not rest, and outside of continuous trading a print is not for us to share.
            if event.side == Some(side) || !self.is_continuous() {
                continue;
            }
            let left = self.trade_through(side, event.price, event.qty)?;
            if self.rules.market != Market::Orders && left > 0 {
                self.trade_at(side, side.key(event.price), left)?;
            }
        }
        self.executed(event.price)?;
        self.run_ready()
    }

    /// Fills orders of `side` whose limits are better than a trade's price; gives the lots of the trade that are left.
    fn trade_through(&mut self, side: Side, price: i64, qty: i64) -> Result<i64, Problem> {
        let key = side.key(price);
        let mut left = qty;
        loop {
            let best = self.book.side(side).best_own();
            if best == NO_KEY || best >= key || left == 0 || mutant!("through.ignored", false, true) {
                return Ok(left);
            }
            let Some(at) = self.first_own(side, best) else { return Ok(left) };
            let wanted = self.fillable(at);
            let lots = match self.rules.through {
                Through::Certain => mutant!("through.certain-is-evidence", wanted, wanted.min(left)),
                Through::Evidence if wanted < left => wanted,
                Through::Evidence => left,
            };
            if lots > 0 {
                self.passive_fill(at, lots, Rule::TradeThrough)?;
            } else {
                self.finish(at, State::Cancelled, Rule::Life, Reason::NothingToReduce);
            }
            if self.rules.through == Through::Evidence {
                left -= lots;
            }
        }
    }

    /// The first own order of a level.
    fn first_own(&mut self, side: Side, key: i64) -> Option<u32> {
        let place = self.book.side_mut(side).find(key)?;
        let mut node = self.book.side(side).level(place).head;
        while node != NONE {
            let segment = self.book.node(node);
            if segment.tag != STRANGER {
                return Some(segment.tag);
            }
            node = segment.next;
        }
        None
    }

    fn passive_fill(&mut self, at: u32, qty: i64, rule: Rule) -> Result<(), Problem> {
        let price = self.orders[at as usize].price;
        let price = mutant!("slippage.on-makers", price, self.orders[at as usize].new.side.worse(price, 1));
        let most = self.fillable(at);
        let qty = mutant!("queue.fill-beyond-trade", if qty < most { qty } else { most }, most);
        if qty == 0 {
            return Ok(());
        }
        // The lots of a print trade once: a taker that follows finds what is left of them.
        self.print_left -= if self.print_left < qty { self.print_left } else { qty };
        self.fill(at, Fill { price, qty, liquidity: Liquidity::Maker, rule, counterparty: None })
    }

    /// A trade of `volume` at a level: strangers vanish from the front, own orders fill in their turn.
    fn trade_at(&mut self, side: Side, key: i64, volume: i64) -> Result<(), Problem> {
        let Some(place) = self.book.side_mut(side).find(key) else { return Ok(()) };
        let level = self.book.side_mut(side).level_mut(place);
        if level.own == 0 {
            return Ok(());
        }
        // A shrink that was published first is explained by the trade that comes after it.
        let explained = if level.pending < volume { level.pending } else { volume };
        level.pending -= mutant!("queue.debt-sign", explained, -explained);
        if self.rules.allocation != Allocation::Fifo {
            return self.trade_shared(side, key, volume);
        }
        let mut left = volume;
        while left > 0 {
            let level = *self.book.side(side).level(place);
            if level.own == 0 || level.head == NONE {
                break;
            }
            let head = *self.book.node(level.head);
            if head.tag == STRANGER {
                let lots = if head.qty < left { head.qty } else { left };
                self.vanish(side, place, level.head, mutant!("queue.trade-leaves-ahead", lots, 0));
                left -= lots;
                if mutant!("queue.trade-leaves-ahead", false, true) {
                    break;
                }
                continue;
            }
            let lots = head.qty.min(self.fillable(head.tag));
            let lots = if lots < left { lots } else { left };
            if lots > 0 {
                self.passive_fill(head.tag, lots, Rule::Queue)?;
                left -= lots;
            } else {
                self.finish(head.tag, State::Cancelled, Rule::Life, Reason::NothingToReduce);
            }
        }
        Ok(())
    }

    /// Takes lots of strangers out of a queue without touching what is displayed.
    fn vanish(&mut self, side: Side, place: usize, node: u32, lots: i64) {
        debug_assert!(self.book.node(node).side == side);
        if self.book.node(node).qty <= lots {
            self.book.unlink(place, node);
        } else {
            self.book.node_mut(node).qty -= lots;
        }
    }

    /// A trade at a level that is not shared out by time alone.
    fn trade_shared(&mut self, side: Side, key: i64, volume: i64) -> Result<(), Problem> {
        let mut segments = std::mem::take(&mut self.segments);
        self.collect(side, key, None, &mut segments);
        let mut plain: Vec<Segment> = segments.iter().map(|entry| entry.0).collect();
        self.rules.allocation.share_out(volume, &mut plain);
        let mut strangers = 0;
        for (segment, (_, tag)) in plain.iter().zip(&segments).filter(|(segment, _)| segment.given > 0) {
            if *tag == STRANGER {
                strangers += segment.given;
            } else {
                self.passive_fill(*tag, segment.given, Rule::Queue)?;
            }
        }
        segments.clear();
        self.segments = segments;
        if let Some(place) = self.book.side_mut(side).find(key) {
            self.vanish_from_front(side, place, strangers, NONE);
        }
        Ok(())
    }

    /// Takes lots of strangers from the front of a queue up to the node `end`; gives what it could not take.
    fn vanish_from_front(&mut self, side: Side, place: usize, lots: i64, end: u32) -> i64 {
        let (mut left, mut node) = (lots, self.book.side(side).level(place).head);
        while left > 0 && node != NONE && node != end {
            let segment = *self.book.node(node);
            if segment.tag == STRANGER {
                let taken = if segment.qty < left { segment.qty } else { left };
                self.vanish(side, place, node, taken);
                left -= taken;
            }
            node = segment.next;
        }
        left
    }

    /// Takes lots of strangers from the back of a queue.
    fn vanish_from_back(&mut self, side: Side, place: usize, lots: i64) {
        let (mut left, mut node) = (lots, self.book.side(side).level(place).tail);
        while left > 0 && node != NONE {
            let segment = *self.book.node(node);
            if segment.tag == STRANGER {
                let taken = if segment.qty < left { segment.qty } else { left };
                self.vanish(side, place, node, taken);
                left -= taken;
            }
            node = segment.prev;
        }
    }

    /// A displayed size.
    pub(super) fn level(&mut self, event: &Event) -> Result<(), Problem> {
        let Some(side) = event.side else { return Ok(()) };
        self.set_level(side, event.price, event.qty)?;
        if event.last { self.group_ends() } else { Ok(()) }
    }

    fn set_level(&mut self, side: Side, price: i64, qty: i64) -> Result<(), Problem> {
        let key = side.key(price);
        let ladder = self.book.side_mut(side);
        let place = ladder.reach(key)?;
        let level = ladder.level_mut(place);
        let before = level.shown;
        level.shown = qty;
        if qty < before {
            let shrink = before - qty;
            level.taken -= if level.taken < shrink { level.taken } else { shrink };
        }
        if mutant!("taker.reset-on-change", false, before != qty) {
            level.taken = 0;
        }
        let own = level.own;
        if (before == 0) != (qty == 0) {
            ladder.refresh(place, key);
        }
        if own > 0 {
            self.resize_queue(side, place, key);
        }
        Ok(())
    }

    /// Brings the queue of a level with own orders in line with its displayed size.
    fn resize_queue(&mut self, side: Side, place: usize, key: i64) {
        let level = *self.book.side(side).level(place);
        let standing = self.book.strangers_in(&level) - level.pending;
        if level.shown > standing {
            // Growth first takes back a shrink that waits, then joins the back.
            let growth = level.shown - standing;
            let returned = if level.pending < growth { level.pending } else { growth };
            self.book.side_mut(side).level_mut(place).pending -= returned;
            if growth > returned {
                let node = stranger(side, key, growth - returned);
                mutant!(
                    "queue.growth-ahead",
                    self.book.link_back(side, place, node),
                    self.book.link_front(side, place, node)
                );
            }
        } else if level.shown < standing && mutant!("queue.shrink-ignored", true, false) {
            let level = self.book.side_mut(side).level_mut(place);
            level.pending += standing - level.shown;
            self.shrunk.push((side, key));
            self.shrunk_at = self.now;
        }
    }

    /// Shrinks that no trade has explained leave their queues by the queue model.
    pub(super) fn settle_shrinks(&mut self) {
        let mut shrunk = std::mem::take(&mut self.shrunk);
        for (side, key) in shrunk.drain(..) {
            let Some(place) = self.book.side_mut(side).find(key) else { continue };
            let level = *self.book.side(side).level(place);
            let pending = std::mem::take(&mut self.book.side_mut(side).level_mut(place).pending);
            if pending == 0 || level.own == 0 {
                continue;
            }
            let mut first = level.head;
            while first != NONE && self.book.node(first).tag == STRANGER {
                first = self.book.node(first).next;
            }
            let ahead = self.book.strangers_until(&level, first);
            let behind = self.book.strangers_in(&level) - ahead;
            let pending = pending.min(ahead + behind);
            let from_ahead = self.rules.queue.from_ahead(pending, ahead, behind);
            self.vanish_from_front(side, place, from_ahead, first);
            self.vanish_from_back(side, place, pending - from_ahead);
        }
        self.shrunk = shrunk;
    }

    /// The best price of a side: better levels are gone.
    pub(super) fn top(&mut self, event: &Event) -> Result<(), Problem> {
        let Some(side) = event.side else { return Ok(()) };
        let key = side.key(event.price);
        loop {
            let best = self.book.side(side).best_shown();
            if best == NO_KEY || best >= key {
                break;
            }
            self.set_level(side, side.price(best), 0)?;
        }
        self.set_level(side, event.price, event.qty)?;
        if event.last { self.group_ends() } else { Ok(()) }
    }

    /// A snapshot begins: strangers are gone, own orders stay.
    pub(super) fn snapshot(&mut self, event: &Event) -> Result<(), Problem> {
        if self.rules.market == Market::Levels {
            for side in [Side::Buy, Side::Sell] {
                let mut key = self.book.side(side).best_shown();
                while key != NO_KEY {
                    self.set_level(side, side.price(key), 0)?;
                    key = self.book.side_mut(side).shown_after(key);
                }
            }
        } else {
            self.book.clear_strangers();
        }
        if event.last { self.group_ends() } else { Ok(()) }
    }

    /// An update is complete: the book must not be crossed, and own orders that the market has passed fill.
    pub(super) fn group_ends(&mut self) -> Result<(), Problem> {
        if self.phase == Phase::Open {
            let (bid, ask) = self.quote();
            if let Some((bid, ask)) = bid.zip(ask).filter(|(bid, ask)| bid >= ask)
                && self.rules.crossed == Crossed::Error
            {
                return Err(Problem::Crossed { bid, ask });
            }
            if self.live > 0 {
                self.book_through(Side::Buy)?;
                self.book_through(Side::Sell)?;
            }
        }
        self.quote_moved()?;
        self.run_ready()
    }

    /// The best level of a side with lots that our takers have not had.
    fn best_available(&mut self, side: Side) -> i64 {
        let mut key = self.book.side(side).best_shown();
        while key != NO_KEY && self.shown_less_taken(side, key) == 0 {
            key = self.book.side_mut(side).shown_after(key);
        }
        key
    }

    /// Fills own orders of `side` that the opposite best price has reached or passed.
    fn book_through(&mut self, side: Side) -> Result<(), Problem> {
        loop {
            let (own, shown) =
                (self.book.side(side).best_own(), self.book.side(side.opposite()).best_shown());
            // Most updates end here: nothing that is displayed reaches an own order.
            if own == NO_KEY || shown == NO_KEY || own > side.key(side.opposite().price(shown)) {
                return Ok(());
            }
            let other = self.best_available(side.opposite());
            if other == NO_KEY {
                return Ok(());
            }
            let touch = side.key(side.opposite().price(other));
            if mutant!("through.book-strict", own > touch, own >= touch) {
                return Ok(());
            }
            let Some(at) = self.first_own(side, own) else { return Ok(()) };
            let wanted = self.fillable(at);
            let lots = match self.rules.through {
                Through::Certain => wanted,
                Through::Evidence => wanted.min(self.shown_less_taken(side.opposite(), other)),
            };
            if lots == 0 {
                if wanted > 0 {
                    return Ok(());
                }
                self.finish(at, State::Cancelled, Rule::Life, Reason::NothingToReduce);
                continue;
            }
            if self.rules.through == Through::Evidence {
                let place = self.book.side_mut(side.opposite()).find(other).unwrap_or_default();
                self.book.side_mut(side.opposite()).level_mut(place).taken += lots;
            }
            self.passive_fill(at, lots, Rule::BookThrough)?;
        }
    }

    fn shown_less_taken(&mut self, side: Side, key: i64) -> i64 {
        let place = self.book.side_mut(side).find(key).unwrap_or_default();
        let level = self.book.side(side).level(place);
        if level.shown > level.taken { level.shown - level.taken } else { 0 }
    }

    /// An event of a book that is published order by order.
    pub(super) fn order_event(&mut self, event: &Event) -> Result<(), Problem> {
        let node = self.book.stranger(event.id);
        match (event.kind, event.side) {
            (Kind::Add, Some(side)) => {
                if node != NONE {
                    return Err(Problem::DuplicateOrder { id: event.id });
                }
                self.book.add_stranger(side, side.key(event.price), event.qty, event.id)?;
            }
            (Kind::Modify, Some(side)) => self.modify(node, side, event)?,
            _ => {
                if node == NONE {
                    return Err(Problem::UnknownOrder { id: event.id });
                }
                let held = *self.book.node(node);
                let qty = if event.kind == Kind::Cancel && event.qty == 0 { held.qty } else { event.qty };
                if qty > held.qty {
                    return Err(Problem::BadQuantity {
                        what: event.kind.name(),
                        found: event.qty,
                        expected: "at most what the order has left",
                    });
                }
                if event.kind != Kind::Cancel {
                    self.fill_evidence(node, qty)?;
                }
                if event.kind != Kind::Hit {
                    self.book.reduce_stranger(self.book.stranger(event.id), qty);
                }
                if event.kind == Kind::Fill {
                    self.executed(held.side.price(held.key))?;
                    self.run_ready()?;
                }
            }
        }
        if event.last { self.group_ends() } else { Ok(()) }
    }

    /// A stranger's order has a new price and size: less at the same price keeps its place.
    fn modify(&mut self, node: u32, side: Side, event: &Event) -> Result<(), Problem> {
        if node == NONE {
            return Err(Problem::UnknownOrder { id: event.id });
        }
        let held = *self.book.node(node);
        let key = side.key(event.price);
        if held.side == side && held.key == key && event.qty <= held.qty {
            if event.qty < held.qty {
                self.book.reduce_stranger(node, held.qty - event.qty);
            }
            return Ok(());
        }
        self.book.side_mut(side).reach(key)?;
        self.book.reduce_stranger(node, held.qty);
        self.book.add_stranger(side, key, event.qty, event.id)
    }

    /// A stranger's order traded: own orders ahead of it would have traded first.
    fn fill_evidence(&mut self, node: u32, qty: i64) -> Result<(), Problem> {
        let struck = *self.book.node(node);
        let price = struck.side.price(struck.key);
        let mut left = self.trade_through(struck.side, price, qty)?;
        if !self.own_ahead(node) {
            return Ok(());
        }
        let place = self.book.side_mut(struck.side).find(struck.key).unwrap_or_default();
        while left > 0 {
            let head = self.book.side(struck.side).level(place).head;
            let first = *self.book.node(head);
            if head == node {
                break;
            }
            if first.tag == STRANGER {
                // Strangers ahead of our order were passed over: the real queue is not first come, first served.
                if let Some(at) = self.first_own(struck.side, struck.key) {
                    self.report(at, What::PriorityViolation, Rule::Behind, Reason::None);
                }
                break;
            }
            let lots = first.qty.min(self.fillable(first.tag)).min(left);
            if lots == 0 {
                self.finish(first.tag, State::Cancelled, Rule::Life, Reason::NothingToReduce);
                continue;
            }
            left -= lots;
            self.passive_fill(first.tag, lots, Rule::Behind)?;
        }
        Ok(())
    }

    fn own_ahead(&self, node: u32) -> bool {
        let mut place = self.book.node(node).prev;
        while place != NONE {
            if self.book.node(place).tag != STRANGER {
                return true;
            }
            place = self.book.node(place).prev;
        }
        false
    }

    /// One row of a bar is a print of a quarter of its volume, the close of the rest (`bar-path/1`).
    pub(super) fn bar(&mut self, event: &Event) -> Result<(), Problem> {
        let quarter = event.qty / 4;
        let qty = if event.kind == Kind::BarClose { event.qty - 3 * quarter } else { quarter };
        if qty == 0 {
            return Ok(());
        }
        self.trade(&Event { qty, side: None, ..*event })
    }
}
