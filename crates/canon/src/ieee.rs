//! Clause A7: the arithmetic of this thread is the arithmetic that was specified.

use crate::Error;
use std::hint::black_box;

/// Computes with subnormals and with halfway cases, and compares with what IEEE 754 says.
///
/// A library that was loaded into the process can switch a thread to flush subnormals to zero or to round in another
/// direction; every thread that computes canonical bits calls this first.
///
/// # Errors
/// [`Error::NotIeee`] with the operation that gave another result.
pub fn assert_ieee() -> Result<(), Error> {
    let tiny = f64::from_bits(1);
    let above_one = 1.0 + f64::EPSILON;
    check(
        "a subnormal result is kept",
        black_box(f64::MIN_POSITIVE) * black_box(0.5),
        f64::from_bits(1 << 51),
    )?;
    check(
        "a subnormal operand is read",
        black_box(tiny) * black_box(2.0 / f64::MIN_POSITIVE),
        f64::EPSILON * 2.0,
    )?;
    check("a tie rounds to the even neighbour below", black_box(1.0) + black_box(f64::EPSILON / 2.0), 1.0)?;
    check("three quarters round up", black_box(1.0) + black_box(f64::EPSILON * 0.75), above_one)?;
    check("a negative tie rounds to even", black_box(-1.0) - black_box(f64::EPSILON / 2.0), -1.0)
}

fn check(rule: &'static str, found: f64, expected: f64) -> Result<(), Error> {
    if found.to_bits() == expected.to_bits() { Ok(()) } else { Err(Error::NotIeee { rule, found, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_passes_and_a_wrong_result_does_not() {
        assert_eq!(assert_ieee(), Ok(()));
        let found = check("a subnormal result is kept", 0.0, f64::from_bits(1 << 51)).unwrap_err();
        assert!(found.to_string().contains("a subnormal result is kept"), "{found}");
    }
}
