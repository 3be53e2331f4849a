//! Conditional orders by the price that fires them: no event looks at an order that does not fire.

use crate::mutant;
use crate::order::{Condition, Offset, Order, Reference, Trail};
use crate::report::Rule;
use crate::{Rounding, Side};
use std::collections::BTreeSet;

/// The price streams that triggers watch: last, bid, ask, twice the middle, mark.
pub(crate) const STREAMS: usize = 5;

/// The stream that an order of `side` with this reference watches.
pub(crate) const fn stream(reference: Reference, side: Side) -> usize {
    match (reference, side) {
        (Reference::Last, _) => 0,
        (Reference::BidAsk, Side::Sell) => 1,
        (Reference::BidAsk, Side::Buy) => 2,
        (Reference::Mid, _) => 3,
        (Reference::Mark, _) => 4,
    }
}

/// Whether the trigger fires when the reference rises to it; else when it falls to it.
pub(crate) const fn rises(condition: Condition, side: Side) -> bool {
    matches!(
        (condition, side),
        (Condition::Stop, Side::Buy) | (Condition::TakeProfit | Condition::IfTouched, Side::Sell)
    )
}

/// The rule that fires a trigger.
pub(crate) const fn rule(condition: Condition, side: Side) -> Rule {
    match (condition, side) {
        (Condition::Stop, Side::Sell) => Rule::StopSell,
        (Condition::Stop, Side::Buy) => Rule::StopBuy,
        (_, Side::Sell) => Rule::TakeSell,
        (_, Side::Buy) => Rule::TakeBuy,
    }
}

/// Whether a trigger fires at a value of its reference.
pub(crate) fn holds(condition: Condition, side: Side, value: i64, trigger: i64) -> bool {
    let stop = matches!(condition, Condition::Stop);
    match (stop, side) {
        (true, Side::Sell) => mutant!("trigger.stop-sell-strict", value <= trigger, value < trigger),
        (true, Side::Buy) => mutant!("trigger.stop-buy-strict", value >= trigger, value > trigger),
        (false, Side::Sell) => mutant!("trigger.take-sell-strict", value >= trigger, value > trigger),
        (false, Side::Buy) => mutant!("trigger.take-buy-strict", value <= trigger, value < trigger),
    }
}

/// The waiting orders of one stream.
#[derive(Debug, Clone, Default)]
struct Watch {
    /// (trigger, submission, order), fired from the lowest.
    rising: BTreeSet<(i64, u64, u32)>,
    /// Fired from the highest.
    falling: BTreeSet<(i64, u64, u32)>,
    /// Orders whose trigger follows.
    trailing: Vec<u32>,
}

/// All waiting orders of a symbol.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    watches: [Watch; STREAMS],
    count: usize,
}

impl Conditions {
    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether nothing waits for this stream.
    pub(crate) fn is_quiet(&self, stream: usize) -> bool {
        let watch = &self.watches[stream];
        watch.rising.is_empty() && watch.falling.is_empty()
    }

    pub(crate) fn insert(&mut self, at: u32, order: &Order) {
        let Some(trigger) = order.new.trigger else { return };
        let watch = &mut self.watches[stream(trigger.reference, order.new.side)];
        let entry = (order.trigger, order.submitted, at);
        if rises(trigger.condition, order.new.side) {
            watch.rising.insert(entry);
        } else {
            watch.falling.insert(entry);
        }
        if trigger.trail.is_some() && !watch.trailing.contains(&at) {
            watch.trailing.push(at);
        }
        self.count += 1;
    }

    pub(crate) fn remove(&mut self, at: u32, order: &Order) {
        let Some(trigger) = order.new.trigger else { return };
        let watch = &mut self.watches[stream(trigger.reference, order.new.side)];
        let entry = (order.trigger, order.submitted, at);
        let held = if rises(trigger.condition, order.new.side) {
            watch.rising.remove(&entry)
        } else {
            watch.falling.remove(&entry)
        };
        self.count -= usize::from(held);
        watch.trailing.retain(|other| *other != at);
    }

    /// Takes out every order that fires at `value`, in order of submission.
    pub(crate) fn fire(&mut self, stream: usize, value: i64, orders: &[Order], fired: &mut Vec<u32>) {
        let watch = &mut self.watches[stream];
        let begun = fired.len();
        let fires = |at: u32| {
            let order = &orders[at as usize];
            let held = |trigger: crate::order::Trigger| {
                holds(trigger.condition, order.new.side, value, order.trigger)
            };
            order.new.trigger.is_some_and(held)
        };
        while let Some(entry) = watch.rising.first().copied().filter(|entry| fires(entry.2)) {
            watch.rising.remove(&entry);
            fired.push(entry.2);
        }
        while let Some(entry) = watch.falling.last().copied().filter(|entry| fires(entry.2)) {
            watch.falling.remove(&entry);
            fired.push(entry.2);
        }
        let new = &mut fired[begun..];
        if new.is_empty() {
            return;
        }
        self.count -= new.len();
        new.sort_unstable_by_key(|at| orders[*at as usize].submitted);
        if mutant!("trigger.newest-first", false, true) {
            new.reverse();
        }
        mutant!("determinism.hash-order", (), crate::mutant::shuffle(new));
        watch.trailing.retain(|at| !fired[begun..].contains(at));
    }

    /// Moves trailing triggers after the reference, only in favour of the order.
    pub(crate) fn ratchet(&mut self, stream: usize, value: i64, orders: &mut [Order]) {
        let watch = &mut self.watches[stream];
        for at in &watch.trailing {
            let order = &mut orders[*at as usize];
            let Some((trail, side)) =
                order.new.trigger.and_then(|trigger| trigger.trail).map(|trail| (trail, order.new.side))
            else {
                continue;
            };
            order.follows |= activated(&trail, side, value, scale(order));
            let moved = behind(&trail, side, value, scale(order));
            let better = match side {
                Side::Sell => mutant!("trail.sell-never", moved > order.trigger, false),
                Side::Buy => mutant!("trail.buy-never", moved < order.trigger, false),
            };
            if order.follows && mutant!("trail.both-ways", better, true) {
                let set = match side {
                    Side::Sell => &mut watch.falling,
                    Side::Buy => &mut watch.rising,
                };
                set.remove(&(order.trigger, order.submitted, *at));
                order.trigger = moved;
                set.insert((order.trigger, order.submitted, *at));
            }
        }
    }
}

/// Whether a trailing trigger follows from this value of the reference on.
pub(crate) fn activated(trail: &Trail, side: Side, value: i64, scale: i64) -> bool {
    trail.activation.map(|from| from * scale).is_none_or(|from| match side {
        Side::Sell => mutant!("trail.activation-strict", value >= from, value > from),
        Side::Buy => value <= from,
    })
}

/// Units of a trigger in one tick: the middle is kept doubled.
pub(crate) fn scale(order: &Order) -> i64 {
    let mid = order.new.trigger.is_some_and(|trigger| trigger.reference == Reference::Mid);
    if mid { 2 } else { 1 }
}

/// A trigger that no reference reaches: that of a trailing order that does not follow yet.
pub(crate) const fn unreachable(side: Side) -> i64 {
    -side.sign() * -4 * crate::event::PRICE_LIMIT
}

/// The trigger that stays behind a reference: below it for a sell, above it for a buy.
pub(crate) fn behind(trail: &Trail, side: Side, value: i64, scale: i64) -> i64 {
    let offset = match trail.offset {
        Offset::Ticks(ticks) => ticks * scale,
        Offset::Bps(bps) => {
            let product = i128::from(value.unsigned_abs()) * i128::from(bps);
            let rounding = mutant!("trail.rounds-down", Rounding::Ceil, Rounding::Floor);
            rounding.divide(product, mutant!("trail.bps-divisor", 10_000, 1_000)) as i64
        }
    };
    match side {
        Side::Sell => value - offset,
        Side::Buy => value + offset,
    }
}
