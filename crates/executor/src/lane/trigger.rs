//! After each execution: which conditional orders fire, and their turn.

use super::condition::{self, activated, behind, holds, unreachable};
use super::{CASCADE_LIMIT, Lane, Ready};
use crate::mutant;
use crate::order::{Reason, Reference, State, Trigger};
use crate::report::{Rule, What};
use crate::rules::OnArrival;
use crate::{Problem, Side};

impl Lane {
    /// The last price has moved.
    pub(super) fn executed(&mut self, price: i64) -> Result<(), Problem> {
        self.last = Some(price);
        self.stream_moved(0, price)
    }

    /// A reference has a new value: orders fire, then trailing triggers follow.
    pub(super) fn stream_moved(&mut self, stream: usize, value: i64) -> Result<(), Problem> {
        if self.conditions.is_quiet(stream) {
            return Ok(());
        }
        if mutant!("trail.ratchet-first", false, true) {
            self.conditions.ratchet(stream, value, &mut self.orders);
        }
        let mut fired = std::mem::take(&mut self.fired);
        fired.clear();
        self.conditions.fire(stream, value, &self.orders, &mut fired);
        for at in &fired {
            self.elect(*at);
        }
        self.fired = fired;
        if self.ready.len() > CASCADE_LIMIT {
            return Err(Problem::Cascade { limit: CASCADE_LIMIT });
        }
        self.conditions.ratchet(stream, value, &mut self.orders);
        Ok(())
    }

    /// The quote has moved.
    pub(super) fn quote_moved(&mut self) -> Result<(), Problem> {
        if self.conditions.is_empty() {
            return Ok(());
        }
        let (bid, ask) = self.quote();
        if let Some(bid) = bid {
            self.stream_moved(1, bid)?;
        }
        if let Some(ask) = ask {
            self.stream_moved(2, ask)?;
        }
        if let Some((bid, ask)) = bid.zip(ask) {
            self.stream_moved(3, mutant!("trigger.mid-is-bid", bid + ask, 2 * bid))?;
        }
        Ok(())
    }

    /// A fired order takes its place in the single queue of orders that are ready.
    fn elect(&mut self, at: u32) {
        let order = self.orders[at as usize];
        self.live -= 1;
        let rule = order
            .new
            .trigger
            .map_or(Rule::Life, |trigger| condition::rule(trigger.condition, order.new.side));
        self.orders[at as usize].state = State::Held;
        self.orders[at as usize].price = order.trigger.div_euclid(condition::scale(&order));
        self.report(at, What::Triggered, rule, Reason::None);
        self.ready.push_back(Ready { at, trigger: Some(order.trigger) });
    }

    /// Every order that is ready takes its turn, with new time priority.
    pub(super) fn run_ready(&mut self) -> Result<(), Problem> {
        let mut turns = 0;
        while let Some(next) = self.ready.pop_front() {
            turns += 1;
            if turns > CASCADE_LIMIT {
                return Err(Problem::Cascade { limit: CASCADE_LIMIT });
            }
            if self.orders[next.at as usize].state.is_final() {
                continue;
            }
            match next.trigger {
                Some(_) if !self.is_continuous() => self.collect_for_auction(next.at)?,
                Some(trigger) => self.execute(next.at, Some(trigger))?,
                None => self.begin(next.at)?,
            }
        }
        Ok(())
    }

    /// An accepted order waits for its trigger, or matches.
    pub(super) fn begin(&mut self, at: u32) -> Result<(), Problem> {
        match self.orders[at as usize].new.trigger {
            Some(trigger) => {
                self.wait(at, trigger);
                Ok(())
            }
            None if self.is_continuous() => self.execute(at, None),
            None => self.collect_for_auction(at),
        }
    }

    /// The value of a reference now; twice the middle for the mid.
    fn reference(&self, reference: Reference, side: Side) -> Option<i64> {
        let (bid, ask) = self.quote();
        match reference {
            Reference::Last => self.last,
            Reference::BidAsk => match side {
                Side::Sell => bid,
                Side::Buy => ask,
            },
            Reference::Mid => bid.zip(ask).map(|(bid, ask)| bid + ask),
            Reference::Mark => self.mark,
        }
    }

    fn wait(&mut self, at: u32, trigger: Trigger) {
        let side = self.orders[at as usize].new.side;
        let value = self.reference(trigger.reference, side);
        let scale = condition::scale(&self.orders[at as usize]);
        let mut level = trigger.price * scale;
        if let Some(trail) = trigger.trail {
            // Without a trade yet the opposite best stands in.
            let Some(start) = value.or_else(|| self.book.best_shown(side.opposite())) else {
                self.finish(at, State::Rejected, Rule::Life, Reason::NoReference);
                return;
            };
            let follows = activated(&trail, side, start, scale);
            level = if follows { behind(&trail, side, start, scale) } else { unreachable(side) };
            self.orders[at as usize].follows = follows;
        } else if value.is_some_and(|value| holds(trigger.condition, side, value, level)) {
            let rejects = self.rules.on_arrival == OnArrival::Reject;
            if mutant!("trigger.arrival-swapped", rejects, !rejects) {
                self.finish(at, State::Rejected, Rule::Life, Reason::TriggerHolds);
                return;
            }
            self.orders[at as usize].trigger = level;
            self.live += 1;
            self.elect(at);
            return;
        }
        let order = &mut self.orders[at as usize];
        order.trigger = level;
        order.state = State::Waiting;
        self.live += 1;
        let order = *order;
        self.conditions.insert(at, &order);
    }
}
