//! The small dense systems: an ordered Cholesky `A = U' U` that survives rows which say the same thing.
//!
//! Order: clause A5 with two roundings a step: entry `(i, j)` meets its products with `k` ascending,
//! `s = s - U[k][i] * U[k][j]`; one reciprocal a pivot. Written by rows of `U`, so that a step is one run of memory.

use super::point::add_scaled;
use samebits_canon::max;

/// A pivot below this share of its diagonal entry is rounding: the row depends on the rows before it.
const DEPENDENT: f64 = 1e-12;
/// Such a pivot becomes this share of its diagonal entry: the row's multiplier then moves in proportion to what is left of
/// its residual, which is nothing for a repeated row and runs away for a contradicting one.
const SOFT: f64 = 1e-8;

/// A symmetric matrix, then its factor, in memory that is kept.
pub(super) struct Dense {
    n: usize,
    /// Row-major; the upper triangle counts. After `factor` the diagonal holds reciprocals.
    pub(super) a: Vec<f64>,
    own: Vec<f64>,
}

impl Dense {
    pub(super) fn new(n: usize) -> Self {
        Self { n, a: vec![0.0; n * n], own: vec![0.0; n] }
    }

    pub(super) fn factor(&mut self) {
        let n = self.n;
        for (i, own) in self.own.iter_mut().enumerate() {
            *own = self.a[i * n + i];
        }
        let largest = self.own.iter().copied().fold(0.0, max);
        for k in 0..n {
            let (above, below) = self.a.split_at_mut((k + 1) * n);
            let row = &mut above[k * n..];
            if !(row[k] > DEPENDENT * self.own[k]) {
                row[k] = SOFT * if self.own[k] > 0.0 { self.own[k] } else { max(largest, 1e-100) };
            }
            row[k] = 1.0 / row[k].sqrt();
            let reciprocal = row[k];
            for entry in &mut row[k + 1..] {
                *entry *= reciprocal;
            }
            for (i, out) in (k + 1..n).zip(below.chunks_exact_mut(n)) {
                add_scaled(&mut out[i..], -row[i], &row[i..]);
            }
        }
    }

    /// `A x = b` in place.
    pub(super) fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        self.backward(b);
    }

    /// `U' y = b` in place.
    pub(super) fn forward(&self, b: &mut [f64]) {
        for (i, row) in self.a.chunks_exact(self.n.max(1)).enumerate() {
            b[i] *= row[i];
            let y = b[i];
            add_scaled(&mut b[i + 1..], -y, &row[i + 1..]);
        }
    }

    /// `U x = y` in place.
    pub(super) fn backward(&self, y: &mut [f64]) {
        for (i, row) in self.a.chunks_exact(self.n.max(1)).enumerate().rev() {
            let (head, done) = y.split_at_mut(i + 1);
            let s = row[i + 1..].iter().zip(&*done).fold(head[i], |s, (u, x)| s - u * x);
            head[i] = s * row[i];
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.a.iter().all(|x| x.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solved(a: &[f64], mut b: Vec<f64>) -> Vec<f64> {
        let mut dense = Dense::new(b.len());
        dense.a.copy_from_slice(a);
        dense.factor();
        dense.solve(&mut b);
        b
    }

    #[test]
    fn a_regular_system() {
        let x = solved(&[4.0, 2.0, 0.4, 2.0, 5.0, 1.0, 0.4, 1.0, 3.0], vec![1.0, -2.0, 0.5]);
        for (row, b) in [[4.0, 2.0, 0.4], [2.0, 5.0, 1.0], [0.4, 1.0, 3.0]].iter().zip([1.0, -2.0, 0.5]) {
            let back: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((back - b).abs() < 1e-14, "{back} {b}");
        }
        assert!(solved(&[], vec![]).is_empty());
    }

    /// The same row twice: consistent sides share the answer; contradicting ones send the multiplier far away.
    #[test]
    fn a_repeated_row() {
        let x = solved(&[2.0, 2.0, 2.0, 2.0], vec![1.0, 1.0]);
        assert!((x[0] + x[1] - 0.5).abs() < 1e-12, "{x:?}");
        let x = solved(&[2.0, 2.0, 2.0, 2.0], vec![1.0, 2.0]);
        assert!(x[1] > 1e6 && x[0] < -1e6, "{x:?}");
        assert!(solved(&[0.0], vec![0.0])[0] == 0.0);
    }
}
