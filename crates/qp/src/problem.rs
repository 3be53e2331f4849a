//! The problem as data.

use ndarray::{Array1, Array2};
use std::sync::Arc;

/// The covariance, dense or in factor form.
#[derive(Debug, Clone, PartialEq)]
pub enum Risk {
    /// `Sigma`, `n x n`, symmetric positive definite.
    Dense(Array2<f64>),
    /// `Sigma = B F B' + diag(D)`, never formed.
    Factor {
        /// `B`, `n x k`.
        exposures: Array2<f64>,
        /// `F`, `k x k`, symmetric positive definite.
        covariance: Array2<f64>,
        /// `D`, length `n`, not negative.
        specific: Array1<f64>,
    },
}

/// A nonnegative variable that moves one asset's weight, or none (a slack).
#[derive(Debug, Clone, PartialEq)]
pub struct TradeVariable {
    /// The asset whose weight it moves; `None` for a variable that only appears in rows.
    pub asset: Option<usize>,
    /// +1 a purchase, -1 a sale.
    pub sign: f64,
    /// Linear cost per unit.
    pub cost: f64,
    /// Upper bound; may be infinite.
    pub upper: f64,
}

/// `lower <= on_weights' w + on_trades' t <= upper`; limits may be infinite, equal limits make an equality.
#[derive(Debug, Clone, PartialEq)]
pub struct RowLimit {
    /// Coefficients on the weights, length `n`, or empty for none.
    pub on_weights: Vec<f64>,
    /// Coefficients on the trade variables, one each, or empty for none.
    pub on_trades: Vec<f64>,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// A structured portfolio problem (see the front page of the crate). `n` is the length of `benchmark`.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Risk aversion, not negative.
    pub gamma: f64,
    /// Covariance of the assets; the problems of a day share one.
    pub risk: Arc<Risk>,
    /// Benchmark weights, length `n`.
    pub benchmark: Vec<f64>,
    /// Weights before trading, length `n`.
    pub start: Vec<f64>,
    /// Linear reward on weights, length `n`.
    pub alpha: Vec<f64>,
    /// Lower bounds on weights, length `n`; may be minus infinity.
    pub lower: Vec<f64>,
    /// Upper bounds on weights, length `n`; may be infinite.
    pub upper: Vec<f64>,
    /// Trade variables.
    pub trades: Vec<TradeVariable>,
    /// Dense constraints.
    pub rows: Vec<RowLimit>,
    /// Hard cap on `sqrt(d' Sigma d)`.
    pub risk_cap: Option<f64>,
}
