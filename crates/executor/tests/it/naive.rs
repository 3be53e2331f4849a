//! The book against the plainest one: a list, scanned for every order.
//!
//! Protects price-time priority and conservation over 100,000 generated sequences.

use proptest::prelude::*;
use samebits_executor::{Match, Matcher, Side};

#[derive(Debug, Default)]
struct Naive {
    orders: Vec<(Side, i64, u64, i64)>,
}

impl Naive {
    fn limit(&mut self, id: u64, side: Side, price: i64, qty: i64) -> Vec<Match> {
        let (mut left, mut matches) = (qty, Vec::new());
        loop {
            let meets = |order: &(Side, i64, u64, i64)| {
                order.0 != side && if side == Side::Buy { order.1 <= price } else { order.1 >= price }
            };
            let mut best: Option<usize> = None;
            for (at, order) in self.orders.iter().enumerate().filter(|(_, order)| meets(order)) {
                let better = |best: usize| {
                    let held = self.orders[best].1;
                    if side == Side::Buy { order.1 < held } else { order.1 > held }
                };
                if best.is_none_or(better) {
                    best = Some(at);
                }
            }
            let Some(at) = best.filter(|_| left > 0) else { break };
            let (_, level, maker, held) = self.orders[at];
            let traded = held.min(left);
            left -= traded;
            matches.push(Match { maker, taker: id, price: level, qty: traded });
            self.orders[at].3 -= traded;
            if self.orders[at].3 == 0 {
                self.orders.remove(at);
            }
        }
        if left > 0 {
            self.orders.push((side, price, id, left));
        }
        matches
    }

    fn cancel(&mut self, id: u64) -> Option<i64> {
        let at = self.orders.iter().position(|order| order.2 == id)?;
        Some(self.orders.remove(at).3)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Limit(bool, i64, i64),
    Cancel(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let limit =
        (any::<bool>(), -4_i64..4, 1_i64..9).prop_map(|(buy, price, qty)| Step::Limit(buy, price, qty));
    prop::collection::vec(prop_oneof![3 => limit, 1 => (0_usize..20).prop_map(Step::Cancel)], 1..24)
}

fn check(steps: &[Step], spread: i64, ids: u64, scale: i64) {
    let (mut matcher, mut naive) = (Matcher::new(), Naive::default());
    let mut next = 0;
    for step in steps {
        match *step {
            Step::Limit(buy, price, qty) => {
                next += ids;
                let side = if buy { Side::Buy } else { Side::Sell };
                let mut matches = Vec::new();
                let rest =
                    matcher.limit_with(next, side, price * spread, qty * scale, |found| matches.push(found));
                let expected = naive.limit(next, side, price * spread, qty * scale);
                let traded: i64 = expected.iter().map(|found| found.qty).sum();
                assert_eq!(matches, expected);
                assert_eq!(rest, Ok(qty * scale - traded));
            }
            Step::Cancel(back) => {
                let id = next.saturating_sub(back as u64 * ids);
                assert_eq!(matcher.cancel(id).ok(), naive.cancel(id));
            }
        }
        let best = |side: Side| {
            let prices = naive.orders.iter().filter(|order| order.0 == side).map(|order| order.1);
            if side == Side::Buy { prices.max() } else { prices.min() }
        };
        assert_eq!([Side::Buy, Side::Sell].map(|side| matcher.best(side)), [Side::Buy, Side::Sell].map(best));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn equals_the_naive_book(
        steps in steps(),
        spread in prop::sample::select(vec![1_i64, 63, 1 << 20]),
        ids in prop::sample::select(vec![1_u64, 16, 1 << 33]),
        scale in prop::sample::select(vec![1_i64, 1_000_000]),
    ) {
        check(&steps, spread, ids, scale);
    }
}
