//! Clause A5: the ordered Cholesky factorisation.

use crate::{Error, Isa, fma};

/// `A = L L'` with the operations in the order of clause A5.
#[derive(Debug, Clone)]
pub struct Cholesky {
    n: usize,
    /// Column-major; above the diagonal: 0.
    l: Vec<f64>,
    /// `1 / l[j][j]`.
    reciprocal: Vec<f64>,
}

impl Cholesky {
    /// Factors the symmetric `n x n` matrix `a` (its lower triangle is read).
    ///
    /// Order: for each column `j`, `s = a[i][j]`, then `s = fma(-l[i][k], l[j][k], s)` with `k` ascending; `l[j][j] =
    /// sqrt(s)`, one reciprocal a pivot, `l[i][j] = s * reciprocal[j]`.
    /// Bits:  equal for every [`Isa`] and to [`reference`]; `canon/tests/it`.
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
    pub fn new(isa: Isa, a: &[f64], n: usize) -> Result<Self, Error> {
        assert_eq!(a.len(), n * n, "cholesky: the matrix is not n x n");
        let mut l = vec![0.0; n * n];
        for j in 0..n {
            for i in j..n {
                l[j * n + i] = a[i * n + j];
            }
        }
        let mut reciprocal = vec![0.0; n];
        match isa.or_narrower() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 | Isa::Avx512 => crate::isa::x86::columns_avx2(&mut l, &mut reciprocal)?,
            _ => columns(&mut l, &mut reciprocal)?,
        }
        Ok(Self { n, l, reciprocal })
    }

    /// Order of the matrix.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Entry `(i, j)` of the factor; 0 above the diagonal.
    pub fn entry(&self, i: usize, j: usize) -> f64 {
        self.l[j * self.n + i]
    }

    /// Solves `A x = b` in place: forward with `k` ascending, backward with `k` descending.
    ///
    /// # Panics
    /// When `b` has not length `n`.
    pub fn solve(&self, b: &mut [f64]) {
        assert_eq!(b.len(), self.n, "cholesky: length of the right-hand side");
        for i in 0..self.n {
            let s = (0..i).fold(b[i], |s, k| fma(-self.entry(i, k), b[k], s));
            b[i] = s * self.reciprocal[i];
        }
        for i in (0..self.n).rev() {
            let s = (i + 1..self.n).rev().fold(b[i], |s, k| fma(-self.entry(k, i), b[k], s));
            b[i] = s * self.reciprocal[i];
        }
    }
}

/// Factors the column-major lower triangle in `l`, one column after another. Each entry's chain runs over `k` ascending;
/// working on whole columns divides the work between independent entries only.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once for each instruction set")]
pub(crate) fn columns(l: &mut [f64], reciprocal: &mut [f64]) -> Result<(), Error> {
    let n = reciprocal.len();
    for j in 0..n {
        let (done, rest) = l.split_at_mut(j * n);
        let column = &mut rest[j..n];
        for before in done.chunks_exact(n) {
            let factor = before[j];
            for (s, &x) in column.iter_mut().zip(&before[j..]) {
                *s = fma(-x, factor, *s);
            }
        }
        let pivot = column[0];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return Err(Error::NotPositive { column: j, pivot });
        }
        column[0] = pivot.sqrt();
        reciprocal[j] = 1.0 / column[0];
        for s in &mut column[1..] {
            *s *= reciprocal[j];
        }
    }
    Ok(())
}

/// The plainest loop of the clause: the factor, row-major, zeros above the diagonal.
///
/// # Errors
/// As [`Cholesky::new`].
pub fn reference(a: &[f64], n: usize) -> Result<Vec<f64>, Error> {
    let mut l = vec![0.0; n * n];
    for j in 0..n {
        let pivot = (0..j).fold(a[j * n + j], |s, k| fma(-l[j * n + k], l[j * n + k], s));
        if !(pivot > 0.0 && pivot.is_finite()) {
            return Err(Error::NotPositive { column: j, pivot });
        }
        l[j * n + j] = pivot.sqrt();
        let reciprocal = 1.0 / l[j * n + j];
        for i in j + 1..n {
            let s = (0..j).fold(a[i * n + j], |s, k| fma(-l[i * n + k], l[j * n + k], s));
            l[i * n + j] = s * reciprocal;
        }
    }
    Ok(l)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_and_solve() {
        let a = [4.0, 2.0, 0.4, 2.0, 5.0, 1.0, 0.4, 1.0, 3.0];
        let factor = Cholesky::new(Isa::Portable, &a, 3).unwrap();
        let mut x = [1.0, -2.0, 0.5];
        factor.solve(&mut x);
        for (row, b) in a.chunks(3).zip([1.0, -2.0, 0.5]) {
            let back = crate::chain(0.0, row, &x);
            assert!((back - b).abs() < 1e-14, "{back} {b}");
        }
    }

    #[test]
    fn an_indefinite_matrix_names_its_column() {
        for isa in Isa::available() {
            let found = Cholesky::new(isa, &[1.0, 2.0, 2.0, 1.0], 2).unwrap_err();
            assert_eq!(found, Error::NotPositive { column: 1, pivot: -3.0 });
            assert!(Cholesky::new(isa, &[f64::NAN], 1).is_err());
        }
    }
}
