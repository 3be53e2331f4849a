//! The pinned covariance as the optimisation takes it: `f64`, in either form.

use ndarray::{Array1, Array2};
use samebits_qp::{Beside, Risk};
use samebits_snapshot::record::{Matrix32, RiskModel};
use std::sync::Arc;

/// The decisions of a day share its risk model, and one widened form of it.
static DENSE: Beside<RiskModel, Arc<Risk>> = Beside::new();
static FACTOR: Beside<RiskModel, Arc<Risk>> = Beside::new();

/// `Sigma` widened exactly, dense or in factor form. Made once as long as the model lives.
pub(crate) fn widened(model: &Arc<RiskModel>, factor_form: bool) -> Arc<Risk> {
    let kept = if factor_form { &FACTOR } else { &DENSE };
    kept.get(model, || Arc::new(risk(model, factor_form)))
}

fn risk(model: &RiskModel, factor_form: bool) -> Risk {
    if !factor_form {
        return Risk::Dense(widen(&model.sigma));
    }
    let (n, k) = (model.loadings.rows, model.loadings.cols);
    let exposure = |(i, j): (usize, usize)| {
        if j == 0 { 1.0 } else { f64::from(model.loadings.values[i * k + j - 1]) }
    };
    Risk::Factor {
        exposures: Array2::from_shape_fn((n, k + 1), exposure),
        covariance: widen(&model.factor_model.covariance),
        specific: Array1::from_iter(model.factor_model.specific.values.iter().map(|value| f64::from(*value))),
    }
}

fn widen(matrix: &Matrix32) -> Array2<f64> {
    Array2::from_shape_fn((matrix.rows, matrix.cols), |(i, j)| f64::from(matrix.values[i * matrix.cols + j]))
}

/// Column `k`, widened.
pub(crate) fn column(matrix: &Matrix32, k: usize) -> Vec<f64> {
    (0..matrix.rows).map(|i| f64::from(matrix.values[i * matrix.cols + k])).collect()
}
