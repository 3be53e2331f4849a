//! Clause A5: the ordered Cholesky factorisation.
//!
//! The fast form works on panels of `lanes` rows of `L`, stored `[column][row]`. For each block of `lanes` columns the
//! register tile subtracts all earlier columns, the diagonal block is finished column by column, and the panels below
//! follow. Every entry still sees its products with `k` ascending, so the bits are those of [`Cholesky::reference`].

use crate::kernel::{BadPivot, Kernels};
use crate::{Error, Isa, fma};

/// `A = L L'` with the operations in the order of clause A5.
#[derive(Debug, Clone)]
pub struct Cholesky {
    isa: Isa,
    n: usize,
    /// Row-major, lower triangle; above the diagonal: 0.
    l: Vec<f64>,
    /// The same rows in panels of the instruction set's lanes, each `steps` columns long.
    panels: Vec<f64>,
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
        let kernels = isa.kernels();
        let mut panels = Vec::new();
        let reciprocal = factored(kernels, a, n, &mut panels)?;
        let l = unpack(&panels, n, kernels.lanes);
        Ok(Self { isa, n, l, panels, reciprocal })
    }

    /// Factors `a` and keeps nothing: whether every pivot is positive and finite, and the largest reciprocal of one.
    ///
    /// # Errors
    /// As [`Cholesky::new`].
    ///
    /// # Panics
    /// When `a` is not `n x n`.
    pub fn check(isa: Isa, a: &[f64], n: usize) -> Result<f64, Error> {
        Self::check_in(isa, a, n, &mut Vec::new())
    }

    /// [`Cholesky::check`] in memory of the caller; `scratch` grows to what is needed.
    ///
    /// # Errors
    /// As [`Cholesky::new`].
    ///
    /// # Panics
    /// When `a` is not `n x n`.
    pub fn check_in(isa: Isa, a: &[f64], n: usize, scratch: &mut Vec<f64>) -> Result<f64, Error> {
        let reciprocal = factored(isa.kernels(), a, n, scratch)?;
        Ok(reciprocal.into_iter().fold(0.0, crate::max))
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
        let mut panels = Vec::new();
        pack(&l, n, Isa::Portable.kernels().lanes, &mut panels);
        Ok(Self { isa: Isa::Portable, n, l, panels, reciprocal })
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

    /// Solves `A x = b` in place: forward with `k` ascending, backward with `k` descending.
    ///
    /// Bits: equal for every [`Isa`].
    /// Cost: `n^2` fused operations, no allocation.
    ///
    /// # Panics
    /// When `b` has not length `n`.
    pub fn solve(&self, b: &mut [f64]) {
        assert_eq!(b.len(), self.n, "cholesky: length of the right-hand side");
        let kernels = self.isa.kernels();
        (kernels.forward)(&self.panels, &self.reciprocal, b);
        (kernels.backward)(&self.l, &self.reciprocal, b);
    }
}

/// Panels of `L` into `panels`; returns the reciprocals of its diagonal.
#[expect(
    clippy::panic_in_result_fn,
    reason = "a wrong shape is a fault of the calling code, not of its data"
)]
fn factored(kernels: &Kernels, a: &[f64], n: usize, panels: &mut Vec<f64>) -> Result<Vec<f64>, Error> {
    assert_eq!(a.len(), n * n, "cholesky: the matrix is not n x n");
    pack(a, n, kernels.lanes, panels);
    let mut reciprocal = vec![0.0; n];
    factor(kernels, panels, &mut reciprocal)?;
    Ok(reciprocal)
}

/// The lower triangle of `a` in panels of `lanes` rows, `[column][row]`; everything else is 0.
fn pack(a: &[f64], n: usize, lanes: usize, panels: &mut Vec<f64>) {
    let steps = n.next_multiple_of(lanes);
    if panels.capacity() < steps * steps {
        *panels = vec![0.0; steps * steps];
    } else {
        panels.clear();
        panels.resize(steps * steps, 0.0);
    }
    if n == 0 {
        return;
    }
    for (panel, (packed, rows)) in panels.chunks_exact_mut(steps * lanes).zip(a.chunks(lanes * n)).enumerate()
    {
        let first = panel * lanes;
        for (column, step) in packed.chunks_exact_mut(lanes).enumerate().take(n.min(first + lanes)) {
            let above = column.saturating_sub(first);
            for (entry, row) in step.iter_mut().zip(rows.chunks_exact(n)).skip(above) {
                *entry = row[column];
            }
        }
    }
}

/// The rows of the panels, row-major: the inverse of [`pack`].
fn unpack(panels: &[f64], n: usize, lanes: usize) -> Vec<f64> {
    let steps = n.next_multiple_of(lanes);
    let mut l = vec![0.0; n * n];
    if n == 0 {
        return l;
    }
    for (panel, (packed, rows)) in panels.chunks_exact(steps * lanes).zip(l.chunks_mut(lanes * n)).enumerate()
    {
        for (lane, row) in rows.chunks_exact_mut(n).enumerate() {
            for (entry, step) in row.iter_mut().zip(packed.chunks_exact(lanes)).take(panel * lanes + lane + 1)
            {
                *entry = step[lane];
            }
        }
    }
    l
}

/// Factors the packed lower triangle in place.
fn factor(kernels: &Kernels, panels: &mut [f64], reciprocal: &mut [f64]) -> Result<(), Error> {
    let Kernels { lanes, rows, .. } = *kernels;
    let square = lanes * lanes;
    let length = reciprocal.len().next_multiple_of(lanes) * lanes;
    for (block, reciprocal) in reciprocal.chunks_mut(lanes).enumerate() {
        let before = block * square;
        let (pivots, below) = panels[block * length..].split_at_mut(length);
        let (done, corner) = pivots.split_at_mut(before);
        let corner = &mut corner[..square];
        for (first, tile) in (0..lanes).step_by(rows).zip(corner.chunks_exact_mut(rows * lanes)) {
            (kernels.subtract)(done, first, done, tile);
        }
        (kernels.pivot_block)(corner, reciprocal)
            .map_err(|BadPivot { at, pivot }| Error::NotPositive { column: block * lanes + at, pivot })?;
        for panel in below.chunks_exact_mut(length) {
            let (left, current) = panel.split_at_mut(before);
            let current = &mut current[..square];
            for (first, tile) in (0..lanes).step_by(rows).zip(current.chunks_exact_mut(rows * lanes)) {
                (kernels.subtract)(done, first, left, tile);
            }
            (kernels.solve_block)(corner, reciprocal, current);
        }
    }
    Ok(())
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
