//! Return panel to covariance, factor exposures and the factor form of the same window.
//!
//! [`estimate`] is the whole of it: a window of prices and volumes, market weights and a [`Recipe`] in; a [`RiskModel`]
//! of `f32` matrices out. Everything is computed in `f64` in the order that `docs/arithmetic.md` and `docs/risk-model.md`
//! write down, so the matrices have the same bits on every machine. [`attribute`] splits the variance of an active
//! portfolio by factor.
//!
//! Left out on purpose: where prices come from, how a model is stored, forecasts.

mod attribution;
mod covariance;
mod error;
mod factor_form;
mod loadings;
mod rank;
mod recipe;
mod returns;

pub use attribution::{Attribution, attribute};
pub use covariance::{Covariance, covariance};
pub use error::Error;
pub use factor_form::FactorForm;
pub use loadings::FACTORS;
pub use rank::rank;
pub use recipe::Recipe;
pub use returns::{Returns, Window};

use samebits_canon::Isa;

/// A risk model: row-major `f32` matrices of `n` assets.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskModel {
    /// Number of assets.
    pub n: usize,
    /// Shrinkage intensity, between 0 and 1.
    pub intensity: f64,
    /// Annualised covariance, `n x n`, bitwise symmetric, positive definite.
    pub sigma: Vec<f32>,
    /// Exposures, `n x 6`, in the order of [`FACTORS`].
    pub loadings: Vec<f32>,
    /// The factor form of the same window.
    pub factor_form: FactorForm,
}

/// Estimates the model of the last sessions of `window`; `market` are the weights of the portfolio that betas refer to.
///
/// # Errors
/// A window that is too short, weights or volumes of another shape, a name that did not trade, a covariance that is not
/// positive definite; each names the window.
pub fn estimate(isa: Isa, window: &Window<'_>, market: &[f64], recipe: &Recipe) -> Result<RiskModel, Error> {
    let returns = Returns::new(window, recipe.window_days)?;
    let covariance = covariance(isa, &returns, recipe)?;
    let loadings = loadings::loadings(window, &returns, market, recipe)?;
    let factor_form = factor_form::factor_form(isa, &returns, &loadings, recipe)?;
    Ok(RiskModel {
        n: returns.n,
        intensity: covariance.intensity,
        sigma: covariance.sigma,
        loadings,
        factor_form,
    })
}
