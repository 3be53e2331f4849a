//! Conflicts of sides: trades that exclude each other, and the search over them.
//!
//! A name may not be bought and have a loss harvested in one rebalance, which no convex problem can say. Each such name is
//! a [`Conflict`] with two [`Side`]s; with every side fixed the problem is convex again. [`search`] flips one conflict at a
//! time in the order given and keeps what lowers the objective; [`lower_bound`] says how far the result can be from the
//! best choice of sides; [`prove`] finds the best choice by branch and bound, for checks away from production.

mod bound;
mod branch;
mod search;

pub use bound::{Bound, curvature, is_curvature, lower_bound};
pub use branch::{Proof, prove};
pub use search::{Searched, Start, search};

use crate::{Error, Problem, Settings, Solution, Solver, State, Status};

/// The admitted side of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Its purchases are barred.
    Sell,
    /// Its sales are barred.
    Buy,
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Sell => Self::Buy,
            Self::Buy => Self::Sell,
        }
    }
}

/// Trades that exclude each other: either all of `buys` are zero, or all of `sells`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Trade variables barred on the sell side.
    pub buys: Vec<usize>,
    /// Trade variables barred on the buy side.
    pub sells: Vec<usize>,
}

impl Conflict {
    /// The trades that `side` bars, and those that it admits.
    pub fn barred(&self, side: Side) -> (&[usize], &[usize]) {
        match side {
            Side::Sell => (&self.buys, &self.sells),
            Side::Buy => (&self.sells, &self.buys),
        }
    }
}

/// A problem that is solved again and again while the upper bounds of its trades move.
pub trait Session: Send {
    /// Moves the upper bound of a trade.
    fn set_upper(&mut self, trade: usize, upper: f64);

    /// Says that an answer with a larger objective is not wanted: a solve then ends without one.
    fn set_cutoff(&mut self, objective: f64);

    /// The optimal objective by the solver's own test of optimality, or `None` without an optimum; [`Session::solution`] has
    /// the certificate. `from` is where to start: a state of this problem under other bounds; it does not change the answer.
    ///
    /// # Errors
    /// A malformed problem.
    fn solve(&mut self, from: Option<&State>) -> Result<Option<f64>, Error>;

    /// The state of the last answer, where the solver knows it.
    fn state(&self) -> Option<State>;

    /// The last answer in full.
    ///
    /// # Errors
    /// A malformed problem.
    fn solution(&mut self) -> Result<Solution, Error>;
}

/// A session of any solver: each solve starts anew.
struct Anew<'a> {
    solver: &'a dyn Solver,
    settings: Settings,
    problem: Problem,
    cutoff: f64,
    last: Option<Solution>,
}

impl Session for Anew<'_> {
    fn set_upper(&mut self, trade: usize, upper: f64) {
        self.problem.trades[trade].upper = upper;
        self.last = None;
    }

    fn set_cutoff(&mut self, objective: f64) {
        self.cutoff = objective;
    }

    fn solve(&mut self, _: Option<&State>) -> Result<Option<f64>, Error> {
        let solution = self.solver.solve(&self.problem, &self.settings)?;
        let objective = (solution.status == Status::Optimal).then_some(solution.objective);
        self.last = Some(solution);
        Ok(objective.filter(|objective| *objective <= self.cutoff))
    }

    fn state(&self) -> Option<State> {
        None
    }

    fn solution(&mut self) -> Result<Solution, Error> {
        match self.last.take() {
            Some(solution) => Ok(solution),
            None => self.solver.solve(&self.problem, &self.settings),
        }
    }
}

/// A session of `solver`: its own if it has one, else one that solves anew each time.
///
/// # Errors
/// A malformed problem.
pub fn session<'a>(
    solver: &'a dyn Solver,
    problem: &'a Problem,
    settings: &Settings,
) -> Result<Box<dyn Session + 'a>, Error> {
    match solver.session(problem, settings)? {
        Some(session) => Ok(session),
        None => Ok(Box::new(Anew {
            solver,
            settings: *settings,
            problem: problem.clone(),
            cutoff: f64::INFINITY,
            last: None,
        })),
    }
}

/// Puts every conflict of `session` on its side; `problem` has the bounds of the admitted trades.
pub fn admit(session: &mut dyn Session, problem: &Problem, conflict: &Conflict, side: Side) {
    let (barred, admitted) = conflict.barred(side);
    for &trade in barred {
        session.set_upper(trade, 0.0);
    }
    for &trade in admitted {
        session.set_upper(trade, problem.trades[trade].upper);
    }
}
