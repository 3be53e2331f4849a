//! Entries of the covariance, whatever its form.

use crate::Risk;
use crate::evaluate::inner;
use ndarray::ArrayView1;

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

    /// The variances, length `n`; bit for bit the entries `(j, j)` of the [columns](Self::column).
    pub fn diagonal(&self) -> Vec<f64> {
        match self {
            Self::Dense(sigma) => sigma.diag().to_vec(),
            Self::Factor { exposures, covariance, specific } => {
                let entry = |(own, specific): (ArrayView1<'_, f64>, &f64)| {
                    let own = own.to_vec();
                    let loaded: Vec<f64> =
                        covariance.rows().into_iter().map(|row| inner(row, &own)).collect();
                    inner(ArrayView1::from(&own), &loaded) + specific
                };
                exposures.rows().into_iter().zip(specific).map(entry).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2};

    #[test]
    fn the_diagonal_is_that_of_the_columns() {
        let number = |i: usize, j: usize| 1.0 / (1.0 + i as f64 + 0.37 * j as f64) - 0.2;
        let exposures = Array2::from_shape_fn((9, 4), |(i, j)| number(i, j));
        let covariance = Array2::from_shape_fn((4, 4), |(i, j)| number(i + j, i * j) + f64::from(i == j));
        let risk =
            Risk::Factor { exposures, covariance, specific: Array1::from_iter((1..10).map(f64::from)) };
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        let entries = (0..9).map(|j| risk.column(j)[j]).collect();
        assert_eq!(bits(risk.diagonal()), bits(entries));
    }
}
