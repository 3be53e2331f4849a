//! Decimal text to scaled integers and back, exactly.

use crate::Error;

/// Reads `text` as a decimal number and returns it in units of `10^-decimals`.
///
/// Accepts an optional sign, digits, and an optional fraction; nothing else (no exponent, no blanks, no separators).
///
/// # Errors
/// [`Error::NotDecimal`], [`Error::TooFine`] when a digit would be lost, [`Error::Overflow`].
pub fn parse(text: &str, decimals: u32, what: &'static str) -> Result<i64, Error> {
    let not_decimal = || Error::NotDecimal { what, text: shorten(text) };
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or("")),
        Some(b'+') => (false, text.get(1..).unwrap_or("")),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return Err(not_decimal());
    }
    let kept = fraction.trim_end_matches('0');
    let kept_len = u32::try_from(kept.len()).map_err(|_| not_decimal())?;
    let missing = decimals.checked_sub(kept_len).ok_or_else(|| Error::TooFine {
        what,
        text: shorten(text),
        allowed: decimals,
    })?;
    let zeros = std::iter::repeat_n(b'0', missing as usize);
    let overflow = || Error::Overflow { what };
    let mut value: i64 = 0;
    for digit in whole.bytes().chain(kept.bytes()).chain(zeros) {
        let unit = i64::from(digit.saturating_sub(b'0'));
        let signed = if negative { unit.saturating_neg() } else { unit };
        value = value.checked_mul(10).and_then(|ten| ten.checked_add(signed)).ok_or_else(overflow)?;
    }
    Ok(value)
}

/// Prints `value` in units of `10^-decimals`, with at least `shown` decimals and no further trailing zeros.
pub fn format(value: i64, decimals: u32, shown: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let width = decimals as usize;
    let digits = format!("{:0>least$}", value.unsigned_abs(), least = width.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(width));
    let kept = fraction.trim_end_matches('0').len().max(shown as usize).min(width);
    let tail = fraction.get(..kept).unwrap_or("");
    if tail.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{tail}") }
}

/// At most the first 40 characters, so that an error message stays readable.
fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, decimals: u32, expected: Result<i64, &str>) {
        match (parse(text, decimals, "price"), expected) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{text}"),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
            (found, wanted) => panic!("{text}: {found:?} instead of {wanted:?}"),
        }
    }

    #[test]
    fn texts() {
        check("119.72", 8, Ok(11_972_000_000));
        check("-0.5", 1, Ok(-5));
        check("+7", 2, Ok(700));
        check("1.2300000000000", 2, Ok(123));
        check("-9223372036854775808", 0, Ok(i64::MIN));
        check("9223372036854775808", 0, Err("out of range"));
        check("1.234", 2, Err("more than 2 decimals"));
        for bad in ["", "-", ".5", "1.", "1e3", " 1", "1,000", "NaN", "0x10", "1.2.3", "--1", "\u{0661}"] {
            check(bad, 8, Err("not a decimal number"));
        }
    }
}
