//! Tax-aware tracking problems.

use crate::Draw;
use ndarray::{Array1, Array2};
use samebits_canon::{Isa, gram::gram, max, sum};
use samebits_qp::{Problem, Risk, RowLimit, TradeVariable, sides::Conflict};

const FACTORS: usize = 6;
const DAYS: usize = 504;
/// Annual volatilities of the factors.
const VOLATILITY: [f64; FACTORS] = [0.16, 0.06, 0.05, 0.05, 0.04, 0.04];
/// Share of the scaled identity in the covariance.
const SHRINKAGE: f64 = 0.05;

/// Which problem is made of the draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Purchases and lots, dense covariance.
    TaxLotsDense,
    /// The same with a hard cap on the tracking error, one fifth below what the problem without it takes.
    TaxLotsCap,
    /// Purchases and lots, six factors and specific variances.
    Factor,
    /// No lots and no costs: a linear reward on the weights, dense covariance.
    LongOnly,
}

/// A draw: everything that a problem is made of.
#[derive(Debug, Clone)]
pub struct Tracking {
    n: usize,
    sigma: Array2<f64>,
    exposures: Array2<f64>,
    benchmark: Vec<f64>,
    held: Vec<f64>,
    /// (asset, weight, tax per unit), the tax of names that are not locked no lower than what a round trip costs.
    lots: Vec<(usize, f64, f64)>,
    /// The tax of the lots as it is.
    taxes: Vec<f64>,
    cost: Vec<f64>,
    locked: Vec<bool>,
}

impl Tracking {
    /// Draws a problem of `n` names.
    pub fn new(n: usize, seed: u64) -> Self {
        let mut draw = Draw::new(seed ^ ((n as u64) << 32));
        let exposures = Array2::from_shape_fn((n, FACTORS), |(_, k)| {
            let spread = draw.normal();
            f64::from(if k == 0 { 1.0 + 0.25 * spread } else { 0.45 * spread } as f32)
        });
        let sigma = covariance(&mut draw, &exposures);
        Self::with_model(sigma, exposures, &mut draw)
    }

    /// Holdings, lots and costs drawn around a given covariance (`n x n`) and loadings (`n x 6`).
    pub fn with_model(sigma: Array2<f64>, exposures: Array2<f64>, draw: &mut Draw) -> Self {
        let n = sigma.nrows();
        let mut benchmark: Vec<f64> = (0..n).map(|_| draw.log_normal(0.0, 1.0)).collect();
        normalise(&mut benchmark);
        let drift = |b: &f64, draw: &mut Draw| {
            let drifted = b * draw.log_normal(0.0, 0.35);
            if draw.uniform() < 0.08 { 0.0 } else { drifted }
        };
        let mut held: Vec<f64> = benchmark.iter().map(|b| drift(b, draw)).collect();
        normalise(&mut held);
        let cost: Vec<f64> = (0..n).map(|_| 5e-4 * draw.log_normal(0.0, 0.4)).collect();
        let mut found = Self {
            n,
            sigma,
            exposures,
            benchmark,
            held,
            lots: Vec::new(),
            cost,
            locked: vec![false; n],
            taxes: Vec::new(),
        };
        found.draw_lots(draw);
        found
    }

    fn draw_lots(&mut self, draw: &mut Draw) {
        let mut worst: Vec<(f64, usize)> = (0..self.n).map(|i| (f64::INFINITY, i)).collect();
        for i in 0..self.n {
            if self.held[i] <= 0.0 {
                continue;
            }
            let mut shares: Vec<f64> = (0..=draw.below(5)).map(|_| 0.05 + draw.uniform()).collect();
            normalise(&mut shares);
            let mut total = 0.0;
            for share in shares {
                let basis = draw.log_normal(-0.18, 0.30);
                let rate = if draw.uniform() < 0.3 { 0.37 } else { 0.20 };
                let tax = rate * (1.0 - basis);
                let weight = share * self.held[i];
                self.lots.push((i, weight, tax));
                total += weight;
                worst[i].0 = samebits_canon::min(worst[i].0, tax);
            }
            self.held[i] = total;
        }
        worst.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for &(_, i) in worst.iter().take(self.n / 10) {
            self.locked[i] = true;
        }
        self.taxes = self.lots.iter().map(|lot| lot.2).collect();
        for (asset, _, tax) in &mut self.lots {
            if !self.locked[*asset] {
                *tax = max(*tax, -self.cost[*asset]);
            }
        }
    }

    /// The problem in a form; `cap` is the limit of [`Form::TaxLotsCap`], ignored otherwise.
    pub fn problem(&self, form: Form, cap: f64) -> Problem {
        let n = self.n;
        let lots = form != Form::LongOnly;
        let mut problem = Problem {
            gamma: 60.0,
            risk: self.risk(form).into(),
            benchmark: self.benchmark.clone(),
            start: if lots { self.held.clone() } else { vec![0.0; n] },
            alpha: vec![0.0; n],
            lower: vec![0.0; n],
            upper: self.benchmark.iter().map(|b| max(2.5 * b, 4.0 / n as f64)).collect(),
            trades: Vec::new(),
            rows: Vec::new(),
            risk_cap: (form == Form::TaxLotsCap).then_some(cap),
        };
        for i in 0..n {
            let upper = if lots && self.locked[i] { 0.0 } else { f64::INFINITY };
            let cost = if lots { self.cost[i] } else { 0.0 };
            problem.trades.push(TradeVariable { asset: Some(i), sign: 1.0, cost, upper });
            if !lots {
                // A saw-tooth reward of the size of thirty costs.
                let phase = (i * 37 % 101) as f64 / 50.0 - 1.0;
                problem.alpha[i] = 30.0 * self.cost[i] * phase;
            }
        }
        if lots {
            for &(asset, weight, tax) in &self.lots {
                let cost = self.cost[asset] + tax;
                problem.trades.push(TradeVariable { asset: Some(asset), sign: -1.0, cost, upper: weight });
            }
        }
        self.rows(&mut problem);
        problem
    }

    /// The problem of [`Form::TaxLotsDense`] or [`Form::Factor`] with up to `most` conflicts: the names with the largest
    /// losses may be bought, or have their losses sold. Purchases come first, one a name, then the lots.
    pub fn conflicts(&self, form: Form, most: usize) -> (Problem, Vec<Conflict>) {
        let mut problem = self.problem(form, 0.0);
        let loses = |lot: usize| self.taxes[lot] < -self.cost[self.lots[lot].0];
        let mut worst: Vec<(f64, usize)> = (0..self.n)
            .filter_map(|i| {
                let own = (0..self.lots.len()).filter(|&lot| self.lots[lot].0 == i && loses(lot));
                own.map(|lot| self.taxes[lot]).min_by(f64::total_cmp).map(|tax| (tax, i))
            })
            .collect();
        worst.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        worst.truncate(most);
        let mut names: Vec<usize> = worst.iter().map(|(_, i)| *i).collect();
        names.sort_unstable();
        let conflict = |&i: &usize| {
            let lots = (0..self.lots.len()).filter(|&lot| self.lots[lot].0 == i && loses(lot));
            Conflict { buys: vec![i], sells: lots.map(|lot| self.n + lot).collect() }
        };
        let conflicts: Vec<Conflict> = names.iter().map(conflict).collect();
        for conflict in &conflicts {
            for &trade in &conflict.buys {
                problem.trades[trade].upper = f64::INFINITY;
            }
            for &trade in &conflict.sells {
                problem.trades[trade].cost =
                    self.cost[self.lots[trade - self.n].0] + self.taxes[trade - self.n];
            }
        }
        (problem, conflicts)
    }

    fn risk(&self, form: Form) -> Risk {
        if form != Form::Factor {
            return Risk::Dense(self.sigma.clone());
        }
        let square = |v: f64| v * v;
        let covariance =
            Array2::from_shape_fn(
                (FACTORS, FACTORS),
                |(i, j)| if i == j { square(VOLATILITY[i]) } else { 0.0 },
            );
        let specific = Array1::from_iter(self.sigma.diag().iter().map(|v| max(0.5 * v, 1e-3)));
        Risk::Factor { exposures: self.exposures.clone(), covariance, specific }
    }

    /// Fully invested, and each factor's active exposure within 0.3 of what the holdings have.
    fn rows(&self, problem: &mut Problem) {
        let row = |on_weights: Vec<f64>, lower: f64, upper: f64| RowLimit {
            on_weights,
            on_trades: Vec::new(),
            lower,
            upper,
        };
        problem.rows.push(row(vec![1.0; self.n], 1.0, 1.0));
        for k in 0..FACTORS {
            let exposure = self.exposures.column(k).to_vec();
            let centre = samebits_canon::dot(&exposure, &self.benchmark);
            let active = samebits_canon::dot(&exposure, &self.held) - centre;
            let limit = max(0.3 * samebits_canon::abs(active), 2e-3);
            problem.rows.push(row(exposure, centre - limit, centre + limit));
        }
    }
}

fn normalise(values: &mut [f64]) {
    let total = sum(values);
    for value in values {
        *value /= total;
    }
}

/// `0.95 S + 0.05 tr(S)/n I`, annualised, rounded to `f32`; `S` from [`DAYS`] returns of the six factors.
fn covariance(draw: &mut Draw, exposures: &Array2<f64>) -> Array2<f64> {
    let n = exposures.nrows();
    let specific: Vec<f64> = (0..n).map(|_| 0.25 * draw.log_normal(0.0, 0.3)).collect();
    let mut panel = vec![0.0; DAYS * n];
    for day in panel.chunks_exact_mut(n.max(1)) {
        let factors: [f64; FACTORS] = std::array::from_fn(|k| VOLATILITY[k] * draw.normal());
        for (i, value) in day.iter_mut().enumerate() {
            let common = (0..FACTORS).fold(0.0, |sum, k| sum + exposures[[i, k]] * factors[k]);
            // Three uniforms are enough of a bell for the specific part.
            let own = 2.0 * (draw.uniform() + draw.uniform() + draw.uniform() - 1.5);
            *value = common + specific[i] * own;
        }
    }
    let sample = gram(Isa::detect(), &panel, n);
    let trace = (0..n).fold(0.0, |sum, i| sum + sample[i * n + i]);
    let mean = trace / n as f64;
    let entry = |(i, j): (usize, usize)| {
        let identity = if i == j { SHRINKAGE * mean } else { 0.0 };
        f64::from((((1.0 - SHRINKAGE) * sample[i * n + j] + identity) / DAYS as f64) as f32)
    };
    Array2::from_shape_fn((n, n), entry)
}
