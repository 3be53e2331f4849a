//! The backend `ipm/1`: Mehrotra's predictor-corrector method on the structure of the portfolio problem.
//!
//! [`model`] takes out what cannot move and scales the rows; [`point`] holds the iterate and its residuals, [`barrier`] the
//! slacks and prices of all limits; [`newton`] eliminates the trades and solves for weights, rows and cap with one
//! factorisation of order `n` ([`kernel`]) and a small system ([`dense`]); [`iterate`] goes on until the residuals are small.
//! [`conflict`] turns prices into proofs of infeasibility, [`answer`] an iterate into a solution of the problem. It is the
//! robust base under `active-set/1`; the answer is finished canonically where a finish exists.

mod answer;
mod barrier;
mod conflict;
mod dense;
mod device;
mod iterate;
mod kernel;
mod model;
mod newton;
mod point;
mod risk;

use crate::ActiveSet;
pub use device::{Iterate, Iteration, Start, System, SystemRow, SystemSide};
use iterate::{Outcome, iterate};
use model::Model;
use point::{Point, Residuals};
use samebits_canon::{Isa, max, max_abs};
use samebits_qp::{Error, Multipliers, Path, Problem, Settings, Solution, Solver, Status, certify};

/// How many times the tolerance a residual of the certificate may be.
const ACCEPT: f64 = 10.0;

/// Prices this many times above the objective's slopes, while limits are not met, are looked at as a proof that none can
/// meet them; so many times further away before the next look.
const FAR: f64 = 10.0;

/// The interior-point backend: the iteration, then the canonical finish.
#[derive(Debug)]
pub struct Ipm {
    active: ActiveSet,
}

impl Ipm {
    /// A backend whose kernels use `isa`, and whose finish up to `threads` threads; neither moves a bit.
    pub fn new(isa: Isa, threads: usize) -> Self {
        Self { active: ActiveSet::new(isa, threads) }
    }
}

/// The interior point without the finish, for comparisons.
#[derive(Debug)]
pub struct RawIpm {
    /// Instructions for the kernels; moves no bit.
    pub isa: Isa,
}

impl Solver for RawIpm {
    fn id(&self) -> &'static str {
        "ipm-raw/1"
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        raw(self.isa, problem, settings)
    }

    fn isa(&self) -> Isa {
        self.isa
    }
}

impl Solver for Ipm {
    fn id(&self) -> &'static str {
        "ipm/1"
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        let raw = raw(self.active.isa(), problem, settings)?;
        self.active.finish_or_keep(problem, raw, Path::InteriorPoint, settings)
    }

    fn isa(&self) -> Isa {
        self.active.isa()
    }
}

/// The answer as the iteration leaves it.
pub(crate) fn raw(isa: Isa, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
    let (model, mut watch) = match begin(isa, problem, settings)? {
        Begun::Solved(solution) => return Ok(*solution),
        Begun::Open(model, watch) => (model, watch),
    };
    let mut look = |point: &Point, found: &Residuals| watch.look(&model, point, found);
    let outcome = iterate(&model, settings.tolerance, settings.max_iterations, &mut look)?;
    conclude(&model, watch, &outcome, settings)
}

/// A solve that has begun.
enum Begun<'a> {
    /// A proof of infeasibility that needs no iteration.
    Solved(Box<Solution>),
    Open(Box<Model<'a>>, Watch),
}

fn begin<'a>(isa: Isa, problem: &'a Problem, settings: &Settings) -> Result<Begun<'a>, Error> {
    problem.validate()?;
    let model = Model::new(isa, problem);
    let accuracy = ACCEPT * settings.tolerance * max(1.0, model.size);
    if let Some((multipliers, _)) = conflict::at_once(&model, accuracy) {
        let trades = vec![0.0; problem.trades.len()];
        let solution = infeasible(problem, problem.start.clone(), trades, multipliers, 0);
        return Ok(Begun::Solved(Box::new(solution)));
    }
    Ok(Begun::Open(Box::new(model), Watch { accuracy, far: FAR, proof: None }))
}

/// Looks at prices that run away.
struct Watch {
    accuracy: f64,
    /// How far they may run before the next look.
    far: f64,
    /// Trades, weights and multipliers of a proof.
    proof: Option<(Vec<f64>, Vec<f64>, Multipliers)>,
}

impl Watch {
    /// Whether there is a proof.
    fn look(&mut self, model: &Model<'_>, point: &Point, found: &Residuals) -> bool {
        let away = runs_away(model, found);
        if away < self.far {
            return false;
        }
        self.far = FAR * away;
        let (trades, rows, cap) = answer::combination(model, point, found);
        let weights = model.problem.weights(&trades);
        self.proof = conflict::proof(model.problem, model.size, &weights, (&rows, cap), self.accuracy)
            .map(|(multipliers, _)| (trades, weights, multipliers));
        self.proof.is_some()
    }
}

/// From the end of the iteration to a solution.
fn conclude(
    model: &Model<'_>,
    watch: Watch,
    outcome: &Outcome,
    settings: &Settings,
) -> Result<Solution, Error> {
    if let Some((trades, weights, multipliers)) = watch.proof {
        return Ok(infeasible(model.problem, weights, trades, multipliers, outcome.iterations));
    }
    let answer = answer::solution(model, outcome, settings);
    if answer.status == Status::Optimal {
        return Ok(answer);
    }
    Ok(prove(model.isa, model.problem, settings, &answer, watch.accuracy)?.unwrap_or(answer))
}

/// The largest price over the objective's slope while the limits are not met.
fn runs_away(model: &Model<'_>, found: &Residuals) -> f64 {
    let cap = model.cap.map_or(0.0, |_| found.prices[model.places()[2]] * model.steepness);
    let largest = max(max_abs(&found.l), cap);
    if found.primal > 1e-7 * model.size { largest / model.slope } else { 0.0 }
}

/// Looks for a proof of infeasibility after a solve that found no optimum, within the iterations that are left.
fn prove(
    isa: Isa,
    problem: &Problem,
    settings: &Settings,
    answer: &Solution,
    accuracy: f64,
) -> Result<Option<Solution>, Error> {
    let mut iterations = answer.iterations;
    let mut phase = |problem: &Problem| -> Result<(Vec<f64>, Vec<f64>, Outcome), Error> {
        let model = Model::new(isa, problem);
        let left = settings.max_iterations.saturating_sub(iterations);
        let outcome = iterate(&model, settings.tolerance, left, &mut |_, _| false)?;
        iterations += outcome.iterations;
        let (trades, rows) = answer::trades_and_rows(&model, &outcome.best);
        Ok((trades, rows, outcome))
    };
    let (mut trades, rows, _) = phase(&conflict::least_violation(problem))?;
    trades.truncate(problem.trades.len());
    let weights = problem.weights(&trades);
    let size = model::size(problem);
    if let Some((found, _)) = conflict::proof(problem, size, &weights, (&rows, 0.0), accuracy) {
        return Ok(Some(infeasible(problem, weights, trades, found, iterations)));
    }
    let Some(cap) = problem.risk_cap else { return Ok(None) };
    let (trades, rows, _) = phase(&conflict::least_risk(problem))?;
    let weights = problem.weights(&trades);
    let error = problem.variance(&problem.active(&weights)).sqrt();
    if !(error > cap) {
        return Ok(None);
    }
    // Stationarity of half the variance is that of the deviation times the deviation.
    let found = conflict::proof(problem, size, &weights, (&rows, error), accuracy);
    Ok(found.map(|(found, _)| infeasible(problem, weights, trades, found, iterations)))
}

fn infeasible(
    problem: &Problem,
    weights: Vec<f64>,
    trades: Vec<f64>,
    multipliers: Multipliers,
    iterations: u32,
) -> Solution {
    let certificate = certify(problem, &weights, &trades, &multipliers);
    let objective = problem.objective(&weights, &trades);
    Solution {
        status: Status::Infeasible,
        trades,
        weights,
        multipliers,
        iterations,
        objective,
        certificate,
        path: Path::Raw,
        finish: None,
    }
}
