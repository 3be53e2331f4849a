//! `Sigma ~ B F B' + D` of the same window, with `B = [1, loadings]`: a market intercept, because ranks sum to zero and
//! cannot carry what all assets have in common.
//!
//! Daily factor returns by least squares, `f_t = (B'B)^-1 B' r_t`; `F` their annualised covariance, `D` the annualised
//! mean squares of the residuals `r_t - B f_t`, both of demeaned returns.

use crate::{Error, FACTORS, Recipe, Returns};
use samebits_canon::{Cholesky, Isa, chain, fma, gram, max};

/// The factor form: `k = 7` factors, the intercept first.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorForm {
    /// Annualised covariance of the factor returns, `7 x 7`, row-major, bitwise symmetric, positive definite.
    pub covariance: Vec<f32>,
    /// Annualised specific variances, positive.
    pub specific: Vec<f32>,
}

/// Factors with the intercept.
const K: usize = FACTORS.len() + 1;

pub(crate) fn factor_form(
    isa: Isa,
    returns: &Returns,
    loadings: &[f32],
    recipe: &Recipe,
) -> Result<FactorForm, Error> {
    let n = returns.n;
    let b: Vec<f64> = loadings
        .chunks_exact(K - 1)
        .flat_map(|row| std::iter::once(1.0).chain(row.iter().map(|entry| f64::from(*entry))))
        .collect();
    let normal = Cholesky::new(isa, &gram::gram(isa, &b, K), K)
        .map_err(|error| returns.not_positive("the cross product of the exposures", &error))?;
    let x = returns.demeaned();
    let mut factors = Vec::with_capacity(returns.days * K);
    let mut squares = vec![0.0; n];
    for day in x.chunks_exact(n) {
        let mut f = vec![0.0; K];
        for (row, r) in b.chunks_exact(K).zip(day) {
            for (sum, exposure) in f.iter_mut().zip(row) {
                *sum = fma(*exposure, *r, *sum);
            }
        }
        normal.solve(&mut f);
        for ((row, r), sum) in b.chunks_exact(K).zip(day).zip(&mut squares) {
            let residual = r - chain(0.0, row, &f);
            *sum = fma(residual, residual, *sum);
        }
        factors.extend(f);
    }
    let scale = f64::from(recipe.annualisation_days) / returns.days as f64;
    let covariance: Vec<f32> =
        gram::gram(isa, &factors, K).iter().map(|entry| (scale * entry) as f32).collect();
    let wide: Vec<f64> = covariance.iter().map(|entry| f64::from(*entry)).collect();
    Cholesky::new(isa, &wide, K).map_err(|error| returns.not_positive("the factor covariance", &error))?;
    let specific = squares.iter().map(|sum| max(scale * sum, recipe.specific_floor) as f32).collect();
    Ok(FactorForm { covariance, specific })
}
