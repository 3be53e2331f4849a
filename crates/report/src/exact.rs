//! Amounts finer than money: price times shares without rounding.
#![deny(clippy::float_arithmetic)]

use samebits_units::{Money, Price, Qty};
use std::ops::{Add, AddAssign, Neg, Sub};

/// An amount in 1e-14 of the currency: a price in 1e-8 times shares in 1e-6, exactly. Sums and differences are exact;
/// an overflow of 128 bits panics, which no account of 64-bit amounts reaches.
///
/// | operation | returns | rounding |
/// |---|---|---|
/// | `+`, `-`, `of`, `from` | `Exact` | none |
/// | `money` | `Money` | half away from zero, at the ends of the range cut off |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Exact(i128);

/// Units in a millionth of the currency.
const MICRO: i128 = 100_000_000;

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `price * quantity`.
    #[must_use]
    pub fn of(price: Price, quantity: Qty) -> Self {
        Self(i128::from(price.e8()) * i128::from(quantity.micros()))
    }

    /// In 1e-14 of the currency.
    #[must_use]
    pub const fn units(self) -> i128 {
        self.0
    }

    /// Rounded half away from zero to a millionth of the currency.
    #[must_use]
    pub fn money(self) -> Money {
        let rounded = (self.0 + self.0.signum() * (MICRO / 2)) / MICRO;
        Money::from_micros(i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Its size.
    #[must_use]
    pub const fn size(self) -> u128 {
        self.0.unsigned_abs()
    }
}

impl From<Money> for Exact {
    fn from(money: Money) -> Self {
        Self(i128::from(money.micros()) * MICRO)
    }
}

impl Add for Exact {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Exact {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Exact {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

impl std::fmt::Display for Exact {
    /// All fourteen decimals that are not trailing zeros, two at least.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (size, one) = (self.0.unsigned_abs(), 100_000_000_000_000_u128);
        let decimals = format!("{:014}", size % one);
        let kept = decimals.trim_end_matches('0').len().max(2);
        f.pad(&format!("{}{}.{}", if self.0 < 0 { "-" } else { "" }, size / one, &decimals[..kept]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact_and_text_says_all_of_it() {
        let price: Price = "0.33333333".parse().unwrap();
        let exact = Exact::of(price, Qty::from_micros(3));
        assert_eq!((exact.units(), exact.to_string()), (99_999_999, "0.00000099999999".to_owned()));
        assert_eq!(exact.money(), Money::from_micros(1));
        assert_eq!((-exact).money(), Money::from_micros(-1));
        assert_eq!(Exact(MICRO / 2 - 1).money(), Money::ZERO);
        assert_eq!(Exact::from(Money::from_micros(-1_500_000)).to_string(), "-1.50");
    }
}
