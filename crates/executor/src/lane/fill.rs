//! A fill and everything that follows from it in the same step: positions, fees, linked orders.

use super::{Lane, Ready};
use crate::book::{NONE, Node};
use crate::mutant;
use crate::order::{Arm, Order, Reason, State};
use crate::report::{Liquidity, Report, Rule, What};
use crate::{Problem, Side};

/// What one fill is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fill {
    pub(super) price: i64,
    pub(super) qty: i64,
    pub(super) liquidity: Liquidity,
    pub(super) rule: Rule,
    pub(super) counterparty: Option<u16>,
}

impl Lane {
    /// Lots of an order that may trade now: less than its open lots if it must only reduce a position.
    pub(super) fn fillable(&self, at: u32) -> i64 {
        let order = &self.orders[at as usize];
        if !order.new.reduce_only {
            return order.open;
        }
        let room = self.reducible(order.owner, order.new.side);
        if room < order.open { room } else { order.open }
    }

    /// Lots that a trade of this side may have to reduce the position and not turn it.
    pub(super) fn reducible(&self, owner: u16, side: Side) -> i64 {
        let held = -side.sign() * self.accounts[owner as usize].position;
        mutant!("order.reduce-only-ignored", if held > 0 { held } else { 0 }, i64::MAX)
    }

    /// Books a fill of at most [`fillable`](Self::fillable) lots; gives what follows to the links.
    pub(super) fn fill(&mut self, at: u32, fill: Fill) -> Result<(), Problem> {
        let ahead = if fill.liquidity == Liquidity::Maker { self.ahead(at) } else { 0 };
        let order = &mut self.orders[at as usize];
        let side = order.new.side;
        let ticks_lots = i128::from(fill.price) * i128::from(fill.qty);
        order.open -= fill.qty;
        order.filled += fill.qty;
        order.paid += ticks_lots;
        let owner = order.owner;
        let rolling = &mut self.rolling[owner as usize];
        let terms = (fill.price, fill.qty);
        let (fee, notional) =
            self.rules.fees.of(&self.instrument, fill.liquidity, terms, rolling, self.now)?;
        rolling.add(self.now, notional);
        order.fees += i128::from(fee);
        let account = &mut self.accounts[owner as usize];
        let signed = side.sign() * fill.qty;
        let moved = account.position.checked_add(mutant!("state.position-sign", signed, -signed));
        account.position = moved.ok_or(Problem::Overflow { what: "position" })?;
        account.cash -= i128::from(side.sign()) * ticks_lots;
        account.fees += i128::from(fee);
        account.traded += i128::from(fill.qty);
        account.fills += 1;
        let report = Report {
            time: mutant!("report.fill-time", self.now, self.now + 1),
            order: mutant!("report.order-id", order.new.id, order.new.id + 1),
            evidence: mutant!("report.evidence", self.events, self.events + 1),
            price: fill.price,
            qty: fill.qty,
            queue: (ahead, ahead),
            fee,
            symbol: self.symbol,
            owner,
            counterparty: fill.counterparty,
            what: What::Filled,
            side,
            liquidity: mutant!("report.maker-flag", fill.liquidity, flipped(fill.liquidity)),
            rule: fill.rule,
            reason: Reason::None,
        };
        self.out.push(report);
        let place = self.out.len() - 1;
        self.after_fill(at, fill.qty);
        let rests = self.orders[at as usize].rests();
        let after = if rests && fill.liquidity == Liquidity::Maker { self.ahead(at) } else { 0 };
        self.out[place].queue.1 = after;
        Ok(())
    }

    /// Node, links and state after a fill of `lots`.
    fn after_fill(&mut self, at: u32, lots: i64) {
        let order = self.orders[at as usize];
        if order.open == 0 {
            self.finish(at, State::Filled, Rule::Life, Reason::None);
        } else if order.node != NONE {
            let node = self.book.node_mut(order.node);
            node.qty -= lots;
            if node.qty == 0 {
                self.refill(at);
            }
        }
        self.arm_children(at, lots);
        self.reduce_siblings(at, lots);
        self.end_reduce_only(order.owner);
    }

    /// The next slice of an iceberg joins the back of its level.
    fn refill(&mut self, at: u32) {
        if mutant!("iceberg.keeps-place", false, true) {
            let order = self.orders[at as usize];
            self.book.node_mut(order.node).qty = order.slice();
            return;
        }
        self.rejoin(at);
    }

    /// Moves a resting order to the back of its level, with the lots that it shows now. The level stays as it is: an own
    /// order that is the only one must not take the strangers' queue with it.
    fn rejoin(&mut self, at: u32) {
        let order = self.orders[at as usize];
        let node = *self.book.node(order.node);
        let place = node.at as usize;
        self.book.unlink(place, order.node);
        let moved = self.book.link_back(node.side, place, Node { qty: order.slice(), ..node });
        self.orders[at as usize].node = moved;
    }

    /// Orders with the same OCO number lose what this one traded.
    fn reduce_siblings(&mut self, at: u32, lots: i64) {
        let order = self.orders[at as usize];
        let Some(group) = order.new.oco.map(|group| (order.owner, group)) else { return };
        if mutant!("oco.sibling-keeps", false, order.open > 0) {
            return;
        }
        let mut place = 0;
        while let Some(other) = self.groups.get(&group).and_then(|members| members.get(place)).copied() {
            if other != at {
                self.reduce(other, lots, Rule::Link, Reason::Oco);
            }
            place += 1;
        }
    }

    /// Children come to life with the fills of their parent.
    fn arm_children(&mut self, at: u32, lots: i64) {
        let parent = self.orders[at as usize];
        let family = (parent.owner, parent.new.id);
        let mut place = 0;
        while let Some(child) = self.children.get(&family).and_then(|members| members.get(place)).copied() {
            place += 1;
            let order = self.orders[child as usize];
            let full = matches!(order.new.parent, Some((_, Arm::Full)));
            match order.state {
                State::Held if full => {
                    let arms = parent.open == 0 || mutant!("bracket.full-at-partial", false, true);
                    self.awaken(child, if arms { parent.filled } else { 0 });
                }
                State::Held => self.awaken(child, order.open + lots),
                State::Waiting | State::Open if !full => {
                    self.orders[child as usize].open += mutant!("bracket.armed-twice", lots, 2 * lots);
                    if order.node != NONE {
                        self.rejoin(child);
                    }
                    self.report(child, What::Replaced, Rule::Link, Reason::None);
                }
                _ => {}
            }
        }
    }

    /// A held child takes its turn after the order at hand, for this many lots.
    pub(super) fn awaken(&mut self, child: u32, lots: i64) {
        if lots == 0 {
            return;
        }
        let order = &mut self.orders[child as usize];
        let queued = order.open > 0;
        order.open = lots.min(order.new.qty);
        if !queued {
            self.ready.push_back(Ready { at: child, trigger: None });
        }
    }

    /// A parent that will not fill any more leaves no held children; what it filled still gets its exits.
    pub(super) fn orphan_children(&mut self, at: u32) {
        let parent = self.orders[at as usize];
        if parent.state == State::Filled {
            return;
        }
        let family = (parent.owner, parent.new.id);
        let mut place = 0;
        while let Some(child) = self.children.get(&family).and_then(|members| members.get(place)).copied() {
            place += 1;
            let order = &self.orders[child as usize];
            if order.state != State::Held || order.open > 0 {
                continue;
            }
            if parent.filled > 0 {
                self.awaken(child, parent.filled);
            } else if mutant!("bracket.orphans-stay", true, false) {
                self.finish(child, State::Cancelled, Rule::Link, Reason::ParentGone);
            }
        }
    }

    /// Orders that must only reduce end with the position.
    fn end_reduce_only(&mut self, owner: u16) {
        if self.accounts[owner as usize].position != 0 || !self.any_reduce_only {
            return;
        }
        let ends = |order: &Order| order.new.reduce_only && order.rests();
        if mutant!("order.outlives-position", true, false) {
            self.end_where(owner, State::Cancelled, Rule::Life, Reason::NothingToReduce, ends);
        }
    }
}

#[cfg(feature = "mutants")]
const fn flipped(liquidity: Liquidity) -> Liquidity {
    match liquidity {
        Liquidity::Maker => Liquidity::Taker,
        Liquidity::Taker => Liquidity::Maker,
        other => other,
    }
}
