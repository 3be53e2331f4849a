//! The whole model of a day.

use crate::covariance::ends;
use crate::{Error, Recipe, Returns, Scratch, Window, covariance, factor, factor::FactorForm, loadings};
use samebits_canon::Isa;
use samebits_units::Date;

/// The risk model of a day: every number as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskModel {
    /// How it was made.
    pub recipe: Recipe,
    /// First session that was read.
    pub first: Date,
    /// Last session: the day of the model.
    pub last: Date,
    /// Number of names `N`.
    pub names: usize,
    /// Shrinkage intensity in `[0, 1]`.
    pub intensity: f64,
    /// Annualised covariance, `N x N`, row-major, bitwise symmetric, positive definite as it stands.
    pub sigma: Vec<f32>,
    /// Factor loadings, `N x 6`, row-major, columns as [`FACTORS`](crate::FACTORS).
    pub loadings: Vec<f32>,
    /// The factor form of the same window.
    pub factor_form: FactorForm,
}

impl RiskModel {
    /// Covariance, loadings and factor form of the last sessions of `window`.
    ///
    /// Bits: every [`Isa`].
    ///
    /// # Errors
    /// Every variant of [`Error`]; a fault of the inputs comes before any arithmetic.
    pub fn build(isa: Isa, recipe: &Recipe, window: &Window<'_>) -> Result<Self, Error> {
        Self::build_in(isa, recipe, window, &mut Scratch::default())
    }

    /// [`RiskModel::build`] with memory that a loop over days keeps.
    ///
    /// # Errors
    /// As [`RiskModel::build`].
    pub fn build_in(
        isa: Isa,
        recipe: &Recipe,
        window: &Window<'_>,
        scratch: &mut Scratch,
    ) -> Result<Self, Error> {
        let window = window.cut(recipe)?;
        let returns = Returns::of_in(window.prices, std::mem::take(&mut scratch.returns));
        let loadings = loadings::of_returns(isa, recipe, &window, &returns);
        let centred = returns.centred();
        let covariance = covariance::of_returns(isa, recipe, window.dates, &centred, scratch)?;
        let loadings = loadings?;
        let factor_form = factor::factor_form(isa, recipe, window.dates, &centred, &loadings)?;
        scratch.returns = centred.into_values();
        let (first, last) = ends(window.dates);
        Ok(Self {
            recipe: recipe.clone(),
            first,
            last,
            names: window.prices.ncols(),
            intensity: covariance.intensity,
            sigma: covariance.sigma,
            loadings,
            factor_form,
        })
    }
}
