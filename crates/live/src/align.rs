//! The alignment of two lists of fills.

use crate::fill::Fill;
use pathfinding::matrix::Matrix;
use pathfinding::prelude::kuhn_munkres_min;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What still counts as the same fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tolerances {
    /// ns.
    pub time_ns: i64,
    /// Ticks.
    pub price_ticks: i64,
    /// Lots.
    pub qty_lots: i64,
    /// Fills further apart than this are never the same, ns.
    pub window_ns: i64,
}

impl Default for Tolerances {
    fn default() -> Self {
        Self { time_ns: 0, price_ticks: 0, qty_lots: 0, window_ns: 5_000_000_000 }
    }
}

/// A live fill and the replayed one that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Live.
    pub live: Fill,
    /// Replayed.
    pub replayed: Fill,
    /// Live less replayed, ns.
    pub time: i64,
    /// Live less replayed, ticks.
    pub price: i64,
    /// Live less replayed, lots.
    pub qty: i64,
}

/// Two lists of fills side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Reconciled {
    /// Within the tolerances.
    pub matched: Vec<Pair>,
    /// The same fill, but beyond a tolerance.
    pub different: Vec<Pair>,
    /// Replayed, and not there live.
    pub missing: Vec<Fill>,
    /// Live, and not there in the replay.
    pub extra: Vec<Fill>,
}

impl Reconciled {
    /// Whether every fill matched.
    pub const fn is_equal(&self) -> bool {
        self.different.is_empty() && self.missing.is_empty() && self.extra.is_empty()
    }

    /// Lots by which the two lists differ: missing, extra, and differences of quantity.
    pub fn lots_off(&self) -> i128 {
        let sum = |fills: &[Fill]| fills.iter().map(|fill| i128::from(fill.qty)).sum::<i128>();
        let pairs = self.different.iter().map(|pair| i128::from(pair.qty.unsigned_abs())).sum::<i128>();
        sum(&self.missing) + sum(&self.extra) + pairs
    }
}

/// Symbol, side, and the order if both lists have it.
type Key = (String, bool, Option<String>);

/// Largest group that is matched by least cost; beyond it fills are paired in their order.
const GROUP_LIMIT: usize = 400;

/// Aligns live fills with replayed ones: order by order and in sequence where both name the order; the rest by symbol and
/// side at least cost.
pub fn reconcile(live: &[Fill], replayed: &[Fill], tolerances: &Tolerances) -> Reconciled {
    let mut result = Reconciled::default();
    let mut groups: BTreeMap<Key, [Vec<&Fill>; 2]> = BTreeMap::new();
    let known: std::collections::BTreeSet<&String> =
        replayed.iter().filter_map(|fill| fill.order.as_ref()).collect();
    let common: std::collections::BTreeSet<&String> =
        live.iter().filter_map(|fill| fill.order.as_ref()).filter(|order| known.contains(order)).collect();
    let key = |fill: &Fill| {
        let order = fill.order.clone().filter(|order| common.contains(order));
        (fill.symbol.clone(), fill.buy, order)
    };
    for fill in live {
        groups.entry(key(fill)).or_default()[0].push(fill);
    }
    for fill in replayed {
        groups.entry(key(fill)).or_default()[1].push(fill);
    }
    for [live, replayed] in groups.into_values() {
        align(&live, &replayed, tolerances, &mut result);
    }
    result.matched.sort_by_key(|pair| pair.live.time);
    result.different.sort_by_key(|pair| pair.live.time);
    result.missing.sort_by_key(|fill| fill.time);
    result.extra.sort_by_key(|fill| fill.time);
    result
}

/// Aligns the fills of one group.
fn align(live: &[&Fill], replayed: &[&Fill], tolerances: &Tolerances, result: &mut Reconciled) {
    let mut taken = vec![false; replayed.len()];
    let mut open: Vec<&Fill> = Vec::new();
    // What is equal in everything needs no search.
    for fill in live {
        let same = |(at, other): (usize, &&Fill)| {
            !taken[at] && other.time == fill.time && other.price == fill.price && other.qty == fill.qty
        };
        match replayed.iter().enumerate().position(same) {
            Some(at) => {
                taken[at] = true;
                result.pair(fill, replayed[at], tolerances);
            }
            None => open.push(fill),
        }
    }
    let rest: Vec<&Fill> =
        replayed.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(fill, _)| *fill).collect();
    let pairs = if open.len() > GROUP_LIMIT || rest.len() > GROUP_LIMIT {
        (0..open.len().min(rest.len())).map(|at| (at, at)).collect()
    } else {
        cheapest(&open, &rest, tolerances)
    };
    let (mut left, mut right) = (vec![true; open.len()], vec![true; rest.len()]);
    for (at, other) in pairs {
        if open[at].time.abs_diff(rest[other].time) <= tolerances.window_ns.unsigned_abs() {
            (left[at], right[other]) = (false, false);
            result.pair(open[at], rest[other], tolerances);
        }
    }
    result.extra.extend(open.iter().zip(left).filter(|(_, left)| *left).map(|(fill, _)| (*fill).clone()));
    result
        .missing
        .extend(rest.iter().zip(right).filter(|(_, right)| *right).map(|(fill, _)| (*fill).clone()));
}

/// The assignment of least cost; a fill may also stay alone.
fn cheapest(live: &[&Fill], replayed: &[&Fill], tolerances: &Tolerances) -> Vec<(usize, usize)> {
    if live.is_empty() || replayed.is_empty() {
        return Vec::new();
    }
    let alone = alone(tolerances);
    // Each live fill has a place of its own in which it stays alone.
    let cost = |(row, column): (usize, usize)| match replayed.get(column) {
        Some(other) => cost(live[row], other).min(2 * alone),
        None => alone,
    };
    let weights = Matrix::from_fn(live.len(), replayed.len() + live.len(), cost);
    let (_, columns) = kuhn_munkres_min(&weights);
    columns.into_iter().enumerate().filter(|(_, column)| *column < replayed.len()).collect()
}

/// Cost of staying alone: that of a pair at the end of the window.
const fn alone(tolerances: &Tolerances) -> i64 {
    tolerances.window_ns / MICROS + 1
}

/// One tick weighs as a tenth of a second, one lot as a millisecond: a pair that differs in one of them is still closer
/// than two fills that stand alone.
const MICROS: i64 = 1_000;

fn cost(live: &Fill, replayed: &Fill) -> i64 {
    let capped = |difference: u64, weight: i64| -> i64 {
        let limit = 1_u64 << 40;
        (difference.min(limit) as i64).saturating_mul(weight).min(1 << 50)
    };
    capped(live.time.abs_diff(replayed.time) / MICROS as u64, 1)
        + capped(live.price.abs_diff(replayed.price), 100_000)
        + capped(live.qty.abs_diff(replayed.qty), 1_000)
}

impl Reconciled {
    fn pair(&mut self, live: &Fill, replayed: &Fill, tolerances: &Tolerances) {
        let pair = Pair {
            live: live.clone(),
            replayed: replayed.clone(),
            time: live.time.saturating_sub(replayed.time),
            price: live.price.saturating_sub(replayed.price),
            qty: live.qty.saturating_sub(replayed.qty),
        };
        let within = pair.time.unsigned_abs() <= tolerances.time_ns.unsigned_abs()
            && pair.price.unsigned_abs() <= tolerances.price_ticks.unsigned_abs()
            && pair.qty.unsigned_abs() <= tolerances.qty_lots.unsigned_abs();
        if within { &mut self.matched } else { &mut self.different }.push(pair);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(time: i64, price: i64, qty: i64, order: Option<&str>) -> Fill {
        let order = order.map(str::to_owned);
        Fill { time, symbol: "X".to_owned(), order, buy: true, price, qty, queue: None, rule: None }
    }

    fn counts(result: &Reconciled) -> (usize, usize, usize, usize) {
        (result.matched.len(), result.different.len(), result.missing.len(), result.extra.len())
    }

    #[test]
    fn by_order() {
        let replayed = [fill(10, 100, 5, Some("a.1")), fill(20, 101, 5, Some("a.2"))];
        let live = [fill(20, 101, 5, Some("a.2")), fill(10, 100, 4, Some("a.1"))];
        let result = reconcile(&live, &replayed, &Tolerances::default());
        assert_eq!(counts(&result), (1, 1, 0, 0));
        assert_eq!(result.different[0].qty, -1);
    }

    #[test]
    fn without_orders_by_least_cost() {
        let replayed =
            [fill(1_000_000, 100, 5, None), fill(2_000_000, 103, 5, None), fill(9_000_000, 100, 7, None)];
        // Swapped in the log, one a little late, one that the replay does not have.
        let live =
            [fill(2_000_500, 103, 5, None), fill(1_000_400, 100, 5, None), fill(60_000_000_000, 90, 1, None)];
        let loose = Tolerances { time_ns: 1_000, ..Tolerances::default() };
        let result = reconcile(&live, &replayed, &loose);
        assert_eq!(counts(&result), (2, 0, 1, 1));
        assert_eq!((result.missing[0].time, result.extra[0].price), (9_000_000, 90));
    }

    #[test]
    fn equal_lists_match() {
        let fills: Vec<_> = (0..50).map(|at| fill(at / 3, 100 + at % 2, 1 + at % 5, None)).collect();
        assert!(reconcile(&fills, &fills, &Tolerances::default()).is_equal());
    }
}
