//! The one door from exact integers to the floats of an optimisation problem.
//!
//! Each function is one correctly rounded conversion and at most one correctly rounded division, so it has the same bits
//! on every machine.
#![expect(clippy::float_arithmetic, reason = "the one door from integers to floats")]

use crate::{Bps, Money, Price};

/// A rate as a plain factor: 5 bp gives 0.0005.
pub fn factor(rate: Bps) -> f64 {
    f64::from(rate.hundredths()) / 1e6
}

/// `part / whole` as a fraction, for instance a weight of NAV; 0 when `whole` is zero.
pub fn fraction(part: Money, whole: Money) -> f64 {
    if whole.is_zero() { 0.0 } else { part.micros() as f64 / whole.micros() as f64 }
}

/// A price in units of the currency.
pub fn price(price: Price) -> f64 {
    price.e8() as f64 / 1e8
}

/// An amount in units of the currency.
pub fn amount(money: Money) -> f64 {
    money.micros() as f64 / 1e6
}
