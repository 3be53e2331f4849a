//! How an answer to a general quadratic program is judged.
//!
//! By convexity, for any `x` and row multipliers `y` with `r = P x + q + A' y`, every feasible point has an objective of at
//! least
//!
//! ```text
//! D = constant - 1/2 x' P x + sum over variables of (r_i lower_i if r_i > 0, r_i upper_i if r_i < 0)
//!              - sum over rows of (y_r row_upper_r if y_r > 0, y_r row_lower_r if y_r < 0)
//! ```
//!
//! A slope against a bound that is infinite would make `D` worthless; it is charged with a move of the variable by twice the
//! size of the answer instead, and reported as the dual residual. So `D` is a proven bound over all points within that
//! distance. The gap is what lies between the objective and `D`, plus what the violated limits would cost at their prices:
//! an answer that is slightly infeasible may be far too good.

use super::General;
use samebits_canon::{abs, fma, max};

/// Residuals of an answer, from the problem's own data.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GeneralCertificate {
    /// Largest violation of a row or bound, relative to `max(1, |limit|)`.
    pub primal: f64,
    /// Largest slope against a bound that is infinite, relative to the largest term of its stationarity condition and 1.
    pub dual: f64,
    /// Objective minus its lower bound, and the price of the violations, relative to `max(1, |objective|)`.
    pub gap: f64,
}

impl GeneralCertificate {
    /// Whether every residual is within `tolerance`.
    pub fn within(&self, tolerance: f64) -> bool {
        self.primal <= tolerance && self.dual <= tolerance && self.gap <= tolerance
    }
}

/// Judges `x` and the row multipliers `y`; a multiplier of a limit that is infinite counts as 0.
pub fn certify_general(problem: &General, x: &[f64], y: &[f64]) -> GeneralCertificate {
    let y = signed(problem, y);
    let (px, ax, aty) = (problem.p_times(x), problem.a.times(x), problem.a.transposed_times(&y));
    let objective = problem.objective(x);
    let reach = 2.0 * x.iter().fold(1.0, |most, x| max(most, abs(*x)));
    let (mut primal, mut dual, mut price) = (0.0, 0.0, 0.0);
    let mut bound = problem.constant - 0.5 * px.iter().zip(x).fold(0.0, |sum, (p, x)| fma(*p, *x, sum));
    for r in 0..ax.len() {
        let (lower, upper) = (problem.row_lower[r], problem.row_upper[r]);
        let (violation, limit) = beyond(ax[r], lower, upper);
        primal = worst(primal, violation / max(1.0, abs(limit)));
        price += abs(y[r]) * violation;
        if y[r] != 0.0 {
            bound -= y[r] * if y[r] > 0.0 { upper } else { lower };
        }
    }
    for i in 0..x.len() {
        let slope = px[i] + problem.q[i] + aty[i];
        let (violation, limit) = beyond(x[i], problem.lower[i], problem.upper[i]);
        primal = worst(primal, violation / max(1.0, abs(limit)));
        price += abs(slope) * violation;
        let against = if slope > 0.0 { problem.lower[i] } else { problem.upper[i] };
        if against.is_finite() {
            bound += slope * against;
        } else {
            let scale = [px[i], problem.q[i], aty[i]].into_iter().fold(1.0, |most, x| max(most, abs(x)));
            dual = worst(dual, abs(slope) / scale);
            bound += slope * x[i] - abs(slope) * reach;
        }
    }
    let gap = (abs(objective - bound) + price) / max(1.0, abs(objective));
    GeneralCertificate { primal, dual, gap }
}

/// Whether the row multipliers `y` prove that the limits contradict each other: for every `x` within the bounds
/// `y' A x` is larger than what the limits allow. Slopes against infinite bounds must be rounding.
pub fn refutes_general(problem: &General, y: &[f64]) -> bool {
    let y = signed(problem, y);
    let slopes = problem.a.transposed_times(&y);
    let (mut left, mut right, mut size) = (0.0, 0.0, 0.0);
    for (r, y) in y.iter().enumerate().filter(|(_, y)| **y != 0.0) {
        let term = y * if *y > 0.0 { problem.row_upper[r] } else { problem.row_lower[r] };
        right += term;
        size += abs(term);
    }
    let magnitude = y.iter().fold(0.0, |most, y| max(most, abs(*y)));
    let mut open: f64 = 0.0;
    for (i, slope) in slopes.iter().enumerate() {
        let bound = if *slope > 0.0 { problem.lower[i] } else { problem.upper[i] };
        if bound.is_finite() {
            left += slope * bound;
            size += abs(slope * bound);
        } else {
            open = max(open, abs(*slope));
        }
    }
    magnitude > 0.0 && open <= 1e-9 * magnitude && left - right > 1e-9 * max(size, magnitude)
}

/// Multipliers whose limit is infinite as 0, and those that are no numbers as they are.
fn signed(problem: &General, y: &[f64]) -> Vec<f64> {
    let limit = |r: usize| if y[r] > 0.0 { problem.row_upper[r] } else { problem.row_lower[r] };
    (0..y.len()).map(|r| if limit(r).is_finite() || y[r].is_nan() { y[r] } else { 0.0 }).collect()
}

/// By how much a value is beyond its limits, and the limit.
fn beyond(value: f64, lower: f64, upper: f64) -> (f64, f64) {
    if value > upper {
        (value - upper, upper)
    } else if value >= lower {
        (0.0, 0.0)
    } else {
        (lower - value, lower)
    }
}

/// The larger one; a NaN stays.
fn worst(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { max(a, b) }
}
