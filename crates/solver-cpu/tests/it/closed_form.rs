//! Problems whose optimum can be written down, and the errors of malformed ones.

use crate::scene::{SETTINGS, Shape, problem, solve};
use ndarray::array;
use samebits_canon::Isa;
use samebits_qp::{Error, Problem, Risk, RowLimit, Solver, Status, TradeVariable, certify};
use samebits_solver_cpu::Clarabel;

/// One asset at zero with variance 0.04, benchmark 1, cost c: gamma 0.04 (w - 1) + c = 0.
fn one(cost: f64) -> Problem {
    Problem {
        gamma: 2.0,
        risk: Risk::Dense(array![[0.04]]).into(),
        benchmark: vec![1.0],
        start: vec![0.0],
        alpha: vec![0.0],
        lower: vec![0.0],
        upper: vec![f64::INFINITY],
        trades: vec![TradeVariable { asset: Some(0), sign: 1.0, cost, upper: f64::INFINITY }],
        rows: Vec::new(),
        risk_cap: None,
    }
}

#[test]
fn one_asset() {
    for (cost, weight) in [(0.0, 1.0), (0.04, 0.5), (0.2, 0.0)] {
        let found = solve(&one(cost));
        assert_eq!(found.status, Status::Optimal);
        assert!((found.weights[0] - weight).abs() < 1e-7, "{cost}: {}", found.weights[0]);
    }
    // A bound below the optimum binds, with the slope as its multiplier: gamma 0.04 (0.75 - 1) + cost = -0.01.
    let mut bounded = one(0.01);
    bounded.upper = vec![0.25];
    let found = solve(&bounded);
    assert!((found.weights[0] - 0.25).abs() < 1e-8);
    assert!((found.multipliers.bounds[0] - 0.05).abs() < 1e-7, "{:?}", found.multipliers);
    // A cap of 0.1 on sqrt(0.04 (w - 1)^2) keeps w at 0.5 although buying costs more than it gains.
    let mut capped = one(0.2);
    capped.risk_cap = Some(0.1);
    let found = solve(&capped);
    assert!((found.weights[0] - 0.5).abs() < 1e-8);
    // Moving the cap by e moves w by 5 e: the objective falls by 5 (0.2 - 0.04) e.
    assert!((found.multipliers.cap - 0.8).abs() < 1e-6, "{:?}", found.multipliers);
}

/// The cap is met exactly, and its multiplier is the slope of the optimum.
#[test]
fn the_cap_binds_to_the_digit() {
    for factor_form in [false, true] {
        let shape = Shape { n: 12, lots: 2, factor_form, cap: None, turnover: None, gains: None };
        let free = problem(5, shape);
        let found = solve(&free);
        let risk = free.variance(&free.active(&found.weights)).sqrt();
        let objective = |cap: f64| {
            let capped = Problem { risk_cap: Some(cap), ..free.clone() };
            let found = solve(&capped);
            assert_eq!(found.status, Status::Optimal, "{:?}", found.certificate);
            let reached = capped.variance(&capped.active(&found.weights)).sqrt();
            assert!((reached - cap).abs() < 1e-8, "{reached} {cap}");
            (found.objective, found.multipliers.cap)
        };
        let (cap, step) = (0.8 * risk, 1e-4 * risk);
        // The free optimum is no answer to the capped problem: it exceeds the cap by a fifth of its risk.
        let capped = Problem { risk_cap: Some(cap), ..free.clone() };
        let refused = certify(&capped, &found.weights, &found.trades, &found.multipliers);
        assert!((refused.primal - 0.2 * risk).abs() < 1e-12, "{refused:?}");
        let (here, price) = objective(cap);
        let (there, _) = objective(cap + step);
        assert!(((here - there) / step / price - 1.0).abs() < 0.01, "{} {price}", (here - there) / step);
    }
}

#[test]
fn malformed_problems_name_the_entry() {
    let good =
        problem(1, Shape { n: 4, lots: 1, factor_form: false, cap: None, turnover: None, gains: None });
    let refused = |change: &dyn Fn(&mut Problem)| {
        let mut bad = good.clone();
        change(&mut bad);
        Clarabel { isa: Isa::Portable }.solve(&bad, &SETTINGS).unwrap_err()
    };
    let text = |change: &dyn Fn(&mut Problem)| refused(change).to_string();
    assert!(text(&|p| p.benchmark[2] = f64::NAN).starts_with("benchmark[2]"));
    assert!(text(&|p| p.start.push(0.0)).contains("start: 5 entries, expected 4"));
    assert!(text(&|p| p.lower[1] = 0.9).contains("bounds[1]: lower limit 0.9 is above"));
    assert!(text(&|p| p.rows[0].upper = -1.0).contains("rows[0]"));
    assert!(text(&|p| p.trades[3].asset = Some(4)).starts_with("trades.asset[3]"));
    assert!(text(&|p| p.trades[3].sign = 0.5).starts_with("trades.sign[3]"));
    assert!(text(&|p| p.gamma = -1.0).starts_with("gamma"));
    assert!(text(&|p| p.risk_cap = Some(0.0)).starts_with("risk_cap"));
    let entry = |i, j, value: f64| {
        move |p: &mut Problem| {
            if let Risk::Dense(sigma) = std::sync::Arc::make_mut(&mut p.risk) {
                sigma[[i, j]] = value;
            }
        }
    };
    assert!(matches!(refused(&entry(2, 1, 0.5)), Error::Asymmetric { row: 1, column: 2, .. }));
    assert!(matches!(refused(&entry(3, 3, -0.5)), Error::NotPositive { column: 3, .. }));
    assert!(
        text(&|p| p.rows.push(RowLimit { on_weights: vec![1.0], on_trades: vec![], lower: 0.0, upper: 1.0 }))
            .starts_with("rows[2].on_weights: 1 entries")
    );
}
