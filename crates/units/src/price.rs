//! Prices per share.

use crate::int::{mul_div_half_away, scaled_integer};
use crate::{Error, Money, Qty, decimal};

/// A price in 1e-8 units of the currency per share.
///
/// | operation | returns | rounding |
/// |---|---|---|
/// | `value(Qty)` | `Money` | half away from zero |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Price(i64);

scaled_integer!(Price, i64, "price");

impl Price {
    /// Decimals of the inner integer.
    pub const DECIMALS: u32 = 8;

    /// From 1e-8 units of the currency.
    pub const fn from_e8(value: i64) -> Self {
        Self(value)
    }

    /// In 1e-8 units of the currency.
    pub const fn e8(self) -> i64 {
        self.0
    }

    /// Value of `quantity` shares, rounded half away from zero to a millionth of the currency.
    ///
    /// Whole shares of a price with at most six decimals are exact.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the value does not fit.
    pub fn value(self, quantity: Qty) -> Result<Money, Error> {
        mul_div_half_away(self.0, quantity.micros(), 100_000_000, "value").map(Money::from_micros)
    }
}

impl std::fmt::Display for Price {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&decimal::format(self.0, Self::DECIMALS, 2))
    }
}

impl std::str::FromStr for Price {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        decimal::parse(text, Self::DECIMALS, "price").map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_shares_are_exact() {
        let price: Price = "28.5455".parse().unwrap();
        assert_eq!(price.value(Qty::from_shares(3).unwrap()).unwrap().to_string(), "85.6365");
        assert_eq!(price.to_string(), "28.5455");
    }

    #[test]
    fn out_of_range_is_an_error() {
        assert!(Price(i64::MAX).value(Qty::from_micros(i64::MAX)).is_err());
    }
}
