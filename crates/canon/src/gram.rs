//! Clause A4 for a whole symmetric matrix: `G = X' X`.

use crate::kernel::Kernels;
use crate::panels::Panels;
use crate::{Isa, fma};

/// `g[i][j] = sum over t of x[t][i] * x[t][j]`, one ascending chain over `t` from 0 for each entry.
///
/// Shape: `x` is `rows x n`, row-major; the result is `n x n`, row-major, bitwise symmetric.
/// Bits: equal for every [`Isa`], except that which NaN an entry holds is not defined.
/// Cost: `rows * n * (n + lanes) / 2` fused operations (half of the matrix is mirrored); a packed copy of `x`.
///
/// # Panics
/// When `n` is 0 or `x` is not a whole number of rows.
pub fn gram(isa: Isa, x: &[f64], n: usize) -> Vec<f64> {
    let mut g = vec![0.0; n * n];
    accumulate(isa, x, n, &mut g, &mut Vec::new());
    g
}

/// [`gram`] into memory of the caller: `g` is `n x n` and is overwritten; `scratch` grows to what is needed.
///
/// A loop over days that keeps both touches no fresh memory, which costs more than the arithmetic: see `docs/bench.md`.
///
/// # Panics
/// When `n` is 0, `x` is not a whole number of rows, or `g` is not `n x n`.
pub fn gram_in(isa: Isa, x: &[f64], n: usize, g: &mut [f64], scratch: &mut Vec<f64>) {
    g.fill(0.0);
    accumulate(isa, x, n, g, scratch);
}

/// Goes on with the chains of `g`, whose lower triangle is read.
fn accumulate(isa: Isa, x: &[f64], n: usize, g: &mut [f64], scratch: &mut Vec<f64>) {
    assert!(n > 0 && x.len().is_multiple_of(n), "gram: ragged rows");
    assert_eq!(g.len(), n * n, "gram: shape of the result");
    let kernels = isa.kernels();
    let mut panels = Panels::over(std::mem::take(scratch));
    let mut tile = vec![0.0; kernels.rows * kernels.lanes];
    let steps = if n > WIDE { STEPS_WIDE } else { STEPS };
    for x in x.chunks(steps * n) {
        panels.pack_columns(x, n, kernels.lanes);
        for (low, b) in panels.iter().enumerate() {
            for (high, a) in panels.iter().enumerate().skip(low) {
                let corner = (high * kernels.lanes, low * kernels.lanes);
                block(kernels, a, b, corner, &mut tile, g, n);
            }
        }
    }
    mirror(g, n);
    *scratch = panels.into_memory();
}

/// Rows of `x` that are packed at a time: a panel of them stays in the first-level cache, and every chain goes on from
/// where the rows before left it. Measured for 504 x 476 with AVX-512, one core: 2.6 ms when all rows are packed at once,
/// 1.6 ms like this, mostly because 0.5 MB of fresh memory are touched instead of 1.9 MB.
const STEPS: usize = 128;

/// A matrix of more columns does not stay in the second-level cache, and going through it for every [`STEPS`] rows costs
/// more than panels that are too long for the first. Measured for the covariance of 504 x 3000 with AVX-512, four times
/// each in turn on a busy machine: 103 to 130 ms of processor time instead of 121 to 132.
const WIDE: usize = 1024;
const STEPS_WIDE: usize = 512;

/// Adds the product of two panels to the tiles of `g` at and below `corner` (row, column).
fn block(
    kernels: &Kernels,
    a: &[f64],
    b: &[f64],
    corner: (usize, usize),
    tile: &mut [f64],
    g: &mut [f64],
    n: usize,
) {
    let Kernels { lanes, rows, .. } = *kernels;
    let columns = corner.1..n.min(corner.1 + lanes);
    let g = &mut g[corner.0 * n..n * n.min(corner.0 + lanes)];
    for (first, g) in (0..lanes).step_by(rows).zip(g.chunks_mut(rows * n)) {
        for (sums, g) in tile.chunks_exact_mut(lanes).zip(g.chunks_exact(n)) {
            sums[..columns.len()].copy_from_slice(&g[columns.clone()]);
        }
        (kernels.add)(a, first, b, tile);
        for (sums, g) in tile.chunks_exact(lanes).zip(g.chunks_exact_mut(n)) {
            g[columns.clone()].copy_from_slice(&sums[..columns.len()]);
        }
    }
}

/// Copies the lower triangle above the diagonal, square by square.
fn mirror(g: &mut [f64], n: usize) {
    const SQUARE: usize = 16;
    for top in (0..n).step_by(SQUARE) {
        for left in (0..=top).step_by(SQUARE) {
            for i in top..n.min(top + SQUARE) {
                for j in left..i.min(left + SQUARE) {
                    g[j * n + i] = g[i * n + j];
                }
            }
        }
    }
}

/// The plainest loop of the clause.
///
/// # Panics
/// When `n` is 0 or `x` is not a whole number of rows.
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
