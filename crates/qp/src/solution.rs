//! The answer, and how an answer is judged.

use crate::{Error, Problem};

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

/// What a solver found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// How it ended.
    pub status: Status,
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
}
