//! A lopsided problem of two assets with something of everything.

use ndarray::array;
use samebits_qp::{Problem, Risk, RowLimit, TradeVariable};

/// `Sigma` of [`problem`] in factor form: `B F B' + D` equals the dense one.
pub(crate) fn factor_form() -> Risk {
    Risk::Factor {
        exposures: array![[1.0], [0.5]],
        covariance: array![[0.03]],
        specific: array![0.01, 0.0825],
    }
}

pub(crate) fn problem() -> Problem {
    let trade = |asset, sign, cost, upper| TradeVariable { asset, sign, cost, upper };
    Problem {
        gamma: 3.0,
        risk: Risk::Dense(array![[0.04, 0.015], [0.015, 0.09]]).into(),
        benchmark: vec![0.6, 0.4],
        start: vec![0.5, 0.3],
        alpha: vec![0.01, 0.02],
        lower: vec![0.0, f64::NEG_INFINITY],
        upper: vec![f64::INFINITY, 0.7],
        trades: vec![
            trade(Some(0), 1.0, 0.001, f64::INFINITY),
            trade(Some(1), -1.0, 0.02, 0.3),
            trade(Some(1), 1.0, 0.003, 0.5),
            trade(None, 1.0, 1.0, f64::INFINITY),
        ],
        rows: vec![
            RowLimit { on_weights: vec![1.0, 1.0], on_trades: Vec::new(), lower: 0.9, upper: 1.0 },
            RowLimit {
                on_weights: vec![0.0, 2.0],
                on_trades: vec![0.5, 0.0, 0.25, -1.0],
                lower: f64::NEG_INFINITY,
                upper: 0.8,
            },
        ],
        risk_cap: Some(0.05),
    }
}
