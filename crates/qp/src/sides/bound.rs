//! A lower bound over all choices of sides, from the multipliers of one of them.
//!
//! With `Delta = diag(delta)` such that `Sigma - Delta` is positive semidefinite, for any reference `e` and any row prices
//! `y` of the right signs,
//!
//! ```text
//! g/2 d' Sigma d  >=  g e' (Sigma - Delta) d  -  g/2 e' (Sigma - Delta) e  +  g/2 sum_i delta_i d_i^2
//! ```
//!
//! (`g = gamma + z`, `z >= 0` the price of the cap), so the Lagrangian falls apart into one function of one variable for
//! each asset: a quadratic plus its piecewise-linear trading cost, on one side or the other. The sum of their minima is a
//! lower bound for every choice of sides. The curvature that `Delta` borrows from `Sigma` is what makes it tight: where the
//! reference is the optimum of a choice and no asset would rather be on its other side, the bound is that optimum.
//! Computed in binary64: rounding moves it by the order of 1e-16 of the terms.

use super::{Conflict, Side};
use crate::{Beside, Problem, Risk, Solution};
use ndarray::Array2;
use samebits_canon::{Cholesky, Isa, System, dot_on, max, min};
use std::sync::Arc;

/// A lower bound and who would rather be elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// No choice of the open sides has a lower objective.
    pub objective: f64,
    /// For each conflict the share of its assets in the bound: on the sell side, and on the buy side.
    pub shares: Vec<[f64; 2]>,
}

impl Bound {
    /// The side of conflict `k` with the lower share, and by how much it is lower than the other one.
    pub fn preferred(&self, k: usize) -> (Side, f64) {
        let [sell, buy] = self.shares[k];
        if buy < sell { (Side::Buy, sell - buy) } else { (Side::Sell, buy - sell) }
    }

    /// Where `side` is the side of conflict `k` in the solution that the bound was made from: the objective rises by no less
    /// than this when the conflict alone takes its other side.
    pub fn rise(&self, k: usize, side: Side) -> f64 {
        let [sell, buy] = self.shares[k];
        if side == Side::Sell { buy - sell } else { sell - buy }
    }
}

/// `delta` of the bound: for a factor form the specific variances; for a dense `Sigma` one number that the ordered
/// Cholesky factorisation of `Sigma - delta I` shows to be admissible, found by six halvings of the smallest variance
/// and six bisections.
///
/// It depends on the covariance alone: problems that share one share its factorisations.
pub fn curvature(isa: Isa, problem: &Problem) -> Vec<f64> {
    match &*problem.risk {
        Risk::Factor { specific, .. } => specific.to_vec(),
        Risk::Dense(sigma) => vec![LEAST.get(&problem.risk, || least_variance(isa, sigma)); problem.n()],
    }
}

static LEAST: Beside<Risk, f64> = Beside::new();

fn least_variance(isa: Isa, sigma: &Array2<f64>) -> f64 {
    let n = sigma.nrows();
    let mut matrix: Vec<f64> = sigma.iter().copied().collect();
    let smallest = sigma.diag().iter().fold(f64::INFINITY, |least, v| min(least, *v));
    let mut system = System::new(isa, 1);
    let mut admissible = |delta: f64| {
        for i in 0..n {
            matrix[i * n + i] = sigma[[i, i]] - delta;
        }
        Cholesky::check_in(&matrix, n, &mut system).is_ok()
    };
    let (mut low, mut high) = (0.0, smallest);
    for k in 1..=12 {
        let middle = if low > 0.0 { 0.5 * (low + high) } else { 0.5 * high };
        if admissible(middle) {
            low = middle;
        } else {
            high = middle;
        }
        if k == 6 && low == 0.0 {
            break;
        }
    }
    low
}

/// Whether the ordered Cholesky factorisation of `Sigma - delta I` shows `delta` to be admissible in a bound; for a factor
/// form whether it is, by the specific variances. Problems that share a covariance share the factorisation.
pub fn is_curvature(isa: Isa, risk: &Arc<Risk>, delta: f64) -> bool {
    let sigma = match &**risk {
        Risk::Factor { specific, .. } => return specific.iter().all(|own| delta >= 0.0 && delta <= *own),
        Risk::Dense(sigma) => sigma,
    };
    let admissible = || (delta.to_bits(), factors(isa, sigma, delta));
    match ADMISSIBLE.get(risk, admissible) {
        (known, found) if known == delta.to_bits() => found,
        _ => factors(isa, sigma, delta),
    }
}

/// The first `delta` asked for, as its bits, and whether it is admissible.
static ADMISSIBLE: Beside<Risk, (u64, bool)> = Beside::new();

fn factors(isa: Isa, sigma: &Array2<f64>, delta: f64) -> bool {
    let n = sigma.nrows();
    let mut matrix: Vec<f64> = sigma.iter().copied().collect();
    for i in 0..n {
        matrix[i * n + i] -= delta;
    }
    delta >= 0.0 && Cholesky::check_in(&matrix, n, &mut System::new(isa, 1)).is_ok()
}

/// The bound from `solution`, an optimum for some sides. `open[k]` is `None` where conflict `k` may take either side. `isa`
/// moves no bit.
///
/// # Panics
/// When the lengths do not fit the problem.
pub fn lower_bound(
    isa: Isa,
    problem: &Problem,
    conflicts: &[Conflict],
    open: &[Option<Side>],
    solution: &Solution,
    delta: &[f64],
) -> Bound {
    let d = problem.active(&solution.weights);
    let gradient = problem.risk_gradient_on(isa, &d);
    let error = max(dot_on(isa, &d, &gradient), 0.0).sqrt();
    let z = if error > 0.0 { max(solution.multipliers.cap, 0.0) / error } else { 0.0 };
    let g = problem.gamma + z;
    let rest: Vec<f64> = (0..problem.n()).map(|i| gradient[i] - delta[i] * d[i]).collect();
    let y = signed_prices(problem, &solution.multipliers.rows);
    let (prices, slopes) = linear_parts(problem, &y, g, &rest);
    let mut barred_by: Vec<Option<usize>> = vec![None; problem.n()];
    for (k, conflict) in conflicts.iter().enumerate() {
        for &t in conflict.buys.iter().chain(&conflict.sells) {
            if let Some(asset) = problem.trades[t].asset {
                barred_by[asset] = Some(k);
            }
        }
    }
    let mut trades: Vec<Vec<usize>> = vec![Vec::new(); problem.n()];
    let mut total = 0.0;
    for (t, trade) in problem.trades.iter().enumerate() {
        match trade.asset {
            Some(asset) => trades[asset].push(t),
            None => total += min(prices[t] * trade.upper, 0.0),
        }
    }
    let mut shares = vec![[0.0; 2]; conflicts.len()];
    for i in 0..problem.n() {
        let curve = Curve { problem, asset: i, linear: slopes[i], curvature: g * delta[i] };
        let least = |barred: &[usize]| {
            let own = trades[i].iter().filter(|t| !barred.contains(t));
            curve.least(own.map(|&t| (prices[t], t)).collect())
        };
        match barred_by[i] {
            None => total += least(&[]),
            Some(k) => {
                for (share, side) in shares[k].iter_mut().zip([Side::Sell, Side::Buy]) {
                    *share += least(conflicts[k].barred(side).0);
                }
            }
        }
    }
    for ([sell, buy], open) in shares.iter().zip(open) {
        total += match open {
            Some(Side::Sell) => *sell,
            Some(Side::Buy) => *buy,
            None => min(*sell, *buy),
        };
    }
    total -= 0.5 * g * dot_on(isa, &d, &rest) + g * dot_on(isa, &rest, &problem.benchmark);
    if let Some(cap) = problem.risk_cap {
        total -= 0.5 * z * (cap * cap);
    }
    for (row, y) in problem.rows.iter().zip(&y) {
        if *y != 0.0 {
            total -= y * if *y > 0.0 { row.upper } else { row.lower };
        }
    }
    Bound { objective: total, shares }
}

/// What a unit of each trade costs and of each weight adds, rows included; each sum takes the rows in their order.
fn linear_parts(problem: &Problem, y: &[f64], g: f64, rest: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut prices: Vec<f64> = problem.trades.iter().map(|trade| trade.cost).collect();
    let mut slopes: Vec<f64> =
        rest.iter().zip(&problem.alpha).map(|(rest, alpha)| g * rest - alpha).collect();
    for (row, y) in problem.rows.iter().zip(y) {
        for (price, a) in prices.iter_mut().zip(&row.on_trades) {
            *price += y * a;
        }
        for (slope, a) in slopes.iter_mut().zip(&row.on_weights) {
            *slope += y * a;
        }
    }
    (prices, slopes)
}

/// Prices on limits that exist; others are 0.
fn signed_prices(problem: &Problem, y: &[f64]) -> Vec<f64> {
    let kept = |(row, &y): (&crate::RowLimit, &f64)| {
        let limit = if y > 0.0 { row.upper } else { row.lower };
        if limit.is_finite() { y } else { 0.0 }
    };
    problem.rows.iter().zip(y).map(kept).collect()
}

/// `linear w + curvature/2 (w - benchmark)^2 +` trading cost, as a function of one weight.
struct Curve<'a> {
    problem: &'a Problem,
    asset: usize,
    linear: f64,
    curvature: f64,
}

impl Curve<'_> {
    /// The minimum over the weight, moved by `trades` (effective cost, index).
    fn least(&self, trades: Vec<(f64, usize)>) -> f64 {
        let problem = self.problem;
        let sign = |t: usize| problem.trades[t].sign;
        let upper = |t: usize| problem.trades[t].upper;
        let mut segments: Vec<(f64, usize)> = trades
            .into_iter()
            .filter(|&(_, t)| upper(t) > 0.0)
            .map(|(cost, t)| (sign(t) * cost, t))
            .collect();
        segments
            .sort_by(|a, b| a.0.total_cmp(&b.0).then(sign(a.1).total_cmp(&sign(b.1))).then(a.1.cmp(&b.1)));
        let (mut w, mut cost) = (problem.start[self.asset], 0.0);
        for &(slope, t) in segments.iter().filter(|(_, t)| sign(*t) < 0.0) {
            if upper(t) == f64::INFINITY {
                return f64::NEG_INFINITY;
            }
            w -= upper(t);
            cost -= slope * upper(t);
        }
        let mut least = self.at(w, cost, 0.0, 0.0);
        for (slope, t) in segments {
            least = min(least, self.at(w, cost, slope, upper(t)));
            w += upper(t);
            cost += slope * upper(t);
        }
        least
    }

    /// The minimum within a segment that starts at `from` with `cost`; infinity where the bounds exclude it.
    fn at(&self, from: f64, cost: f64, slope: f64, length: f64) -> f64 {
        let (problem, i) = (self.problem, self.asset);
        let room = 1e-12;
        let low = max(from, problem.lower[i] - room);
        let high = min(from + length, problem.upper[i] + room);
        if low > high {
            return f64::INFINITY;
        }
        let tilt = self.linear + slope;
        let best = if self.curvature > 0.0 {
            problem.benchmark[i] - tilt / self.curvature
        } else if tilt > 0.0 {
            low
        } else {
            high
        };
        let w = max(low, min(best, high));
        if !w.is_finite() {
            return if tilt == 0.0 { cost } else { f64::NEG_INFINITY };
        }
        let d = w - problem.benchmark[i];
        self.linear * w + 0.5 * self.curvature * (d * d) + (cost + slope * (w - from))
    }
}
