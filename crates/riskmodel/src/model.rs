//! The whole model of a day.

use crate::covariance::ends;
use crate::{
    Characteristic, Error, Recipe, Returns, Scratch, Window, characteristic, covariance, factor,
    factor::FactorForm, loadings,
};
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
    /// Names of the columns of the loadings: [`FACTORS`](crate::FACTORS), then the characteristics.
    pub factors: Vec<String>,
    /// Factor loadings, `N x k`, row-major, columns as `factors`.
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
        Self::build_with(isa, recipe, window, &[], scratch)
    }

    /// [`RiskModel::build_in`] with `characteristics` as further columns of the loadings, in their order; each has one
    /// value or `None` a name. Recipe `/1` takes none, `/2` at least one.
    ///
    /// # Errors
    /// As [`RiskModel::build`]; a characteristic that is known for fewer than two names, or equal for all, has the rank
    /// 0 everywhere and is an [`Error::FactorsDependent`].
    pub fn build_with(
        isa: Isa,
        recipe: &Recipe,
        window: &Window<'_>,
        characteristics: &[Characteristic<'_>],
        scratch: &mut Scratch,
    ) -> Result<Self, Error> {
        let window = window.cut(recipe)?;
        characteristic::check(recipe, characteristics, window.prices.ncols())?;
        let factors = characteristic::factors(characteristics);
        let returns = Returns::of_in(window.prices, std::mem::take(&mut scratch.returns));
        let loadings = loadings::of_returns(isa, recipe, &window, &returns, characteristics);
        let centred = returns.centred();
        let covariance = covariance::of_returns(isa, recipe, window.dates, &centred, scratch)?;
        let loadings = loadings?;
        let factor_form = factor::factor_form(isa, recipe, window.dates, &centred, &factors, &loadings)?;
        scratch.returns = centred.into_values();
        let (first, last) = ends(window.dates);
        Ok(Self {
            recipe: recipe.clone(),
            first,
            last,
            names: window.prices.ncols(),
            intensity: covariance.intensity,
            sigma: covariance.sigma,
            factors,
            loadings,
            factor_form,
        })
    }
}
