//! Constraints that conflict give in the written order, by the smallest amount.

use crate::scene::{SETTINGS, Shape, problem, solve};
use samebits_canon::Isa;
use samebits_qp::{Class, Problem, RowLimit, Status, relax};
use samebits_solver_cpu::Clarabel;

/// Nothing is held; 0.8 must be invested, but the turnover row allows 0.5 and a group row 0.3.
fn stuck() -> Problem {
    let mut problem =
        problem(3, Shape { n: 6, lots: 1, factor_form: false, cap: None, turnover: None, gains: None });
    problem.start = vec![0.0; 6];
    for trade in &mut problem.trades {
        if trade.sign < 0.0 {
            trade.upper = 0.0;
        }
    }
    let weights = |count: usize| (0..6).map(|i| if i < count { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
    let row = |on_weights, on_trades, lower, upper| RowLimit { on_weights, on_trades, lower, upper };
    problem.rows = vec![
        row(weights(6), Vec::new(), 0.8, 1.0),
        row(Vec::new(), vec![1.0; problem.trades.len()], f64::NEG_INFINITY, 0.5),
        row(weights(6), Vec::new(), f64::NEG_INFINITY, 0.7),
    ];
    problem
}

fn class(rows: &[usize]) -> Class {
    Class { rows: rows.to_vec(), cap: false }
}

#[test]
fn the_order_decides_who_gives() {
    let problem = stuck();
    assert_eq!(solve(&problem).status, Status::Infeasible);
    let solver = Clarabel { isa: Isa::detect() };
    let relaxed = |classes: &[Class]| relax(&problem, classes, 0.0, &solver, &SETTINGS).unwrap();
    // Turnover alone does not help, because the group row holds as well: both give, by 0.3 and 0.1.
    let found = relaxed(&[class(&[1]), class(&[2])]).unwrap();
    assert_eq!(found.released, 2);
    assert!(
        (found.relaxed_by[1] - 0.3).abs() < 1e-6 && (found.relaxed_by[2] - 0.1).abs() < 1e-6,
        "{found:?}"
    );
    assert_eq!(found.relaxed_by[0], 0.0);
    assert_eq!(found.solution.status, Status::Optimal);
    // By steps of a twentieth, the next ones above what the solver finds.
    let steps = relax(&problem, &[class(&[1]), class(&[2])], 0.05, &solver, &SETTINGS).unwrap().unwrap();
    assert_eq!(steps.relaxed_by[1..], [0.35_f64, 0.15].map(|give| (give / 0.05).round() * 0.05));
    // Released together, the least total violation gives nothing to rows that need nothing.
    let found = relaxed(&[class(&[0]), class(&[1]), class(&[2])]).unwrap();
    assert_eq!(found.released, 1);
    assert!((found.relaxed_by[0] - 0.3).abs() < 1e-6, "{:?}", found.relaxed_by);
    assert!(relaxed(&[class(&[1])]).is_none());
    assert!(relaxed(&[]).is_none());
}

/// A cap below the smallest attainable risk rises to it.
#[test]
fn a_cap_gives_last() {
    let mut problem = problem(
        8,
        Shape { n: 6, lots: 1, factor_form: true, cap: Some(1e-4), turnover: Some(0.01), gains: None },
    );
    // One name is held far above the benchmark and may hardly be sold.
    problem.start[0] += 0.2;
    problem.trades.iter_mut().filter(|trade| trade.asset == Some(0)).for_each(|trade| trade.upper = 0.001);
    problem.rows[0].upper += 0.5;
    problem.rows[0].lower = 0.0;
    problem.rows.remove(1);
    let solver = Clarabel { isa: Isa::detect() };
    let classes = [class(&[1]), Class { rows: Vec::new(), cap: true }];
    let found = relax(&problem, &classes, 0.0, &solver, &SETTINGS).unwrap().unwrap();
    assert_eq!(found.released, 2);
    let cap = found.problem.risk_cap.unwrap();
    assert!(found.cap_relaxed_by > 0.0 && (cap - 1e-4 - found.cap_relaxed_by).abs() < 1e-15);
    // Nothing can go lower: the smallest risk without a cap is within the margin of the new one.
    let free = Problem { risk_cap: None, gamma: 1.0, ..found.problem.clone() };
    let mut least = free.clone();
    least.trades.iter_mut().for_each(|trade| trade.cost = 0.0);
    let lowest = free.variance(&free.active(&solve(&least).weights)).sqrt();
    assert!((cap / lowest - 1.0).abs() < 2e-3, "{cap} {lowest}");
}
