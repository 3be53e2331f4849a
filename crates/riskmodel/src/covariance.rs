//! The covariance of a window, shrunk towards a scaled identity.
//!
//! Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal of Multivariate
//! Analysis 88 (2004). With demeaned returns `x_t` (`T` days, `N` assets) and `S = X'X / T`:
//!
//! ```text
//! mu = tr S / N        d2 = (|S|^2 - N mu^2) / N                      |.| the Frobenius norm
//! b2 = min(d2, (sum_t |x_t|^4 / T^2 - |S|^2 / T) / N)                 intensity = b2 / d2
//! Sigma = annualisation ((1 - intensity) S + intensity mu I)
//! ```

use crate::{Error, Recipe, Returns};
use samebits_canon::{Cholesky, Isa, dot, fma, gram, min, sum};

/// A shrunk covariance.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// Shrinkage intensity, between 0 and 1.
    pub intensity: f64,
    /// Annualised, `n x n`, row-major, rounded once to `f32`; bitwise symmetric.
    pub sigma: Vec<f32>,
}

/// The covariance of `returns`; checked to be positive definite as rounded.
///
/// Order: demeaned returns; `G` by clause A4; `S = G / T`; norms by clause A3 over rows, then over the rows' results.
/// Cost:  `T N^2 / 2` fused operations for `G`, `N^3 / 6` for the check.
///
/// # Errors
/// [`Error::NotPositive`] with the window and the column.
pub fn covariance(isa: Isa, returns: &Returns, recipe: &Recipe) -> Result<Covariance, Error> {
    let found = shrunk(isa, returns, recipe);
    let wide: Vec<f64> = found.sigma.iter().map(|entry| f64::from(*entry)).collect();
    Cholesky::new(isa, &wide, returns.n).map_err(|error| returns.not_positive("the covariance", &error))?;
    Ok(found)
}

fn shrunk(isa: Isa, returns: &Returns, recipe: &Recipe) -> Covariance {
    let (n, days) = (returns.n, returns.days as f64);
    let x = returns.demeaned();
    let mut s = gram::gram(isa, &x, n);
    for entry in &mut s {
        *entry /= days;
    }
    let norms = |rows: &[f64]| rows.chunks_exact(n).map(|row| dot(row, row)).collect::<Vec<f64>>();
    let fourth: Vec<f64> = norms(&x).iter().map(|square| square * square).collect();
    let diagonal: Vec<f64> = (0..n).map(|i| s[i * n + i]).collect();
    let mu = sum(&diagonal) / n as f64;
    let square = sum(&norms(&s));
    let d2 = (square - n as f64 * (mu * mu)) / n as f64;
    let b2 = min(d2, (sum(&fourth) / (days * days) - square / days) / n as f64);
    let intensity = if d2 > 0.0 { samebits_canon::max(b2, 0.0) / d2 } else { 1.0 };
    let year = f64::from(recipe.annualisation_days);
    let kept = (1.0 - intensity) * year;
    let added = intensity * year * mu;
    let mut sigma: Vec<f32> = s.iter().map(|entry| (kept * entry) as f32).collect();
    for i in 0..n {
        sigma[i * n + i] = fma(kept, s[i * n + i], added) as f32;
    }
    Covariance { intensity, sigma }
}
