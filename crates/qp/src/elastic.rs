//! The elastic re-solve: constraints that conflict give in a written order, each by as little as possible.
//!
//! Stage `k` releases the classes `0..=k`: every row of them gets nonnegative slacks, and their sum is minimised under
//! everything else. The first stage with an answer decides; each row's limits are widened by its slack (plus
//! [`MARGIN`], so that the widened problem has an interior; up to a multiple of a step, so that solvers whose slacks differ
//! by their tolerance widen alike) and the true objective is minimised. In the stage that
//! releases the risk cap, the rows are relaxed without it, and the cap becomes the smallest attainable risk, plus a
//! relative [`CAP_MARGIN`].

use crate::{Error, Problem, Settings, Solution, Solver, Status, TradeVariable};
use samebits_canon::max;

/// Slack below which a row did not have to give.
const NOTHING: f64 = 1e-9;
/// Added to a row that had to give.
const MARGIN: f64 = 1e-7;
/// Relative, added to a cap that had to give.
const CAP_MARGIN: f64 = 1e-3;

/// Constraints that give together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Rows.
    pub rows: Vec<usize>,
    /// The risk cap.
    pub cap: bool,
}

/// A resolved conflict.
#[derive(Debug, Clone)]
pub struct Relaxed {
    /// The problem with widened limits.
    pub problem: Problem,
    /// Its optimum.
    pub solution: Solution,
    /// By how much each row's limit was widened.
    pub relaxed_by: Vec<f64>,
    /// By how much the cap was raised.
    pub cap_relaxed_by: f64,
    /// How many classes were released, from the first.
    pub released: usize,
    /// Solves.
    pub solves: u32,
    /// Iterations over all solves.
    pub iterations: u32,
}

/// Resolves the conflict in `problem` by releasing `classes` in their order; `None` when releasing all does not help. Limits
/// give by multiples of `step`, or by just what the solver finds when it is 0.
///
/// # Errors
/// What the solver says of a malformed problem.
pub fn relax(
    problem: &Problem,
    classes: &[Class],
    step: f64,
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Option<Relaxed>, Error> {
    let mut work = Work { solver, settings, solves: 0, iterations: 0 };
    for released in 1..=classes.len() {
        let open = &classes[..released];
        let rows: Vec<usize> = open.iter().flat_map(|class| class.rows.iter().copied()).collect();
        let cap = open.iter().any(|class| class.cap);
        if rows.is_empty() && !(cap && problem.risk_cap.is_some()) {
            continue;
        }
        let mut base = problem.clone();
        if cap {
            base.risk_cap = None;
        }
        let Some(slack) = work.least_slack(&base, &rows)? else { continue };
        let widened = widen(&mut base, &slack, step);
        let raised = if cap { work.raise_cap(problem, &mut base)? } else { Some(0.0) };
        let Some(cap_relaxed_by) = raised else { continue };
        let solution = work.solve(&base)?;
        if solution.status == Status::Optimal {
            return Ok(Some(Relaxed {
                problem: base,
                solution,
                relaxed_by: widened,
                cap_relaxed_by,
                released,
                solves: work.solves,
                iterations: work.iterations,
            }));
        }
    }
    Ok(None)
}

struct Work<'a> {
    solver: &'a dyn Solver,
    settings: &'a Settings,
    solves: u32,
    iterations: u32,
}

impl Work<'_> {
    fn solve(&mut self, problem: &Problem) -> Result<Solution, Error> {
        let solution = self.solver.solve(problem, self.settings)?;
        self.solves += 1;
        self.iterations += solution.iterations;
        Ok(solution)
    }

    /// The smallest total slack of `rows`: for each row of the problem (below, above); `None` without an answer.
    fn least_slack(&mut self, base: &Problem, rows: &[usize]) -> Result<Option<Vec<(f64, f64)>>, Error> {
        let mut elastic = base.clone();
        elastic.gamma = 0.0;
        elastic.alpha.fill(0.0);
        for variable in &mut elastic.trades {
            variable.cost = 0.0;
        }
        let first = elastic.trades.len();
        let slack = TradeVariable { asset: None, sign: 1.0, cost: 1.0, upper: f64::INFINITY };
        elastic.trades.extend(std::iter::repeat_n(slack, 2 * rows.len()));
        for row in &mut elastic.rows {
            if !row.on_trades.is_empty() {
                row.on_trades.resize(first + 2 * rows.len(), 0.0);
            }
        }
        for (k, &r) in rows.iter().enumerate() {
            elastic.rows[r].on_trades.resize(first + 2 * rows.len(), 0.0);
            elastic.rows[r].on_trades[first + 2 * k] = 1.0;
            elastic.rows[r].on_trades[first + 2 * k + 1] = -1.0;
        }
        let solution = self.solve(&elastic)?;
        if solution.status != Status::Optimal {
            return Ok(None);
        }
        let mut slacks = vec![(0.0, 0.0); base.rows.len()];
        for (k, &r) in rows.iter().enumerate() {
            slacks[r] = (solution.trades[first + 2 * k], solution.trades[first + 2 * k + 1]);
        }
        Ok(Some(slacks))
    }

    /// Sets the cap of `base` to the smallest attainable risk when that is above the cap of `problem`; returns the rise.
    fn raise_cap(&mut self, problem: &Problem, base: &mut Problem) -> Result<Option<f64>, Error> {
        let Some(cap) = problem.risk_cap else { return Ok(Some(0.0)) };
        let mut least = base.clone();
        least.gamma = 1.0;
        least.alpha.fill(0.0);
        for variable in &mut least.trades {
            variable.cost = 0.0;
        }
        let solution = self.solve(&least)?;
        if solution.status != Status::Optimal {
            return Ok(None);
        }
        let reached = max(base.variance(&base.active(&solution.weights)), 0.0).sqrt();
        let raised = max(cap, reached * (1.0 + CAP_MARGIN));
        base.risk_cap = Some(raised);
        Ok(Some(raised - cap))
    }
}

/// Widens the limits by the slacks; returns by how much each row gave.
fn widen(problem: &mut Problem, slacks: &[(f64, f64)], step: f64) -> Vec<f64> {
    let stepped = |slack: f64| if step > 0.0 { (slack / step).ceil() * step } else { slack };
    let give = |slack: f64| if slack > NOTHING { stepped(slack + MARGIN) } else { 0.0 };
    let mut given = Vec::with_capacity(slacks.len());
    for (row, &(below, above)) in problem.rows.iter_mut().zip(slacks) {
        let (below, above) = (give(below), give(above));
        row.lower -= below;
        row.upper += above;
        given.push(below + above);
    }
    given
}
