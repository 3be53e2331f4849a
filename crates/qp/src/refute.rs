//! Proof that the constraints of a problem contradict each other, from the problem's own data.
//!
//! Multipliers `rows`, `bounds` and `cap >= 0` and any weights with active part `d0` combine the constraints into one
//! number. With `g = Sigma d0 / sqrt(d0' Sigma d0)`, every `d` within the cap has `g' d <= cap` (Cauchy-Schwarz), so every
//! feasible point satisfies
//!
//! ```text
//! sum_r rows_r (Aw w + At t)_r + bounds' w + cap g' d  <=  sum of multiplier times the limit that it prices
//! ```
//!
//! With `w = start + sum of sign_t t` the left side is a constant plus `sum of c_t t`, whose smallest value over
//! `0 <= t <= upper_t` is `constant + sum over c_t < 0 of c_t upper_t`. Where that exceeds the right side no feasible point
//! exists (Farkas). A trade without an upper limit on an asset with finite bounds gets the limit that these imply.

use crate::Problem;
use samebits_canon::{abs, dot, max};

/// Rounding of the two sides, relative to the sum of the magnitudes of their terms.
const ROUNDING: f64 = 1.0 / (1_u64 << 42) as f64;

/// A contradiction of the constraints.
#[derive(Debug, Clone, PartialEq)]
pub struct Refutation {
    /// Smallest left side minus right side, in units of multiplier times limit.
    pub margin: f64,
    /// `margin` over the sum of the multipliers' magnitudes: at least one limit would have to give by so much.
    pub distance: f64,
    /// In a feasible point the trades without any upper limit would sum to at least this; infinite when the proof does not
    /// depend on them.
    pub radius: f64,
    /// Rows that take part.
    pub rows: Vec<usize>,
    /// Assets whose weight bounds take part with a multiplier of their own.
    pub bounds: Vec<usize>,
    /// The risk cap takes part.
    pub cap: bool,
}

/// The contradiction that `multipliers` prove, if they prove one; `multipliers.trades` is not read.
///
/// Shape:  as for [`certify`](crate::certify); `weights` only choose the supporting hyperplane of the cap.
/// Bits:   sums in the shapes of `docs/arithmetic.md` A3; the margin exceeds a bound of their rounding.
pub fn refutes(problem: &Problem, weights: &[f64], multipliers: &crate::Multipliers) -> Option<Refutation> {
    let mut sides = Sides::default();
    let (on_weights, sizes) = combine(problem, weights, multipliers, &mut sides)?;
    sides.left(dot(&on_weights, &problem.start), &sizes, &problem.start);
    let uppers = implied_uppers(problem);
    let mut steepest = 0.0;
    for (t, variable) in problem.trades.iter().enumerate() {
        let (mut c, mut size) = (0.0, 0.0);
        for (row, multiplier) in problem.rows.iter().zip(&multipliers.rows) {
            if !row.on_trades.is_empty() {
                c += multiplier * row.on_trades[t];
                size += abs(multiplier * row.on_trades[t]);
            }
        }
        if let Some(asset) = variable.asset {
            c += variable.sign * on_weights[asset];
            size += sizes[asset];
        }
        if uppers[t].is_finite() {
            sides.left += if c < 0.0 { c * uppers[t] } else { 0.0 };
            sides.magnitude += size * uppers[t];
        } else if c < ROUNDING * size {
            // Its true slope may be negative by as much.
            steepest = max(steepest, ROUNDING * size - c);
        }
    }
    let margin = sides.left - sides.right;
    let total = sides.multipliers;
    if !(margin > ROUNDING * sides.magnitude && total > 0.0 && margin.is_finite()) {
        return None;
    }
    let taking_part = |values: &[f64]| (0..values.len()).filter(|&i| values[i] != 0.0).collect();
    Some(Refutation {
        margin,
        distance: margin / total,
        radius: if steepest > 0.0 { margin / steepest } else { f64::INFINITY },
        rows: taking_part(&multipliers.rows),
        bounds: taking_part(&multipliers.bounds),
        cap: multipliers.cap != 0.0,
    })
}

#[derive(Default)]
struct Sides {
    left: f64,
    right: f64,
    /// Sum of the magnitudes of all terms.
    magnitude: f64,
    multipliers: f64,
}

impl Sides {
    fn left(&mut self, value: f64, a: &[f64], b: &[f64]) {
        self.left += value;
        self.magnitude += a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + abs(x * y));
    }

    /// Multiplier times the limit that it prices; `None` when that limit is infinite or the multiplier is not a number.
    fn limit(&mut self, lower: f64, upper: f64, multiplier: f64) -> Option<()> {
        if multiplier == 0.0 {
            return Some(());
        }
        let value = multiplier * if multiplier > 0.0 { upper } else { lower };
        self.right += value;
        self.magnitude += abs(value);
        self.multipliers += abs(multiplier);
        value.is_finite().then_some(())
    }
}

/// The coefficients of the combination on the weights and the magnitudes of their terms; adds the limits and the constant
/// of the cap to the sides.
fn combine(
    problem: &Problem,
    weights: &[f64],
    multipliers: &crate::Multipliers,
    sides: &mut Sides,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let mut on_weights = multipliers.bounds.clone();
    let mut sizes: Vec<f64> = on_weights.iter().map(|l| abs(*l)).collect();
    for (i, multiplier) in multipliers.bounds.iter().enumerate() {
        sides.limit(problem.lower[i], problem.upper[i], *multiplier)?;
    }
    for (row, multiplier) in problem.rows.iter().zip(&multipliers.rows) {
        sides.limit(row.lower, row.upper, *multiplier)?;
        for ((sum, size), a) in on_weights.iter_mut().zip(&mut sizes).zip(&row.on_weights) {
            *sum += multiplier * a;
            *size += abs(multiplier * a);
        }
    }
    if multipliers.cap != 0.0 {
        // A negative price would need a lower limit on the risk.
        sides.limit(f64::NEG_INFINITY, problem.risk_cap?, multipliers.cap)?;
        let gradient = problem.risk_gradient(&problem.active(weights));
        let error = dot(&problem.active(weights), &gradient).sqrt();
        // Without a direction, or with one that is not a number, the cap says nothing.
        if !(error > 0.0 && error.is_finite()) {
            return None;
        }
        let normal: Vec<f64> = gradient.iter().map(|g| multipliers.cap * (g / error)).collect();
        sides.left(-dot(&normal, &problem.benchmark), &normal, &problem.benchmark);
        for ((sum, size), g) in on_weights.iter_mut().zip(&mut sizes).zip(&normal) {
            *sum += g;
            *size += abs(*g);
        }
    }
    Some((on_weights, sizes))
}

/// The trades' upper limits; an infinite one on an asset becomes what the asset's bound and its other trades leave.
fn implied_uppers(problem: &Problem) -> Vec<f64> {
    // For each asset the most that purchases and sales can add to the other side.
    let mut opposite = vec![[0.0; 2]; problem.n()];
    for variable in &problem.trades {
        if let Some(asset) = variable.asset {
            opposite[asset][usize::from(variable.sign > 0.0)] += variable.upper;
        }
    }
    let room = |variable: &crate::TradeVariable| {
        let (Some(asset), false) = (variable.asset, variable.upper.is_finite()) else {
            return variable.upper;
        };
        let (start, [sales, purchases]) = (problem.start[asset], opposite[asset]);
        let free = if variable.sign > 0.0 {
            problem.upper[asset] - start + sales
        } else {
            start - problem.lower[asset] + purchases
        };
        max(free, 0.0)
    };
    problem.trades.iter().map(room).collect()
}
