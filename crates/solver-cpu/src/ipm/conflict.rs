//! Proofs that no feasible point exists.
//!
//! A proof is a combination of rows and of the cap; the best multipliers of the weight bounds follow from it, one asset at
//! a time, because `t` in its box and `w` in its bounds separate by assets. Candidates come from three places: the prices
//! of the iteration when they run away, the multipliers of the least total violation of the rows (`least_violation`), and
//! the multipliers of the least risk (`least_risk`). None is believed: `samebits_qp::refutes` judges each.

use super::model::Model;
use samebits_canon::{abs, dot, max};
use samebits_qp::{Multipliers, Problem, Refutation, RowLimit, TradeVariable, refutes};

/// Multipliers below these shares of the largest are left out; the first proof that holds names the fewest rows.
const SHARES: [f64; 4] = [1e-3, 1e-6, 1e-9, 0.0];
/// A proof over trades without any upper limit must reach this many times the size of the weights.
const RADIUS: f64 = 1e6;

/// A proof from multipliers of `rows` and `cap` at `weights`; at least `distance` away from feasibility.
pub(super) fn proof(
    problem: &Problem,
    size: f64,
    weights: &[f64],
    (rows, cap): (&[f64], f64),
    distance: f64,
) -> Option<(Multipliers, Refutation)> {
    let largest = rows.iter().fold(abs(cap), |best, l| max(best, abs(*l)));
    if !(largest > 0.0 && largest.is_finite()) {
        return None;
    }
    let risk = if cap > 0.0 { normal(problem, weights) } else { None };
    let judge = |candidate: &mut Multipliers| {
        best_bounds(problem, risk.as_deref(), candidate);
        let found = refutes(problem, weights, candidate)?;
        (found.distance > distance && found.radius > RADIUS * size).then_some(found)
    };
    let (mut proof, mut found) = SHARES.iter().find_map(|share| {
        let keep = |l: f64| if abs(l) > share * largest { l / largest } else { 0.0 };
        let mut candidate = Multipliers {
            rows: rows.iter().zip(&problem.rows).map(|(l, row)| priced(row, keep(*l))).collect(),
            bounds: vec![0.0; problem.n()],
            trades: vec![0.0; problem.trades.len()],
            cap: if risk.is_some() { max(cap / largest, 0.0) } else { 0.0 },
        };
        judge(&mut candidate).map(|found| (candidate, found))
    })?;
    // The smallest multipliers first: without which of the rows does it still hold?
    let mut order = found.rows.clone();
    order.sort_by(|&a, &b| abs(proof.rows[a]).total_cmp(&abs(proof.rows[b])).then(a.cmp(&b)));
    for r in order {
        let mut fewer = proof.clone();
        fewer.rows[r] = 0.0;
        if let Some(still) = judge(&mut fewer) {
            (proof, found) = (fewer, still);
        }
    }
    Some((proof, found))
}

/// A price on a limit that is not there is none.
fn priced(row: &RowLimit, l: f64) -> f64 {
    let limit = if l > 0.0 { row.upper } else { row.lower };
    if limit.is_finite() { l } else { 0.0 }
}

/// `Sigma d / sqrt(d' Sigma d)`.
fn normal(problem: &Problem, weights: &[f64]) -> Option<Vec<f64>> {
    let d = problem.active(weights);
    let mut gradient = problem.risk_gradient(&d);
    let error = dot(&d, &gradient).sqrt();
    for g in &mut gradient {
        *g /= error;
    }
    (error > 0.0 && error.is_finite()).then_some(gradient)
}

/// Sets the multipliers of bounds and trades to the best ones for those of the rows and the cap.
fn best_bounds(problem: &Problem, risk: Option<&[f64]>, found: &mut Multipliers) {
    let mut on_weights = vec![0.0; problem.n()];
    for (sum, g) in on_weights.iter_mut().zip(risk.unwrap_or_default()) {
        *sum = found.cap * g;
    }
    let mut slopes = vec![0.0; problem.trades.len()];
    for (row, l) in problem.rows.iter().zip(&found.rows) {
        for (sum, a) in on_weights.iter_mut().zip(&row.on_weights) {
            *sum += l * a;
        }
        for (sum, a) in slopes.iter_mut().zip(&row.on_trades) {
            *sum += l * a;
        }
    }
    let mut own: Vec<Vec<usize>> = vec![Vec::new(); problem.n()];
    for (t, variable) in problem.trades.iter().enumerate() {
        if let Some(asset) = variable.asset {
            own[asset].push(t);
        }
    }
    for (i, trades) in own.iter().enumerate() {
        let at_kinks = trades.iter().map(|&t| -on_weights[i] - problem.trades[t].sign * slopes[t]);
        let value = |price: f64| asset_value(problem, i, trades, &slopes, on_weights[i], price);
        let (mut best, mut best_value) = (0.0, value(0.0));
        for price in at_kinks {
            // Not for rounding: a bound that helps takes part, one that does not stays out.
            let found = value(price);
            if found > best_value + 1e-12 * (1.0 + abs(best_value)) {
                (best, best_value) = (price, found);
            }
        }
        found.bounds[i] = best;
    }
    for (t, variable) in problem.trades.iter().enumerate() {
        let weight = variable.asset.map_or(0.0, |i| variable.sign * (on_weights[i] + found.bounds[i]));
        found.trades[t] = -(slopes[t] + weight);
    }
}

/// What asset `i` adds to the margin of a proof at this price of its bounds.
fn asset_value(
    problem: &Problem,
    i: usize,
    trades: &[usize],
    slopes: &[f64],
    on_weight: f64,
    price: f64,
) -> f64 {
    let limit = if price > 0.0 { problem.upper[i] } else { problem.lower[i] };
    let mut value = if price == 0.0 { 0.0 } else { price * (problem.start[i] - limit) };
    for &t in trades {
        let TradeVariable { sign, upper, .. } = problem.trades[t];
        let slope = slopes[t] + sign * (on_weight + price);
        if slope < -1e-15 * (abs(slopes[t]) + abs(on_weight) + abs(price)) {
            value += slope * upper;
        }
    }
    value
}

/// A proof that needs no iteration: an asset whose trades cannot reach its bounds, or a row that nothing moves.
pub(super) fn at_once(model: &Model<'_>, accuracy: f64) -> Option<(Multipliers, Refutation)> {
    let problem = model.problem;
    let none = Multipliers {
        rows: vec![0.0; problem.rows.len()],
        bounds: vec![0.0; problem.n()],
        trades: vec![0.0; problem.trades.len()],
        cap: 0.0,
    };
    for (i, &[least, greatest]) in super::model::reach(problem).iter().enumerate() {
        let price = if least > problem.upper[i] + accuracy {
            1.0
        } else if greatest < problem.lower[i] - accuracy {
            -1.0
        } else {
            continue;
        };
        let mut candidate = none.clone();
        candidate.bounds[i] = price;
        for (out, variable) in candidate.trades.iter_mut().zip(&problem.trades) {
            *out = if variable.asset == Some(i) { -(variable.sign * price) } else { 0.0 };
        }
        if let Some(found) = refutes(problem, &problem.start, &candidate) {
            return Some((candidate, found));
        }
    }
    let kept: Vec<usize> = model.rows.iter().map(|row| row.source).collect();
    (0..problem.rows.len()).filter(|r| kept.binary_search(r).is_err()).find_map(|r| {
        [1.0, -1.0].into_iter().find_map(|l| {
            let mut rows = none.rows.clone();
            rows[r] = l;
            proof(problem, model.size, &problem.start, (&rows, 0.0), accuracy)
        })
    })
}

/// Minimise the total violation of the rows, without objective and cap: its multipliers are a proof when it is positive.
pub(super) fn least_violation(problem: &Problem) -> Problem {
    let mut elastic = without_objective(problem);
    let (first, rows) = (elastic.trades.len(), elastic.rows.len());
    for row in &mut elastic.rows {
        let largest = row.on_weights.iter().chain(&row.on_trades).fold(0.0, |best, a| max(best, abs(*a)));
        let cost = if largest > 0.0 { 1.0 / super::model::power_of_two(largest) } else { 1.0 };
        let slack = TradeVariable { asset: None, sign: 1.0, cost, upper: f64::INFINITY };
        elastic.trades.extend([slack.clone(), slack]);
    }
    for (r, row) in elastic.rows.iter_mut().enumerate() {
        row.on_trades.resize(first + 2 * rows, 0.0);
        row.on_trades[first + 2 * r] = 1.0;
        row.on_trades[first + 2 * r + 1] = -1.0;
    }
    elastic
}

/// Minimise the risk under everything but the cap: its multipliers are a proof when the least risk is above the cap.
pub(super) fn least_risk(problem: &Problem) -> Problem {
    Problem { gamma: 1.0, ..without_objective(problem) }
}

fn without_objective(problem: &Problem) -> Problem {
    let mut plain = Problem { gamma: 0.0, risk_cap: None, ..problem.clone() };
    plain.alpha.fill(0.0);
    for variable in &mut plain.trades {
        variable.cost = 0.0;
    }
    plain
}
