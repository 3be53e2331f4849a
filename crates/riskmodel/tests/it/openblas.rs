//! The stored covariance seen by LAPACK: every eigenvalue is positive, and its Cholesky factor is ours to 1e-10.

use crate::scenes::{Scene, fixture, recipe, walks};
use ndarray::Array2;
use ndarray_linalg::{Cholesky as _, EighInto as _, UPLO};
use samebits_canon::{Cholesky, Isa};
use samebits_riskmodel::{Recipe, RiskModel};

fn check(scene: &Scene, recipe: &Recipe) {
    let model = RiskModel::build(Isa::detect(), recipe, &scene.window()).expect("a model");
    let n = model.names;
    let wide: Vec<f64> = model.sigma.iter().map(|&x| f64::from(x)).collect();
    let sigma = Array2::from_shape_vec((n, n), wide.clone()).expect("n x n");
    let ours = Cholesky::new(Isa::detect(), &wide, n).expect("positive definite");
    let theirs = sigma.cholesky(UPLO::Lower).expect("positive definite");
    let largest = samebits_canon::max_abs(ours.l());
    for (found, expected) in ours.l().iter().zip(&theirs) {
        assert!((found - expected).abs() <= 1e-10 * largest, "{found:e} {expected:e}");
    }
    let (eigenvalues, _) = sigma.eigh_into(UPLO::Lower).expect("a spectrum");
    assert!(eigenvalues.iter().all(|&x| x > 0.0), "{eigenvalues}");
    let trace = (0..n).fold(0.0, |sum, i| sum + wide[i * (n + 1)]);
    let sum = eigenvalues.iter().fold(0.0, |sum, x| sum + x);
    assert!((sum / trace - 1.0).abs() < 1e-12, "{sum} {trace}");
}

#[test]
fn sigma_is_positive_definite_for_lapack_too() {
    check(&fixture(), &Recipe::default());
    check(&walks(3, 131, 200), &recipe(130));
}
