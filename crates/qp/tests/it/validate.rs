//! Every fault is refused, by name and index.

use crate::scene::{factor_form, problem};
use ndarray::{Array2, array};
use samebits_qp::{Error, Problem, Risk};

const INF: f64 = f64::INFINITY;

/// The message when `spoil` is applied to a sound problem.
fn check(spoil: fn(&mut Problem), expected: &str) {
    let mut spoiled = problem();
    spoil(&mut spoiled);
    let found = spoiled.validate().expect_err(expected).to_string();
    assert_eq!(found, expected);
}

fn factor(spoil: fn(&mut Array2<f64>, &mut Array2<f64>, &mut ndarray::Array1<f64>), expected: &str) {
    let mut spoiled = problem();
    spoiled.risk = factor_form().into();
    assert_eq!(spoiled.validate(), Ok(()));
    if let Risk::Factor { exposures, covariance, specific } = std::sync::Arc::make_mut(&mut spoiled.risk) {
        spoil(exposures, covariance, specific);
    }
    assert_eq!(spoiled.validate().expect_err(expected).to_string(), expected);
}

#[test]
fn a_sound_problem_passes() {
    assert_eq!(problem().validate(), Ok(()));
}

#[test]
fn shapes() {
    check(|p| p.start.truncate(1), "start: 1 entries, expected 2");
    check(|p| p.alpha.push(0.0), "alpha: 3 entries, expected 2");
    check(|p| p.lower.truncate(1), "lower: 1 entries, expected 2");
    check(|p| p.upper.push(0.0), "upper: 3 entries, expected 2");
    check(|p| p.rows[0].on_weights.push(0.0), "rows[0].on_weights: 3 entries, expected 2");
    check(|p| p.rows[1].on_trades.truncate(3), "rows[1].on_trades: 3 entries, expected 4");
    check(|p| p.risk = Risk::Dense(array![[1.0]]).into(), "sigma: 1 entries, expected 2");
    check(|p| p.risk = Risk::Dense(array![[1.0], [1.0]]).into(), "sigma: 1 entries, expected 2");
}

#[test]
fn numbers() {
    check(|p| p.gamma = -1.0, "gamma[0] = -1: not allowed");
    check(|p| p.gamma = INF, "gamma[0] = inf: not allowed");
    check(|p| p.start[1] = f64::NAN, "start[1] = NaN: not allowed");
    check(|p| p.alpha[0] = -INF, "alpha[0] = -inf: not allowed");
    check(|p| p.benchmark[1] = INF, "benchmark[1] = inf: not allowed");
    check(|p| p.risk_cap = Some(0.0), "risk_cap[0] = 0: not allowed");
    check(|p| p.risk_cap = Some(f64::NAN), "risk_cap[0] = NaN: not allowed");
    check(|p| p.rows[1].on_trades[2] = INF, "rows[1].on_trades[2] = inf: not allowed");
}

#[test]
fn limits() {
    check(|p| p.lower[1] = INF, "bounds.lower[1] = inf: not allowed");
    check(|p| p.upper[0] = -INF, "bounds.upper[0] = -inf: not allowed");
    check(|p| p.lower[0] = f64::NAN, "bounds.lower[0] = NaN: not allowed");
    check(|p| p.rows[1].upper = -INF, "rows.upper[1] = -inf: not allowed");
    check(|p| p.lower[1] = 0.8, "bounds[1]: lower limit 0.8 is above upper limit 0.7");
    check(|p| p.rows[0].lower = 2.0, "rows[0]: lower limit 2 is above upper limit 1");
}

#[test]
fn trades() {
    check(|p| p.trades[1].asset = Some(2), "trades.asset[1] = 2: not allowed");
    check(|p| p.trades[0].sign = 0.5, "trades.sign[0] = 0.5: not allowed");
    check(|p| p.trades[2].cost = INF, "trades.cost[2] = inf: not allowed");
    check(|p| p.trades[2].upper = -0.1, "trades.upper[2] = -0.1: not allowed");
    check(|p| p.trades[3].upper = f64::NAN, "trades.upper[3] = NaN: not allowed");
}

#[test]
fn covariance() {
    let mut spoiled = problem();
    spoiled.risk = Risk::Dense(array![[0.04, 0.015], [0.016, 0.09]]).into();
    assert_eq!(spoiled.validate(), Err(Error::Asymmetric { what: "sigma", row: 0, column: 1 }));
    check(
        |p| p.risk = Risk::Dense(array![[0.04, f64::NAN], [f64::NAN, 0.09]]).into(),
        "sigma[1] = NaN: not allowed",
    );
    check(|p| p.risk = Risk::Dense(array![[0.04, 0.015], [INF, 0.09]]).into(), "sigma[2] = inf: not allowed");
    factor(|b, _, _| b[[1, 0]] = INF, "exposures[1] = inf: not allowed");
    factor(|b, _, _| *b = array![[1.0]], "exposures: 1 entries, expected 2");
    factor(|_, f, _| *f = Array2::eye(2), "factor covariance: 2 entries, expected 1");
    factor(|_, _, d| d[1] = -1.0, "specific[1] = -1: not allowed");
    factor(|_, _, d| *d = array![1.0], "specific: 1 entries, expected 2");
}
