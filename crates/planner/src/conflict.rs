//! Which limits contradict each other.
//!
//! A ray of the interior point touches nearly every limit. So limits are left out one at a time, the last first; where
//! the rest is still refuted the limit was not needed, and the next ray's own limits are what is left to try.

use crate::Limit;
use crate::plan::SETTINGS;
use crate::program::{Layout, Program};
use samebits_canon::{abs, fma, max, min};
use samebits_qp::Error;
use samebits_qp::general::{General, refutes_general};
use samebits_solver_cpu::solve_general;

/// Most solves that a list of limits is shortened with.
const MOST_SOLVES: u32 = 100;

/// The limits that a proof needs, starting from the multipliers `y`, and the solves it took; `None` where `y` proves
/// nothing. Every list returned is that of a checked proof; within the allowance of solves no limit can be left out of it.
pub(crate) fn conflict(
    layout: &Layout<'_>,
    program: &Program,
    y: &[f64],
) -> Result<Option<(Vec<Limit>, u32)>, Error> {
    if !refutes_general(&bounded(layout, &program.general), y) {
        return Ok(None);
    }
    let mut limits = named(layout, program, y);
    let (mut at, mut solves) = (limits.len(), 0);
    while at > 0 && solves < MOST_SOLVES {
        at -= 1;
        let mut fewer = limits.clone();
        fewer.remove(at);
        let mut tried = program.general.clone();
        keep_only(layout, program, &fewer, &mut tried);
        solves += 1;
        let found = solve_general(&tried, &SETTINGS)?;
        if refutes_general(&bounded(layout, &tried), &found.y) {
            let own = named(layout, program, &found.y);
            let later = fewer[at..].to_vec();
            fewer.retain(|limit| own.contains(limit));
            at = fewer.iter().position(|limit| later.contains(limit)).unwrap_or(fewer.len());
            limits = fewer;
        }
    }
    Ok(Some((limits, solves)))
}

/// The program with the bounds that its rows imply for weights, purchases and factors written out: without them a
/// rounding of the multipliers would leave a slope against an infinite bound. Holdings and cash are 1 less the costs, so
/// no weight and no purchase exceeds `1 - cash_min`, and `f_k` is at most `sum of abs(R_ik) (abs(w_i) + abs(b_i))`. The
/// bounds stay where the least cash is left out: money that may be borrowed then still buys no more than that.
fn bounded(layout: &Layout<'_>, program: &General) -> General {
    let (t, factors) = (layout.transition, layout.factors);
    let mut bounded = program.clone();
    let most = max(1.0, 2.0 - t.cash_min);
    for period in 0..t.periods() {
        for name in 0..t.names() {
            let (weight, buy) = (layout.weight(period, name), layout.buy(period, name));
            bounded.lower[weight] = 0.0;
            bounded.upper[weight] = min(bounded.upper[weight], most);
            bounded.upper[buy] = min(bounded.upper[buy], most);
        }
        for factor in 0..factors.k {
            let column = layout.factor(period, factor);
            let reach = t.benchmark.iter().enumerate().fold(0.0, |sum, (name, b)| {
                fma(abs(factors.r[name * factors.k + factor]), most + abs(*b), sum)
            });
            bounded.lower[column] = -reach;
            bounded.upper[column] = reach;
        }
    }
    bounded
}

/// The limits whose multiplier is more than rounding, in order.
fn named(layout: &Layout<'_>, program: &Program, y: &[f64]) -> Vec<Limit> {
    let t = layout.transition;
    let small = 1e-6 * y.iter().fold(0.0, |most, y| max(most, abs(*y)));
    let rows = program.limits.iter().zip(y).filter(|(_, y)| **y > small);
    let mut found: Vec<Limit> = rows.filter_map(|(limit, _)| *limit).collect();
    let slopes = program.general.a.transposed_times(y);
    for period in 0..t.periods() {
        for name in 0..t.names() {
            if slopes[layout.weight(period, name)] < -small {
                found.push(Limit::Cap { period, name });
            }
            let buy = layout.buy(period, name);
            if slopes[buy] < -small && program.general.upper[buy] == 0.0 {
                found.push(Limit::NoBuy { period, name });
            }
        }
        let cash = slopes[layout.money(period)];
        if cash > small {
            found.push(Limit::CashMin(period));
        } else if cash < -small {
            found.push(Limit::CashMax(period));
        }
    }
    found.sort_unstable();
    found
}

/// Opens every limit of the question that is not in `limits`.
fn keep_only(layout: &Layout<'_>, program: &Program, limits: &[Limit], general: &mut General) {
    let t = layout.transition;
    for (limit, upper) in program.limits.iter().zip(&mut general.row_upper) {
        if limit.is_some_and(|limit| !limits.contains(&limit)) {
            *upper = f64::INFINITY;
        }
    }
    let open = |limit: Limit, bound: &mut f64, infinite: f64| {
        if !limits.contains(&limit) {
            *bound = infinite;
        }
    };
    for period in 0..t.periods() {
        let cash = layout.money(period);
        open(Limit::CashMin(period), &mut general.lower[cash], f64::NEG_INFINITY);
        open(Limit::CashMax(period), &mut general.upper[cash], f64::INFINITY);
        for name in 0..t.names() {
            let weight = layout.weight(period, name);
            open(Limit::Cap { period, name }, &mut general.upper[weight], f64::INFINITY);
            let buy = layout.buy(period, name);
            open(Limit::NoBuy { period, name }, &mut general.upper[buy], f64::INFINITY);
        }
    }
}
