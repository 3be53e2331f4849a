//! Clause A4 for a whole matrix: `G = X' X`.

use crate::{Isa, fma};

/// `g[i][j] = sum over t of x[t][i] * x[t][j]`, one ascending chain over `t` from 0 for each entry.
///
/// Shape: `x` is `rows x n`, row-major; the result is `n x n`, row-major, bitwise symmetric.
/// Bits: equal for every [`Isa`].
///
/// # Panics
/// When `x` is not a whole number of rows.
pub fn gram(_isa: Isa, x: &[f64], n: usize) -> Vec<f64> {
    reference(x, n)
}

/// The plainest loop of the clause.
///
/// # Panics
/// When `x` is not a whole number of rows.
pub fn reference(x: &[f64], n: usize) -> Vec<f64> {
    assert!(n > 0 && x.len().is_multiple_of(n), "gram: ragged rows");
    let mut g = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let s = x.chunks_exact(n).fold(0.0, |s, row| fma(row[i], row[j], s));
            g[i * n + j] = s;
            g[j * n + i] = s;
        }
    }
    g
}
