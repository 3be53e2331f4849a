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

/// One side of a limit as a row of the conic form.
#[derive(Clone, Copy)]
struct Side {
    /// Row of `A`, or a variable.
    of: usize,
    sign: f64,
}

/// Solves `problem`; optimal and infeasible are said only where our own certificate agrees.
///
/// # Errors
/// A malformed problem.
pub fn solve_general(problem: &General, settings: &Settings) -> Result<GeneralSolution, Error> {
    problem.validate()?;
    let n = problem.n();
    let (mut rows, mut bounds) = (Vec::new(), Vec::new());
    let equal = |out: &mut Vec<Side>, lower: &[f64], upper: &[f64]| {
        out.extend((0..lower.len()).filter(|&of| lower[of] == upper[of]).map(|of| Side { of, sign: 1.0 }));
    };
    let sides = |out: &mut Vec<Side>, lower: &[f64], upper: &[f64]| {
        for of in (0..lower.len()).filter(|&of| lower[of] != upper[of]) {
            out.extend(upper[of].is_finite().then_some(Side { of, sign: 1.0 }));
            out.extend(lower[of].is_finite().then_some(Side { of, sign: -1.0 }));
        }
    };
    equal(&mut rows, &problem.row_lower, &problem.row_upper);
    equal(&mut bounds, &problem.lower, &problem.upper);
    let (equal_rows, equal_bounds) = (rows.len(), bounds.len());
    sides(&mut rows, &problem.row_lower, &problem.row_upper);
    sides(&mut bounds, &problem.lower, &problem.upper);
    // Order of the conic form: equal rows, equal bounds, row sides, bound sides.
    let place_of_row = |k: usize| if k < equal_rows { k } else { k + equal_bounds };
    let place_of_bound = |k: usize| if k < equal_bounds { equal_rows + k } else { rows.len() + k };
    let total = rows.len() + bounds.len();
    let mut rhs = vec![0.0; total];
    let mut of_row: Vec<Vec<(usize, f64)>> = vec![Vec::new(); problem.a.rows];
    let mut of_variable: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    for (k, side) in rows.iter().enumerate() {
        of_row[side.of].push((place_of_row(k), side.sign));
        rhs[place_of_row(k)] =
            if side.sign > 0.0 { problem.row_upper[side.of] } else { -problem.row_lower[side.of] };
    }
    for (k, side) in bounds.iter().enumerate() {
        of_variable[side.of].push((place_of_bound(k), side.sign));
        rhs[place_of_bound(k)] =
            if side.sign > 0.0 { problem.upper[side.of] } else { -problem.lower[side.of] };
    }
    let (mut start, mut index, mut value) = (vec![0], Vec::new(), Vec::new());
    for (j, own) in of_variable.iter().enumerate() {
        let of_rows =
            problem.a.column(j).flat_map(|(r, a)| of_row[r].iter().map(move |(at, sign)| (*at, sign * a)));
        let mut column: Vec<(usize, f64)> = of_rows.chain(own.iter().copied()).collect();
        column.sort_unstable_by_key(|entry| entry.0);
        index.extend(column.iter().map(|entry| entry.0));
        value.extend(column.iter().map(|entry| entry.1));
        start.push(index.len());
    }
    let constraints = CscMatrix::new(total, n, start, index, value);
    let quadratic =
        CscMatrix::new(n, n, problem.p.start.clone(), problem.p.index.clone(), problem.p.value.clone());
    let zero = equal_rows + equal_bounds;
    let cones = [ZeroConeT(zero), NonnegativeConeT(total - zero)];
    let Ok(mut solver) =
        DefaultSolver::new(&quadratic, &problem.q, &constraints, &rhs, &cones, settings::pinned(settings))
    else {
        return Ok(judged(
            problem,
            vec![0.0; n],
            vec![0.0; problem.a.rows],
            SolverStatus::NumericalError,
            0,
            settings,
        ));
    };
    solver.solve();
    let found = &solver.solution;
    let mut y = vec![0.0; problem.a.rows];
    for (k, side) in rows.iter().enumerate() {
        y[side.of] += side.sign * found.z[place_of_row(k)];
    }
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
