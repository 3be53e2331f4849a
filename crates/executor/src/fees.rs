//! Fees as data.

use crate::instrument::Instrument;
use crate::report::Liquidity;
use crate::{Problem, mutant};

/// Rates are parts in 10^9 of the notional; negative rates are rebates.
const RATE: i128 = 1_000_000_000;
const DAY_NS: i64 = 86_400_000_000_000;
const DAYS: usize = 30;

/// A tier: its rates hold from this notional of the last 30 days on, the bound included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Lower bound in minor units.
    pub from: i128,
    /// Maker's rate in 10^-9.
    pub maker: i64,
    /// Taker's rate in 10^-9.
    pub taker: i64,
}

/// A fee schedule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fees {
    /// Tiers by rising bound; none means no rates.
    pub tiers: Vec<Tier>,
    /// Minor units a lot, of 10^-9.
    pub per_lot: i64,
    /// Least fee of an order that traded, in minor units; settled when the order is finished.
    pub order_minimum: i64,
}

/// What a strategy traded in the last 30 days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rolling {
    days: [(i64, i128); DAYS],
}

impl Rolling {
    pub(crate) fn add(&mut self, time: i64, notional: i128) {
        let day = time.div_euclid(DAY_NS);
        let slot = &mut self.days[day.rem_euclid(DAYS as i64) as usize];
        if slot.0 != day {
            *slot = (day, 0);
        }
        slot.1 += notional;
    }

    fn sum(&self, time: i64) -> i128 {
        let day = time.div_euclid(DAY_NS);
        self.days.iter().filter(|slot| slot.0 > day - DAYS as i64 && slot.0 <= day).map(|slot| slot.1).sum()
    }
}

impl Fees {
    /// The fee of one fill in minor units, and its notional in minor units.
    pub(crate) fn of(
        &self,
        instrument: &Instrument,
        liquidity: Liquidity,
        (price, qty): (i64, i64),
        rolling: &Rolling,
        time: i64,
    ) -> Result<(i64, i128), Problem> {
        let ticks_lots = i128::from(price.unsigned_abs()) * i128::from(qty);
        let (up, down) = (i128::from(instrument.value.0), i128::from(instrument.value.1));
        let notional = crate::Rounding::HalfEven.divide(ticks_lots * up, down);
        if self.tiers.is_empty() && self.per_lot == 0 {
            return Ok((0, notional));
        }
        let turnover = rolling.sum(time);
        let reached = |tier: &&Tier| mutant!("fees.tier-strict", turnover >= tier.from, turnover > tier.from);
        let tier = self.tiers.iter().rev().find(reached);
        let rate = tier.map_or(0, |tier| match liquidity {
            Liquidity::Maker => mutant!("fees.maker-pays-taker", tier.maker, tier.taker),
            _ => tier.taker,
        });
        let exact = ticks_lots * up * i128::from(rate) + i128::from(self.per_lot) * i128::from(qty) * down;
        let fee = instrument.fee_rounding.divide(exact, down * RATE);
        let fee = i64::try_from(mutant!("fees.sign", fee, -fee));
        Ok((fee.map_err(|_| Problem::Overflow { what: "fee" })?, notional))
    }

    /// What an order's fees lack of the minimum.
    pub(crate) fn top_up(&self, paid: i128) -> i128 {
        let lacking = i128::from(self.order_minimum) - paid;
        if lacking > 0 && mutant!("fees.minimum-ignored", true, false) { lacking } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_and_rounding() {
        let instrument = Instrument::new("X");
        let fees = Fees {
            tiers: vec![
                Tier { from: 0, maker: -100_000, taker: 500_000 },
                Tier { from: 1_000, maker: 0, taker: 400_000 },
            ],
            per_lot: 0,
            order_minimum: 9,
        };
        let mut rolling = Rolling::default();
        let fee = |rolling: &Rolling, liquidity| {
            fees.of(&instrument, liquidity, (101, 100), rolling, 0).map(|found| found.0).ok()
        };
        // 10,100 at 5 bp is 5.05: away from zero.
        assert_eq!(fee(&rolling, Liquidity::Taker), Some(6));
        assert_eq!(fee(&rolling, Liquidity::Maker), Some(-2));
        rolling.add(0, 999);
        assert_eq!(fee(&rolling, Liquidity::Taker), Some(6));
        rolling.add(0, 1);
        assert_eq!(fee(&rolling, Liquidity::Taker), Some(5), "the bound itself is in the tier");
        assert_eq!((fees.top_up(6), fees.top_up(9), fees.top_up(12)), (3, 0, 0));
    }

    #[test]
    fn thirty_days() {
        let mut rolling = Rolling::default();
        rolling.add(0, 5);
        assert_eq!(rolling.sum(29 * DAY_NS), 5);
        assert_eq!(rolling.sum(30 * DAY_NS), 0);
        rolling.add(30 * DAY_NS, 7);
        assert_eq!(rolling.sum(30 * DAY_NS), 7);
    }
}
