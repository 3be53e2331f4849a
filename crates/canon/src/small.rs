//! Small dense systems: Gaussian elimination with row pivoting, in one written order.

use crate::{abs, fma};

/// Pivots below this share of the largest entry of the system count as zero.
const NOTHING: f64 = 1e-11;

/// Solves `A X = B` for `rhs` right-hand sides by elimination with partial pivoting; returns how many unknowns the
/// equations leave open. An open unknown is set to 0.
///
/// `rows` is `m x (m + rhs)`, row-major: row `i` holds `A[i]`, then `B[i]`; on return the right-hand sides hold `X` in the
/// order of the unknowns. `A` should be scaled so that its entries compare.
///
/// Order: columns ascending; the pivot of a column is the largest entry in the rows left (the first of equals); a column
/// whose entries are all below 1e-11 of the largest entry of `A` is open. Elimination: `f = a[i][c] / a[p][c]`,
/// `a[i][j] = fma(-f, a[p][j], a[i][j])`; back substitution: columns descending, one chain, then one division.
///
/// # Panics
/// When the shapes differ.
pub fn solve_small(rows: &mut [f64], m: usize, rhs: usize, pivots: &mut Vec<Option<usize>>) -> usize {
    let width = m + rhs;
    assert_eq!(rows.len(), m * width, "small system: shape");
    let largest = (0..m).fold(0.0, |most, i| {
        rows[i * width..i * width + m].iter().fold(most, |most, a| crate::max(most, abs(*a)))
    });
    let least = largest * NOTHING;
    pivots.clear();
    let mut done = 0;
    for c in 0..m {
        let mut best = (0.0, done);
        for i in done..m {
            let size = abs(rows[i * width + c]);
            if size > best.0 {
                best = (size, i);
            }
        }
        if done == m || !(best.0 > least) {
            pivots.push(None);
            continue;
        }
        swap(rows, width, done, best.1);
        eliminate(rows, width, done, c);
        pivots.push(Some(done));
        done += 1;
    }
    back_substitute(rows, m, rhs, pivots);
    m - done
}

fn swap(rows: &mut [f64], width: usize, a: usize, b: usize) {
    if a != b {
        let (low, high) = rows.split_at_mut(b * width);
        low[a * width..(a + 1) * width].swap_with_slice(&mut high[..width]);
    }
}

fn eliminate(rows: &mut [f64], width: usize, pivot: usize, c: usize) {
    let (done, below) = rows.split_at_mut((pivot + 1) * width);
    let top = &done[pivot * width..];
    for row in below.chunks_exact_mut(width) {
        let factor = row[c] / top[c];
        if factor != 0.0 {
            for (a, p) in row[c..].iter_mut().zip(&top[c..]) {
                *a = fma(-factor, *p, *a);
            }
        }
        row[c] = 0.0;
    }
}

/// Writes the solution into the right-hand sides: unknown `c` into row `c`. Pivot rows are never above their unknown's
/// place in the triangle, so descending columns read only what is still unwritten.
fn back_substitute(rows: &mut [f64], m: usize, rhs: usize, pivots: &[Option<usize>]) {
    let width = m + rhs;
    for c in (0..m).rev() {
        for q in m..width {
            let value = pivots[c].map_or(0.0, |p| {
                let row = &rows[p * width..(p + 1) * width];
                let sum = (c + 1..m).fold(row[q], |sum, j| fma(-row[j], rows[j * width + q], sum));
                sum / row[c]
            });
            rows[c * width + q] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solve(rows: &mut [f64], m: usize) -> (usize, Vec<f64>) {
        let open = solve_small(rows, m, 1, &mut Vec::new());
        (open, (0..m).map(|i| rows[i * (m + 1) + m]).collect())
    }

    #[test]
    fn an_indefinite_system() {
        let mut rows = [0.0, 2.0, 1.0, 5.0, 2.0, 1.0, 0.0, 4.0, 1.0, 0.0, -3.0, -8.0];
        let (open, x) = solve(&mut rows, 3);
        assert_eq!(open, 0);
        for (row, wanted) in [([0.0, 2.0, 1.0], 5.0), ([2.0, 1.0, 0.0], 4.0), ([1.0, 0.0, -3.0], -8.0)] {
            assert!((crate::chain(0.0, &row, &x) - wanted).abs() < 1e-13, "{x:?}");
        }
    }

    #[test]
    fn a_repeated_equation_leaves_an_unknown_open_at_zero() {
        let mut rows = [1.0, 1.0, 2.0, 1.0, 1.0, 2.0];
        assert_eq!(solve(&mut rows, 2), (1, vec![2.0, 0.0]));
        let mut rows = [0.0, 0.0, 1.0, 0.0, 3.0, 6.0];
        assert_eq!(solve(&mut rows, 2), (1, vec![0.0, 2.0]));
        assert_eq!(solve_small(&mut [], 0, 1, &mut Vec::new()), 0);
    }
}
