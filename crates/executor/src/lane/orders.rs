//! Orders in the book: joining, leaving, finishing.

use super::Lane;
use crate::book::{NONE, Node, STRANGER};
use crate::mutant;
use crate::order::{Order, Reason, State};
use crate::report::{Rule, What};
use crate::rules::Market;
use crate::{Problem, Side};

impl Lane {
    /// Rests an order at the back of its level at its price.
    pub(super) fn rest(&mut self, at: u32) -> Result<(), Problem> {
        let order = self.orders[at as usize];
        let side = order.new.side;
        let key = side.key(order.price);
        let place = self.book.side_mut(side).reach(key)?;
        let level = *self.book.side(side).level(place);
        if level.own == 0 && level.shown > 0 && self.rules.market == Market::Levels {
            // The queue of this level begins with everything that is displayed.
            self.book.link_back(side, place, stranger(side, key, level.shown));
        }
        let node = Node {
            qty: order.slice(),
            key,
            id: order.new.id,
            tag: at,
            next: NONE,
            prev: NONE,
            at: NONE,
            side,
        };
        let node = mutant!(
            "queue.joins-front",
            self.book.link_back(side, place, node),
            self.book.link_front(side, place, node)
        );
        self.book.side_mut(side).level_mut(place).own += 1;
        self.book.side_mut(side).refresh(place, key);
        let order = &mut self.orders[at as usize];
        order.node = node;
        order.state = State::Open;
        self.live += 1;
        Ok(())
    }

    /// Takes an order's node out of the book.
    pub(super) fn leave(&mut self, at: u32) {
        let order = &mut self.orders[at as usize];
        let node = std::mem::replace(&mut order.node, NONE);
        if node == NONE {
            return;
        }
        self.live -= 1;
        let (side, key) = (order.new.side, self.book.node(node).key);
        let place = self.book.node(node).at as usize;
        self.book.unlink(place, node);
        let level = self.book.side_mut(side).level_mut(place);
        level.own -= 1;
        if level.own == 0 && self.rules.market == Market::Levels {
            // No own order is left to count a queue for.
            level.pending = 0;
            while self.book.side(side).level(place).head != NONE {
                let head = self.book.side(side).level(place).head;
                self.book.unlink(place, head);
            }
        }
        self.book.side_mut(side).refresh(place, key);
    }

    /// Ends an order that does not trade any more.
    pub(super) fn finish(&mut self, at: u32, state: State, rule: Rule, reason: Reason) {
        let before = self.orders[at as usize];
        if before.state.is_final() {
            return;
        }
        self.leave(at);
        if before.state == State::Waiting {
            self.conditions.remove(at, &before);
            self.live -= 1;
        }
        let order = &mut self.orders[at as usize];
        order.state = state;
        order.reason = reason;
        if state != State::Filled {
            let what = match state {
                State::Rejected => What::Rejected,
                State::Expired => What::Expired,
                _ => What::Cancelled,
            };
            self.report(at, what, rule, reason);
        }
        self.orders[at as usize].open = 0;
        if self.orders[at as usize].filled > 0 {
            self.settle_minimum(at);
        }
        self.orphan_children(at);
    }

    /// Ends every live order of a strategy that fits, in order of submission.
    pub(super) fn end_where(
        &mut self,
        owner: u16,
        state: State,
        rule: Rule,
        reason: Reason,
        fits: impl Fn(&Order) -> bool,
    ) {
        let mut active = std::mem::take(&mut self.active[usize::from(owner)]);
        for at in &active {
            let order = &self.orders[*at as usize];
            if !order.state.is_final() && fits(order) {
                self.finish(*at, state, rule, reason);
            }
        }
        active.retain(|at| !self.orders[*at as usize].state.is_final());
        self.active[usize::from(owner)] = active;
    }

    /// Charges what the order's fees lack of the minimum.
    fn settle_minimum(&mut self, at: u32) {
        let order = &mut self.orders[at as usize];
        let lacking = self.rules.fees.top_up(order.fees);
        order.fees += lacking;
        self.accounts[order.owner as usize].fees += lacking;
    }

    /// Takes lots from an order that rests, waits or is held; it ends when none are left.
    pub(super) fn reduce(&mut self, at: u32, lots: i64, rule: Rule, reason: Reason) {
        let order = &mut self.orders[at as usize];
        if order.state.is_final() {
            return;
        }
        if order.open <= lots {
            self.finish(at, State::Cancelled, rule, reason);
            return;
        }
        order.open -= lots;
        let (node, open) = (order.node, order.open);
        if node != NONE && self.book.node(node).qty > open {
            self.book.node_mut(node).qty = open;
        }
        self.report(at, What::Reduced, rule, reason);
    }

    /// Strangers' lots ahead of a resting order.
    pub(super) fn ahead(&self, at: u32) -> i64 {
        let order = &self.orders[at as usize];
        if order.node == NONE {
            return 0;
        }
        let node = self.book.node(order.node);
        let mut place = node.prev;
        let mut sum = 0;
        while place != NONE {
            let other = self.book.node(place);
            sum += if other.tag == STRANGER { other.qty } else { 0 };
            place = other.prev;
        }
        sum
    }
}

/// A block of strangers' lots without a number.
pub(super) const fn stranger(side: Side, key: i64, qty: i64) -> Node {
    Node { qty, key, id: 0, tag: STRANGER, next: NONE, prev: NONE, at: NONE, side }
}
