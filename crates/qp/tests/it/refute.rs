//! Proofs of infeasibility by hand: a true one holds with the right margin, and one that is a little short does not.

use ndarray::array;
use samebits_qp::{Multipliers, Problem, Refutation, Risk, RowLimit, TradeVariable, refutes};

/// Two assets held at 0.5 and 0.3; up to 0.1 may be bought of the first and 0.2 sold of the second.
fn problem() -> Problem {
    let trade = |asset, sign, upper| TradeVariable { asset: Some(asset), sign, cost: 1.0, upper };
    Problem {
        gamma: 3.0,
        risk: Risk::Dense(array![[0.04, 0.0], [0.0, 0.09]]).into(),
        benchmark: vec![0.5, 0.3],
        start: vec![0.5, 0.3],
        alpha: vec![0.0, 0.0],
        lower: vec![0.0, 0.0],
        upper: vec![1.0, 1.0],
        trades: vec![trade(0, 1.0, 0.1), trade(1, -1.0, 0.2)],
        rows: vec![row(&[1.0, 1.0], &[], 0.7, 0.8)],
        risk_cap: None,
    }
}

fn row(on_weights: &[f64], on_trades: &[f64], lower: f64, upper: f64) -> RowLimit {
    RowLimit { on_weights: on_weights.to_vec(), on_trades: on_trades.to_vec(), lower, upper }
}

fn judge(problem: &Problem, rows: &[f64], bounds: [f64; 2], cap: f64) -> Option<Refutation> {
    let multipliers = Multipliers { rows: rows.to_vec(), bounds: bounds.to_vec(), trades: vec![], cap };
    refutes(problem, &[0.55, 0.2], &multipliers)
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

#[test]
fn a_row_out_of_reach() {
    let mut problem = problem();
    assert_eq!(judge(&problem, &[-1.0], [0.0, 0.0], 0.0), None);
    // At most 0.9 can be reached.
    problem.rows[0] = row(&[1.0, 1.0], &[], 0.95, f64::INFINITY);
    let found = judge(&problem, &[-2.0], [0.0, 0.0], 0.0).unwrap();
    near(found.margin, 0.1);
    near(found.distance, 0.05);
    assert_eq!((found.radius, &found.rows[..], found.cap), (f64::INFINITY, &[0][..], false));
    assert_eq!(judge(&problem, &[0.0], [0.0, 0.0], 0.0), None, "nothing is combined");
    assert_eq!(judge(&problem, &[1.0], [0.0, 0.0], 0.0), None, "a price on a limit that is not there");
    assert_eq!(judge(&problem, &[f64::NAN], [0.0, 0.0], 0.0), None);
    assert_eq!(judge(&problem, &[f64::NEG_INFINITY], [0.0, 0.0], 0.0), None);
    problem.rows[0].lower = 0.9;
    assert_eq!(judge(&problem, &[-1.0], [0.0, 0.0], 0.0), None, "reached to the digit");
}

#[test]
fn two_rows_contradict_each_other() {
    let mut problem = problem();
    problem.rows.push(row(&[1.0, 0.0], &[], 0.58, f64::INFINITY));
    problem.rows.push(row(&[], &[1.0, 1.0], f64::NEG_INFINITY, 0.05));
    // Buying 0.08 does not fit into a turnover of 0.05.
    let found = judge(&problem, &[0.0, -1.0, 1.0], [0.0, 0.0], 0.0).unwrap();
    near(found.margin, 0.03);
    assert_eq!(found.rows, [1, 2]);
    assert_eq!(judge(&problem, &[0.0, -1.0, 0.2], [0.0, 0.0], 0.0), None, "the purchase would still help");
    problem.rows[2].upper = 0.08;
    assert_eq!(judge(&problem, &[0.0, -1.0, 1.0], [0.0, 0.0], 0.0), None);
}

#[test]
fn bounds_take_part() {
    let mut problem = problem();
    problem.upper[0] = 0.52;
    problem.rows[0].lower = 0.85;
    assert_eq!(judge(&problem, &[-1.0], [0.0, 0.0], 0.0), None, "the trades alone reach 0.9");
    let found = judge(&problem, &[-1.0], [1.0, 0.0], 0.0).unwrap();
    near(found.margin, 0.03);
    assert_eq!(found.bounds, [0]);
}

/// A purchase without a limit has the one that the upper bound implies; without bounds the proof reaches only so far.
#[test]
fn trades_without_a_limit() {
    let mut problem = problem();
    problem.trades[0].upper = f64::INFINITY;
    problem.rows[0].lower = 1.35;
    problem.rows[0].upper = 2.0;
    // 1.0 + 0.3 is the most.
    let found = judge(&problem, &[-1.0], [0.0, 0.0], 0.0).unwrap();
    near(found.margin, 0.05);
    assert_eq!(found.radius, f64::INFINITY);
    problem.upper[0] = f64::INFINITY;
    let found = judge(&problem, &[-1.0], [0.0, 0.0], 0.0).unwrap();
    near(found.margin, 0.55);
    near(found.radius, 0.55);
}

/// The first weight has to move by 0.1, which alone is a risk of 0.02.
#[test]
fn the_cap_takes_part_through_its_hyperplane() {
    let mut problem = problem();
    problem.rows[0] = row(&[1.0, 0.0], &[], 0.6, f64::INFINITY);
    problem.risk_cap = Some(0.015);
    let multipliers = Multipliers { rows: vec![-0.2], bounds: vec![0.0; 2], trades: vec![], cap: 1.0 };
    let found = refutes(&problem, &[0.6, 0.3], &multipliers).unwrap();
    near(found.margin, 0.005);
    assert!(found.cap);
    assert_eq!(refutes(&problem, &problem.start, &multipliers), None, "no direction");
    assert_eq!(refutes(&problem, &[f64::NAN, 0.3], &multipliers), None);
    let negative = Multipliers { cap: -1.0, ..multipliers.clone() };
    assert_eq!(refutes(&problem, &[0.6, 0.3], &negative), None);
    problem.risk_cap = Some(0.021);
    assert_eq!(refutes(&problem, &[0.6, 0.3], &multipliers), None);
    problem.risk_cap = None;
    assert_eq!(refutes(&problem, &[0.6, 0.3], &multipliers), None);
}
