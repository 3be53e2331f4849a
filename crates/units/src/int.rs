//! Wide products and named roundings that the unit types share.

use crate::Error;

/// `a * b / divisor`, rounded half away from zero.
pub(crate) fn mul_div_half_away(a: i64, b: i64, divisor: i64, what: &'static str) -> Result<i64, Error> {
    if divisor == 0 {
        return Err(Error::DivisionByZero { what });
    }
    let overflow = Error::Overflow { what };
    let product = i128::from(a).checked_mul(i128::from(b)).ok_or_else(|| overflow.clone())?;
    let wide = i128::from(divisor);
    let negative = (product < 0) != (wide < 0);
    let (size, parts) = (product.unsigned_abs(), wide.unsigned_abs());
    let half = parts.checked_div(2).ok_or_else(|| overflow.clone())?;
    let quotient =
        size.checked_add(half).and_then(|sum| sum.checked_div(parts)).ok_or_else(|| overflow.clone())?;
    signed(quotient, negative).ok_or(overflow)
}

/// `a * b / divisor`, rounded towards minus infinity; `divisor` is positive.
pub(crate) fn mul_div_floor(a: i64, b: i64, divisor: i64, what: &'static str) -> Result<i64, Error> {
    if divisor <= 0 {
        return Err(Error::DivisionByZero { what });
    }
    i128::from(a)
        .checked_mul(i128::from(b))
        .and_then(|product| product.checked_div_euclid(i128::from(divisor)))
        .and_then(|quotient| i64::try_from(quotient).ok())
        .ok_or(Error::Overflow { what })
}

fn signed(size: u128, negative: bool) -> Option<i64> {
    let wide = i128::try_from(size).ok()?;
    let value = if negative { wide.checked_neg()? } else { wide };
    i64::try_from(value).ok()
}

/// The operators that every scaled integer of this crate has; all are checked.
macro_rules! scaled_integer {
    ($name:ident, $inner:ty, $label:literal) => {
        impl $name {
            /// The value zero.
            pub const ZERO: Self = Self(0);

            /// `self + other`.
            ///
            /// # Errors
            /// [`Error::Overflow`](crate::Error::Overflow) when the sum does not fit.
            pub fn plus(self, other: Self) -> Result<Self, crate::Error> {
                self.0
                    .checked_add(other.0)
                    .map(Self)
                    .ok_or(crate::Error::Overflow { what: concat!($label, " sum") })
            }

            /// `self - other`.
            ///
            /// # Errors
            /// [`Error::Overflow`](crate::Error::Overflow) when the difference does not fit.
            pub fn minus(self, other: Self) -> Result<Self, crate::Error> {
                self.0
                    .checked_sub(other.0)
                    .map(Self)
                    .ok_or(crate::Error::Overflow { what: concat!($label, " difference") })
            }

            /// `-self`.
            ///
            /// # Errors
            /// [`Error::Overflow`](crate::Error::Overflow) for the smallest value.
            pub fn negated(self) -> Result<Self, crate::Error> {
                Self::ZERO.minus(self)
            }

            /// The sum of all items, in order.
            ///
            /// # Errors
            /// [`Error::Overflow`](crate::Error::Overflow) when a partial sum does not fit.
            pub fn total(items: impl IntoIterator<Item = Self>) -> Result<Self, crate::Error> {
                items.into_iter().try_fold(Self::ZERO, Self::plus)
            }

            /// Greater than zero.
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }

            /// Less than zero.
            pub const fn is_negative(self) -> bool {
                self.0 < 0
            }

            /// Equal to zero.
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }
        }
    };
}
pub(crate) use scaled_integer;
