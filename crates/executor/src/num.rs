//! Divisions, each with a name.

use crate::Side;
use ethnum::U256;

/// How a quotient becomes an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rounding {
    /// Towards zero.
    TowardZero,
    /// Away from zero.
    Away,
    /// Towards minus infinity.
    Floor,
    /// Towards plus infinity.
    Ceil,
    /// To the nearest, ties to the even one.
    HalfEven,
}

impl Rounding {
    const NAMES: [(&'static str, Self); 5] = [
        ("toward_zero", Self::TowardZero),
        ("away", Self::Away),
        ("floor", Self::Floor),
        ("ceil", Self::Ceil),
        ("half_even", Self::HalfEven),
    ];

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, rounding)| *rounding)
    }

    /// The direction that costs a trader of this side: a buyer's price goes up, a seller's down.
    pub const fn against(side: Side) -> Self {
        match side {
            Side::Buy => Self::Ceil,
            Side::Sell => Self::Floor,
        }
    }

    /// `numerator / denominator`, rounded.
    ///
    /// # Panics
    /// On a denominator that is not positive: ours always is.
    pub fn divide(self, numerator: i128, denominator: i128) -> i128 {
        assert!(denominator > 0, "a denominator of ours is positive");
        let floor = numerator.div_euclid(denominator);
        let rest = numerator.rem_euclid(denominator);
        let up = match self {
            Self::Floor => false,
            Self::Ceil => rest > 0,
            Self::TowardZero => rest > 0 && numerator < 0,
            Self::Away => rest > 0 && numerator > 0,
            Self::HalfEven => match (rest * 2).cmp(&denominator) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => floor % 2 != 0,
            },
        };
        floor + i128::from(up)
    }
}

/// `floor(d * part / (part + rest))` in 128 bits; 0 when both are 0. All arguments are 0 or more, `d` fits 63 bits.
pub(crate) fn share(d: i64, part: i64, rest: i64) -> i64 {
    let whole = i128::from(part) + i128::from(rest);
    if whole == 0 {
        return 0;
    }
    let product = crate::mutant!(
        "queue.narrow-product",
        i128::from(d) * i128::from(part),
        i128::from(d.wrapping_mul(part))
    );
    // At most `d`, because the part is at most the whole.
    (product / whole) as i64
}

/// `floor(d * a^n / (a^n + b^n))` in 256 bits, `n` from 1 to 3; 0 when both are 0.
pub(crate) fn power_share(d: i64, a: i64, b: i64, n: u32) -> i64 {
    let power = |x: i64| U256::from(x.unsigned_abs()).pow(n);
    let (up, down) = (power(a), power(b));
    let whole = up + down;
    if whole == U256::ZERO {
        return 0;
    }
    let quotient: U256 = U256::from(d.unsigned_abs()) * up / whole;
    quotient.as_i64()
}

/// `log2(1 + x)` in units of 2^-32, rounded down, by repeated squaring of a 64-bit mantissa.
pub(crate) fn log2_plus_one(x: i64) -> i64 {
    let value = u128::from(x.unsigned_abs()) + 1;
    let whole = value.ilog2();
    let mut mantissa = if whole <= 63 { value << (63 - whole) } else { value >> (whole - 63) };
    let mut bits = i64::from(whole);
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 63;
        bits <<= 1;
        if mantissa >> 64 != 0 {
            mantissa >>= 1;
            bits |= 1;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roundings() {
        let all = |n: i128| {
            [Rounding::TowardZero, Rounding::Away, Rounding::Floor, Rounding::Ceil, Rounding::HalfEven]
                .map(|rounding| rounding.divide(n, 2))
        };
        assert_eq!(all(3), [1, 2, 1, 2, 2]);
        assert_eq!(all(-3), [-1, -2, -2, -1, -2]);
        assert_eq!(all(5), [2, 3, 2, 3, 2]);
        assert_eq!(all(-5), [-2, -3, -3, -2, -2]);
        assert_eq!(all(4), [2; 5]);
        assert_eq!(Rounding::against(Side::Buy).divide(7, 3), 3);
        assert_eq!(Rounding::against(Side::Sell).divide(7, 3), 2);
    }

    #[test]
    fn shares() {
        assert_eq!(share(10, 3, 7), 3);
        assert_eq!(share(10, 0, 0), 0);
        assert_eq!(share(1 << 52, 1 << 52, 1), (1 << 52) - 1);
        assert_eq!(power_share(10, 3, 7, 1), 3);
        assert_eq!(power_share(100, 3, 7, 2), 15);
        assert_eq!(power_share(1 << 52, 1 << 52, 1 << 52, 3), 1 << 51);
        assert_eq!(power_share(5, 0, 0, 3), 0);
    }

    #[test]
    fn logarithms() {
        assert_eq!(log2_plus_one(0), 0);
        assert_eq!(log2_plus_one(1), 1 << 32);
        assert_eq!(log2_plus_one(1023), 10 << 32);
        // log2(3) = 1.5849625007..., times 2^32 = 6807362105.97
        assert_eq!(log2_plus_one(2), 6_807_362_105);
        assert!((0..2_000).all(|x| log2_plus_one(x) < log2_plus_one(x + 1)));
    }
}
