//! Questions from a seed.

use ndarray::{Array1, Array2};
use samebits_planner::{Lot, Plan, Rates, Transition, check, evaluate, plan};
use samebits_qp::Risk;
use samebits_testkit::Draw;

pub(crate) const INF: f64 = f64::INFINITY;

/// What a question has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) seed: u64,
    /// Names of the index; every `spread`-th is held.
    pub(crate) n: usize,
    pub(crate) held: usize,
    pub(crate) lots: usize,
    pub(crate) periods: usize,
    pub(crate) budget: f64,
    /// Every `k`-th lot is at a loss; 0 for none.
    pub(crate) losses: usize,
    pub(crate) dense: bool,
}

pub(crate) const USUAL: Shape =
    Shape { seed: 7, n: 30, held: 12, lots: 40, periods: 8, budget: 0.04, losses: 0, dense: false };

/// Three factors, a skewed index, lots of low basis in a few names; quarters, four a year.
pub(crate) fn question(shape: Shape) -> Transition {
    let Shape { n, held, lots, periods, .. } = shape;
    let mut draw = Draw::new(shape.seed);
    let mut uniform = |from: f64, to: f64| from + (to - from) * draw.uniform();
    let exposures =
        Array2::from_shape_fn((n, 3), |(_, k)| if k == 0 { uniform(0.7, 1.3) } else { uniform(-0.5, 0.5) });
    let covariance = Array2::from_shape_fn((3, 3), |(i, j)| match (i, j) {
        (0, 0) => 0.03,
        (i, j) if i == j => 0.01,
        _ => 0.002,
    });
    let specific = Array1::from_shape_fn(n, |_| uniform(0.02, 0.08));
    let mut benchmark: Vec<f64> = (0..n).map(|_| uniform(0.4, 2.5)).collect();
    scale(&mut benchmark);
    let mut weights: Vec<f64> = (0..lots).map(|_| uniform(0.5, 1.5)).collect();
    scale(&mut weights);
    let own = |(l, weight): (usize, f64)| {
        let loss = shape.losses > 0 && l % shape.losses == 0;
        let gain = if loss { uniform(-0.3, -0.05) } else { uniform(0.2, 0.8) };
        Lot { name: l % held, weight, gain, long_from: if l % 5 == 4 { l % 4 } else { 0 } }
    };
    let lots = weights.into_iter().enumerate().map(own).collect();
    let risk = Risk::Factor { exposures, covariance, specific };
    Transition {
        benchmark,
        risk: if shape.dense { dense(&risk) } else { risk },
        lots,
        rates: Rates { short: 0.408, long: 0.238 },
        tax_weight: 1.0,
        cost_buy: vec![0.0005; n],
        cost_sell: vec![0.0005; n],
        gamma: 20.0,
        terminal: 0.0,
        year: (0..periods).map(|period| period / 4).collect(),
        year_budget: vec![shape.budget; periods.div_ceil(4)],
        period_budget: vec![INF; periods],
        cap: Array2::from_elem((periods, n), INF),
        cash_min: 0.0,
        cash_max: 0.01,
        turnover_max: vec![INF; periods],
        buy_from: vec![0; n],
        final_tracking: None,
    }
}

fn scale(values: &mut [f64]) {
    let total = samebits_canon::sum(values);
    for value in values {
        *value /= total;
    }
}

fn dense(risk: &Risk) -> Risk {
    let n = risk.n();
    let mut sigma = Array2::zeros((n, n));
    for j in 0..n {
        for (i, value) in risk.column(j).into_iter().enumerate().filter(|(i, _)| *i <= j) {
            sigma[(i, j)] = value;
            sigma[(j, i)] = value;
        }
    }
    Risk::Dense(sigma)
}

/// The plan, after what every plan keeps has been checked from its trades alone.
pub(crate) fn planned(question: &Transition) -> Plan {
    let found = plan(question).unwrap_or_else(|error| panic!("{error}"));
    let trades: Vec<_> = found.evaluation.periods.iter().map(|period| period.trades.clone()).collect();
    let with = Transition { terminal: found.terminal, ..question.clone() };
    assert_eq!(evaluate(&with, &trades).as_ref(), Ok(&found.evaluation));
    assert_eq!(check(question, &found.evaluation), Ok(()));
    slowly(question, &found);
    assert!(found.gap() > -1e-9, "{}", found.gap());
    assert!(found.certificate.within(1e-6), "{:?}", found.certificate);
    found
}

/// Budgets, lots, weights and cash by plain sums that share no code with the crate.
fn slowly(question: &Transition, found: &Plan) {
    let periods = &found.evaluation.periods;
    for (year, budget) in question.year_budget.iter().enumerate() {
        let mut gain = 0.0;
        for (period, _) in periods.iter().zip(&question.year).filter(|(_, y)| **y == year) {
            for (lot, sold) in question.lots.iter().zip(&period.trades.sales) {
                gain += lot.gain * sold;
            }
        }
        assert!(gain <= budget + 1e-9, "year {year}: {gain} of {budget}");
    }
    let mut left: Vec<f64> = question.lots.iter().map(|lot| lot.weight).collect();
    let mut weights = vec![0.0; question.names()];
    for lot in &question.lots {
        weights[lot.name] += lot.weight;
    }
    let mut cash = 1.0 - weights.iter().fold(0.0, |sum, w| sum + w);
    for (t, period) in periods.iter().enumerate() {
        for (l, sold) in period.trades.sales.iter().enumerate() {
            left[l] -= sold;
            weights[question.lots[l].name] -= sold;
            cash += sold * (1.0 - question.cost_sell[question.lots[l].name]);
        }
        for (i, bought) in period.trades.buys.iter().enumerate() {
            weights[i] += bought;
            cash -= bought * (1.0 + question.cost_buy[i]);
        }
        assert!(left.iter().all(|left| *left >= -1e-15), "{left:?}");
        for (w, told) in weights.iter().zip(&period.weights) {
            assert!((w - told).abs() < 1e-13 && *told >= 0.0, "period {t}: {w} {told}");
        }
        assert!((cash - period.cash).abs() < 1e-12);
        assert!(cash >= question.cash_min - 1e-7 && cash <= question.cash_max + 1e-7, "period {t}: {cash}");
    }
}

pub(crate) fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} {b}");
}
