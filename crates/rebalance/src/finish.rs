//! The integer finish: from continuous weights to whole shares, cash never below its minimum.
//!
//! 1. Targets are cut towards the current holding (a trade never overshoots); a hundredth of a share closes the gap that
//!    a solver's tolerance leaves below a whole number.
//! 2. Trades below the minimum ticket are dropped.
//! 3. While cash is short, the share whose loss costs the objective least is not bought after all; when nothing is bought
//!    any more, one more share is sold.
//! 4. While cash is left, the single-share step that improves the objective most is taken, in names that trade anyway and
//!    within every row; a step that worsens the objective is taken only to bring cash below its maximum.
//!
//! Ties go to the lowest security. Every step updates `Sigma d` by one column.

use crate::plan::{Mode, Move, Plan, SHARE};
use crate::problem::Variable;
use crate::solve::Solved;
use crate::{Error, Policy, book::NoBuy};
use samebits_canon::{Isa, fma};
use samebits_qp::Problem;
use samebits_snapshot::record::{Rounding, RowKind};
use samebits_units::{Money, Qty};

/// Part of a share that a continuous target may lack and still count as whole.
const SNAP_SHARES: f64 = 0.01;
/// Steps that may be taken per security, in either direction.
const STEPS_PER_SECURITY: usize = 40;
/// Part of what is missing that one name gives before the names are compared again.
const RUN: i64 = 8;
/// How far a row may be beyond its limit before a step away from it counts as a violation, in the unit of the row.
const ROW_SLACK: f64 = 1e-9;

/// Rounds the continuous trades of `solved` into `plan`; says what was done.
///
/// # Errors
/// [`Error::CashShort`] when cash cannot reach its minimum, and overflows.
pub(crate) fn finish(plan: &mut Plan<'_>, solved: &Solved, policy: &Policy) -> Result<Rounding, Error> {
    let mut rounding = Rounding::default();
    targets(plan, &solved.solution.trades)?;
    rounding.dropped += drop_small(plan, policy)?;
    let least = cash_limit(plan, policy.cash_min);
    let most = cash_limit(plan, policy.cash_max);
    let mut walk = Walk::new(plan, solved.isa)?;
    while walk.plan.cash < least {
        walk.raise_cash(least)?;
        rounding.undone += 1;
    }
    let dropped = drop_small(walk.plan, policy)?;
    if dropped > 0 {
        rounding.dropped += dropped;
        walk = Walk::new(walk.plan, solved.isa)?;
        while walk.plan.cash < least {
            walk.raise_cash(least)?;
            rounding.undone += 1;
        }
    }
    for _ in 0..STEPS_PER_SECURITY * walk.gradient.len() {
        if !walk.spend(least, most, policy)? {
            break;
        }
        rounding.spent += 1;
    }
    Ok(rounding)
}

/// Takes back sales and covers where that costs the objective least, until every gain budget is kept again that rounding
/// has broken (rules 3). The cheapest name gives an eighth of what is missing, at least a share, before the names are
/// compared again. Returns the steps.
///
/// # Errors
/// [`Error::CashShort`] when nothing is left that raises the cash which that takes.
pub(crate) fn keep_gain_budgets(plan: &mut Plan<'_>, policy: &Policy, isa: Isa) -> Result<u32, Error> {
    let least = cash_limit(plan, policy.cash_min);
    let mut walk = Walk::new(plan, isa)?;
    let mut steps = 0;
    // Cash may have to be raised by another sale: bounded, so that the two cannot chase each other for ever.
    for _ in 0..STEPS_PER_SECURITY * walk.gradient.len() {
        let Some((step, missing)) = walk.toward_budget()? else { break };
        steps += walk.run(&step, missing / RUN, |_| false)?;
        while walk.plan.cash < least {
            let step = walk.toward_cash(least)?;
            let missing =
                least.minus(walk.plan.cash)?.micros() / walk.plan.share_value(step.security)?.micros();
            steps += walk.run(&step, missing / RUN, |plan| plan.cash >= least)?;
        }
    }
    Ok(steps)
}

fn cash_limit(plan: &Plan<'_>, fraction: f64) -> Money {
    Money::from_micros((fraction * plan.book.nav.micros() as f64).ceil() as i64)
}

fn targets(plan: &mut Plan<'_>, trades: &[f64]) -> Result<(), Error> {
    let n = plan.book.lots.len();
    let (mut opens, mut closes) = (vec![[0.0; 2]; n], vec![[0.0; 2]; n]);
    for (variable, amount) in plan.model.variables.iter().zip(trades) {
        match *variable {
            Variable::Buy { security } => opens[security][0] += amount,
            Variable::Sell { security, .. } => closes[security][0] += amount,
            Variable::Short { security } => opens[security][1] += amount,
            Variable::Cover { security, .. } => closes[security][1] += amount,
        }
    }
    for i in 0..n {
        if plan.book.held[i] == 0.0 && opens[i][1] > opens[i][0] {
            plan.set_mode(i, Mode::Short);
        }
        let kind = usize::from(plan.mode[i] == Mode::Short);
        let net = opens[i][kind] - closes[i][kind];
        let shares = (samebits_canon::abs(net) / plan.book.share[i] + SNAP_SHARES).floor();
        let quantity = Qty::from_shares(shares as i64)?;
        if net > 0.0 {
            plan.set(i, quantity, Qty::ZERO)?;
        } else {
            let all = plan.closable(i)?;
            let forced = plan.book.no_buy[i] == Some(NoBuy::Excluded);
            let rest_below_share = all.minus(quantity)? < SHARE;
            plan.set(i, Qty::ZERO, if forced || rest_below_share { all } else { quantity })?;
        }
    }
    Ok(())
}

/// Drops trades below the minimum ticket, except the exit from an excluded name.
fn drop_small(plan: &mut Plan<'_>, policy: &Policy) -> Result<u32, Error> {
    let mut dropped = 0;
    for i in 0..plan.book.lots.len() {
        let forced = plan.book.no_buy[i] == Some(NoBuy::Excluded);
        let ticket = plan.ticket(i)?;
        if !forced && ticket.is_positive() && ticket < policy.min_ticket {
            plan.set(i, Qty::ZERO, Qty::ZERO)?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

/// A plan with what a step needs: `Sigma d`, `d' Sigma d` and the value of every row.
struct Walk<'p, 'a> {
    plan: &'p mut Plan<'a>,
    problem: &'a Problem,
    gradient: Vec<f64>,
    diagonal: Vec<f64>,
    variance: f64,
    rows: Vec<f64>,
}

/// A step and what it changes.
struct Step {
    action: Move,
    security: usize,
    /// Change of the security's weight.
    weight: f64,
    /// Trade variable that changes, and by how much.
    variable: usize,
    amount: f64,
    /// Change of the objective.
    objective: f64,
}

impl<'p, 'a> Walk<'p, 'a> {
    fn new(plan: &'p mut Plan<'a>, isa: Isa) -> Result<Self, Error> {
        let problem = &plan.model.problem;
        let (weights, trades) = plan.weights()?;
        let d: Vec<f64> = weights.iter().zip(&problem.benchmark).map(|(w, b)| w - b).collect();
        let gradient = problem.risk_gradient_on(isa, &d);
        let variance = samebits_canon::dot(&d, &gradient);
        let rows = (0..problem.rows.len()).map(|r| problem.row_value(r, &weights, &trades)).collect();
        let diagonal = problem.risk.diagonal();
        Ok(Self { plan, problem, gradient, diagonal, variance, rows })
    }

    fn step(&self, action: Move) -> Result<Option<Step>, Error> {
        let i = action.security();
        let Some((variable, amount)) = self.plan.step(action)? else { return Ok(None) };
        let trade = &self.problem.trades[variable];
        let weight = trade.sign * amount;
        let half = 0.5 * weight * self.diagonal[i];
        let risk = self.problem.gamma * (weight * (self.gradient[i] + half));
        let objective = fma(trade.cost, amount, risk) - self.problem.alpha[i] * weight;
        Ok(Some(Step { action, security: i, weight, variable, amount, objective }))
    }

    fn take(&mut self, step: &Step) -> Result<(), Error> {
        let i = step.security;
        let half = 0.5 * step.weight * self.diagonal[i];
        self.variance = fma(2.0 * step.weight, self.gradient[i] + half, self.variance);
        for (g, s) in self.gradient.iter_mut().zip(self.problem.risk.column(i)) {
            *g = fma(step.weight, s, *g);
        }
        for r in 0..self.rows.len() {
            self.rows[r] += self.row_change(r, step);
        }
        self.plan.make(step.action)
    }

    fn row_change(&self, r: usize, step: &Step) -> f64 {
        let row = &self.problem.rows[r];
        let on_weight = row.on_weights.get(step.security).map_or(0.0, |a| a * step.weight);
        let on_trade = row.on_trades.get(step.variable).map_or(0.0, |a| a * step.amount);
        on_weight + on_trade
    }

    /// Whether a step keeps every bound, row and the cap, or brings a violated one closer.
    fn admissible(&self, step: &Step) -> Result<bool, Error> {
        let i = step.security;
        let grows = (step.weight > 0.0) == (self.plan.mode[i] == Mode::Long);
        if grows {
            let shares = self.plan.position(i)?.plus(SHARE)?;
            let weight = self.plan.book.share[i] * (shares.micros() as f64 / 1e6);
            let most = match self.plan.mode[i] {
                Mode::Long => self.problem.upper[i],
                Mode::Short => -self.problem.lower[i],
            };
            if weight > most {
                return Ok(false);
            }
        }
        for (r, row) in self.problem.rows.iter().enumerate() {
            let (now, change) = (self.rows[r], self.row_change(r, step));
            let above = now + change > row.upper + ROW_SLACK && change > 0.0;
            let below = now + change < row.lower - ROW_SLACK && change < 0.0;
            if above || below {
                return Ok(false);
            }
        }
        let Some(cap) = self.problem.risk_cap else { return Ok(true) };
        let half = 0.5 * step.weight * self.diagonal[i];
        let change = 2.0 * step.weight * (self.gradient[i] + half);
        Ok(change <= 0.0 || self.variance + change <= cap * cap)
    }

    /// The best of the moves, by objective, then by lowest security.
    fn best(&self, moves: impl Iterator<Item = Move>, checked: bool) -> Result<Option<Step>, Error> {
        let mut best: Option<Step> = None;
        for action in moves {
            let Some(step) = self.step(action)? else { continue };
            let better = best.as_ref().is_none_or(|known| step.objective < known.objective);
            if better && (!checked || self.admissible(&step)?) {
                best = Some(step);
            }
        }
        Ok(best)
    }

    /// The step that brings the first broken gain budget closer at the least cost, and how many of them are missing; `None`
    /// when all are kept, or when nothing does.
    fn toward_budget(&self) -> Result<Option<(Step, i64)>, Error> {
        let budgets =
            self.plan.model.rows.iter().enumerate().filter(|(_, tag)| tag.kind == RowKind::GainBudget);
        for (r, _) in budgets {
            if self.rows[r] <= self.problem.rows[r].upper + ROW_SLACK {
                continue;
            }
            let mut best: Option<Step> = None;
            for i in 0..self.gradient.len() {
                let Some(step) = self.step(Move::CloseLess(i))? else { continue };
                let better = best.as_ref().is_none_or(|known| step.objective < known.objective);
                if better && self.row_change(r, &step) < 0.0 {
                    best = Some(step);
                }
            }
            if let Some(step) = best {
                let missing = (self.rows[r] - self.problem.rows[r].upper) / -self.row_change(r, &step);
                return Ok(Some((step, missing as i64)));
            }
        }
        Ok(None)
    }

    /// Takes a step, and again up to `times` in all while it can be and `done` does not hold. Returns how often.
    fn run(&mut self, first: &Step, times: i64, done: impl Fn(&Plan<'_>) -> bool) -> Result<u32, Error> {
        self.take(first)?;
        let mut taken = 1;
        while i64::from(taken) < times && !done(self.plan) {
            let Some(next) = self.step(first.action)? else { break };
            self.take(&next)?;
            taken += 1;
        }
        Ok(taken)
    }

    fn raise_cash(&mut self, needed: Money) -> Result<(), Error> {
        let step = self.toward_cash(needed)?;
        self.take(&step)
    }

    /// The step that raises cash at the least cost.
    fn toward_cash(&self, needed: Money) -> Result<Step, Error> {
        let n = self.gradient.len();
        let long = |i: &usize| self.plan.mode[*i] == Mode::Long;
        let undo = |i: usize| if long(&i) { Move::OpenLess(i) } else { Move::CloseLess(i) };
        let raise = |i: usize| if long(&i) { Move::CloseMore(i) } else { Move::OpenMore(i) };
        let step = match self.best((0..n).map(undo), false)? {
            Some(step) => Some(step),
            None => self.best((0..n).map(raise), false)?,
        };
        step.ok_or(Error::CashShort { cash: self.plan.cash, needed })
    }

    /// Takes one step that uses cash; `false` when none is worth taking.
    fn spend(&mut self, least: Money, most: Money, policy: &Policy) -> Result<bool, Error> {
        let idle = self.plan.cash;
        let mut moves = Vec::new();
        for i in 0..self.gradient.len() {
            let forced = self.plan.book.no_buy[i] == Some(NoBuy::Excluded);
            match self.plan.mode[i] {
                Mode::Long => {
                    if self.plan.opened[i].is_positive() {
                        moves.push(Move::OpenMore(i));
                    }
                    if self.plan.closed[i] > SHARE && !forced {
                        moves.push(Move::CloseLess(i));
                    }
                }
                Mode::Short => {
                    if self.plan.closed[i].is_positive() {
                        moves.push(Move::CloseMore(i));
                    }
                    if self.plan.opened[i] > SHARE {
                        moves.push(Move::OpenLess(i));
                    }
                }
            }
        }
        let mut kept = Vec::with_capacity(moves.len());
        for action in moves {
            if self.affordable(action, least, policy)? {
                kept.push(action);
            }
        }
        match self.best(kept.into_iter(), true)? {
            Some(step) if step.objective < 0.0 || idle > most => self.take(&step).map(|()| true),
            _ => Ok(false),
        }
    }

    /// Cash stays at its minimum and the ticket does not fall below the smallest one.
    fn affordable(&mut self, action: Move, least: Money, policy: &Policy) -> Result<bool, Error> {
        let i = action.security();
        let (opened, closed) = (self.plan.opened[i], self.plan.closed[i]);
        if self.plan.mode[i] == Mode::Short
            && action == Move::CloseMore(i)
            && closed >= self.plan.closable(i)?
        {
            return Ok(false);
        }
        self.plan.make(action)?;
        let fine = self.plan.cash >= least && self.plan.ticket(i)? >= policy.min_ticket;
        self.plan.set(i, opened, closed)?;
        Ok(fine)
    }
}
