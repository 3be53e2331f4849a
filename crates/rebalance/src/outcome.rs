//! What is recorded of a decision.

use crate::Error;
use crate::book::{Book, Terms};
use crate::problem::{Model, Variable, borrow_fee};
use crate::solve::Solved;
use samebits_canon::{Isa, dot_on, max};
use samebits_ledger::Settlement;
use samebits_qp::{Problem, Solution};
use samebits_snapshot::record::{
    Active, Certificate, Event, Finish, Outcome, Parts, Rounding, Row, RowKind, Stages, Totals,
};
use samebits_units::{Money, Price, Qty};

/// Everything that an outcome is put together from.
pub(crate) struct Answer<'a> {
    pub(crate) book: &'a Book,
    /// The model before relaxation and tightening.
    pub(crate) model: &'a Model,
    pub(crate) terms: &'a Terms<'a>,
    pub(crate) solved: &'a Solved,
    pub(crate) final_weights: &'a [f64],
    pub(crate) final_trades: &'a [f64],
    pub(crate) rounding: &'a Rounding,
    pub(crate) settlement: &'a Settlement,
    pub(crate) events: Vec<Event>,
    pub(crate) prices: &'a [Price],
}

pub(crate) fn assemble(answer: &Answer<'_>) -> Result<Outcome, Error> {
    let solved = answer.solved;
    let solution = &solved.solution;
    let errors = [&solution.weights, answer.final_weights]
        .map(|weights| tracking_error(solved.isa, &solved.problem, weights));
    let certificate = Certificate {
        primal: solution.certificate.primal,
        dual: solution.certificate.dual,
        complementarity: solution.certificate.complementarity,
        gap: solution.certificate.gap,
    };
    Ok(Outcome {
        status: solved.status.clone(),
        iterations: solved.iterations,
        solves: solved.solves,
        weights: solution.weights.clone(),
        sides: answer.book.sides.clone(),
        active: active(answer),
        bound_multipliers: solution.multipliers.bounds.clone(),
        rows: rows(answer, errors),
        certificate,
        objective: parts(answer, &solution.weights, &solution.trades, errors[0]),
        final_objective: parts(answer, answer.final_weights, answer.final_trades, errors[1]),
        rounding: answer.rounding.clone(),
        trades: answer.settlement.trades.clone(),
        events: answer.events.clone(),
        tax: answer.settlement.tax,
        totals: totals(answer, errors)?,
        stages: Stages::default(),
        harvest: None,
        execution: None,
        netted: None,
        identity: None,
        finish: solution.finish.as_ref().map(|finish| finish_of(solution, finish)),
    })
}

fn finish_of(solution: &Solution, finish: &samebits_qp::Finish) -> Finish {
    let stored = |margin: f64| margin.is_finite().then_some(margin);
    Finish {
        path: solution.path.name().to_owned(),
        primal_margin: stored(finish.primal_margin),
        dual_margin: stored(finish.dual_margin),
        degenerate: finish.degenerate(),
    }
}

/// Annualised tracking error of `weights`, as a fraction; `isa` moves no bit.
pub(crate) fn tracking_error(isa: Isa, problem: &Problem, weights: &[f64]) -> f64 {
    let d = problem.active(weights);
    let gradient = problem.risk_gradient_on(isa, &d);
    max(dot_on(isa, &d, &gradient), 0.0).sqrt()
}

fn parts(answer: &Answer<'_>, weights: &[f64], trades: &[f64], error: f64) -> Parts {
    let problem = &answer.solved.problem;
    let (mut tax, mut cost, mut owed) = (0.0, 0.0, 0.0);
    for ((variable, trade), amount) in answer.model.variables.iter().zip(&problem.trades).zip(trades) {
        let (on_lot, _) = variable.tax_and_gain(answer.book);
        let fee = match *variable {
            Variable::Short { security } => borrow_fee(answer.terms, security),
            Variable::Cover { security, .. } => -borrow_fee(answer.terms, security),
            Variable::Buy { .. } | Variable::Sell { .. } => 0.0,
        };
        tax += on_lot * amount;
        cost += (trade.cost - on_lot - fee) * amount;
        owed += fee * amount;
    }
    let risk = 0.5 * problem.gamma * (error * error);
    let held =
        answer.book.shorts.iter().enumerate().flat_map(|(i, lots)| lots.iter().map(move |lot| (i, lot)));
    let borrow = held.fold(owed, |sum, (i, lot)| sum + borrow_fee(answer.terms, i) * lot.weight);
    let reward = problem.alpha.iter().zip(weights).fold(0.0, |sum, (alpha, w)| sum - alpha * w);
    Parts { risk, tax, cost, borrow, reward, total: risk + tax + cost + (borrow + reward) }
}

/// A limit binds when its multiplier exceeds its slack: the two sides of complementarity at an interior point.
fn binds(slack: f64, multiplier: f64) -> bool {
    multiplier > max(slack, 0.0)
}

fn side(lower_slack: f64, upper_slack: f64, multiplier: f64) -> i8 {
    i8::from(binds(upper_slack, multiplier)) - i8::from(binds(lower_slack, -multiplier))
}

fn active(answer: &Answer<'_>) -> Active {
    let (problem, solution) = (&answer.solved.problem, &answer.solved.solution);
    let n = problem.start.len();
    let state = solution.finish.as_ref().map(|finish| &finish.state);
    let bound = |i: usize| {
        if let Some(state) = state {
            return state.bounds[i];
        }
        let w = solution.weights[i];
        side(w - problem.lower[i], problem.upper[i] - w, solution.multipliers.bounds[i])
    };
    let row = |r: usize| {
        if let Some(state) = state {
            return state.rows[r];
        }
        let value = problem.row_value(r, &solution.weights, &solution.trades);
        let limits = &problem.rows[r];
        side(value - limits.lower, limits.upper - value, solution.multipliers.rows[r])
    };
    let mut active = Active {
        bounds: (0..n).map(bound).collect(),
        buys: vec![0; n],
        sells: vec![0; answer.terms.account.lots.len()],
        covers: vec![0; answer.terms.account.shorts.len()],
        shorts: if answer.terms.policy.short_gross_max.is_some() { vec![0; n] } else { Vec::new() },
        rows: (0..problem.rows.len()).map(row).collect(),
    };
    for (v, variable) in answer.model.variables.iter().enumerate() {
        let state = position(problem, solution, v);
        match *variable {
            Variable::Buy { security } => active.buys[security] = state,
            Variable::Sell { security, rank } => active.sells[answer.book.lots[security][rank].index] = state,
            Variable::Short { security } => active.shorts[security] = state,
            Variable::Cover { security, rank } => {
                active.covers[answer.book.shorts[security][rank].index] = state;
            }
        }
    }
    active
}

/// 0 none, 1 some, 2 the most admitted.
fn position(problem: &Problem, solution: &Solution, v: usize) -> i8 {
    if let Some(finish) = &solution.finish {
        return finish.state.trades[v] as i8;
    }
    let (amount, upper) = (solution.trades[v], problem.trades[v].upper);
    1 + side(amount, upper - amount, solution.multipliers.trades[v])
}

fn rows(answer: &Answer<'_>, [error, final_error]: [f64; 2]) -> Vec<Row> {
    let (problem, solution) = (&answer.solved.problem, &answer.solved.solution);
    let isa = answer.solved.isa;
    let finite = |limit: f64| limit.is_finite().then_some(limit);
    let mut rows: Vec<Row> = Vec::with_capacity(problem.rows.len() + 1);
    for (r, (tag, limits)) in answer.model.rows.iter().zip(&problem.rows).enumerate() {
        let final_value = problem.row_value_on(isa, r, answer.final_weights, answer.final_trades);
        rows.push(Row {
            kind: tag.kind,
            name: tag.name.clone(),
            lower: finite(limits.lower),
            upper: finite(limits.upper),
            value: problem.row_value_on(isa, r, &solution.weights, &solution.trades),
            final_value,
            multiplier: solution.multipliers.rows[r],
            relaxed_by: answer.solved.relaxed_by[r],
            final_excess: excess(final_value, limits.lower, limits.upper),
        });
    }
    let cap = answer.solved.cap;
    // A soft limit is charged, not kept.
    let policy = answer.terms.policy;
    let kept = if policy.tracking_error_soft.is_some() { policy.tracking_error_cap } else { cap };
    rows.push(Row {
        kind: RowKind::TrackingError,
        name: String::new(),
        lower: None,
        upper: cap,
        value: error,
        final_value: final_error,
        multiplier: solution.multipliers.cap,
        relaxed_by: answer.solved.cap_relaxed_by,
        final_excess: excess(final_error, f64::NEG_INFINITY, kept.unwrap_or(f64::INFINITY)),
    });
    if let Some(limits) = &answer.model.implied {
        let value = |weights, trades| limits.value_on(samebits_canon::Isa::Portable, weights, trades);
        let final_value = value(answer.final_weights, answer.final_trades);
        rows.push(Row {
            kind: RowKind::LongGross,
            name: "implied".to_owned(),
            lower: None,
            upper: finite(limits.upper),
            value: value(&solution.weights, &solution.trades),
            final_value,
            multiplier: 0.0,
            relaxed_by: 0.0,
            final_excess: excess(final_value, limits.lower, limits.upper),
        });
    }
    rows
}

fn excess(value: f64, lower: f64, upper: f64) -> f64 {
    max(max(value - upper, lower - value), 0.0)
}

fn totals(answer: &Answer<'_>, [error, final_error]: [f64; 2]) -> Result<Totals, Error> {
    let trades = &answer.settlement.trades;
    let account = &answer.settlement.account;
    let value = |security: u32, quantity: Qty| answer.prices[security as usize].value(quantity);
    let held = account.lots.iter().map(|lot| value(lot.security, lot.quantity));
    let owed = account.shorts.iter().map(|lot| value(lot.security, lot.quantity)?.negated());
    let values = held.chain(owed).collect::<Result<Vec<Money>, _>>()?;
    let levies = answer.settlement.levies()?;
    Ok(Totals {
        nav_before: answer.book.nav,
        nav_after: account.cash.plus(Money::total(values)?)?,
        cash_after: account.cash,
        bought: Money::total(trades.iter().filter(|trade| trade.side.pays()).map(|trade| trade.notional))?,
        sold: Money::total(trades.iter().filter(|trade| !trade.side.pays()).map(|trade| trade.notional))?,
        costs: Money::total(trades.iter().map(|trade| trade.cost))?.plus(levies)?,
        tracking_error: error,
        final_tracking_error: final_error,
    })
}
