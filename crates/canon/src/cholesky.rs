//! Clause A5: the ordered Cholesky factorisation of a row-major matrix. [`System`] does the work.

use crate::{Error, Isa, System, fma};

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
    /// Bits: equal for every [`Isa`].
    /// Cost: `n^3 / 6` fused operations, blocks rounded up; two copies of the matrix.
    ///
    /// # Errors
    /// [`Error::NotPositive`] with the column whose pivot is not a positive finite number.
    ///
    /// # Panics
    /// When `a` is not `n x n`.
    pub fn new(isa: Isa, a: &[f64], n: usize) -> Result<Self, Error> {
        let mut system = System::new(isa, 1);
        factored(a, n, &mut system)?;
        let mut l = vec![0.0; n * n];
        for j in 0..n {
            for (i, entry) in (j..n).zip(system.column(j).0) {
                l[i * n + j] = *entry;
            }
        }
        Ok(Self { n, l, reciprocal: system.reciprocals().to_vec() })
    }

    /// Factors `a` and keeps nothing: whether every pivot is positive and finite, and the largest reciprocal of one.
    ///
    /// # Errors
    /// As [`Cholesky::new`].
    ///
    /// # Panics
    /// When `a` is not `n x n`.
    pub fn check(isa: Isa, a: &[f64], n: usize) -> Result<f64, Error> {
        Self::check_in(a, n, &mut System::new(isa, 1))
    }

    /// [`Cholesky::check`] in the memory, and with the instructions, of `system`.
    ///
    /// # Errors
    /// As [`Cholesky::new`].
    ///
    /// # Panics
    /// When `a` is not `n x n`.
    pub fn check_in(a: &[f64], n: usize, system: &mut System) -> Result<f64, Error> {
        factored(a, n, system)?;
        Ok(system.reciprocals().iter().fold(0.0, |most, &r| crate::max(most, r)))
    }

    /// The plainest loop of the clause: what every fast form must equal in all bits.
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
    pub fn reference(a: &[f64], n: usize) -> Result<Self, Error> {
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

    /// One reciprocal for each pivot: `1 / l[j][j]`, the number that the factorisation and the solves multiply by.
    pub fn reciprocals(&self) -> &[f64] {
        &self.reciprocal
    }

    /// Solves `A x = b` in place: forward with `k` ascending, backward with `k` descending. For small systems and tests;
    /// [`System`] has fast solves.
    ///
    /// Cost: `n^2` fused operations, no allocation.
    ///
    /// # Panics
    /// When `b` has not length `n`.
    pub fn solve(&self, b: &mut [f64]) {
        let n = self.n;
        assert_eq!(b.len(), n, "cholesky: length of the right-hand side");
        for i in 0..n {
            let row = &self.l[i * n..i * n + i];
            b[i] = row.iter().zip(&*b).fold(b[i], |s, (&l, &y)| fma(-l, y, s)) * self.reciprocal[i];
        }
        for k in (0..n).rev() {
            b[k] *= self.reciprocal[k];
            let (earlier, rest) = b.split_at_mut(k);
            for (s, &l) in earlier.iter_mut().zip(&self.l[k * n..k * n + k]) {
                *s = fma(-l, rest[0], *s);
            }
        }
    }
}

/// The factor of `a` into `system`.
#[expect(
    clippy::panic_in_result_fn,
    reason = "a wrong shape is a fault of the calling code, not of its data"
)]
fn factored(a: &[f64], n: usize, system: &mut System) -> Result<(), Error> {
    assert_eq!(a.len(), n * n, "cholesky: the matrix is not n x n");
    system.shape(n, 0);
    system.write(a);
    system.factor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_and_solve() {
        let a = [4.0, 2.0, 0.4, 2.0, 5.0, 1.0, 0.4, 1.0, 3.0];
        let factor = Cholesky::new(Isa::detect(), &a, 3).unwrap();
        let mut x = [1.0, -2.0, 0.5];
        factor.solve(&mut x);
        for (row, b) in a.chunks(3).zip([1.0, -2.0, 0.5]) {
            let back: f64 = crate::chain(0.0, row, &x);
            assert!((back - b).abs() < 1e-14, "{back} {b}");
        }
        assert_eq!(factor.reciprocals()[0], 0.5);
    }

    #[test]
    fn an_indefinite_matrix_names_its_column() {
        for isa in Isa::available() {
            let found = Cholesky::new(isa, &[1.0, 2.0, 2.0, 1.0], 2).unwrap_err();
            assert_eq!(found, Error::NotPositive { column: 1, pivot: -3.0 });
            assert!(Cholesky::new(isa, &[f64::NAN], 1).is_err());
            assert!(Cholesky::new(isa, &[], 0).is_ok());
        }
    }
}
