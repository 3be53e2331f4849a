//! Numbers as text, and the logarithm of the axes.

/// Numbers of this size and more are refused.
pub(crate) const LARGEST: f64 = 1e15;

/// Four to five digits of `value`, without zeros at the end.
pub(crate) fn figure(value: f64) -> String {
    let size = samebits_canon::abs(value);
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let mut decimals = 4;
    let mut bound = 10.0;
    while decimals > 0 && size >= bound {
        decimals -= 1;
        bound *= 10.0;
    }
    let mut small = 1.0;
    while decimals < 7 && size < small {
        decimals += 1;
        small /= 10.0;
    }
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The power `10^exponent`, by whole steps.
pub(crate) fn ten(exponent: i32) -> f64 {
    let power = (0..exponent.unsigned_abs()).fold(1.0, |power, _| power * 10.0);
    if exponent < 0 { 1.0 / power } else { power }
}

/// The decimal logarithm of a positive normal number, within 1e-14: halves and a series, so that no system library decides.
pub(crate) fn log10(x: f64) -> f64 {
    const LN_2: f64 = std::f64::consts::LN_2;
    let mut mantissa = f64::from_bits((x.to_bits() & !(0x7ff << 52)) | (1023 << 52));
    let mut exponent = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let series = (0..14).rev().fold(0.0, |sum, k| sum * square + 1.0 / (2.0 * f64::from(k) + 1.0));
    (2.0 * ratio * series + f64::from(exponent) * LN_2) / std::f64::consts::LN_10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        for (value, wanted) in [
            (0.0, "0"),
            (-0.0, "0"),
            (100.0, "100"),
            (104.25, "104.25"),
            (-1234.567, "-1234.6"),
            (0.012_345_6, "0.012346"),
            (1.5e12, "1.500e12"),
            (2e-7, "2.000e-7"),
        ] {
            assert_eq!(figure(value), wanted);
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the system's logarithm is what it is compared with")]
    fn logarithms() {
        for x in [1e-12, 0.003, 0.5, 0.999, 1.0, 1.4, 1.5, 2.0, 10.0, 500.0, 3e9, 1e15] {
            assert!((log10(x) - f64::log10(x)).abs() < 1e-14 * (1.0 + f64::log10(x).abs()), "{x}");
        }
        assert_eq!((ten(3), ten(-2), ten(0)), (1000.0, 0.01, 1.0));
    }
}
