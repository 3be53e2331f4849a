//! The iterate and its residuals.

use super::barrier::{Barrier, Side};
use super::model::Model;
use super::risk::Covariance;
use samebits_canon::{abs, max, min};

/// Smallest slack at the start, relative to the size of the weights.
const START: f64 = 0.1;

/// Where the iteration stands.
#[derive(Clone)]
pub(crate) struct Point {
    /// Free trades.
    pub(crate) t: Vec<f64>,
    /// Weights.
    pub(crate) w: Vec<f64>,
    /// Multipliers of `w = start + sum of sign t`, and a 0 for the trades without an asset.
    pub(crate) y: Vec<f64>,
    /// Multipliers of the rows that are equalities; 0 for the others.
    pub(crate) l: Vec<f64>,
    /// Slacks and prices of the limits.
    pub(crate) sides: Barrier,
}

/// How far a point is from the optimality conditions, and what the step needs of it.
pub(super) struct Residuals {
    /// Values of the trades, the weights, the rows and the cap.
    pub(super) values: Vec<f64>,
    /// Prices of the values.
    pub(super) prices: Vec<f64>,
    /// Multipliers of the rows.
    pub(super) l: Vec<f64>,
    pub(super) d: Vec<f64>,
    /// `Sigma d`.
    pub(super) gradient: Vec<f64>,
    /// Stationarity in the trades and the weights.
    pub(super) on_trades: Vec<f64>,
    pub(super) on_weights: Vec<f64>,
    /// `w - start - sum of sign t`.
    pub(super) link: Vec<f64>,
    /// Rows that are equalities: value minus limit.
    pub(super) equal: Vec<f64>,
    pub(super) primal: f64,
    pub(super) dual: f64,
    pub(super) gap: f64,
}

impl Point {
    pub(super) fn new(model: &Model<'_>, covariance: &mut Covariance<'_>) -> Self {
        let (t, w) = start(model);
        let mut point = Self {
            t,
            w,
            y: vec![0.0; model.n + 1],
            l: vec![0.0; model.rows.len()],
            sides: Barrier::default(),
        };
        let mut found = Residuals::new(model);
        found.evaluate(model, &point, covariance);
        for side in sides(model) {
            point.sides.add(&side, found.values[side.at]);
        }
        point
    }
}

/// Free trades and weights at the start.
pub(super) fn start(model: &Model<'_>) -> (Vec<f64>, Vec<f64>) {
    let t = balanced(model, START * model.size);
    let mut w = model.start.clone();
    for ((&asset, sign), t) in model.asset.iter().zip(&model.sign).zip(&t) {
        if asset < model.n {
            w[asset] += sign * t;
        }
    }
    for i in 0..model.n {
        if model.frozen[i] && model.problem.lower[i] == model.problem.upper[i] {
            w[i] = model.problem.lower[i];
        }
    }
    (t, w)
}

/// The limits, in the order of their values.
pub(super) fn sides(model: &Model<'_>) -> Vec<Side> {
    let [weights, rows, cap] = model.places();
    let (floor, slope) = (START * model.size, model.slope);
    let mut sides = Vec::new();
    for (k, upper) in model.upper.iter().enumerate() {
        sides.extend(Side::of(k, (0.0, *upper), floor, slope));
    }
    for i in (0..model.n).filter(|&i| !model.frozen[i]) {
        sides.extend(Side::of(weights + i, model.bounds[i], floor, slope));
    }
    for (r, row) in model.rows.iter().enumerate().filter(|(_, row)| !row.is_equality()) {
        sides.extend(Side::of(rows + r, (row.lower, row.upper), floor, slope));
    }
    if let Some(limit) = model.cap {
        // As a row whose coefficients are a typical `Sigma d`.
        let scale = model.steepness;
        sides.extend(Side::of(cap, (f64::NEG_INFINITY, limit), scale * floor, slope / scale));
    }
    sides
}

impl Residuals {
    pub(super) fn new(model: &Model<'_>) -> Self {
        let (n, m, rows) = (model.n, model.m(), model.rows.len());
        Self {
            values: vec![0.0; model.values()],
            prices: vec![0.0; model.values()],
            l: vec![0.0; rows],
            d: vec![0.0; n],
            gradient: vec![0.0; n],
            on_trades: vec![0.0; m],
            on_weights: vec![0.0; n],
            link: vec![0.0; n],
            equal: vec![0.0; rows],
            primal: 0.0,
            dual: 0.0,
            gap: 0.0,
        }
    }

    /// Everything at `point`.
    pub(super) fn evaluate(&mut self, model: &Model<'_>, point: &Point, covariance: &mut Covariance<'_>) {
        let [weights, rows, cap] = model.places();
        for ((d, w), b) in self.d.iter_mut().zip(&point.w).zip(&model.problem.benchmark) {
            *d = w - b;
        }
        covariance.times(model.isa, &self.d, &mut self.gradient);
        self.values[..weights].copy_from_slice(&point.t);
        self.values[weights..rows].copy_from_slice(&point.w);
        point.sides.prices(&mut self.prices);
        self.primal = 0.0;
        for (r, row) in model.rows.iter().enumerate() {
            let (on_weights, on_trades) = model.row(r);
            let mut value = model.dot(on_weights, &point.w);
            if row.uses_trades {
                value += model.dot(on_trades, &point.t);
            }
            self.values[rows + r] = value;
            self.equal[r] = if row.is_equality() { value - row.upper } else { 0.0 };
            self.l[r] = if row.is_equality() { point.l[r] } else { self.prices[rows + r] };
            self.primal = max(self.primal, abs(self.equal[r]));
        }
        if model.cap.is_some() {
            self.values[cap] = 0.5 * model.dot(&self.d, &self.gradient);
        }
        self.stationarity(model, point);
        self.link(model, point);
        self.gap = point.sides.gap();
    }

    /// What multiplies `Sigma`: `gamma` plus the price of the cap.
    pub(super) fn theta(&self, model: &Model<'_>) -> f64 {
        model.problem.gamma + if model.cap.is_some() { self.prices[model.places()[2]] } else { 0.0 }
    }

    fn stationarity(&mut self, model: &Model<'_>, point: &Point) {
        let [weights, ..] = model.places();
        let theta = self.theta(model);
        for i in 0..model.n {
            self.on_weights[i] = theta * self.gradient[i] - model.problem.alpha[i] + self.prices[weights + i];
            self.on_weights[i] += point.y[i];
        }
        for k in 0..model.m() {
            self.on_trades[k] = model.cost[k] - model.sign[k] * point.y[model.asset[k]] + self.prices[k];
        }
        for (r, row) in model.rows.iter().enumerate() {
            let (on_weights, on_trades) = model.row(r);
            add_scaled(&mut self.on_weights, self.l[r], on_weights);
            if row.uses_trades {
                add_scaled(&mut self.on_trades, self.l[r], on_trades);
            }
        }
        self.dual = self.on_trades.iter().fold(0.0, |best, r| max(best, abs(*r)));
        for (r, frozen) in self.on_weights.iter().zip(&model.frozen) {
            if !frozen {
                self.dual = max(self.dual, abs(*r));
            }
        }
    }

    fn link(&mut self, model: &Model<'_>, point: &Point) {
        for ((link, w), start) in self.link.iter_mut().zip(&point.w).zip(&model.start) {
            *link = w - start;
        }
        for ((&asset, sign), t) in model.asset.iter().zip(&model.sign).zip(&point.t) {
            if asset < model.n {
                self.link[asset] -= sign * t;
            }
        }
        self.primal = self.link.iter().fold(self.primal, |best, r| max(best, abs(*r)));
    }
}

/// Trades between their limits whose effects on a weight cancel as far as they can.
fn balanced(model: &Model<'_>, floor: f64) -> Vec<f64> {
    let mut t: Vec<f64> = model.upper.iter().map(|&upper| min(0.5 * upper, floor)).collect();
    let mut sides = vec![[0.0; 2]; model.n + 1];
    let side = |k: usize| usize::from(model.sign[k] > 0.0);
    for (k, t) in t.iter().enumerate() {
        sides[model.asset[k]][side(k)] += t;
    }
    for (k, t) in t.iter_mut().enumerate() {
        let own = sides[model.asset[k]][side(k)];
        let other = sides[model.asset[k]][1 - side(k)];
        if model.asset[k] < model.n && 0.0 < other && other < own {
            *t *= max(other / own, START);
        }
    }
    t
}

/// `y + a x`, rounded twice.
pub(super) fn add_scaled(y: &mut [f64], a: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}
