//! The factor form of a window: `Sigma ~ B F B' + D`.
//!
//! Letters: `X` is `T x N`, the centred returns; `B = [1, L]` is `N x 7`; `f` is `T x 7`, the daily factor returns;
//! `E = X - f B'`.

use crate::covariance::ends;
use crate::returns::{Returns, mean_squares};
use crate::{Error, FACTORS, Recipe};
use samebits_canon::{Cholesky, Isa, add_product, gram, subtract_product};
use samebits_units::Date;

/// Factors of the form: the intercept and the columns of the loadings.
pub(crate) const COUNT: usize = FACTORS.len() + 1;

/// `Sigma ~ B F B' + D` as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorForm {
    /// `F`: annualised covariance of the factor returns, `7 x 7`, row-major, bitwise symmetric, positive definite as it
    /// stands. The first factor is the intercept, the others are [`FACTORS`].
    pub covariance: Vec<f32>,
    /// The diagonal of `D`: annualised specific variances, one a name, each positive.
    pub specific: Vec<f32>,
}

/// The factor form of centred returns (`T x N`), with `loadings` `N x 6`.
///
/// Order: `B'B` and `X B` by A4; each day's factor returns by the two solves of A5; `E` by A4 (`k` ascending, starting
/// from `x`); variances divide by `T` and are then multiplied by the annualisation. A specific variance below
/// `recipe.specific_variance_min` becomes that number.
/// Bits:  every [`Isa`].
///
/// # Errors
/// [`Error::TooFewNames`] below 8 names, [`Error::FactorsDependent`], [`Error::FactorCovarianceNotPositive`],
/// [`Error::SpecificOutOfRange`], [`Error::Shape`].
pub fn factor_form(
    isa: Isa,
    recipe: &Recipe,
    dates: &[Date],
    centred: &Returns,
    loadings: &[f32],
) -> Result<FactorForm, Error> {
    let n = centred.names();
    if n <= COUNT {
        return Err(Error::TooFewNames { found: n, needed: COUNT + 1 });
    }
    if loadings.len() != n * FACTORS.len() {
        return Err(Error::Shape { what: "loadings", found: loadings.len(), expected: n * FACTORS.len() });
    }
    let b = exposures(loadings);
    let f = factor_returns(isa, dates, centred, &b)?;
    let covariance = factor_covariance(isa, recipe, dates, &f)?;
    let residual = residuals(isa, centred, &f, &b);
    let specific = specific_variances(recipe, &residual, n)?;
    Ok(FactorForm { covariance, specific })
}

/// `B = [1, L]`, row-major `N x 7`, widened exactly.
pub(crate) fn exposures(loadings: &[f32]) -> Vec<f64> {
    let rows = loadings.chunks_exact(FACTORS.len());
    rows.flat_map(|row| std::iter::once(1.0).chain(row.iter().map(|&x| f64::from(x)))).collect()
}

/// Name of a column of `B`.
fn factor_name(column: usize) -> &'static str {
    column.checked_sub(1).and_then(|at| FACTORS.get(at)).copied().unwrap_or("intercept")
}

/// `f[t] = (B'B)^-1 B' x[t]`, row-major `T x 7`.
fn factor_returns(isa: Isa, dates: &[Date], centred: &Returns, b: &[f64]) -> Result<Vec<f64>, Error> {
    let (first, last) = ends(dates);
    let normal = Cholesky::new(isa, &gram::gram(isa, b, COUNT), COUNT).map_err(|error| {
        let (column, pivot) = place(&error);
        Error::FactorsDependent { first, last, factor: factor_name(column), pivot }
    })?;
    let mut f = vec![0.0; centred.days() * COUNT];
    add_product(isa, &mut f, centred.values(), b, centred.names(), COUNT);
    for day in f.chunks_exact_mut(COUNT) {
        normal.solve(day);
    }
    Ok(f)
}

/// `E = X - f B'`, row-major `T x N`.
fn residuals(isa: Isa, centred: &Returns, f: &[f64], b: &[f64]) -> Vec<f64> {
    let n = centred.names();
    let transposed: Vec<f64> = (0..COUNT * n).map(|at| b[(at % n) * COUNT + at / n]).collect();
    let mut e = centred.values().to_vec();
    subtract_product(isa, &mut e, f, &transposed, COUNT, n);
    e
}

/// `(f'f / T) * annualisation`, rounded to `f32` and then checked.
fn factor_covariance(isa: Isa, recipe: &Recipe, dates: &[Date], f: &[f64]) -> Result<Vec<f32>, Error> {
    let days = (f.len() / COUNT) as f64;
    let annual = |entry: &f64| ((entry / days) * f64::from(recipe.annualisation)) as f32;
    let stored: Vec<f32> = gram::gram(isa, f, COUNT).iter().map(annual).collect();
    let wide: Vec<f64> = stored.iter().map(|&x| f64::from(x)).collect();
    match Cholesky::check(isa, &wide, COUNT) {
        Ok(_) => Ok(stored),
        Err(error) => {
            let (column, pivot) = place(&error);
            let (first, last) = ends(dates);
            Err(Error::FactorCovarianceNotPositive { first, last, factor: factor_name(column), pivot })
        }
    }
}

/// Annualised mean squares of the residuals, not below the floor, each positive and finite as `f32`.
fn specific_variances(recipe: &Recipe, residual: &[f64], n: usize) -> Result<Vec<f32>, Error> {
    let mut specific = Vec::with_capacity(n);
    for (column, square) in mean_squares(residual, n).into_iter().enumerate() {
        let annual = square * f64::from(recipe.annualisation);
        let least = recipe.specific_variance_min;
        let stored = if annual < least { least as f32 } else { annual as f32 };
        if !(stored.is_finite() && stored > 0.0) {
            return Err(Error::SpecificOutOfRange { column, found: annual });
        }
        specific.push(stored);
    }
    Ok(specific)
}

fn place(error: &samebits_canon::Error) -> (usize, f64) {
    match *error {
        samebits_canon::Error::NotPositive { column, pivot } => (column, pivot),
        _ => (0, f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use samebits_units::Price;

    /// The residuals of least squares are orthogonal to every column of `B`, each day.
    #[test]
    fn residuals_are_orthogonal_to_the_factors() {
        let (days, n) = (30, 23);
        let mut state = 5_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as i64
        };
        let prices = Array2::from_shape_fn((days + 1, n), |_| Price::from_e8(1_000_000_000 + 8 * next()));
        let centred = Returns::of(prices.view()).centred();
        let loadings: Vec<f32> = (0..n * 6).map(|_| next() as f32 / 16_777_216.0 - 0.5).collect();
        let b = exposures(&loadings);
        for isa in Isa::available() {
            let f = factor_returns(isa, &[], &centred, &b).unwrap();
            let e = residuals(isa, &centred, &f, &b);
            for day in e.chunks_exact(n) {
                for k in 0..COUNT {
                    let product =
                        day.iter().zip(b.chunks_exact(COUNT)).fold(0.0, |s, (e, row)| s + e * row[k]);
                    assert!(product.abs() < 1e-13, "{product:e}");
                }
            }
        }
    }
}
