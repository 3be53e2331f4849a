//! Where the variance of an active portfolio comes from.

use samebits_canon::{chain, dot, fma};

/// The variance of the factor form, split.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Active exposure to each factor, the intercept first.
    pub exposures: Vec<f64>,
    /// Contribution of each factor: exposure times the covariance of the factor with the whole common part.
    pub factors: Vec<f64>,
    /// Contribution of the specific variances.
    pub specific: f64,
}

impl Attribution {
    /// The sum of all contributions.
    pub fn total(&self) -> f64 {
        self.factors.iter().fold(self.specific, |sum, part| sum + part)
    }
}

/// Splits `d' (B F B' + D) d` for active weights `d`.
///
/// Shape: `exposures` is `n x k` (row-major, the intercept included), `covariance` `k x k`, `specific` `n`.
pub fn attribute(d: &[f64], exposures: &[f64], covariance: &[f64], specific: &[f64]) -> Attribution {
    let k = if d.is_empty() { 0 } else { exposures.len() / d.len() };
    let mut active = vec![0.0; k];
    for (row, d) in exposures.chunks_exact(k.max(1)).zip(d) {
        for (sum, exposure) in active.iter_mut().zip(row) {
            *sum = fma(*exposure, *d, *sum);
        }
    }
    let common = covariance.chunks_exact(k.max(1)).map(|row| chain(0.0, row, &active));
    let factors = common.zip(&active).map(|(risk, exposure)| risk * exposure).collect();
    let scaled: Vec<f64> = d.iter().zip(specific).map(|(d, s)| d * s).collect();
    Attribution { exposures: active, factors, specific: dot(d, &scaled) }
}
