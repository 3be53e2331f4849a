//! Clause A5: the ordered Cholesky factorisation.

use crate::{Error, fma};

/// `A = L L'` with the operations in the order of clause A5.
#[derive(Debug, Clone)]
pub struct Cholesky {
    n: usize,
    /// Row-major, lower triangle; above the diagonal: 0.
    l: Vec<f64>,
    /// `1 / l[j][j]`.
    reciprocal: Vec<f64>,
}

impl Cholesky {
    /// Factors the symmetric `n x n` matrix `a` (row-major, lower triangle read).
    ///
    /// Order: for each column `j`, `s = a[i][j]`, then `s = fma(-l[i][k], l[j][k], s)` with `k` ascending; `l[j][j] =
    /// sqrt(s)`, one reciprocal a pivot, `l[i][j] = s * reciprocal[j]`.
    ///
    /// # Errors
    /// [`Error::NotPositive`] with the column whose pivot is not a positive finite number.
    ///
    /// # Panics
    /// When `a` is not `n x n`.
    #[expect(
        clippy::panic_in_result_fn,
        reason = "a wrong shape is a fault of the calling code, not of its data"
    )]
    pub fn new(a: &[f64], n: usize) -> Result<Self, Error> {
        assert_eq!(a.len(), n * n, "cholesky: the matrix is not n x n");
        let mut l = vec![0.0; n * n];
        let mut reciprocal = vec![0.0; n];
        for i in 0..n {
            let (above, rest) = l.split_at_mut(i * n);
            let row = &mut rest[..n];
            for j in 0..i {
                let other = &above[j * n..j * n + j];
                let s = row[..j].iter().zip(other).fold(a[i * n + j], |s, (&x, &y)| fma(-x, y, s));
                row[j] = s * reciprocal[j];
            }
            let pivot = row[..i].iter().fold(a[i * n + i], |s, &x| fma(-x, x, s));
            if !(pivot > 0.0 && pivot.is_finite()) {
                return Err(Error::NotPositive { column: i, pivot });
            }
            row[i] = pivot.sqrt();
            reciprocal[i] = 1.0 / row[i];
        }
        Ok(Self { n, l, reciprocal })
    }

    /// Order of the matrix.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The factor: row-major `n x n`, zeros above the diagonal.
    pub fn l(&self) -> &[f64] {
        &self.l
    }

    /// Solves `A x = b` in place: forward with `k` ascending, backward with `k` descending.
    ///
    /// # Panics
    /// When `b` has not length `n`.
    pub fn solve(&self, b: &mut [f64]) {
        assert_eq!(b.len(), self.n, "cholesky: length of the right-hand side");
        for i in 0..self.n {
            let s = (0..i).fold(b[i], |s, k| fma(-self.l[i * self.n + k], b[k], s));
            b[i] = s * self.reciprocal[i];
        }
        for i in (0..self.n).rev() {
            let s = (i + 1..self.n).rev().fold(b[i], |s, k| fma(-self.l[k * self.n + i], b[k], s));
            b[i] = s * self.reciprocal[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_and_solve() {
        let a = [4.0, 2.0, 0.4, 2.0, 5.0, 1.0, 0.4, 1.0, 3.0];
        let factor = Cholesky::new(&a, 3).unwrap();
        let mut x = [1.0, -2.0, 0.5];
        factor.solve(&mut x);
        for (row, b) in a.chunks(3).zip([1.0, -2.0, 0.5]) {
            let back: f64 = crate::chain(0.0, row, &x);
            assert!((back - b).abs() < 1e-14, "{back} {b}");
        }
    }

    #[test]
    fn an_indefinite_matrix_names_its_column() {
        let found = Cholesky::new(&[1.0, 2.0, 2.0, 1.0], 2).unwrap_err();
        assert_eq!(found, Error::NotPositive { column: 1, pivot: -3.0 });
        assert!(Cholesky::new(&[f64::NAN], 1).is_err());
    }
}
