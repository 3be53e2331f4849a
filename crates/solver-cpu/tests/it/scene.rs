//! Random portfolio problems from a seed.

use ndarray::{Array1, Array2};
use samebits_canon::Isa;
use samebits_qp::{Problem, Risk, RowLimit, Settings, Solution, Solver, TradeVariable};
use samebits_solver_cpu::Clarabel;

pub(crate) const SETTINGS: Settings = Settings::new(1e-10, 200);

pub(crate) fn solve(problem: &Problem) -> Solution {
    Clarabel { isa: Isa::detect() }.solve(problem, &SETTINGS).unwrap()
}

/// Uniform numbers in -1 ... 1 from a linear congruential generator.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// What a random problem has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) n: usize,
    pub(crate) lots: usize,
    pub(crate) factor_form: bool,
    pub(crate) cap: Option<f64>,
    pub(crate) turnover: Option<f64>,
    pub(crate) gains: Option<f64>,
}

/// Lots that lose or gain, a fully invested start near the benchmark, a budget row, a factor row.
pub(crate) fn problem(seed: u64, shape: Shape) -> Problem {
    let Shape { n, lots, .. } = shape;
    let mut draw = Draw(seed);
    let b = Array2::from_shape_fn((n, 3), |_| 0.1 * draw.next());
    let specific = Array1::from_shape_fn(n, |_| 0.01 + 0.02 * draw.next().abs());
    let covariance = Array2::eye(3);
    let mut benchmark: Vec<f64> = (0..n).map(|_| 1.5 + draw.next()).collect();
    let total: f64 = samebits_canon::sum(&benchmark);
    for weight in &mut benchmark {
        *weight /= total;
    }
    let mut trades = Vec::new();
    let mut gains = Vec::new();
    let mut start = vec![0.0; n];
    for asset in 0..n {
        trades.push(TradeVariable { asset: Some(asset), sign: 1.0, cost: 0.0005, upper: f64::INFINITY });
        gains.push(0.0);
        for _ in 0..lots {
            let weight = benchmark[asset] / lots as f64 * (1.0 + 0.4 * draw.next());
            start[asset] += weight;
            let gain = 0.3 * draw.next();
            let tax = if gain > -0.002 { 0.238 * gain } else { -0.0008 };
            trades.push(TradeVariable { asset: Some(asset), sign: -1.0, cost: 0.0005 + tax, upper: weight });
            gains.push(gain);
        }
    }
    let invested = samebits_canon::sum(&start);
    let row = |on_weights, on_trades, lower, upper| RowLimit { on_weights, on_trades, lower, upper };
    let exposure: Vec<f64> = b.column(0).to_vec();
    let centre = samebits_canon::dot(&exposure, &benchmark);
    let mut rows = vec![
        row(vec![1.0; n], Vec::new(), invested - 0.01, invested),
        row(exposure, Vec::new(), centre - 0.02, centre + 0.02),
    ];
    let turned: Vec<f64> = vec![1.0; trades.len()];
    rows.extend(shape.turnover.map(|limit| row(Vec::new(), turned, f64::NEG_INFINITY, limit)));
    rows.extend(shape.gains.map(|limit| row(Vec::new(), gains, f64::NEG_INFINITY, limit)));
    let risk = if shape.factor_form {
        Risk::Factor { exposures: b, covariance, specific }
    } else {
        let mut sigma = Array2::zeros((n, n));
        for i in 0..n {
            for j in 0..=i {
                let common = (0..3).fold(0.0, |sum, k| sum + b[[i, k]] * b[[j, k]]);
                let entry = if i == j { common + specific[i] } else { common };
                sigma[[i, j]] = entry;
                sigma[[j, i]] = entry;
            }
        }
        Risk::Dense(sigma)
    };
    Problem {
        gamma: 30.0,
        risk: risk.into(),
        alpha: vec![0.0; n],
        lower: vec![0.0; n],
        upper: vec![0.5; n],
        benchmark,
        start,
        trades,
        rows,
        risk_cap: shape.cap,
    }
}

pub(crate) fn fixtures() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}
