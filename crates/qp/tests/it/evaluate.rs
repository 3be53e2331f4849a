//! Values by hand, and that both forms of the covariance say the same.

use crate::scene::{factor_form, problem};

const TRADES: [f64; 4] = [0.2, 0.1, 0.15, 0.05];

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-15, "{found} is not {expected}");
}

#[test]
fn values_by_hand() {
    let problem = problem();
    let w = problem.weights(&TRADES);
    near(w[0], 0.7);
    near(w[1], 0.35);
    let d = problem.active(&w);
    near(d[0], 0.1);
    near(d[1], -0.05);
    let gradient = problem.risk_gradient(&d);
    near(gradient[0], 0.00325);
    near(gradient[1], -0.003);
    near(problem.variance(&d), 0.000_475);
    near(problem.row_value(0, &w, &TRADES), 1.05);
    near(problem.row_value(1, &w, &TRADES), 0.7875);
    let parts = problem.objective_parts(&w, &TRADES);
    near(parts.risk, 0.000_712_5);
    near(parts.cost, 0.0002 + 0.002 + 0.000_45 + 0.05);
    near(parts.reward, 0.014);
    assert_eq!(parts.total().to_bits(), problem.objective(&w, &TRADES).to_bits());
    near(parts.total(), parts.risk + parts.cost - parts.reward);
}

#[test]
fn factor_form_is_the_same_covariance() {
    let dense = problem();
    let mut factor = dense.clone();
    factor.risk = factor_form().into();
    let d = [0.1, -0.05];
    for i in 0..2 {
        near(factor.risk_gradient(&d)[i], dense.risk_gradient(&d)[i]);
        for j in 0..2 {
            near(factor.risk.column(j)[i], dense.risk.column(j)[i]);
        }
        near(factor.risk.diagonal()[i], dense.risk.diagonal()[i]);
    }
    near(factor.variance(&d), dense.variance(&d));
}
