//! Problems that several tests solve.

use crate::stand::SETTINGS;
use ndarray::{Array1, Array2};
use samebits_canon::{Isa, max};
use samebits_qp::{Problem, Risk, RowLimit, Solver, TradeVariable};
use samebits_solver_cpu::ActiveSet;
use samebits_testkit::{Draw, Form, Tracking, hostile};

/// The forms of tracking problems.
pub(crate) const FORMS: [Form; 4] = [Form::TaxLotsDense, Form::TaxLotsCap, Form::Factor, Form::LongOnly];

/// A tracking problem; its cap is a fifth below what the problem without it takes.
pub(crate) fn tracking(n: usize, seed: u64, form: Form) -> Problem {
    let draw = Tracking::new(n, seed);
    if form != Form::TaxLotsCap {
        return draw.problem(form, 0.0);
    }
    let base = draw.problem(Form::TaxLotsDense, 0.0);
    let free = ActiveSet::new(Isa::detect(), 1).solve(&base, &SETTINGS).expect("valid");
    draw.problem(form, max(0.8 * base.variance(&base.active(&free.weights)).sqrt(), 1e-6))
}

/// Tracking problems of these sizes, a seed for each.
pub(crate) fn family(sizes: impl Iterator<Item = usize>, form: Form) -> Vec<Problem> {
    sizes.map(|n| tracking(n, 7 + n as u64, form)).collect()
}

/// Lopsided problems of mixed sizes and forms, a few of one day among them.
pub(crate) fn mixed(count: usize, largest: usize, seed: u64) -> Vec<Problem> {
    let mut draw = Draw::new(seed);
    let mut all: Vec<Problem> = Vec::new();
    while all.len() < count {
        let (n, own) = (2 + draw.below(largest - 1), draw.bits());
        let problem = tracking(n, own, FORMS[draw.below(4)]);
        for _ in 0..draw.below(3) {
            // The same day, another account.
            let mut other = problem.clone();
            other.gamma *= 0.5 + draw.uniform();
            other.alpha.iter_mut().for_each(|alpha| *alpha += 1e-3 * draw.normal());
            all.push(other);
        }
        all.push(problem);
    }
    shuffle(&mut all, &mut draw);
    all.truncate(count);
    all
}

/// Puts items in another order.
pub(crate) fn shuffle<T>(items: &mut [T], draw: &mut Draw) {
    for k in (1..items.len()).rev() {
        items.swap(k, draw.below(k + 1));
    }
}

/// The problem with another covariance of factor form: `k` factors, their covariance full.
pub(crate) fn with_factors(mut problem: Problem, k: usize, draw: &mut Draw) -> Problem {
    let n = problem.n();
    let exposures = Array2::from_shape_fn((n, k), |_| 0.5 * draw.normal());
    let own: Vec<f64> = (0..k * k).map(|_| 0.1 * draw.normal()).collect();
    let entry = |(i, j): (usize, usize)| {
        let (i, j) = (i.max(j), i.min(j));
        let common = (0..k).fold(0.0, |sum, f| sum + own[i * k + f] * own[j * k + f]);
        common + if i == j { 0.01 } else { 0.0 }
    };
    let specific = Array1::from_shape_fn(n, |_| 0.02 + 0.1 * draw.uniform());
    problem.risk =
        Risk::Factor { exposures, covariance: Array2::from_shape_fn((k, k), entry), specific }.into();
    problem
}

/// The problem with other entries in its dense covariance.
pub(crate) fn with_entries(mut problem: Problem, entry: impl Fn(usize, usize, f64) -> f64) -> Problem {
    if let Risk::Dense(sigma) = &*problem.risk {
        let changed = Array2::from_shape_fn(sigma.dim(), |(i, j)| entry(i.max(j), i.min(j), sigma[[i, j]]));
        problem.risk = Risk::Dense(changed).into();
    }
    problem
}

/// Hostile problems, and the same with trades without an asset, second purchases, bounds below zero, rows on trades.
pub(crate) fn strange(seeds: std::ops::Range<u64>) -> Vec<Problem> {
    let mut all = Vec::new();
    for seed in seeds {
        let plain = hostile(seed);
        let mut draw = Draw::new(seed ^ 0x57a6);
        let (mut problem, n) = (plain.clone(), plain.n());
        let size = plain.start.iter().fold(1e-6, |sum, w| sum + w);
        let cost = plain.trades[0].cost;
        for _ in 0..draw.below(4) {
            // A second price for more of one name, and cash that only rows see.
            let asset = (draw.uniform() < 0.6).then(|| draw.below(n));
            let upper = if draw.uniform() < 0.5 { f64::INFINITY } else { size * draw.uniform() };
            let sign = if draw.uniform() < 0.5 { 1.0 } else { -1.0 };
            problem.trades.push(TradeVariable { asset, sign, cost: cost * (1.0 + draw.uniform()), upper });
        }
        let m = problem.trades.len();
        for row in &mut problem.rows {
            if !row.on_trades.is_empty() {
                row.on_trades.resize_with(m, || draw.normal());
            }
        }
        if draw.uniform() < 0.5 {
            let on_weights = if draw.uniform() < 0.5 { vec![1.0; n] } else { Vec::new() };
            let on_trades = (0..m).map(|_| if draw.uniform() < 0.5 { 0.0 } else { draw.normal() }).collect();
            let upper = size * (0.5 + draw.uniform());
            let lower = if draw.uniform() < 0.3 { -upper } else { f64::NEG_INFINITY };
            problem.rows.push(RowLimit { on_weights, on_trades, lower, upper });
        }
        for i in 0..n {
            match draw.below(12) {
                0 => problem.lower[i] = f64::NEG_INFINITY,
                1 => problem.lower[i] = -size,
                2 => problem.upper[i] = f64::INFINITY,
                _ => {}
            }
        }
        all.push(plain);
        all.push(problem);
    }
    all
}
