//! General quadratic programs through Clarabel.

use super::settings;
use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSolver, IPSolver, SolverStatus,
    SupportedConeT::{NonnegativeConeT, ZeroConeT},
};
use samebits_qp::general::{General, GeneralSolution, certify_general, refutes_general};
use samebits_qp::{Error, Settings, Status};

/// How many times the tolerance a residual of the certificate may be (1e-6 at 1e-10), as for portfolio problems.
const ACCEPT: f64 = 1e4;

/// One finite side of the limits of a row or variable, as a row of the conic form.
#[derive(Clone, Copy)]
struct Side {
    /// Row of `A`, or a variable.
    of: usize,
    sign: f64,
    /// Row of the conic form.
    place: usize,
}

/// The conic form: equal rows, equal bounds, then the other sides of rows and of bounds.
struct Form {
    rows: Vec<Side>,
    bounds: Vec<Side>,
    rhs: Vec<f64>,
    /// Rows of the zero cone.
    zero: usize,
}

impl Form {
    fn new(problem: &General) -> Self {
        let mut form = Self { rows: Vec::new(), bounds: Vec::new(), rhs: Vec::new(), zero: 0 };
        let General { row_lower, row_upper, lower, upper, .. } = problem;
        for equal in [true, false] {
            sides(&mut form.rows, &mut form.rhs, row_lower, row_upper, equal);
            sides(&mut form.bounds, &mut form.rhs, lower, upper, equal);
            if equal {
                form.zero = form.rhs.len();
            }
        }
        form
    }

    fn matrix(&self, problem: &General) -> CscMatrix<f64> {
        let mut of_row: Vec<Vec<Side>> = vec![Vec::new(); problem.a.rows];
        let mut of_variable: Vec<Vec<Side>> = vec![Vec::new(); problem.n()];
        for side in &self.rows {
            of_row[side.of].push(*side);
        }
        for side in &self.bounds {
            of_variable[side.of].push(*side);
        }
        let (mut start, mut index, mut value) = (vec![0], Vec::new(), Vec::new());
        for (j, own) in of_variable.iter().enumerate() {
            let of_rows = problem
                .a
                .column(j)
                .flat_map(|(r, a)| of_row[r].iter().map(move |side| (side.place, side.sign * a)));
            let of_bounds = own.iter().map(|side| (side.place, side.sign));
            let mut column: Vec<(usize, f64)> = of_rows.chain(of_bounds).collect();
            column.sort_unstable_by_key(|entry| entry.0);
            index.extend(column.iter().map(|entry| entry.0));
            value.extend(column.iter().map(|entry| entry.1));
            start.push(index.len());
        }
        CscMatrix::new(self.rhs.len(), problem.n(), start, index, value)
    }

    /// Row multipliers from those of the conic form.
    fn multipliers(&self, problem: &General, z: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; problem.a.rows];
        for side in &self.rows {
            y[side.of] += side.sign * z[side.place];
        }
        y
    }
}

/// Adds the sides of limits that are equal, or those of the others.
fn sides(out: &mut Vec<Side>, rhs: &mut Vec<f64>, lower: &[f64], upper: &[f64], equal: bool) {
    for of in (0..lower.len()).filter(|&of| (lower[of] == upper[of]) == equal) {
        for (sign, limit) in [(1.0, upper[of]), (-1.0, lower[of])] {
            if limit.is_finite() && (sign > 0.0 || !equal) {
                out.push(Side { of, sign, place: rhs.len() });
                rhs.push(sign * limit);
            }
        }
    }
}

/// Solves `problem`; optimal and infeasible are said only where our own certificate agrees.
///
/// # Errors
/// A malformed problem.
pub fn solve_general(problem: &General, settings: &Settings) -> Result<GeneralSolution, Error> {
    problem.validate()?;
    let (n, form) = (problem.n(), Form::new(problem));
    let samebits_qp::general::Sparse { start, index, value, .. } = problem.p.clone();
    let quadratic = CscMatrix::new(n, n, start, index, value);
    let cones = [ZeroConeT(form.zero), NonnegativeConeT(form.rhs.len() - form.zero)];
    let (matrix, pinned) = (form.matrix(problem), settings::pinned(settings));
    let Ok(mut solver) = DefaultSolver::new(&quadratic, &problem.q, &matrix, &form.rhs, &cones, pinned)
    else {
        let (x, y) = (vec![0.0; n], vec![0.0; problem.a.rows]);
        return Ok(judged(problem, x, y, SolverStatus::NumericalError, 0, settings));
    };
    solver.solve();
    let found = &solver.solution;
    let y = form.multipliers(problem, &found.z);
    let clamp = |(i, x): (usize, &f64)| {
        samebits_canon::min(samebits_canon::max(*x, problem.lower[i]), problem.upper[i])
    };
    let x = found.x.iter().enumerate().map(clamp).collect();
    Ok(judged(problem, x, y, found.status, found.iterations, settings))
}

fn judged(
    problem: &General,
    x: Vec<f64>,
    y: Vec<f64>,
    said: SolverStatus,
    iterations: u32,
    settings: &Settings,
) -> GeneralSolution {
    let certificate = certify_general(problem, &x, &y);
    let infeasible = matches!(said, SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible);
    let status = if certificate.within(ACCEPT * settings.tolerance) {
        Status::Optimal
    } else if infeasible && refutes_general(problem, &y) {
        Status::Infeasible
    } else if said == SolverStatus::MaxIterations {
        Status::IterationLimit
    } else {
        Status::Failed
    };
    GeneralSolution { status, objective: problem.objective(&x), x, y, iterations, certificate }
}
