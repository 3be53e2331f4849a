//! Marginal rates: what they are made of in every country.

use crate::Error;
use samebits_snapshot::record::Rates;
use samebits_units::{Bps, Money};

/// Marginal rates of a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarginalRates {
    /// On results, as the pieces of the year's tax read them.
    pub rates: Rates,
    /// On dividends.
    pub dividend: Bps,
}

/// The whole, as a rate: a factor of one.
pub(crate) const ONE: Bps = Bps::from_hundredths(1_000_000);

/// Rates by income: each from its threshold on, zero below the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule(Vec<(Money, Bps)>);

impl Schedule {
    /// `None` unless the thresholds ascend.
    pub(crate) fn new(steps: Vec<(Money, Bps)>) -> Option<Self> {
        steps.is_sorted_by(|before, after| before.0 < after.0).then_some(Self(steps))
    }

    /// The rate on the next unit of income after `income`.
    pub(crate) fn marginal(&self, income: Money) -> Bps {
        let reached = self.0.iter().take_while(|(threshold, _)| *threshold <= income);
        reached.last().map_or(Bps::ZERO, |(_, rate)| *rate)
    }
}

/// `a * b`, rounded half away from zero to a hundredth of a basis point.
pub(crate) fn product(a: Bps, b: Bps) -> Result<Bps, Error> {
    let wide = Money::from_micros(i64::from(a.hundredths())).times(b)?.micros();
    let narrow = i32::try_from(wide).map_err(|_| samebits_units::Error::Overflow { what: "rate product" })?;
    Ok(Bps::from_hundredths(narrow))
}

/// `a - b`.
pub(crate) fn difference(a: Bps, b: Bps) -> Result<Bps, Error> {
    let narrow = a.hundredths().checked_sub(b.hundredths());
    let narrow = narrow.ok_or(samebits_units::Error::Overflow { what: "rate difference" })?;
    Ok(Bps::from_hundredths(narrow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_the_next_unit() {
        let rate = Bps::from_hundredths;
        let money = |units| Money::from_units(units).unwrap();
        let schedule = Schedule::new(vec![(money(100), rate(1)), (money(200), rate(2))]).unwrap();
        for (income, expected) in [(-5, 0), (99, 0), (100, 1), (199, 1), (200, 2), (9_000, 2)] {
            assert_eq!(schedule.marginal(money(income)), rate(expected), "{income}");
        }
        assert_eq!(Schedule::new(vec![(money(100), rate(1)), (money(100), rate(2))]), None);
    }

    #[test]
    fn products_round_half_away_from_zero() {
        let rate = Bps::from_hundredths;
        assert_eq!(product(rate(150_000), rate(666_667)), Ok(rate(100_000)));
        assert_eq!(product(rate(1), rate(500_000)), Ok(rate(1)));
        assert_eq!(product(rate(-1), rate(500_000)), Ok(rate(-1)));
        assert!(product(rate(i32::MAX), rate(i32::MAX)).is_err());
        assert_eq!(difference(ONE, rate(400_000)), Ok(rate(600_000)));
        assert!(difference(rate(i32::MIN), rate(1)).is_err());
    }
}
