//! The backend `clarabel/1`.
//!
//! The problem is handed over in sparse form (`form`): variables are the trades `t`, the weights `w` and risk variables
//! `y` with `d' Sigma d = |y|^2` (dense: `y = L' d` with the ordered Cholesky factor of `Sigma`) or
//! `|y|^2 + sum of D d^2` (factor form: `y = (B L_F)' d`). The cap is one second-order cone.
//!
//! Bits: Clarabel with QDLDL is scalar Rust without dispatch on the processor; every setting that could move a bit is
//! written down in `settings`, so an update of the package cannot change it silently. The package version is pinned
//! exactly in the workspace.

mod form;
mod general;
mod settings;

pub use general::solve_general;

use clarabel::solver::{DefaultSolver, IPSolver, SolverStatus};
use form::Form;
use samebits_canon::Isa;
use samebits_qp::{Error, Multipliers, Path, Problem, Settings, Solution, Solver, Status, certify};

/// How many times the tolerance a residual of our certificate may be (1e-6 at 1e-10): Clarabel stops on residuals of the
/// equilibrated problem, relative to its data.
const ACCEPT: f64 = 1e4;

/// The Clarabel backend.
#[derive(Debug, Clone, Copy)]
pub struct Clarabel {
    /// Instructions for our own factorisation of `Sigma`; moves no bit.
    pub isa: Isa,
}

impl Solver for Clarabel {
    fn id(&self) -> &'static str {
        "clarabel/1"
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        problem.validate()?;
        let form = Form::new(self.isa, problem)?;
        let Ok(mut solver) = DefaultSolver::new(
            &form.quadratic(problem),
            &form.linear(problem),
            &form.constraints.matrix(form.variables),
            &form.constraints.rhs,
            &form.constraints.cones,
            settings::pinned(settings),
        ) else {
            return Ok(unsolved(problem));
        };
        solver.solve();
        let found = &solver.solution;
        let trades = clamp(problem, &found.x);
        let weights = problem.weights(&trades);
        let multipliers = form.multipliers(problem, &found.z);
        let certificate = certify(problem, &weights, &trades, &multipliers);
        let worst = [certificate.primal, certificate.dual, certificate.complementarity, certificate.gap];
        let accepted = worst.iter().all(|residual| *residual <= settings.tolerance * ACCEPT);
        let status = match found.status {
            SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => Status::Infeasible,
            _ if accepted => Status::Optimal,
            SolverStatus::MaxIterations => Status::IterationLimit,
            _ => Status::Failed,
        };
        Ok(Solution {
            status,
            path: Path::Raw,
            finish: None,
            objective: problem.objective(&weights, &trades),
            trades,
            weights,
            multipliers,
            iterations: found.iterations,
            certificate,
        })
    }
}

/// The trades inside their bounds; a NaN stays and fails the certificate.
fn clamp(problem: &Problem, x: &[f64]) -> Vec<f64> {
    let inside = |(variable, &value): (&samebits_qp::TradeVariable, &f64)| {
        samebits_canon::min(samebits_canon::max(value, 0.0), variable.upper)
    };
    problem.trades.iter().zip(x).map(inside).collect()
}

fn unsolved(problem: &Problem) -> Solution {
    let trades = vec![0.0; problem.trades.len()];
    let multipliers = Multipliers {
        rows: vec![0.0; problem.rows.len()],
        bounds: vec![0.0; problem.n()],
        trades: trades.clone(),
        cap: 0.0,
    };
    let weights = problem.weights(&trades);
    let certificate = certify(problem, &weights, &trades, &multipliers);
    let objective = problem.objective(&weights, &trades);
    Solution {
        status: Status::Failed,
        path: Path::Raw,
        finish: None,
        trades,
        weights,
        multipliers,
        iterations: 0,
        objective,
        certificate,
    }
}
