//! The certificate: how far an answer is from the optimality conditions, from the problem's own data.
//!
//! With multipliers of the sign convention in [`Multipliers`], the Lagrangian of the problem is stationary in every trade
//! variable `t` on asset `i`:
//!
//! ```text
//! cost_t + sign_t ( (gamma + cap / TE) (Sigma d)_i - alpha_i + bounds_i + sum_r rows_r Aw_ri ) + sum_r rows_r At_rt + trades_t = 0
//! ```
//!
//! (`TE = sqrt(d' Sigma d)`; a variable without an asset has only its own terms.) Every multiplier is zero on the side
//! where its limit is infinite, and multiplier times slack is zero. The Lagrangian is convex, so where it is stationary it
//! bounds the optimum from below, and the primal objective exceeds that bound by exactly the sum of the products; a
//! stationarity residual `r` adds at most `|r|' |t|` for points as large as the answer. Their sum is the gap.

use crate::{Certificate, Multipliers, Problem};
use samebits_canon::{Isa, abs, max};

/// [`judge`] with the portable kernels; the certificate alone.
pub fn certify(problem: &Problem, weights: &[f64], trades: &[f64], multipliers: &Multipliers) -> Certificate {
    judge(Isa::Portable, problem, weights, trades, multipliers).0
}

/// Judges an answer: its certificate, and the objective. Shapes are those of a [validated](Problem::validate) problem;
/// `isa` moves no bit.
pub fn judge(
    isa: Isa,
    problem: &Problem,
    weights: &[f64],
    trades: &[f64],
    multipliers: &Multipliers,
) -> (Certificate, f64) {
    let mut judge = Judge::default();
    for (w, from_trades) in weights.iter().zip(problem.weights(trades)) {
        judge.primal(abs(w - from_trades));
    }
    for i in 0..problem.n() {
        judge.limit(problem.lower[i], weights[i], problem.upper[i], multipliers.bounds[i]);
    }
    for (t, variable) in problem.trades.iter().enumerate() {
        judge.limit(0.0, trades[t], variable.upper, multipliers.trades[t]);
    }
    for (r, row) in problem.rows.iter().enumerate() {
        judge.limit(row.lower, problem.row_value_on(isa, r, weights, trades), row.upper, multipliers.rows[r]);
    }
    let d = problem.active(weights);
    let gradient = problem.risk_gradient_on(isa, &d);
    let error = max(samebits_canon::dot_on(isa, &d, &gradient), 0.0).sqrt();
    // Without a cap its price must be 0: a positive one would pass for risk aversion.
    judge.limit(f64::NEG_INFINITY, error, problem.risk_cap.unwrap_or(f64::INFINITY), multipliers.cap);
    let curvature = problem.gamma + if error > 0.0 { multipliers.cap / error } else { 0.0 };
    for residual in stationarity(problem, multipliers, &gradient, curvature).iter().zip(trades) {
        judge.stationarity(*residual.0, *residual.1);
    }
    let objective = problem.parts_at(isa, weights, trades, &d, &gradient).total();
    let scale = max(1.0, abs(objective));
    (Certificate { gap: judge.gap / scale, ..judge.found }, objective)
}

fn stationarity(problem: &Problem, multipliers: &Multipliers, gradient: &[f64], curvature: f64) -> Vec<f64> {
    let mut on_weights: Vec<f64> = (0..problem.n())
        .map(|i| curvature * gradient[i] - problem.alpha[i] + multipliers.bounds[i])
        .collect();
    let mut residual: Vec<f64> =
        problem.trades.iter().zip(&multipliers.trades).map(|(variable, own)| variable.cost + own).collect();
    for (row, multiplier) in problem.rows.iter().zip(&multipliers.rows) {
        for (sum, a) in on_weights.iter_mut().zip(&row.on_weights) {
            *sum += multiplier * a;
        }
        for (sum, a) in residual.iter_mut().zip(&row.on_trades) {
            *sum += multiplier * a;
        }
    }
    for (sum, variable) in residual.iter_mut().zip(&problem.trades) {
        if let Some(asset) = variable.asset {
            *sum += variable.sign * on_weights[asset];
        }
    }
    residual
}

#[derive(Default)]
struct Judge {
    found: Certificate,
    gap: f64,
}

impl Judge {
    fn primal(&mut self, violation: f64) {
        self.found.primal = worst(self.found.primal, violation);
    }

    fn stationarity(&mut self, residual: f64, at: f64) {
        self.found.dual = worst(self.found.dual, abs(residual));
        self.gap += abs(residual) * abs(at);
    }

    /// `lower <= value <= upper` with a multiplier: positive prices the upper limit, negative the lower one.
    fn limit(&mut self, lower: f64, value: f64, upper: f64, multiplier: f64) {
        self.primal(max(max(lower - value, value - upper), 0.0));
        let slack = if multiplier > 0.0 { upper - value } else { value - lower };
        if slack.is_finite() {
            let product = abs(slack) * abs(multiplier);
            self.found.complementarity = worst(self.found.complementarity, product);
            self.gap += product;
        } else if multiplier != 0.0 {
            // A price on a limit that is not there.
            self.found.dual = worst(self.found.dual, abs(multiplier));
        }
        if multiplier.is_nan() || value.is_nan() {
            self.found.primal = f64::NAN;
        }
    }
}

/// The larger one; NaN once it has been seen.
fn worst(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { max(a, b) }
}
