//! Clause A4: an inner product that is not a reduction is one ascending chain.

use crate::fma;

/// `start + a[0]*b[0] + a[1]*b[1] + ...`, ascending, one fused operation a step.
///
/// # Panics
/// When the lengths differ.
pub fn chain(start: f64, a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "chain: lengths differ");
    a.iter().zip(b).fold(start, |sum, (&x, &y)| fma(x, y, sum))
}

/// `y = A x` for a row-major matrix of `x.len()` columns: each `y[i]` is one ascending chain over the columns.
///
/// # Panics
/// When the shapes differ.
pub fn matvec(a: &[f64], x: &[f64], y: &mut [f64]) {
    assert_eq!(a.len(), x.len() * y.len(), "matvec: shapes differ");
    if x.is_empty() {
        y.fill(0.0);
        return;
    }
    for (row, out) in a.chunks_exact(x.len()).zip(y) {
        *out = chain(0.0, row, x);
    }
}
