//! Codec 17: a covariance predicted as `B F B' + D` by the other matrices of its day.
//!
//! ```text
//! B = [1, loadings] (N x m), F = covariance of the factors (m x m), D = specific variances (N); all widened to f64
//! g[i][c] = b[i][0] f[0][c] + b[i][1] f[1][c] + ...      each product and each sum rounded, from the left
//! s[i][j] = g[i][0] b[j][0] + g[i][1] b[j][1] + ...      in the same way; then s[i][i] = s[i][i] + d[i]
//! ```
//! and each `s` is rounded to `f32`; `m` is at most [`COLUMNS`]. Payload: ids of loadings, factor covariance and specific variances; the residual.

use super::cells::{Shape, rounded};
use crate::record::Matrix32;

/// Most columns of `B`: more of them would take longer than what they predict is worth.
pub(super) const COLUMNS: usize = 256;

/// Bytes that a prediction takes: the result, and the matrices beside their `f64`.
pub(super) const fn memory(side: u64, factors: u64) -> u64 {
    let m = factors + 1;
    4 * side * side + 12 * (side * m + m * m + side)
}

/// `B F B' + D`; entries above the diagonal are left 0 when `shape` does not need them. `None` when the sides do not fit.
pub(super) fn predict(
    shape: Shape,
    loadings: &Matrix32,
    covariance: &Matrix32,
    specific: &Matrix32,
) -> Option<Vec<f32>> {
    let (n, m) = (loadings.rows, loadings.cols + 1);
    let fits =
        (covariance.rows, covariance.cols, specific.rows, specific.cols) == (m, m, n, 1) && m <= COLUMNS;
    if !fits {
        return None;
    }
    let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<f64>>();
    let f = wide(&covariance.values);
    // By columns, so that a row of the result takes them one after another.
    let mut columns = vec![vec![1.0; n]];
    columns.extend(
        (0..m - 1)
            .map(|c| loadings.values.iter().skip(c).step_by(m - 1).map(|value| f64::from(*value)).collect()),
    );
    let mut predicted = vec![0.0; n * n];
    let mut row = vec![0.0; n];
    for i in 0..n {
        let count = shape.of_row(i, n);
        for c in 0..m {
            let g = (1..m).fold(columns[0][i] * f[c], |sum, k| sum + columns[k][i] * f[k * m + c]);
            let pairs = row[..count].iter_mut().zip(&columns[c]);
            if c == 0 {
                pairs.for_each(|(sum, b)| *sum = g * b);
            } else {
                pairs.for_each(|(sum, b)| *sum += g * b);
            }
        }
        row[i] += f64::from(specific.values[i]);
        for (place, sum) in predicted[i * n..i * n + count].iter_mut().zip(&row) {
            *place = rounded(*sum);
        }
    }
    Some(predicted)
}
