//! The risk model of the day: what it says of the final holdings, and of one more unit of a name.

use super::terms::BP_PER_PERCENT;
use super::view::View;
use crate::Error;
use samebits_canon::abs;
use samebits_riskmodel::{Attribution, FactorForm, attribution};
use samebits_snapshot::record::Params;
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

/// The risk term of a trade by source: `gamma B F B' d` factor by factor, `gamma D d`, and what the dense matrix has beyond
/// both. Basis points of net asset value per 1 % traded; the parts add up to the term `tracking error`.
#[derive(Debug, Clone, Serialize)]
pub struct RiskSplit {
    /// The term.
    pub total_bp: f64,
    /// By factor.
    pub factors: Vec<RiskPart>,
    /// The name's own risk.
    pub specific_bp: f64,
    /// Not in the factor model; 0 where the decision used it.
    pub rest_bp: f64,
    /// The two largest sources.
    pub largest: Vec<String>,
}

/// A factor's part of the risk term.
#[derive(Debug, Clone, Serialize)]
pub struct RiskPart {
    /// Name of the factor.
    pub factor: String,
    /// Basis points of net asset value per 1 % traded.
    pub bp: f64,
}

/// The name of factor `k` with the intercept first, from the list of the record.
fn name(factors: &[String], k: usize) -> String {
    let own = k.checked_sub(1).and_then(|at| factors.get(at)).map(String::as_str);
    own.or_else(|| Attribution::name(k)).unwrap_or_default().to_owned()
}

fn attributed(view: &View<'_>, weights: &[f64]) -> Result<Attribution, Error> {
    let risk = &view.run.inputs.risk;
    let form = FactorForm {
        covariance: risk.factor_model.covariance.values.clone(),
        specific: risk.factor_model.specific.values.clone(),
    };
    Ok(attribution(&view.seen.model.problem.active(weights), &risk.loadings.values, &form)?)
}

pub(crate) fn answer(view: &View<'_>) -> Result<RiskAnswer, Error> {
    let risk = &view.run.inputs.risk;
    let weights = view.final_weights();
    let parts = attributed(view, &weights)?;
    let share = |part: f64| if parts.variance > 0.0 { part / parts.variance } else { 0.0 };
    let factor = |k: usize| FactorPart {
        name: name(&risk.factors, k),
        exposure: parts.exposures[k],
        share: share(parts.factors[k]),
    };
    Ok(RiskAnswer {
        recipe: risk.recipe.clone(),
        form: if view.seen.policy.factor_form { "factor" } else { "dense" },
        tracking_error_bp: view.tracking_error_bp(&weights),
        factor_form_bp: parts.volatility() * 1e4,
        factors: (0..parts.factors.len()).map(factor).collect(),
        specific_share: share(parts.specific),
    })
}

/// `F B'd` at the continuous optimum, for [`Loaded::split`].
pub(crate) struct Loaded {
    active: Vec<f64>,
    loaded: Vec<f64>,
}

impl Loaded {
    pub(crate) fn new(view: &View<'_>) -> Result<Self, Error> {
        let weights = &view.run.outcome.weights;
        let exposures = attributed(view, weights)?.exposures;
        let m = exposures.len();
        let covariance = &view.run.inputs.risk.factor_model.covariance.values;
        let loaded = covariance.chunks_exact(m).map(|row| {
            row.iter().zip(&exposures).fold(0.0, |sum, (f, x)| samebits_canon::fma(f64::from(*f), *x, sum))
        });
        Ok(Self { loaded: loaded.collect(), active: view.seen.model.problem.active(weights) })
    }

    /// The risk term of security `i`, `total_bp` in the direction `sign`.
    pub(crate) fn split(&self, view: &View<'_>, i: usize, sign: f64, total_bp: f64) -> RiskSplit {
        let risk = &view.run.inputs.risk;
        let k = risk.factors.len();
        let scale = sign * view.seen.model.problem.gamma * BP_PER_PERCENT;
        let loading = |j: usize| match j.checked_sub(1) {
            None => 1.0,
            Some(column) => f64::from(risk.loadings.values[i * k + column]),
        };
        let part = |(j, loaded): (usize, &f64)| RiskPart {
            factor: name(&risk.factors, j),
            bp: scale * (loading(j) * loaded),
        };
        let factors: Vec<RiskPart> = self.loaded.iter().enumerate().map(part).collect();
        let specific_bp = scale * (f64::from(risk.factor_model.specific.values[i]) * self.active[i]);
        let known = factors.iter().fold(specific_bp, |sum, part| sum + part.bp);
        let rest_bp = total_bp - known;
        let mut sources: Vec<(&str, f64)> =
            factors.iter().map(|part| (part.factor.as_str(), abs(part.bp))).collect();
        sources.extend([("specific", abs(specific_bp)), ("not in the factor model", abs(rest_bp))]);
        sources.sort_by(|a, b| b.1.total_cmp(&a.1));
        let largest = sources.iter().take(2).map(|(name, _)| (*name).to_owned()).collect();
        RiskSplit { total_bp, factors, specific_bp, rest_bp, largest }
    }
}

/// Correlation of two names under the pinned covariance.
pub(crate) fn correlation(view: &View<'_>, i: usize, j: usize) -> f64 {
    let sigma = &view.run.inputs.risk.sigma;
    let entry = |a: usize, b: usize| f64::from(sigma.values[a * sigma.cols + b]);
    entry(i, j) / (entry(i, i) * entry(j, j)).sqrt()
}
