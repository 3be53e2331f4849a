//! Clause A2: scalar operations with one answer.

/// `a * b + c` with one rounding. The one place where fusion is chosen.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "this is the place that the ban points to")]
#[expect(
    clippy::inline_always,
    reason = "becomes one instruction inside a kernel compiled for it, a call outside"
)]
pub fn fma(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}

/// The smaller number; the first when they compare equal or either is NaN.
#[inline]
pub fn min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// The larger number; the first when they compare equal or either is NaN.
#[inline]
pub fn max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// The number without its sign bit.
#[inline]
pub fn abs(a: f64) -> f64 {
    f64::from_bits(a.to_bits() & !(1 << 63))
}
