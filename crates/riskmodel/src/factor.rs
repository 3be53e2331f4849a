//! The factor form of a window: `Sigma ~ B F B' + D`.
//!
//! Letters: `X` is `T x N`, the centred returns; `B = [1, L]` is `N x m` with one column more than the
//! loadings `L` (7 for recipe `/1`); `f` is `T x m`, the daily factor returns;
//! `E = X - f B'`.

use crate::characteristic::INTERCEPT;
use crate::covariance::ends;
use crate::returns::{Returns, mean_squares};
use crate::{Error, Recipe};
use samebits_canon::{Cholesky, Isa, add_product, gram, subtract_product};
use samebits_units::Date;

/// `Sigma ~ B F B' + D` as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorForm {
    /// `F`: annualised covariance of the factor returns, `m x m`, row-major, bitwise symmetric, positive definite as it
    /// stands. The first factor is the intercept, the others are the columns of the loadings.
    pub covariance: Vec<f32>,
    /// The diagonal of `D`: annualised specific variances, one a name, each positive.
    pub specific: Vec<f32>,
}

/// The factor form of centred returns (`T x N`), with `loadings` `N x k`, one column for each of the names `factors`.
///
/// Order: `B'B` and `X B` by A4; each day's factor returns by the two solves of A5; `E` by A4 (`k` ascending, starting
/// from `x`); variances divide by `T` and are then multiplied by the annualisation. A specific variance below
/// `recipe.specific_variance_min` becomes that number.
/// Bits:  every [`Isa`].
///
/// # Errors
/// [`Error::TooFewNames`] below k + 2 names, [`Error::FactorsDependent`], [`Error::FactorCovarianceNotPositive`],
/// [`Error::SpecificOutOfRange`], [`Error::Shape`].
pub fn factor_form(
    isa: Isa,
    recipe: &Recipe,
    dates: &[Date],
    centred: &Returns,
    factors: &[String],
    loadings: &[f32],
) -> Result<FactorForm, Error> {
    let (n, m) = (centred.names(), factors.len() + 1);
    if n <= m {
        return Err(Error::TooFewNames { found: n, needed: m + 1 });
    }
    if loadings.len() != n * factors.len() {
        return Err(Error::Shape { what: "loadings", found: loadings.len(), expected: n * factors.len() });
    }
    let b = exposures(loadings, n);
    let least = if recipe.takes_characteristics() { PIVOT_SHARE_MIN } else { 0.0 };
    let f = factor_returns(isa, dates, centred, factors, &b, least)?;
    let covariance = factor_covariance(isa, recipe, dates, factors, &f)?;
    let residual = residuals(isa, centred, &f, &b);
    let specific = specific_variances(recipe, &residual, n)?;
    Ok(FactorForm { covariance, specific })
}

/// `B = [1, L]`, row-major, widened exactly; `loadings` are `n x k`, `k` may be 0.
pub(crate) fn exposures(loadings: &[f32], n: usize) -> Vec<f64> {
    let k = loadings.len().checked_div(n).unwrap_or(0);
    let row = |at: usize| loadings[at * k..(at + 1) * k].iter().map(|&x| f64::from(x));
    (0..n).flat_map(|at| std::iter::once(1.0).chain(row(at))).collect()
}

/// Name of a column of `B`.
fn factor_name(factors: &[String], column: usize) -> String {
    let name = column.checked_sub(1).and_then(|at| factors.get(at));
    name.cloned().unwrap_or_else(|| INTERCEPT.to_owned())
}

/// Recipe `/2`: least part of a column's squares that the columns before it must leave over. Two characteristics may be
/// one in disguise, and rounding alone leaves some 1e-16 of the second.
const PIVOT_SHARE_MIN: f64 = 1e-9;

/// `f[t] = (B'B)^-1 B' x[t]`, row-major `T x m`; each pivot of `B'B` is at least `least` times its diagonal entry.
fn factor_returns(
    isa: Isa,
    dates: &[Date],
    centred: &Returns,
    factors: &[String],
    b: &[f64],
    least: f64,
) -> Result<Vec<f64>, Error> {
    let m = factors.len() + 1;
    let (first, last) = ends(dates);
    let dependent = |(column, pivot)| {
        let factor = factor_name(factors, column);
        Error::FactorsDependent { first, last, factor, pivot }
    };
    let squares = gram::gram(isa, b, m);
    let normal = Cholesky::new(isa, &squares, m).map_err(|error| dependent(place(&error)))?;
    for (column, &reciprocal) in normal.reciprocals().iter().enumerate() {
        let pivot = 1.0 / (reciprocal * reciprocal);
        if pivot < least * squares[column * m + column] {
            return Err(dependent((column, pivot)));
        }
    }
    let mut f = vec![0.0; centred.days() * m];
    add_product(isa, &mut f, centred.values(), b, centred.names(), m);
    for day in f.chunks_exact_mut(m) {
        normal.solve(day);
    }
    Ok(f)
}

/// `E = X - f B'`, row-major `T x N`.
fn residuals(isa: Isa, centred: &Returns, f: &[f64], b: &[f64]) -> Vec<f64> {
    let n = centred.names();
    let m = b.len() / n;
    let transposed: Vec<f64> = (0..m * n).map(|at| b[(at % n) * m + at / n]).collect();
    let mut e = centred.values().to_vec();
    subtract_product(isa, &mut e, f, &transposed, m, n);
    e
}

/// `(f'f / T) * annualisation`, rounded to `f32` and then checked.
fn factor_covariance(
    isa: Isa,
    recipe: &Recipe,
    dates: &[Date],
    factors: &[String],
    f: &[f64],
) -> Result<Vec<f32>, Error> {
    let m = factors.len() + 1;
    let days = (f.len() / m) as f64;
    let annual = |entry: &f64| ((entry / days) * f64::from(recipe.annualisation)) as f32;
    let stored: Vec<f32> = gram::gram(isa, f, m).iter().map(annual).collect();
    let wide: Vec<f64> = stored.iter().map(|&x| f64::from(x)).collect();
    match Cholesky::check(isa, &wide, m) {
        Ok(_) => Ok(stored),
        Err(error) => {
            let (column, pivot) = place(&error);
            let (first, last) = ends(dates);
            let factor = factor_name(factors, column);
            Err(Error::FactorCovarianceNotPositive { first, last, factor, pivot })
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
        let b = exposures(&loadings, n);
        let factors = crate::FACTORS.map(str::to_owned);
        for isa in Isa::available() {
            let f = factor_returns(isa, &[], &centred, &factors, &b, 0.0).unwrap();
            let e = residuals(isa, &centred, &f, &b);
            for day in e.chunks_exact(n) {
                for k in 0..7 {
                    let product = day.iter().zip(b.chunks_exact(7)).fold(0.0, |s, (e, row)| s + e * row[k]);
                    assert!(product.abs() < 1e-13, "{product:e}");
                }
            }
        }
    }
}
