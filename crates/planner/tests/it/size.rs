//! Plans of 4, 8 and 16 quarters, up to 100 names, dense and in factor form.

use crate::scene::{Shape, USUAL, near, planned, question};

/// A longer glide with the same budget a year ends nearer to the index, and each year uses its budget.
#[test]
fn four_eight_and_sixteen_quarters() {
    let mut last = f64::INFINITY;
    for periods in [4, 8, 16] {
        let asked = question(Shape { periods, budget: 0.03, ..USUAL });
        let found = planned(&asked);
        assert_eq!(found.solves, 1);
        for year in &found.evaluation.years {
            near(year.net_gain, 0.03, 1e-9);
        }
        let end = found.evaluation.periods[periods - 1].tracking_error;
        assert!(end < last);
        last = end;
    }
}

/// The factor form and the same covariance written out have the same optimum.
#[test]
fn dense_and_factor_form_agree() {
    let factor = planned(&question(USUAL));
    let dense = planned(&question(Shape { dense: true, ..USUAL }));
    near(factor.evaluation.objective, dense.evaluation.objective, 1e-8);
    for (a, b) in factor.evaluation.periods.iter().zip(&dense.evaluation.periods) {
        near(a.tracking_error, b.tracking_error, 1e-5);
        near(a.net_gain, b.net_gain, 1e-5);
    }
}

/// Twelve names in 40 lots into an index of `n`.
fn glide(n: usize, periods: usize, dense: bool) {
    let found = planned(&question(Shape { n, periods, dense, budget: 0.02, ..USUAL }));
    assert!(
        found.evaluation.periods[periods - 1].tracking_error < found.evaluation.periods[0].tracking_error
    );
}

#[test]
fn into_12_names_8_quarters() {
    glide(12, 8, false);
}

#[test]
fn into_100_names_8_quarters() {
    glide(100, 8, false);
}

#[test]
fn into_100_names_16_quarters() {
    glide(100, 16, false);
}

#[test]
fn into_100_names_16_quarters_dense() {
    glide(100, 16, true);
}
