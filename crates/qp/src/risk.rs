//! Entries of the covariance, whatever its form.

use crate::Risk;
use crate::evaluate::inner;

impl Risk {
    /// Number of assets.
    pub fn n(&self) -> usize {
        match self {
            Self::Dense(sigma) => sigma.nrows(),
            Self::Factor { exposures, .. } => exposures.nrows(),
        }
    }

    /// Column `j` of `Sigma`, length `n`; factor form: `fma` chains over the factors, the specific variance added last.
    ///
    /// # Panics
    /// When `j` is not an asset.
    pub fn column(&self, j: usize) -> Vec<f64> {
        match self {
            Self::Dense(sigma) => sigma.row(j).to_vec(),
            Self::Factor { exposures, covariance, specific } => {
                let own = exposures.row(j).to_vec();
                let loaded: Vec<f64> = covariance.rows().into_iter().map(|row| inner(row, &own)).collect();
                let mut column: Vec<f64> =
                    exposures.rows().into_iter().map(|row| inner(row, &loaded)).collect();
                column[j] += specific[j];
                column
            }
        }
    }

    /// The variances, length `n`.
    pub fn diagonal(&self) -> Vec<f64> {
        match self {
            Self::Dense(sigma) => sigma.diag().to_vec(),
            Self::Factor { .. } => (0..self.n()).map(|j| self.column(j)[j]).collect(),
        }
    }
}
