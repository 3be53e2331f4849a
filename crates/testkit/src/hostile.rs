//! Problems at the edges of what a portfolio problem can be.

use crate::Draw;
use ndarray::{Array1, Array2};
use samebits_canon::max;
use samebits_qp::{Problem, Risk, RowLimit, TradeVariable};

/// A small problem from a seed, with a mixture of edges: one name, names without lots, all names locked, duplicated names,
/// no specific risk, no risk at all, huge and tiny scales, limits that meet, cross-purposes of rows, rows without
/// coefficients, budgets of zero, caps of every size. It is well formed; it need not have an answer.
pub fn hostile(seed: u64) -> Problem {
    let mut draw = Draw::new(seed ^ 0x00a5_7e11);
    let n = [1, 2, 3, 5, 8, 13, 21, 34][draw.below(8)];
    // Powers of ten by multiplication: the same bits everywhere.
    let scale = |draw: &mut Draw| {
        let steps = if draw.uniform() < 0.7 { 0 } else { draw.below(13) as i32 - 6 };
        (0..steps.abs()).fold(1.0, |x: f64, _| if steps > 0 { x * 10.0 } else { x / 10.0 })
    };
    let (money, price) = (scale(&mut draw), scale(&mut draw));
    let risk = risk(n, &mut draw);
    let benchmark: Vec<f64> = weights(n, money, &mut draw);
    let mut start = if draw.uniform() < 0.2 { vec![0.0; n] } else { weights(n, money, &mut draw) };
    let mut trades = Vec::new();
    let (locked, no_purchases) = (draw.uniform() < 0.04, draw.uniform() < 0.04);
    for (i, held) in start.iter_mut().enumerate() {
        let upper = match draw.below(6) {
            _ if locked || no_purchases => 0.0,
            0 => 0.0,
            1 => money * draw.uniform(),
            _ => f64::INFINITY,
        };
        let cost = price * 1e-3 * draw.uniform();
        trades.push(TradeVariable { asset: Some(i), sign: 1.0, cost, upper });
        let (lots, whole) = (draw.below(5), *held);
        if lots > 0 {
            let mut total = 0.0;
            for _ in 0..lots {
                let upper = if draw.uniform() < 0.05 { 0.0 } else { whole / lots as f64 };
                let barred = locked || draw.uniform() < 0.1;
                // Every third lot has a rounded gain, so that costs tie.
                let gain = draw.uniform() - 0.4;
                let gain = if draw.below(3) == 0 { 0.1 } else { gain };
                let cost = price * (1e-3 + 0.3 * gain);
                let limit = if barred { 0.0 } else { upper };
                trades.push(TradeVariable { asset: Some(i), sign: -1.0, cost, upper: limit });
                total += upper;
            }
            *held = total;
        }
    }
    let gamma = if draw.uniform() < 0.06 { 0.0 } else { 60.0 * price / money };
    let (mut lower, mut upper) = (vec![0.0; n], Vec::new());
    for (i, held) in start.iter().enumerate() {
        let high = match draw.below(8) {
            0 => *held,
            1 => money * 10.0,
            _ => max(max(2.5 * benchmark[i], 4.0 * money / n as f64), *held),
        };
        if draw.uniform() < 0.02 {
            lower[i] = high;
        }
        upper.push(high);
    }
    let alpha =
        (0..n).map(|_| if draw.uniform() < 0.5 { 0.0 } else { price * 0.02 * draw.normal() }).collect();
    let mut problem = Problem {
        gamma,
        risk: risk.into(),
        benchmark,
        start,
        alpha,
        lower,
        upper,
        trades,
        rows: Vec::new(),
        risk_cap: None,
    };
    rows(&mut problem, money, &mut draw);
    if draw.uniform() < 0.3 {
        let error = max(problem.variance(&problem.active(&problem.start)), 0.0).sqrt();
        problem.risk_cap = Some(error * [0.0, 0.3, 0.6, 0.8, 0.9, 1.0, 3.0][draw.below(7)] + 1e-9 * money);
    }
    problem
}

fn weights(n: usize, money: f64, draw: &mut Draw) -> Vec<f64> {
    let raw: Vec<f64> =
        (0..n).map(|_| if draw.uniform() < 0.1 { 0.0 } else { draw.log_normal(0.0, 1.0) }).collect();
    let total = raw.iter().fold(0.0, |sum, x| sum + x);
    raw.iter().map(|x| if total > 0.0 { money * x / total } else { 0.0 }).collect()
}

fn risk(n: usize, draw: &mut Draw) -> Risk {
    let k = 1 + draw.below(4);
    let size = if draw.uniform() < 0.85 { 1.0 } else { [1e-6, 1e-3, 1e3, 1e6][draw.below(4)] };
    let mut exposures = Array2::from_shape_fn((n, k), |_| draw.normal());
    let mut specific: Vec<f64> = (0..n).map(|_| size * (0.02 + 0.1 * draw.uniform())).collect();
    match draw.below(10) {
        // No specific risk: the covariance has rank k.
        0 => specific.fill(0.0),
        1 => specific.iter_mut().for_each(|s| *s *= if draw.uniform() < 0.5 { 0.0 } else { 1.0 }),
        // No common risk.
        2 => exposures.fill(0.0),
        // Names that are the same name.
        3 if n > 1 => {
            let first = exposures.row(0).to_owned();
            exposures.row_mut(1).assign(&first);
            (specific[0], specific[1]) = (0.0, 0.0);
        }
        _ => {}
    }
    let variance: Vec<f64> = (0..k).map(|_| size * (0.01 + 0.04 * draw.uniform())).collect();
    if draw.uniform() < 0.4 {
        let covariance = Array2::from_shape_fn((k, k), |(i, j)| if i == j { variance[i] } else { 0.0 });
        return Risk::Factor { exposures, covariance, specific: Array1::from(specific) };
    }
    let entry = |(i, j): (usize, usize)| {
        let (i, j) = (i.max(j), i.min(j));
        let common = (0..k).fold(0.0, |sum, f| sum + exposures[[i, f]] * variance[f] * exposures[[j, f]]);
        common + if i == j { specific[i] } else { 0.0 }
    };
    Risk::Dense(Array2::from_shape_fn((n, n), entry))
}

fn rows(problem: &mut Problem, money: f64, draw: &mut Draw) {
    let n = problem.n();
    let held = problem.start.iter().fold(0.0, |sum, x| sum + x);
    let row = |on_weights, on_trades, lower, upper| RowLimit { on_weights, on_trades, lower, upper };
    if draw.uniform() < 0.85 {
        let total = [held, held, held, held, money, 0.98 * money, 0.0][draw.below(7)];
        problem.rows.push(row(vec![1.0; n], Vec::new(), total, total));
    }
    for _ in 0..draw.below(3) {
        let mut on_weights: Vec<f64> = (0..n).map(|_| draw.normal()).collect();
        if draw.uniform() < 0.1 {
            on_weights.fill(0.0);
        }
        let centre = on_weights.iter().zip(&problem.benchmark).fold(0.0, |sum, (a, b)| sum + a * b);
        let width = money * [0.0, 0.02, 0.2, 0.5, f64::INFINITY][draw.below(5)];
        problem.rows.push(row(on_weights, Vec::new(), centre - width, centre + width));
        if draw.uniform() < 0.1 {
            let again = problem.rows[problem.rows.len() - 1].clone();
            problem.rows.push(again);
        }
    }
    if draw.uniform() < 0.3 {
        let most = money * [0.0, 0.1, 0.5, 2.0][draw.below(4)];
        problem.rows.push(row(Vec::new(), vec![1.0; problem.trades.len()], f64::NEG_INFINITY, most));
    }
    if draw.uniform() < 0.3 {
        let gains = problem.trades.iter().map(|t| if t.sign < 0.0 { t.cost } else { 0.0 }).collect();
        let most = money * [0.0, 0.01, 0.1, -0.01][draw.below(4)];
        problem.rows.push(row(Vec::new(), gains, f64::NEG_INFINITY, most));
    }
}
