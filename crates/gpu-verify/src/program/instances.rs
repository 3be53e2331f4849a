//! What is measured.

use ndarray::{Array1, Array2};
use rayon::prelude::*;
use samebits_gpu_verify::draws::Family;
use samebits_qp::{Problem, Risk};
use samebits_testkit::{Draw, Form};
use std::sync::Arc;

/// Covariances: one a session.
pub(crate) fn families(n: usize, count: u64) -> Vec<Family> {
    (0..count).into_par_iter().map(|seed| Family::new(n, 1 + seed)).collect()
}

/// `count` problems of a form; the covariances take turns.
pub(crate) fn problems(families: &[Family], form: Form, count: usize) -> Vec<Problem> {
    let one = |k: usize| families[k % families.len()].problem(form, (k / families.len()) as u64);
    if families.is_empty() { Vec::new() } else { (0..count).into_par_iter().map(one).collect() }
}

/// The same with `factors` factors instead of the covariance.
pub(crate) fn with_factors(problems: &[Problem], factors: usize) -> Vec<Problem> {
    let one = |(k, problem): (usize, &Problem)| {
        let n = problem.n();
        let mut draw = Draw::new(k as u64 ^ 0x00fa_c704);
        let exposures = Array2::from_shape_fn((n, factors), |(_, f)| {
            let spread = draw.normal();
            if f == 0 { 1.0 + 0.25 * spread } else { 0.45 * spread }
        });
        let variance = |f: usize| if f == 0 { 0.0256 } else { 0.0025 };
        let covariance =
            Array2::from_shape_fn((factors, factors), |(i, j)| if i == j { variance(i) } else { 0.0001 });
        let specific = Array1::from_shape_fn(n, |_| 0.01 + 0.05 * draw.uniform());
        let risk = Arc::new(Risk::Factor { exposures, covariance, specific });
        Problem { risk, ..problem.clone() }
    };
    problems.par_iter().enumerate().map(one).collect()
}
