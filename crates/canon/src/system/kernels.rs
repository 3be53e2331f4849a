//! The plain loops of the system's kernels, compiled for each instruction set; the register tile and the rows below a
//! corner are written by hand where a set has registers to name.

use crate::fma;
use crate::kernel::BadPivot;

/// Columns of a group: the side of a corner and the width of a tile.
pub(crate) const GROUP: usize = 8;
/// Rows of a tile.
pub(crate) const TILE: usize = 24;

/// A finished corner of `L`.
#[derive(Debug, Default)]
pub(crate) struct Corner {
    /// `l[i][j]`, row by row.
    pub(crate) l: [[f64; GROUP]; GROUP],
    pub(crate) reciprocal: [f64; GROUP],
}

type Columns = fn(&[f64], &[usize], &[f64], &mut [f64]);

/// What an instruction set brings to a system. Every entry has the same bits in every table.
pub(crate) struct SystemKernels {
    /// `c[i][j] = c[i][j] - tall[k][i] wide[k][j]`, `k` ascending: a tile of `TILE x GROUP`, columns `height` apart.
    pub(crate) tile: fn(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize),
    /// See [`corner`].
    pub(crate) corner: fn(&mut [f64], usize, usize, &mut Corner) -> Result<(), BadPivot>,
    /// See [`below`].
    pub(crate) below: fn(&mut [f64], usize, usize, &Corner),
    /// See [`outer`].
    pub(crate) outer: fn(&[f64], f64, &mut [f64]),
    /// See [`combine`].
    pub(crate) combine: fn(&[f64], usize, &[f64], &mut [f64]),
    /// See [`forward`].
    pub(crate) forward: fn(&[f64], usize, &[f64], &mut [f64]),
    /// See [`backward`].
    pub(crate) backward: fn(&[f64], usize, &[f64], &mut [f64]),
    /// See [`columns`].
    pub(crate) columns: Columns,
    /// See [`rows`].
    pub(crate) rows: fn(&[f64], &[f64], &mut [f64]),
    /// See [`transposed`].
    pub(crate) transposed: fn(&[f64], &[f64], &mut [f64]),
    /// See [`weighted`].
    pub(crate) weighted: fn(&[f64], &[f64], usize, &mut [f64]),
}

/// The tile as plain loops.
pub(crate) fn tile(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize) {
    let mut sums = [[0.0; TILE]; GROUP];
    for (j, sums) in sums.iter_mut().enumerate() {
        sums.copy_from_slice(&c[j * height..j * height + TILE]);
    }
    for (a, b) in tall.as_chunks::<TILE>().0.iter().zip(wide.as_chunks::<GROUP>().0) {
        for (sums, &b) in sums.iter_mut().zip(b) {
            for (sum, &a) in sums.iter_mut().zip(a) {
                *sum = fma(-a, b, *sum);
            }
        }
    }
    for (j, sums) in sums.iter().enumerate() {
        c[j * height..j * height + TILE].copy_from_slice(sums);
    }
}

/// Clause A5 inside the corner whose first entry is at row `row` of the `GROUP` columns `own`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn corner(
    own: &mut [f64],
    height: usize,
    row: usize,
    corner: &mut Corner,
) -> Result<(), BadPivot> {
    let Corner { l, reciprocal } = corner;
    for j in 0..GROUP {
        for i in j..GROUP {
            let entry = &mut own[j * height + row + i];
            let mut s = *entry;
            for k in 0..j {
                s = fma(-l[i][k], l[j][k], s);
            }
            if i == j {
                if !(s > 0.0 && s.is_finite()) {
                    return Err(BadPivot { at: j, pivot: s });
                }
                s = s.sqrt();
                reciprocal[j] = 1.0 / s;
            } else {
                s *= reciprocal[j];
            }
            l[i][j] = s;
            *entry = s;
        }
    }
    Ok(())
}

/// Clause A5.3 for all rows from `row` on, a multiple of `GROUP`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn below(own: &mut [f64], height: usize, row: usize, corner: &Corner) {
    for row in (row..height).step_by(GROUP) {
        let mut x = [[0.0; GROUP]; GROUP];
        for j in 0..GROUP {
            let mut s = [0.0; GROUP];
            s.copy_from_slice(&own[j * height + row..j * height + row + GROUP]);
            for k in 0..j {
                for (s, x) in s.iter_mut().zip(&x[k]) {
                    *s = fma(-x, corner.l[j][k], *s);
                }
            }
            for s in &mut s {
                *s *= corner.reciprocal[j];
            }
            x[j] = s;
            own[j * height + row..j * height + row + GROUP].copy_from_slice(&s);
        }
    }
}

/// `gram[r][s] = fma(y[r] weight, y[s], gram[r][s])`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn outer(y: &[f64], weight: f64, gram: &mut [f64]) {
    if y.is_empty() {
        return;
    }
    for (a, row) in y.iter().zip(gram.chunks_exact_mut(y.len())) {
        let a = a * weight;
        for (g, b) in row.iter_mut().zip(y) {
            *g = fma(a, *b, *g);
        }
    }
}

/// `out[j]` = chain over `r` of `coefficients[r] rows[j height + r]`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn combine(rows: &[f64], height: usize, coefficients: &[f64], out: &mut [f64]) {
    for (j, out) in out.iter_mut().enumerate() {
        let own = &rows[j * height..j * height + coefficients.len()];
        *out = coefficients.iter().zip(own).fold(0.0, |s, (&c, &y)| fma(c, y, s));
    }
}

/// `L y = b`, `k` ascending; `entries` holds the columns of `L`, `height` apart.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn forward(entries: &[f64], height: usize, reciprocal: &[f64], b: &mut [f64]) {
    for k in 0..b.len() {
        let (done, rest) = b.split_at_mut(k + 1);
        done[k] *= reciprocal[k];
        let y = done[k];
        for (s, &l) in rest.iter_mut().zip(&entries[k * height + k + 1..]) {
            *s = fma(-l, y, *s);
        }
    }
}

/// `L' x = y`, `k` descending; `GROUP` finished unknowns leave every earlier one at once.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn backward(entries: &[f64], height: usize, reciprocal: &[f64], y: &mut [f64]) {
    let n = y.len();
    let whole = n - n % GROUP;
    for k in (whole..n).rev() {
        finish(entries, height, reciprocal, y, k, 0);
    }
    for group in (0..whole / GROUP).rev() {
        let first = group * GROUP;
        for k in (first..first + GROUP).rev() {
            finish(entries, height, reciprocal, y, k, first);
        }
        let mut x = [0.0; GROUP];
        x.copy_from_slice(&y[first..first + GROUP]);
        for (i, s) in y[..first].iter_mut().enumerate() {
            let column = &entries[i * height + first..i * height + first + GROUP];
            let mut sum = *s;
            for k in (0..GROUP).rev() {
                sum = fma(-column[k], x[k], sum);
            }
            *s = sum;
        }
    }
}

/// Unknown `k` is final; it leaves the unknowns from `from` on.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn finish(entries: &[f64], height: usize, reciprocal: &[f64], y: &mut [f64], k: usize, from: usize) {
    y[k] *= reciprocal[k];
    let x = y[k];
    for i in from..k {
        y[i] = fma(-entries[i * height + k], x, y[i]);
    }
}

/// `out[i]` goes on with a chain over the listed rows of the symmetric `a`, `GROUP` of them at a time.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn columns(a: &[f64], list: &[usize], x: &[f64], out: &mut [f64]) {
    let n = out.len();
    let (groups, rest) = list.as_chunks::<GROUP>();
    let (values, rest_values) = x.as_chunks::<GROUP>();
    for (list, x) in groups.iter().zip(values) {
        let row = |g: usize| &a[list[g] * n..(list[g] + 1) * n];
        let (a0, a1, a2, a3) = (row(0), row(1), row(2), row(3));
        let (a4, a5, a6, a7) = (row(4), row(5), row(6), row(7));
        for i in 0..n {
            let s = fma(a1[i], x[1], fma(a0[i], x[0], out[i]));
            let s = fma(a3[i], x[3], fma(a2[i], x[2], s));
            let s = fma(a5[i], x[5], fma(a4[i], x[4], s));
            out[i] = fma(a7[i], x[7], fma(a6[i], x[6], s));
        }
    }
    for (&at, &x) in rest.iter().zip(rest_values) {
        for (s, &a) in out.iter_mut().zip(&a[at * n..(at + 1) * n]) {
            *s = fma(a, x, *s);
        }
    }
}

/// `out[i]` = chain over the columns of row `i` of the row-major `a`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn rows(a: &[f64], x: &[f64], out: &mut [f64]) {
    if x.is_empty() {
        out.fill(0.0);
        return;
    }
    for (row, out) in a.chunks_exact(x.len()).zip(out) {
        *out = row.iter().zip(x).fold(0.0, |s, (&a, &x)| fma(a, x, s));
    }
}

/// `out[j]` goes on with a chain over the rows of the row-major `a`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn transposed(a: &[f64], x: &[f64], out: &mut [f64]) {
    for (row, &x) in a.chunks_exact(out.len()).zip(x) {
        for (s, &a) in out.iter_mut().zip(row) {
            *s = fma(a, x, *s);
        }
    }
}

/// [`outer`] for every row of `x`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn weighted(x: &[f64], weights: &[f64], width: usize, gram: &mut [f64]) {
    for (row, &weight) in x.chunks_exact(width).zip(weights) {
        outer(row, weight, gram);
    }
}
