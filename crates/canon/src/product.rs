//! Clause A4 for a product of two matrices.

use crate::Isa;
use crate::kernel::Tile;
use crate::panels::Panels;

/// `c[i][j] = c[i][j] + a[i][k] * b[k][j]`, one ascending chain over `k` for each entry.
///
/// Shape: `a` is `m x inner`, `b` is `inner x n`, `c` is `m x n`, all row-major; `n` and `inner` are given.
/// Bits: equal for every [`Isa`].
/// Cost: `m * n * inner` fused operations, edges rounded up to whole tiles; packed copies of `a` and `b`.
///
/// # Panics
/// When the shapes differ.
pub fn add_product(isa: Isa, c: &mut [f64], a: &[f64], b: &[f64], inner: usize, n: usize) {
    let kernels = isa.kernels();
    run(kernels.add, kernels.lanes, kernels.rows, c, &Factors::checked(c.len(), a, b, inner, n));
}

/// `c[i][j] = c[i][j] - a[i][k] * b[k][j]`, one ascending chain over `k` for each entry; see [`add_product`].
///
/// # Panics
/// When the shapes differ.
pub fn subtract_product(isa: Isa, c: &mut [f64], a: &[f64], b: &[f64], inner: usize, n: usize) {
    let kernels = isa.kernels();
    run(kernels.subtract, kernels.lanes, kernels.rows, c, &Factors::checked(c.len(), a, b, inner, n));
}

struct Factors<'a> {
    a: &'a [f64],
    b: &'a [f64],
    inner: usize,
    n: usize,
}

impl<'a> Factors<'a> {
    fn checked(c_len: usize, a: &'a [f64], b: &'a [f64], inner: usize, n: usize) -> Self {
        assert!(inner > 0 && n > 0 && a.len().is_multiple_of(inner), "product: ragged rows");
        assert_eq!(b.len(), inner * n, "product: shape of the right factor");
        assert_eq!(c_len, a.len() / inner * n, "product: shape of the result");
        Self { a, b, inner, n }
    }
}

fn run(tile: Tile, lanes: usize, rows: usize, c: &mut [f64], factors: &Factors<'_>) {
    let Factors { a, b, inner, n } = *factors;
    let left = Panels::of_rows(a, inner, lanes);
    let right = Panels::of_columns(b, n, lanes);
    let mut sums = vec![0.0; rows * lanes];
    for (a, c) in left.iter().zip(c.chunks_mut(lanes * n)) {
        for (first, c) in (0..lanes).step_by(rows).zip(c.chunks_mut(rows * n)) {
            for (panel, b) in right.iter().enumerate() {
                let columns = panel * lanes..n.min((panel + 1) * lanes);
                for (row, c) in sums.chunks_exact_mut(lanes).zip(c.chunks_exact(n)) {
                    row[..columns.len()].copy_from_slice(&c[columns.clone()]);
                }
                tile(a, first, b, &mut sums);
                for (row, c) in sums.chunks_exact(lanes).zip(c.chunks_exact_mut(n)) {
                    c[columns.clone()].copy_from_slice(&row[..columns.len()]);
                }
            }
        }
    }
}
