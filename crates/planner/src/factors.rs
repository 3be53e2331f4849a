//! The covariance as `R R' + diag(D)`, so that the program stays sparse.

use crate::Error;
use ndarray::Array2;
use samebits_canon::{Cholesky, Isa, fma};
use samebits_qp::Risk;

/// `Sigma = R R' + diag(D)`.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    /// `R`, `n x k`, row-major.
    pub(crate) r: Vec<f64>,
    /// Columns of `R`.
    pub(crate) k: usize,
    /// `D`, length `n`.
    pub(crate) specific: Vec<f64>,
}

impl Factors {
    /// Dense: `R = L` and `D = 0`, with `Sigma = L L'` by clause A5. Factor form: `R = B L_F` by chains over the factors
    /// (clause A4), with `F = L_F L_F'`.
    pub(crate) fn new(risk: &Risk) -> Result<Self, Error> {
        let n = risk.n();
        match risk {
            Risk::Dense(sigma) => {
                let l = factor("risk", sigma, n)?;
                Ok(Self { r: l.l().to_vec(), k: n, specific: vec![0.0; n] })
            }
            Risk::Factor { exposures, covariance, specific } => {
                let k = exposures.ncols();
                if specific.len() != n {
                    return Err(Error::Shape { what: "specific", found: specific.len(), expected: n });
                }
                let l = factor("covariance", covariance, k)?;
                let mut r = vec![0.0; n * k];
                for ((i, j), b) in exposures.indexed_iter() {
                    finite("exposures", i * k + j, *b)?;
                    for c in 0..=j {
                        r[i * k + c] = fma(*b, l.l()[j * k + c], r[i * k + c]);
                    }
                }
                for (index, d) in specific.iter().enumerate() {
                    if !(*d >= 0.0 && d.is_finite()) {
                        let allowed = "finite, not negative";
                        return Err(Error::Value { what: "specific", index, value: *d, allowed });
                    }
                }
                Ok(Self { r, k, specific: specific.to_vec() })
            }
        }
    }

    /// `d' Sigma d`: chains over the names, then over the factors, then over `D`.
    pub(crate) fn variance(&self, d: &[f64]) -> f64 {
        let mut f = vec![0.0; self.k];
        if self.k > 0 {
            for (d, row) in d.iter().zip(self.r.chunks_exact(self.k)) {
                for (f, r) in f.iter_mut().zip(row) {
                    *f = fma(*r, *d, *f);
                }
            }
        }
        let common = f.iter().fold(0.0, |sum, f| fma(*f, *f, sum));
        self.specific.iter().zip(d).fold(common, |sum, (s, d)| fma(s * d, *d, sum))
    }
}

fn finite(what: &'static str, index: usize, value: f64) -> Result<(), Error> {
    if value.is_finite() { Ok(()) } else { Err(Error::Value { what, index, value, allowed: "finite" }) }
}

/// The factor of a symmetric `n x n` matrix.
fn factor(what: &'static str, matrix: &Array2<f64>, n: usize) -> Result<Cholesky, Error> {
    if matrix.dim() != (n, n) {
        return Err(Error::Shape { what, found: matrix.len(), expected: n * n });
    }
    let mut entries = Vec::with_capacity(n * n);
    for ((i, j), value) in matrix.indexed_iter() {
        finite(what, i * n + j, *value)?;
        if *value != matrix[(j, i)] {
            return Err(Error::Value { what, index: i * n + j, value: *value, allowed: "symmetric" });
        }
        entries.push(*value);
    }
    Cholesky::new(Isa::Portable, &entries, n).map_err(|error| match error {
        samebits_canon::Error::NotPositive { column, pivot } => Error::NotPositive { what, column, pivot },
        other => Error::Arithmetic(other),
    })
}
