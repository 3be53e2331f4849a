//! Amounts of the Run's currency.

use crate::int::{mul_div_floor, mul_div_half_away, scaled_integer};
use crate::{Bps, Error, Qty, decimal};

/// An amount of money in millionths of the currency.
///
/// | operation | returns | rounding |
/// |---|---|---|
/// | `plus`, `minus`, `negated`, `total` | `Money` | exact |
/// | `times(Bps)` | `Money` | half away from zero |
/// | `share(Qty, Qty)` | `Money` | towards minus infinity |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

scaled_integer!(Money, i64, "money");

impl Money {
    /// Decimals of the inner integer.
    pub const DECIMALS: u32 = 6;

    /// From millionths of the currency.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In millionths of the currency.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// From whole units of the currency.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond 9.2 trillion.
    pub fn from_units(units: i64) -> Result<Self, Error> {
        units.checked_mul(1_000_000).map(Self).ok_or(Error::Overflow { what: "money" })
    }

    /// `self * rate`, rounded half away from zero to a millionth.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the product does not fit.
    pub fn times(self, rate: Bps) -> Result<Self, Error> {
        mul_div_half_away(self.0, i64::from(rate.hundredths()), 1_000_000, "money times rate").map(Self)
    }

    /// `self * part / whole`, rounded towards minus infinity: the cost basis that leaves with `part` of a lot.
    ///
    /// # Errors
    /// [`Error::DivisionByZero`] unless `whole` is positive, [`Error::Overflow`].
    pub fn share(self, part: Qty, whole: Qty) -> Result<Self, Error> {
        mul_div_floor(self.0, part.micros(), whole.micros(), "share of money").map(Self)
    }

    /// Rounded half away from zero to whole cents.
    ///
    /// # Errors
    /// [`Error::Overflow`] at the very end of the range.
    pub fn to_cents(self) -> Result<i64, Error> {
        mul_div_half_away(self.0, 1, 10_000, "cents")
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&decimal::format(self.0, Self::DECIMALS, 2))
    }
}

impl std::str::FromStr for Money {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        decimal::parse(text, Self::DECIMALS, "money").map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_round_half_away_from_zero() {
        let half_bp = Bps::from_hundredths(50);
        for (micros, expected) in [(10_000, 1), (-10_000, -1), (9_999, 0), (30_000, 2), (-29_999, -1)] {
            assert_eq!(Money(micros).times(half_bp), Ok(Money(expected)), "{micros}");
        }
    }

    #[test]
    fn a_share_and_its_rest_make_the_whole() {
        let (basis, whole, part) = (Money(100), Qty::from_micros(3), Qty::from_micros(1));
        let sold = basis.share(part, whole).unwrap();
        assert_eq!(sold, Money(33));
        assert_eq!(basis.minus(sold), Ok(Money(67)));
        assert!(basis.share(part, Qty::ZERO).is_err());
    }

    #[test]
    fn text() {
        assert_eq!("1234.5".parse(), Ok(Money(1_234_500_000)));
        assert_eq!(Money(-1_234_567).to_string(), "-1.234567");
        assert_eq!(Money(5).to_string(), "0.000005");
        assert_eq!(Money::ZERO.to_string(), "0.00");
    }
}
