//! The covariance of daily returns, shrunk towards a multiple of the identity.
//!
//! Letters: `X` is `T x N`, the returns minus the mean of their column; `S = X'X / T`; `mu` is the mean of the diagonal
//! of `S`; `x_t` is row `t` of `X`; norms are Frobenius.
//!
//! ```text
//! d2  = ||S - mu I||^2
//! b2  = 1/T^2 sum over t of ||x_t x_t' - S||^2 = (sum over t of (x_t'x_t)^2 - T ||S||^2) / T^2
//! rho = min(b2, d2) / d2
//! Sigma = annualisation * ((1 - rho) S + rho mu I)
//! ```
//! Source: O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal of
//! Multivariate Analysis 88 (2004) 365-411, lemma 3.2 to 3.5 and formula (14). Their norms are divided by `N`, which
//! cancels in `rho`. `S` divides by `T`, as there.

use crate::returns::Returns;
use crate::window::cut;
use crate::{Error, Recipe};
use ndarray::ArrayView2;
use samebits_canon::{Cholesky, Isa, System, dot, dot_on, gram, max, min, sum};
use samebits_units::{Date, Price};

/// A covariance as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// Annualised covariance, `N x N`, row-major, bitwise symmetric, positive definite as it stands.
    pub sigma: Vec<f32>,
    /// The intensity `rho` in `[0, 1]`: the share of the identity's multiple.
    pub intensity: f64,
}

/// The covariance of the last `recipe.window_days` returns, in annual variances, rounded to `f32`.
///
/// Shape:  `dates` and `prices` have equally many rows, at least [`Recipe::sessions`].
/// Order:  [`Returns::of`]; `X'X` by A4; the rest in the order of `shrink` below.
/// Bits:   every [`Isa`].
/// Cost:   `T N^2 / 2 + N^3 / 6` fused operations; the second part is the check.
///
/// # Errors
/// [`Error::NoVariance`] when no price moved, [`Error::SigmaNotPositive`] when the rounded matrix is not positive
/// definite, and the faults of the inputs.
#[expect(clippy::needless_pass_by_value, reason = "a view is a borrow")]
pub fn covariance(
    isa: Isa,
    recipe: &Recipe,
    dates: &[Date],
    prices: ArrayView2<'_, Price>,
) -> Result<Covariance, Error> {
    covariance_in(isa, recipe, dates, prices, &mut Scratch::default())
}

/// Memory that a loop over days keeps, so that each day touches only what it returns.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) returns: Vec<f64>,
    s: Vec<f64>,
    panels: Vec<f64>,
    system: System,
}

/// [`covariance`] in memory of the caller, which grows to what is needed; the bits do not depend on what was in it.
///
/// # Errors
/// As [`covariance`].
#[expect(clippy::needless_pass_by_value, reason = "a view is a borrow")]
pub fn covariance_in(
    isa: Isa,
    recipe: &Recipe,
    dates: &[Date],
    prices: ArrayView2<'_, Price>,
    scratch: &mut Scratch,
) -> Result<Covariance, Error> {
    let (dates, prices) = cut(recipe, dates, prices)?;
    let centred = Returns::of_in(prices, std::mem::take(&mut scratch.returns)).centred();
    let found = of_returns(isa, recipe, dates, &centred, scratch);
    scratch.returns = centred.into_values();
    found
}

/// The covariance that [`covariance_in`] returns for these closes, without looking whether it is positive definite: for
/// those who compare it with one that was recorded.
///
/// Shape:  `closes` has exactly [`Recipe::sessions`] rows.
/// Order, bits: as [`covariance`].
/// Cost:   `T N^2 / 2` fused operations.
///
/// # Errors
/// As [`covariance`], but never [`Error::SigmaNotPositive`]; [`Error::Shape`] for another number of sessions. Sessions have
/// no dates here: those of an error are 1970-01-01.
#[expect(clippy::needless_pass_by_value, reason = "a view is a borrow")]
pub fn recomputed_in(
    isa: Isa,
    recipe: &Recipe,
    closes: ArrayView2<'_, Price>,
    scratch: &mut Scratch,
) -> Result<Vec<f32>, Error> {
    recipe.check()?;
    let (found, expected) = (closes.nrows(), recipe.sessions());
    if found != expected {
        return Err(Error::Shape { what: "sessions", found, expected });
    }
    let dates = vec![Date::default(); found];
    let (dates, prices) = cut(recipe, &dates, closes)?;
    let centred = Returns::of_in(prices, std::mem::take(&mut scratch.returns)).centred();
    let found = shrunk(isa, recipe, dates, &centred, scratch);
    scratch.returns = centred.into_values();
    found.map(|found| found.sigma)
}

/// The covariance of returns that are already centred, checked.
pub(crate) fn of_returns(
    isa: Isa,
    recipe: &Recipe,
    dates: &[Date],
    centred: &Returns,
    scratch: &mut Scratch,
) -> Result<Covariance, Error> {
    let found = shrunk(isa, recipe, dates, centred, scratch)?;
    let Scratch { s, system, .. } = scratch;
    system.set_isa(isa);
    for (wide, &stored) in s.iter_mut().zip(&found.sigma) {
        *wide = f64::from(stored);
    }
    let (first, last) = ends(dates);
    match Cholesky::check_in(s, centred.names(), system) {
        Ok(_) => Ok(found),
        Err(samebits_canon::Error::NotPositive { column, pivot }) => {
            Err(Error::SigmaNotPositive { first, last, column, pivot })
        }
        Err(_) => Err(Error::SigmaNotPositive { first, last, column: 0, pivot: f64::NAN }),
    }
}

/// The covariance of centred returns as it will be stored.
fn shrunk(
    isa: Isa,
    recipe: &Recipe,
    dates: &[Date],
    centred: &Returns,
    scratch: &mut Scratch,
) -> Result<Covariance, Error> {
    let (x, n) = (centred.values(), centred.names());
    let days = centred.days() as f64;
    let Scratch { s, panels, .. } = scratch;
    s.resize(n * n, 0.0);
    gram::gram_in(isa, x, n, s, panels);
    for entry in s.iter_mut() {
        *entry /= days;
    }
    let (first, last) = ends(dates);
    let (intensity, mu) = shrinkage(isa, x, s, n).ok_or(Error::NoVariance { first, last })?;
    let sigma = shrink(s, n, (intensity, mu), f64::from(recipe.annualisation));
    Ok(Covariance { sigma, intensity })
}

/// First and last session of a window.
pub(crate) fn ends(dates: &[Date]) -> (Date, Date) {
    (dates.first().copied().unwrap_or_default(), dates.last().copied().unwrap_or_default())
}

/// The intensity and `mu`; `None` when `S` is zero or not finite. `s` is the same before and after.
///
/// Order: the trace by A3; `d2` by A3 over all entries of `S - mu I` in row order; `||S||^2 = d2 + (N mu) mu`, which
/// loses nothing to cancellation; `q_t = x_t'x_t` and the sum of their squares by A3; a negative `b2` (rounding) is 0;
/// `d2 = 0` (`S` is its own target) gives intensity 0.
fn shrinkage(isa: Isa, x: &[f64], s: &mut [f64], n: usize) -> Option<(f64, f64)> {
    let days = (x.len() / n) as f64;
    let diagonal: Vec<f64> = s.iter().step_by(n + 1).copied().collect();
    let mu = sum(&diagonal) / n as f64;
    if !(mu > 0.0 && mu.is_finite()) {
        return None;
    }
    for entry in s.iter_mut().step_by(n + 1) {
        *entry -= mu;
    }
    let d2 = dot_on(isa, s, s);
    for (entry, kept) in s.iter_mut().step_by(n + 1).zip(diagonal) {
        *entry = kept;
    }
    let norm = d2 + (n as f64 * mu) * mu;
    let squares: Vec<f64> = x.chunks_exact(n).map(|row| dot_on(isa, row, row)).collect();
    let b2 = max(0.0, (dot(&squares, &squares) - days * norm) / (days * days));
    let intensity = if d2 > 0.0 { min(b2, d2) / d2 } else { 0.0 };
    intensity.is_finite().then_some((intensity, mu))
}

/// `((1 - rho) * s[i][j]) * a` beside the diagonal, `((1 - rho) * s[i][i] + rho * mu) * a` on it, each rounded to `f32`.
fn shrink(s: &[f64], n: usize, (rho, mu): (f64, f64), annualisation: f64) -> Vec<f32> {
    let keep = 1.0 - rho;
    let target = rho * mu;
    let mut sigma: Vec<f32> = s.iter().map(|&entry| ((keep * entry) * annualisation) as f32).collect();
    for (stored, &entry) in sigma.iter_mut().zip(s).step_by(n + 1) {
        *stored = ((keep * entry + target) * annualisation) as f32;
    }
    sigma
}
