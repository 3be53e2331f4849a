//! From the iterate back to the problem: all trades, weights recomputed from them, multipliers of all limits.

use super::iterate::Outcome;
use super::model::{Model, Pin};
use super::point::{Point, Residuals};
use super::risk::Covariance;
use samebits_canon::{max, min};
use samebits_qp::{Multipliers, Path, Problem, Settings, Solution, Status, certify};

/// The best point as a solution; `Optimal` when the certificate accepts it.
pub(super) fn solution(model: &Model<'_>, outcome: &Outcome, settings: &Settings) -> Solution {
    let problem = model.problem;
    let trades = trades(model, &outcome.best);
    let weights = problem.weights(&trades);
    let multipliers = multipliers(model, &outcome.best, &weights);
    let certificate = certify(problem, &weights, &trades, &multipliers);
    let status = if certificate.within(super::ACCEPT * settings.tolerance, model.size, model.slope) {
        Status::Optimal
    } else if outcome.limited {
        Status::IterationLimit
    } else {
        Status::Failed
    };
    let objective = problem.objective(&weights, &trades);
    Solution {
        status,
        trades,
        weights,
        multipliers,
        iterations: outcome.iterations,
        objective,
        certificate,
        path: Path::Raw,
        finish: None,
    }
}

/// All trades, inside their limits.
fn trades(model: &Model<'_>, point: &Point) -> Vec<f64> {
    let mut trades = model.held.clone();
    for ((&t, value), upper) in model.free.iter().zip(&point.t).zip(&model.upper) {
        trades[t] = min(max(*value, 0.0), *upper);
    }
    trades
}

/// Trades, and the multipliers of rows and cap, of an iterate.
pub(super) fn combination(model: &Model<'_>, point: &Point, found: &Residuals) -> (Vec<f64>, Vec<f64>, f64) {
    let mut rows = vec![0.0; model.problem.rows.len()];
    for (row, l) in model.rows.iter().zip(&found.l) {
        rows[row.source] = l / row.scale;
    }
    let price = if model.cap.is_some() { found.prices[model.places()[2]] } else { 0.0 };
    let trades = trades(model, point);
    let problem = model.problem;
    let variance = problem.variance(&problem.active(&problem.weights(&trades)));
    (trades, rows, price * max(variance, 0.0).sqrt())
}

/// [`combination`] of a point whose residuals are not at hand.
pub(super) fn trades_and_rows(model: &Model<'_>, point: &Point) -> (Vec<f64>, Vec<f64>) {
    let mut found = Residuals::new(model);
    found.evaluate(model, point, &mut Covariance::new(model.problem));
    let (trades, rows, _) = combination(model, point, &found);
    (trades, rows)
}

/// Multipliers of rows, bounds and cap from the prices; those of the trades make the Lagrangian stationary.
fn multipliers(model: &Model<'_>, point: &Point, weights: &[f64]) -> Multipliers {
    let problem = model.problem;
    let [places, _, cap] = model.places();
    let mut found = Residuals::new(model);
    found.evaluate(model, point, &mut Covariance::new(problem));
    let mut out = Multipliers {
        rows: vec![0.0; problem.rows.len()],
        bounds: vec![0.0; problem.n()],
        trades: vec![0.0; problem.trades.len()],
        cap: 0.0,
    };
    for (r, row) in model.rows.iter().enumerate() {
        out.rows[row.source] = found.l[r] / row.scale;
    }
    let gradient = problem.risk_gradient(&problem.active(weights));
    if model.cap.is_some() {
        let variance = samebits_canon::dot(&problem.active(weights), &gradient);
        out.cap = found.prices[cap] * max(variance, 0.0).sqrt();
    }
    let theta = found.theta(model);
    let mut on_weights: Vec<f64> = (0..model.n).map(|i| theta * gradient[i] - problem.alpha[i]).collect();
    for (row, multiplier) in problem.rows.iter().zip(&out.rows) {
        for (sum, a) in on_weights.iter_mut().zip(&row.on_weights) {
            *sum += multiplier * a;
        }
    }
    for i in 0..model.n {
        if !model.frozen[i] {
            out.bounds[i] = found.prices[places + i];
        } else if problem.lower[i] == problem.upper[i] && model.pins[i] == Pin::None {
            // The weight has one value: its price is what the trades ask for.
            out.bounds[i] = -(on_weights[i] + point.y[i]);
        }
    }
    let mut slopes = trade_slopes(problem, &out.rows);
    pinned(model, &mut out.bounds, &on_weights, &slopes);
    for (t, variable) in problem.trades.iter().enumerate() {
        if let Some(asset) = variable.asset {
            slopes[t] += variable.sign * (on_weights[asset] + out.bounds[asset]);
        }
        out.trades[t] = if variable.upper.is_finite() { -slopes[t] } else { min(-slopes[t], 0.0) };
    }
    out
}

/// `cost_t + sum_r rows_r At_rt`.
fn trade_slopes(problem: &Problem, rows: &[f64]) -> Vec<f64> {
    let mut slopes: Vec<f64> = problem.trades.iter().map(|variable| variable.cost).collect();
    for (row, multiplier) in problem.rows.iter().zip(rows) {
        for (sum, a) in slopes.iter_mut().zip(&row.on_trades) {
            *sum += multiplier * a;
        }
    }
    slopes
}

/// Prices of the bounds that hold a pinned asset: as large as its held trades ask for.
fn pinned(model: &Model<'_>, bounds: &mut [f64], on_weights: &[f64], slopes: &[f64]) {
    for (t, variable) in model.problem.trades.iter().enumerate() {
        let Some(asset) = variable.asset else { continue };
        // Without a bound the trade would move the weight off its value when the slope is negative.
        let slope = on_weights[asset] + variable.sign * slopes[t];
        match model.pins[asset] {
            Pin::Least if variable.upper > 0.0 => bounds[asset] = max(bounds[asset], -slope),
            Pin::Greatest if variable.upper > 0.0 => bounds[asset] = min(bounds[asset], -slope),
            Pin::None | Pin::Least | Pin::Greatest => {}
        }
    }
}
