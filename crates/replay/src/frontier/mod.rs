//! What less tracking error would have cost in tax and trading, and more would have saved: the frontier of one Run.
//!
//! The recorded problem weighs risk against linear terms (tax, costs, borrow fees, rewards). Here the linear terms are
//! multiplied by `price`: at 1 it is the recorded problem, towards 0 risk alone counts, beyond 1 tax and costs count more. For
//! a fixed state (what is at which limit) the optimum is affine in `price`, so the optima from one end to the other are a chain of
//! straight pieces that meet in corners, where the state changes: the critical line of Markowitz ("The Optimization of a
//! Quadratic Function Subject to Linear Constraints", 1956). The walk goes from corner to corner: the point of a state costs
//! one factorisation and says itself whether it is still an optimum; behind a corner the next state is found from the last one.
//!
//! Sides of conflicts, the piece of the year's tax and every limit are those of the record; shares are not rounded. A soft
//! limit on tracking error is left out (the frontier shows what it trades off), and a hard one ends the frontier.

mod walk;

use crate::Error;
use samebits_canon::Isa;
use samebits_rebalance::{restore, see};
use samebits_snapshot::record::{Run, Status};
use serde::Serialize;
use walk::{Towards, Walk};

/// Pieces on each side of the recorded point.
pub const PIECES: usize = 500;
/// Largest `price`, and one over the smallest.
pub const FARTHEST: f64 = 256.0;

/// The frontier of a Run, from least tracking error to most.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Frontier {
    /// Corners, and points between them.
    pub points: Vec<Point>,
    /// The continuous optimum as recorded.
    pub recorded: Recorded,
    /// Pieces walked.
    pub pieces: usize,
    /// How each side ended: towards less tracking error, towards more.
    pub ends: [End; 2],
}

/// An optimum of the frontier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// What the linear terms are multiplied by.
    pub price: f64,
    /// Whether the state changes here.
    pub corner: bool,
    /// Annualised tracking error, basis points.
    pub tracking_error_bp: f64,
    /// Tax, as it is weighed, basis points of net asset value; negative is a benefit.
    pub tax_bp: f64,
    /// Costs of trading and borrow fees, basis points of net asset value.
    pub cost_bp: f64,
    /// All linear terms, rewards of tilts and expected returns deducted, basis points of net asset value: what is least at
    /// this tracking error.
    pub paid_bp: f64,
}

/// The recorded optimum in the same terms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recorded {
    /// Annualised tracking error, basis points.
    pub tracking_error_bp: f64,
    /// Tax, basis points of net asset value.
    pub tax_bp: f64,
    /// All linear terms, as in [`Point::paid_bp`].
    pub paid_bp: f64,
}

impl Recorded {
    /// Whether `point` is it. There is one such point unless a soft limit, or one tightened for rounding, decided.
    pub fn is(&self, point: &Point) -> bool {
        let near = |a: f64, b: f64| samebits_canon::abs(a - b) <= 1e-9 * (1.0 + samebits_canon::abs(b));
        point.price.to_bits() == 1.0_f64.to_bits()
            && near(point.tracking_error_bp, self.tracking_error_bp)
            && near(point.paid_bp, self.paid_bp)
    }
}

/// How a side of the frontier ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// One state holds from here to [`FARTHEST`], or its inverse.
    Reached,
    /// After [`PIECES`] pieces.
    Cut,
    /// No state was found behind a corner.
    Stuck,
}

/// The frontier of `run`; `isa` moves no bit.
///
/// # Errors
/// [`Error::NoFrontier`] for a Run whose optimum was not stored as a state, or was relaxed, or has no risk aversion; inputs that do not make a problem.
pub fn frontier(run: &Run, isa: Isa) -> Result<Frontier, Error> {
    let outcome = &run.outcome;
    let none = |reason| Err(Error::NoFrontier { reason });
    match &outcome.status {
        Status::Relaxed(_) => return none("it was relaxed"),
        Status::Unsolved(_) => return none("it was not solved"),
        Status::Solved if outcome.finish.is_none() => return none("its optimum was not stored as a state"),
        Status::Solved => {}
    }
    samebits_canon::assert_ieee()?;
    let seen = see(&run.inputs, &run.method.rules, outcome)?;
    let (mut problem, state) = restore(&run.inputs, &run.method.rules, outcome)?;
    if !(problem.gamma > 0.0) {
        return none("its risk aversion is 0");
    }
    let tightened = outcome.rounding.tightened > 0;
    if tightened {
        problem.risk_cap = Some(outcome.totals.tracking_error);
    }
    let settings = seen.rules.settings(&run.method);
    let mut walk = Walk::new(&seen, problem, settings, isa);
    let recorded = walk.begin(state)?;
    let paid_bp = recorded.point.paid_bp;
    // A limit that the decision put in by itself is part of what is traded off.
    let begin = if tightened || seen.policy.tracking_error_soft.is_some() {
        walk.cap(seen.policy.tracking_error_cap);
        walk.begin(recorded.state)?
    } else {
        recorded
    };
    let (mut points, less) = walk.go(&begin, Towards::Less)?;
    let (more_points, more) = walk.go(&begin, Towards::More)?;
    points.reverse();
    points.push(begin.point);
    points.extend(more_points);
    Ok(Frontier {
        points,
        recorded: Recorded {
            tracking_error_bp: outcome.totals.tracking_error * 1e4,
            tax_bp: outcome.objective.tax * 1e4,
            paid_bp,
        },
        pieces: walk.pieces(),
        ends: [less, more],
    })
}
