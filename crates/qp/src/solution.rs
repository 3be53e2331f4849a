//! The answer, and how an answer is judged.

use crate::{Error, Problem, State};
use samebits_canon::max;

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Optimal to the tolerance of the settings, by the certificate of this crate.
    Optimal,
    /// The constraints contradict each other.
    Infeasible,
    /// The iteration limit came first.
    IterationLimit,
    /// The solver stopped without an answer that the certificate accepts.
    Failed,
}

/// What a solve is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Tolerance on primal, dual and complementarity residuals and on the gap.
    pub tolerance: f64,
    /// Most iterations.
    pub max_iterations: u32,
    /// How states are searched.
    pub search: Search,
}

impl Settings {
    /// With the newest search.
    pub const fn new(tolerance: f64, max_iterations: u32) -> Self {
        Self { tolerance, max_iterations, search: Search::Second }
    }
}

/// How a search over states goes and where it ends; part of what a Run is pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Ends in the first optimal state that it meets; where it does not end, another method answers.
    First,
    /// Ends in the preferred state where more than one describes the optimum; where it does not end, it climbs the dual of
    /// the rows.
    Second,
}

/// Lagrange multipliers. Positive: the upper limit binds; negative: the lower one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Multipliers {
    /// One a row.
    pub rows: Vec<f64>,
    /// One an asset, for its weight bounds.
    pub bounds: Vec<f64>,
    /// One a trade variable, for its bounds 0 and `upper`.
    pub trades: Vec<f64>,
    /// Of the risk cap: fall of the objective per unit of cap; 0 without a cap.
    pub cap: f64,
}

/// Residuals recomputed from the problem's own data.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Certificate {
    /// Largest violation of a bound, row or cap.
    pub primal: f64,
    /// Largest residual of stationarity over the trade variables, and largest multiplier of a wrong sign.
    pub dual: f64,
    /// Largest product of a slack and its multiplier.
    pub complementarity: f64,
    /// Primal minus dual objective, relative to `max(1, |objective|)`.
    pub gap: f64,
}

impl Certificate {
    /// Whether every residual is within `tolerance`, relative to a typical weight `size` and a typical slope of the
    /// objective where these exceed 1; the gap is relative already.
    pub fn within(&self, tolerance: f64, size: f64, slope: f64) -> bool {
        let (size, slope) = (max(1.0, size), max(1.0, slope));
        self.primal <= tolerance * size
            && self.dual <= tolerance * slope
            && self.complementarity <= tolerance * (size * slope)
            && self.gap <= tolerance
    }
}

/// Which way an answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Path {
    /// By the solver's own iteration, not finished canonically.
    Raw,
    /// By the active set, from its own start.
    ActiveSet,
    /// By the active set, up the dual of the rows.
    Ascent,
    /// By the interior point, then the canonical finish.
    InteriorPoint,
    /// By another solver, then the canonical finish.
    Finished,
}

impl Path {
    /// Every way.
    pub const ALL: [Self; 5] =
        [Self::Raw, Self::ActiveSet, Self::Ascent, Self::InteriorPoint, Self::Finished];

    /// The name that is printed and recorded.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::ActiveSet => "active-set",
            Self::Ascent => "dual-ascent",
            Self::InteriorPoint => "interior-point",
            Self::Finished => "finished",
        }
    }
}

/// A margin below this makes an answer [degenerate](Finish::degenerate).
pub const DEGENERATE: f64 = 1e-10;

/// What the canonical finish knows of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    /// The state that decides the weights.
    pub state: State,
    /// Smallest distance of anything between its limits from them: trades, weights, rows, the cap.
    pub primal_margin: f64,
    /// Smallest price of anything at a limit: reduced costs, bounds, rows, the cap.
    pub dual_margin: f64,
}

impl Finish {
    /// Whether another state may describe the same optimum: a margin is below [`DEGENERATE`], so rounding could decide
    /// which of them a solver meets.
    pub fn degenerate(&self) -> bool {
        !(self.primal_margin >= DEGENERATE && self.dual_margin >= DEGENERATE)
    }
}

/// What a solver found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// How it ended.
    pub status: Status,
    /// Which way it was found.
    pub path: Path,
    /// Of an answer that was finished canonically: its state and margins.
    pub finish: Option<Finish>,
    /// Values of the trade variables.
    pub trades: Vec<f64>,
    /// Weights: `start` plus the trades, each one an ascending chain over the trade variables.
    pub weights: Vec<f64>,
    /// Multipliers.
    pub multipliers: Multipliers,
    /// Iterations.
    pub iterations: u32,
    /// Objective at `weights` and `trades`, recomputed from the problem.
    pub objective: f64,
    /// Residuals, recomputed from the problem.
    pub certificate: Certificate,
}

/// A backend.
pub trait Solver: Sync {
    /// Name and arithmetic version, for instance `clarabel/1`.
    fn id(&self) -> &'static str;

    /// Solves `problem`.
    ///
    /// # Errors
    /// An [`Error`] when the problem is malformed; a solve that finds no optimum is a [`Status`], not an error.
    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error>;

    /// Solves `problem`, which was solved before under other limits: `from` is the state of that answer. A solver may start
    /// there; where it starts does not change the answer.
    ///
    /// # Errors
    /// Those of [`Solver::solve`].
    fn solve_from(&self, problem: &Problem, settings: &Settings, from: &State) -> Result<Solution, Error> {
        let _ = from;
        self.solve(problem, settings)
    }

    /// Instructions that its kernels may use; moves no bit.
    fn isa(&self) -> samebits_canon::Isa {
        samebits_canon::Isa::Portable
    }

    /// A session of its own for repeated solves, if it has one; [`crate::sides::session`] gives one in any case.
    ///
    /// # Errors
    /// An [`Error`] when the problem is malformed.
    fn session<'a>(
        &'a self,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Option<Box<dyn crate::sides::Session + 'a>>, Error> {
        let _ = (problem, settings);
        Ok(None)
    }
}
