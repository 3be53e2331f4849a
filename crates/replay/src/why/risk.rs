//! The risk model of the day and what it says of the final holdings.

use super::View;
use crate::Error;
use samebits_canon::max;
use samebits_riskmodel::{Attribution, FactorForm, attribution};
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

/// The name of factor `k` with the intercept first, from the list of the record.
fn name(factors: &[String], k: usize) -> String {
    let own = k.checked_sub(1).and_then(|at| factors.get(at)).map(String::as_str);
    own.or_else(|| Attribution::name(k)).unwrap_or_default().to_owned()
}

pub(crate) fn answer(view: &View<'_>) -> Result<RiskAnswer, Error> {
    let risk = &view.run.inputs.risk;
    let weights = final_weights(view);
    let d = view.model.problem.active(&weights);
    let form = FactorForm {
        covariance: risk.factor_model.covariance.values.clone(),
        specific: risk.factor_model.specific.values.clone(),
    };
    let parts = attribution(&d, &risk.loadings.values, &form)?;
    let share = |part: f64| if parts.variance > 0.0 { part / parts.variance } else { 0.0 };
    let factor = |k: usize| FactorPart {
        name: name(&risk.factors, k),
        exposure: parts.exposures[k],
        share: share(parts.factors[k]),
    };
    Ok(RiskAnswer {
        recipe: risk.recipe.clone(),
        form: if view.policy.factor_form { "factor" } else { "dense" },
        tracking_error_bp: tracking_error_bp(view, &weights),
        factor_form_bp: parts.volatility() * 1e4,
        factors: (0..parts.factors.len()).map(factor).collect(),
        specific_share: share(parts.specific),
    })
}
