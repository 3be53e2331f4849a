//! Where the risk of a portfolio comes from.

use crate::characteristic::INTERCEPT;
use crate::factor::exposures;
use crate::{Error, FACTORS, FactorForm};
use samebits_canon::{fma, matvec, max};

/// The variance of `d` in the factor form, split by source. Variances are annual.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// `x = B'd`: the intercept, then the columns of the loadings.
    pub exposures: Vec<f64>,
    /// `x[k] * (F x)[k]`: what each factor adds to the variance; a hedge is negative.
    pub factors: Vec<f64>,
    /// `d'D d`.
    pub specific: f64,
    /// The sum of all of the above: factors ascending, then the specific part.
    pub variance: f64,
}

impl Attribution {
    /// Name of entry `k` of `exposures` and `factors`: the intercept and [`FACTORS`]. What comes after them has the
    /// names of the model's own list.
    pub fn name(k: usize) -> Option<&'static str> {
        if k == 0 { Some(INTERCEPT) } else { FACTORS.get(k - 1).copied() }
    }

    /// The annual volatility of `d`: a tracking error where `d` is a difference of weights.
    pub fn volatility(&self) -> f64 {
        max(0.0, self.variance).sqrt()
    }
}

/// Explains the variance of `d` (one entry a name, fractions of NAV) by factor and specific risk; `loadings` are `N x k`
/// for a factor covariance of `(k + 1) x (k + 1)`.
///
/// Order: each exposure is an ascending chain over the names; `F x` by A4; `(d[i] * d[i]) * D[i]` is added in ascending
/// order.
///
/// # Errors
/// [`Error::Shape`] when the parts are of different models.
pub fn attribution(d: &[f64], loadings: &[f32], form: &FactorForm) -> Result<Attribution, Error> {
    let m = form.covariance.len().isqrt().max(1);
    for (what, found, expected) in [
        ("portfolio", d.len(), form.specific.len()),
        ("factor covariance", form.covariance.len(), m * m),
        ("loadings", loadings.len(), d.len() * (m - 1)),
    ] {
        if found != expected {
            return Err(Error::Shape { what, found, expected });
        }
    }
    let mut x = vec![0.0; m];
    for (row, &d) in exposures(loadings, d.len()).chunks_exact(m).zip(d) {
        for (sum, &b) in x.iter_mut().zip(row) {
            *sum = fma(b, d, *sum);
        }
    }
    let f: Vec<f64> = form.covariance.iter().map(|&entry| f64::from(entry)).collect();
    let mut factors = vec![0.0; m];
    matvec(&f, &x, &mut factors);
    for (part, &x) in factors.iter_mut().zip(&x) {
        *part *= x;
    }
    let own = |sum, (&d, &variance): (&f64, &f32)| sum + (d * d) * f64::from(variance);
    let specific = d.iter().zip(&form.specific).fold(0.0, own);
    let variance = factors.iter().fold(0.0, |sum, part| sum + part) + specific;
    Ok(Attribution { exposures: x, factors, specific, variance })
}
