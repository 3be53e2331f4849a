//! The risk model of the day and what it says of the final holdings.

use super::View;
use samebits_canon::max;
use samebits_riskmodel::attribute;
use samebits_snapshot::record::{Params, TradeSide};
use samebits_units::{Money, rate};
use serde::Serialize;

/// The risk model and the tracking error it gives.
#[derive(Debug, Clone, Serialize)]
pub struct RiskAnswer {
    /// How the model was made.
    pub recipe: Params,
    /// Which form the decision used: `dense` or `factor`.
    pub form: &'static str,
    /// Annualised tracking error of the final holdings under that form, basis points.
    pub tracking_error_bp: f64,
    /// Under the factor form, basis points; the parts below are its squares.
    pub factor_form_bp: f64,
    /// Active exposure and part of the variance, factor by factor.
    pub factors: Vec<FactorPart>,
    /// Part of the factor form's variance that is specific, as a fraction.
    pub specific_share: f64,
}

/// One factor.
#[derive(Debug, Clone, Serialize)]
pub struct FactorPart {
    /// Name.
    pub name: String,
    /// Active exposure of the final holdings.
    pub exposure: f64,
    /// Part of the factor form's variance, as a fraction; may be negative.
    pub share: f64,
}

/// Final weights, from the account before trading and the Run's trades.
pub(crate) fn final_weights(view: &View<'_>) -> Vec<f64> {
    let mut weights = view.book.held.clone();
    let prices = &view.run.inputs.market.prices;
    for trade in &view.run.outcome.trades {
        let i = trade.security as usize;
        let value = prices[i].value(trade.quantity).unwrap_or(Money::ZERO);
        let change = rate::fraction(value, view.book.nav);
        weights[i] += if trade.side == TradeSide::Buy { change } else { -change };
    }
    weights
}

pub(crate) fn tracking_error_bp(view: &View<'_>, weights: &[f64]) -> f64 {
    let problem = &view.model.problem;
    max(problem.variance(&problem.active(weights)), 0.0).sqrt() * 1e4
}

pub(crate) fn answer(view: &View<'_>) -> RiskAnswer {
    let risk = &view.run.inputs.risk;
    let weights = final_weights(view);
    let d = view.model.problem.active(&weights);
    let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<f64>>();
    let k = risk.loadings.cols;
    let with_intercept = |row: &[f32]| std::iter::once(1.0).chain(wide(row)).collect::<Vec<f64>>();
    let exposures: Vec<f64> = risk.loadings.values.chunks_exact(k).flat_map(with_intercept).collect();
    let model = &risk.factor_model;
    let parts = attribute(&d, &exposures, &wide(&model.covariance.values), &wide(&model.specific.values));
    let total = parts.total();
    let share = |part: f64| if total > 0.0 { part / total } else { 0.0 };
    let names = std::iter::once("market_intercept").chain(risk.factors.iter().map(String::as_str));
    let factors = names
        .zip(parts.exposures.iter().zip(&parts.factors))
        .map(|(name, (exposure, part))| FactorPart {
            name: name.to_owned(),
            exposure: *exposure,
            share: share(*part),
        })
        .collect();
    RiskAnswer {
        recipe: risk.recipe.clone(),
        form: if view.policy.factor_form { "factor" } else { "dense" },
        tracking_error_bp: tracking_error_bp(view, &weights),
        factor_form_bp: max(total, 0.0).sqrt() * 1e4,
        factors,
        specific_share: share(parts.specific),
    }
}
