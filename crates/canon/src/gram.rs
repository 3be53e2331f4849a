//! Clause A4 for a whole matrix: `G = X' X`.

use crate::{Isa, fma};

/// Columns of a packed block, and rows and columns of a tile.
pub(crate) const BLOCK: usize = 16;
/// A square of `G`.
pub(crate) type Tile = [[f64; BLOCK]; BLOCK];
/// Sixteen columns of `X`, row by row.
type Packed = [[f64; BLOCK]];

/// `g[i][j] = sum over t of x[t][i] * x[t][j]`, one ascending chain over `t` from 0 for each entry.
///
/// Shape: `x` is `rows x n`, row-major; the result is `n x n`, row-major, bitwise symmetric.
/// Bits:  equal for every [`Isa`]; `canon/tests/it`.
/// Cost:  `rows * n^2 / 2` fused operations; a packed copy of `x`.
///
/// # Panics
/// When `x` is not a whole number of rows.
pub fn gram(isa: Isa, x: &[f64], n: usize) -> Vec<f64> {
    assert!(n > 0 && x.len().is_multiple_of(n), "gram: ragged rows");
    let tile: fn(&Packed, &Packed, &mut Tile) = match isa.or_narrower() {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => crate::isa::x86::tile_avx2,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => crate::isa::x86::tile_avx512,
        _ => tile_portable,
    };
    let packed = pack(x, n);
    let mut g = vec![0.0; n * n];
    let mut out = [[0.0; BLOCK]; BLOCK];
    for (p, a) in packed.iter().enumerate() {
        for (q, b) in packed.iter().enumerate().take(p + 1) {
            tile(a, b, &mut out);
            unpack(&out, p, q, n, &mut g);
        }
    }
    g
}

/// Blocks of sixteen columns, row by row, filled with zeros at the edge.
fn pack(x: &[f64], n: usize) -> Vec<Vec<[f64; BLOCK]>> {
    let block = |first: usize| {
        let count = BLOCK.min(n - first);
        let part = |row: &[f64]| {
            let mut entries = [0.0; BLOCK];
            entries[..count].copy_from_slice(&row[first..first + count]);
            entries
        };
        x.chunks_exact(n).map(part).collect()
    };
    (0..n).step_by(BLOCK).map(block).collect()
}

fn unpack(tile: &Tile, p: usize, q: usize, n: usize, g: &mut [f64]) {
    for (i, row) in (p * BLOCK..n).zip(tile) {
        for (j, entry) in (q * BLOCK..n).zip(row) {
            g[i * n + j] = *entry;
            g[j * n + i] = *entry;
        }
    }
}

fn tile_portable(a: &[[f64; BLOCK]], b: &[[f64; BLOCK]], out: &mut Tile) {
    *out = [[0.0; BLOCK]; BLOCK];
    for (x, y) in a.iter().zip(b) {
        for (sums, &x) in out.iter_mut().zip(x) {
            for (sum, &y) in sums.iter_mut().zip(y) {
                *sum = fma(x, y, *sum);
            }
        }
    }
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
