//! The price of an auction.

use crate::Side;
use crate::mutant;

/// What one side is willing to trade at a price or better; `None` is a market order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interest {
    /// The side.
    pub side: Side,
    /// Limit in ticks, or none.
    pub limit: Option<i64>,
    /// Lots.
    pub qty: i64,
}

/// The price and volume at which an auction uncrosses.
///
/// Largest executable volume; then least surplus; then pressure (with buyers left at every candidate the highest price,
/// with sellers left the lowest); then nearest to the reference; then the lowest.
pub fn uncross(interests: &[Interest], reference: Option<i64>) -> Option<(i64, i64)> {
    let mut prices: Vec<i64> =
        interests.iter().filter_map(|interest| interest.limit).chain(reference).collect();
    prices.sort_unstable();
    prices.dedup();
    let at = |price: i64| -> Candidate {
        let lots = |side: Side| -> i128 {
            let willing = |interest: &&Interest| {
                interest.side == side
                    && interest.limit.is_none_or(|limit| match side {
                        Side::Buy => limit >= price,
                        Side::Sell => limit <= price,
                    })
            };
            interests.iter().filter(willing).map(|interest| i128::from(interest.qty)).sum()
        };
        let (buy, sell) = (lots(Side::Buy), lots(Side::Sell));
        Candidate { price, volume: if buy < sell { buy } else { sell }, surplus: buy - sell }
    };
    let all: Vec<Candidate> = prices.into_iter().map(at).collect();
    let most = all.iter().map(|candidate| candidate.volume).max().filter(|volume| *volume > 0)?;
    let least = |all: &[Candidate]| all.iter().map(|candidate| candidate.surplus.unsigned_abs()).min();
    let mut best: Vec<Candidate> = all.into_iter().filter(|candidate| candidate.volume == most).collect();
    let surplus = least(&best);
    if mutant!("auction.surplus-ignored", true, false) {
        best.retain(|candidate| Some(candidate.surplus.unsigned_abs()) == surplus);
    }
    let price = if best.iter().all(|candidate| candidate.surplus > 0) {
        mutant!("auction.pressure-reversed", best.last(), best.first()).map(|candidate| candidate.price)
    } else if best.iter().all(|candidate| candidate.surplus < 0) {
        best.first().map(|candidate| candidate.price)
    } else {
        let far = |candidate: &&Candidate| {
            (reference.map_or(0, |reference| candidate.price.abs_diff(reference)), candidate.price)
        };
        mutant!("auction.reference-ignored", best.iter().min_by_key(far), best.first())
            .map(|candidate| candidate.price)
    };
    price.map(|price| (price, i64::try_from(most).unwrap_or(i64::MAX)))
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    price: i64,
    volume: i128,
    surplus: i128,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(orders: &[(Side, Option<i64>, i64)], reference: Option<i64>, expected: Option<(i64, i64)>) {
        let interests: Vec<_> =
            orders.iter().map(|&(side, limit, qty)| Interest { side, limit, qty }).collect();
        assert_eq!(uncross(&interests, reference), expected);
    }

    #[test]
    fn rules_in_their_order() {
        use Side::{Buy, Sell};
        check(&[(Buy, Some(102), 10), (Sell, Some(100), 6)], None, Some((102, 6)));
        check(&[(Buy, Some(102), 6), (Sell, Some(100), 10)], None, Some((100, 6)));
        check(&[(Buy, Some(102), 6), (Sell, Some(100), 6)], Some(101), Some((101, 6)));
        check(&[(Buy, Some(102), 6), (Sell, Some(100), 6)], Some(105), Some((102, 6)));
        check(&[(Buy, Some(102), 6), (Sell, Some(100), 6)], None, Some((100, 6)));
        // Volume first: 9 at 101, 6 elsewhere.
        check(
            &[(Buy, Some(101), 4), (Buy, Some(102), 6), (Sell, Some(100), 5), (Sell, Some(101), 4)],
            Some(102),
            Some((101, 9)),
        );
        check(&[(Buy, Some(99), 6), (Sell, Some(100), 6)], None, None);
        check(&[(Buy, None, 6), (Sell, None, 5)], Some(100), Some((100, 5)));
        check(&[(Buy, None, 6), (Sell, None, 5)], None, None);
    }
}
