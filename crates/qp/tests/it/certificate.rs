//! Certificates by hand: an optimum passes, and each way to be wrong shows in its own residual.

use ndarray::array;
use samebits_qp::{Certificate, Multipliers, Problem, Risk, RowLimit, TradeVariable, certify};

/// One asset, variance 0.04, benchmark 0.5, bought from 0 at a cost of 0.02 with risk aversion 10: the optimum is 0.45.
fn problem() -> Problem {
    Problem {
        gamma: 10.0,
        risk: Risk::Dense(array![[0.04]]).into(),
        benchmark: vec![0.5],
        start: vec![0.0],
        alpha: vec![0.0],
        lower: vec![0.0],
        upper: vec![f64::INFINITY],
        trades: vec![TradeVariable { asset: Some(0), sign: 1.0, cost: 0.02, upper: f64::INFINITY }],
        rows: Vec::new(),
        risk_cap: None,
    }
}

fn judge(problem: &Problem, w: f64, multipliers: &Multipliers) -> Certificate {
    certify(problem, &[w], &[w], multipliers)
}

fn none(problem: &Problem) -> Multipliers {
    Multipliers { rows: vec![0.0; problem.rows.len()], bounds: vec![0.0], trades: vec![0.0], cap: 0.0 }
}

fn tiny(c: &Certificate) -> bool {
    [c.primal, c.dual, c.complementarity, c.gap].iter().all(|residual| *residual < 1e-15)
}

#[test]
fn the_optimum_passes_and_its_neighbour_does_not() {
    let problem = problem();
    assert!(tiny(&judge(&problem, 0.45, &none(&problem))));
    let beside = judge(&problem, 0.46, &none(&problem));
    assert!((beside.dual - 0.004).abs() < 1e-15, "{beside:?}");
    assert!((beside.gap - 0.004 * 0.46).abs() < 1e-15, "{beside:?}");
}

/// At 0.3 with the upper bound there: the bound is worth 0.06. With the bound at 0.31 the same price costs 0.0006.
#[test]
fn a_priced_limit_must_bind() {
    let mut problem = problem();
    problem.upper = vec![0.3];
    let mut priced = none(&problem);
    priced.bounds = vec![0.06];
    assert!(tiny(&judge(&problem, 0.3, &priced)));
    problem.upper = vec![0.31];
    let slack = judge(&problem, 0.3, &priced);
    assert!((slack.complementarity - 0.0006).abs() < 1e-15 && slack.dual < 1e-15, "{slack:?}");
    assert!((slack.gap - 0.0006).abs() < 1e-15, "{slack:?}");
    problem.upper = vec![f64::INFINITY];
    assert_eq!(judge(&problem, 0.3, &priced).dual, 0.06);
}

/// A row on weights and trades, held from below: the price is negative.
#[test]
fn a_row_counts_on_both_sides() {
    let mut problem = problem();
    let row = RowLimit { on_weights: vec![1.0], on_trades: vec![0.5], lower: 0.72, upper: f64::INFINITY };
    problem.rows.push(row);
    let mut priced = none(&problem);
    // 0.02 + 10 * 0.04 * (0.48 - 0.5) = 0.012 is paid by 1.5 times the price.
    priced.rows = vec![-0.008];
    assert!(tiny(&judge(&problem, 0.48, &priced)));
    priced.rows = vec![0.008];
    assert!(judge(&problem, 0.48, &priced).dual >= 0.008);
}

/// Without a cap a price of the cap would pass for risk aversion: with 20 instead of 10 the optimum is 0.475.
#[test]
fn the_price_of_no_cap_is_refused() {
    let mut problem = problem();
    let mut priced = none(&problem);
    priced.cap = 10.0 * 0.2 * 0.025;
    let judged = judge(&problem, 0.475, &priced);
    assert_eq!(judged.dual, priced.cap);
    problem.risk_cap = Some(0.2 * 0.025);
    assert!(tiny(&judge(&problem, 0.475, &priced)));
    problem.risk_cap = Some(0.2 * 0.02);
    assert!((judge(&problem, 0.475, &priced).primal - 0.001).abs() < 1e-15);
    priced.cap = -priced.cap;
    assert!(judge(&problem, 0.475, &priced).dual >= 0.05);
}

#[test]
fn weights_are_start_plus_trades() {
    let problem = problem();
    let judged = certify(&problem, &[0.45], &[0.4], &none(&problem));
    assert!((judged.primal - 0.05).abs() < 1e-15, "{judged:?}");
    let outside = judge(&problem, -0.1, &none(&problem));
    assert!((outside.primal - 0.1).abs() < 1e-15, "{outside:?}");
}

#[test]
fn a_nan_passes_nowhere() {
    let problem = problem();
    assert!(judge(&problem, f64::NAN, &none(&problem)).primal.is_nan());
    for spoil in [
        |m: &mut Multipliers| m.bounds[0] = f64::NAN,
        |m: &mut Multipliers| m.trades[0] = f64::NAN,
        |m: &mut Multipliers| m.cap = f64::NAN,
    ] {
        let mut multipliers = none(&problem);
        spoil(&mut multipliers);
        assert!(judge(&problem, 0.45, &multipliers).primal.is_nan());
    }
}

/// Held at 0.9 and sold at a cost of 0.01: the optimum sells 0.375; with 0.2 for sale, more would be worth 0.07.
#[test]
fn a_sale_lowers_the_weight() {
    let mut problem = problem();
    problem.start = vec![0.9];
    problem.trades = vec![TradeVariable { asset: Some(0), sign: -1.0, cost: 0.01, upper: 0.5 }];
    assert!(tiny(&certify(&problem, &[0.525], &[0.375], &none(&problem))));
    problem.trades[0].upper = 0.2;
    let mut priced = none(&problem);
    let short = certify(&problem, &[0.7], &[0.2], &priced);
    assert!((short.dual - 0.07).abs() < 1e-15, "{short:?}");
    priced.trades = vec![0.07];
    let sold_out = certify(&problem, &[0.7], &[0.2], &priced);
    assert!(
        sold_out.dual < 1e-15 && sold_out.complementarity < 1e-15 && sold_out.gap < 1e-15,
        "{sold_out:?}"
    );
}
