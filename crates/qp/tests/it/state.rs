//! States, acceptance and convexity: what is refused, and by which name.

use crate::scene::problem;
use ndarray::{Array1, Array2};
use samebits_canon::Isa;
use samebits_qp::{AT_UPPER, AT_ZERO, BETWEEN, Certificate, DEGENERATE, Error, Finish, Risk, State};

fn state() -> State {
    let problem = problem();
    State {
        trades: vec![AT_ZERO; problem.trades.len()],
        bounds: vec![0; problem.n()],
        rows: vec![0; problem.rows.len()],
    }
}

#[test]
fn a_state_must_fit_its_problem() {
    type Spoil = fn(&mut State);
    let mut problem = problem();
    problem.trades[0].upper = f64::INFINITY;
    problem.lower[1] = f64::NEG_INFINITY;
    problem.rows[0].upper = f64::INFINITY;
    assert_eq!(state().check(&problem), Ok(()));
    let cases: [(Spoil, &str); 8] = [
        (|s| s.trades.truncate(1), "state.trades: 1 entries"),
        (|s| s.bounds.push(0), "state.bounds: 3 entries, expected 2"),
        (|s| s.rows.clear(), "state.rows: 0 entries"),
        (|s| s.trades[1] = 3, "state.trades[1] = 3"),
        (|s| s.trades[0] = AT_UPPER, "state.trades[0] = 2"),
        (|s| s.bounds[1] = -1, "state.bounds[1] = -1"),
        (|s| s.bounds[0] = 2, "state.bounds[0] = 2"),
        (|s| s.rows[0] = 1, "state.rows[0] = 1"),
    ];
    for (spoil, text) in cases {
        let mut state = state();
        spoil(&mut state);
        let error = state.check(&problem).unwrap_err().to_string();
        assert!(error.contains(text), "{error}, expected {text}");
    }
}

#[test]
fn a_small_margin_is_degenerate() {
    let finish = |primal_margin, dual_margin| Finish { state: state(), primal_margin, dual_margin };
    assert!(!finish(DEGENERATE, f64::INFINITY).degenerate());
    for (primal, dual) in [(0.0, 1.0), (1.0, 0.9 * DEGENERATE), (-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::NAN)]
    {
        assert!(finish(primal, dual).degenerate(), "{primal} {dual}");
    }
    assert_ne!(AT_ZERO, BETWEEN);
}

/// Scales above 1 widen the tolerance of the residuals that they belong to, and nothing else.
#[test]
fn acceptance_is_relative_to_the_scales() {
    let one = |primal, dual, complementarity, gap| Certificate { primal, dual, complementarity, gap };
    let accepts = |c: Certificate, size, slope| c.within(1e-9, size, slope);
    assert!(accepts(one(1e-9, 1e-9, 1e-9, 1e-9), 1.0, 1.0) && accepts(one(1e-9, 0.0, 0.0, 0.0), 0.1, 0.1));
    for wrong in [
        one(2e-9, 0.0, 0.0, 0.0),
        one(0.0, 2e-9, 0.0, 0.0),
        one(0.0, 0.0, 2e-9, 0.0),
        one(0.0, 0.0, 0.0, 2e-9),
    ] {
        assert!(!accepts(wrong, 1.0, 1.0), "{wrong:?}");
    }
    assert!(accepts(one(2e-9, 0.0, 2e-9, 0.0), 10.0, 1.0) && !accepts(one(0.0, 2e-9, 0.0, 0.0), 10.0, 1.0));
    assert!(accepts(one(0.0, 2e-9, 2e-9, 0.0), 1.0, 10.0) && !accepts(one(2e-9, 0.0, 0.0, 0.0), 1.0, 10.0));
    assert!(
        !accepts(one(0.0, 0.0, 0.0, 2e-9), 10.0, 10.0) && !accepts(one(f64::NAN, 0.0, 0.0, 0.0), 1.0, 1.0)
    );
}

#[test]
fn an_indefinite_covariance_is_named() {
    let isa = Isa::detect();
    let mut problem = problem();
    let dense = |a: [[f64; 2]; 2]| Risk::Dense(Array2::from_shape_fn((2, 2), |(i, j)| a[i][j]));
    for (sigma, good) in [
        ([[0.04, 0.01], [0.01, 0.09]], true),
        // Of rank one, and zero: semidefinite.
        ([[0.04, 0.06], [0.06, 0.09]], true),
        ([[0.0, 0.0], [0.0, 0.0]], true),
        ([[0.04, 0.061], [0.061, 0.09]], false),
        ([[0.04, 0.0], [0.0, -0.01]], false),
        ([[0.0, 0.01], [0.01, 0.0]], false),
    ] {
        problem.risk = dense(sigma).into();
        match problem.check_convex(isa) {
            Ok(()) => assert!(good, "{sigma:?}"),
            Err(Error::NotPositive { what, .. }) => assert!(!good && what == "sigma", "{sigma:?}"),
            Err(other) => panic!("{other}"),
        }
    }
    let covariance = Array2::from_shape_fn((2, 2), |(i, j)| if i == j { 0.01 } else { 0.02 });
    problem.risk =
        Risk::Factor { exposures: Array2::ones((2, 2)), covariance, specific: Array1::from(vec![0.1, 0.0]) }
            .into();
    let error = problem.check_convex(isa).unwrap_err().to_string();
    assert!(error.contains("factor covariance is not positive definite: pivot"), "{error}");
}

/// Every single entry of a matrix of several squares and an edge.
#[test]
fn one_wrong_entry_of_a_large_covariance_is_named() {
    let n = 21;
    let mut problem = samebits_qp::Problem {
        start: vec![0.0; n],
        benchmark: vec![0.0; n],
        alpha: vec![0.0; n],
        lower: vec![0.0; n],
        upper: vec![1.0; n],
        trades: Vec::new(),
        rows: Vec::new(),
        risk_cap: None,
        ..problem()
    };
    let sigma = Array2::from_shape_fn((n, n), |(i, j)| if i == j { 1.0 } else { 0.25 / (1 + i + j) as f64 });
    for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
        for (value, part) in [(0.3, "asymmetric"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
            let mut wrong = sigma.clone();
            wrong[[i, j]] = value;
            problem.risk = Risk::Dense(wrong).into();
            let found = problem.validate();
            if i == j && value == 0.3 {
                assert_eq!(found, Ok(()));
                continue;
            }
            match found.unwrap_err() {
                Error::Asymmetric { row, column, .. } => {
                    assert_eq!((row, column, part), (i.min(j), i.max(j), "asymmetric"));
                }
                Error::Value { index, .. } => assert!(index == i * n + j && part != "asymmetric"),
                other => panic!("{other}"),
            }
        }
    }
}
