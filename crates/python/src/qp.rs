//! General quadratic programs.

use crate::backend::clock;
use crate::convert::{dict, made};
use crate::errors::{Fault, detached};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use samebits_qp::general::{General, GeneralSolution, Sparse};
use samebits_qp::{Settings, Status};
use samebits_snapshot::Hasher;
use samebits_solver_cpu::solve_general;

/// Solves a problem whose arrays come as bytes: 64-bit little-endian floats and integers, columns compressed.
#[pyfunction]
#[pyo3(name = "_solve")]
pub(crate) fn solve<'py>(
    py: Python<'py>,
    problem: &Bound<'py, PyDict>,
    tolerance: f64,
    max_iterations: u32,
) -> PyResult<Bound<'py, PyAny>> {
    if !(tolerance > 0.0 && tolerance < 1.0) {
        let message = format!("tolerance {tolerance}: between 0 and 1 was expected");
        return Err(Fault::input("python.argument", "leave it at 1e-10", message).into());
    }
    let general = General {
        p: sparse(problem, "P")?,
        q: floats(problem, "q")?,
        constant: field(problem, "constant")?.extract()?,
        a: sparse(problem, "A")?,
        row_lower: floats(problem, "l")?,
        row_upper: floats(problem, "u")?,
        lower: floats(problem, "lower")?,
        upper: floats(problem, "upper")?,
    };
    let (found, milliseconds) = detached(py, || {
        let clock = clock();
        let found = solve_general(&general, &Settings::new(tolerance, max_iterations))?;
        Ok((found, clock() as f64 / 1e6))
    })?;
    let residuals = found.certificate;
    let certificate =
        dict(py, [("primal", residuals.primal), ("dual", residuals.dual), ("gap", residuals.gap)])?;
    let fields = (
        status(found.status),
        bytes(py, &found.x),
        bytes(py, &found.y),
        found.objective,
        certificate,
        digest(&found),
        found.iterations,
        milliseconds,
    );
    made(py, "_solution", fields)
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Optimal => "optimal",
        Status::Infeasible => "infeasible",
        Status::IterationLimit => "iteration limit",
        _ => "failed",
    }
}

/// Of the bits of the variables and of the multipliers.
fn digest(found: &GeneralSolution) -> String {
    let mut hasher = Hasher::new("samebits 2026 general solution");
    hasher.floats(&[&found.x]);
    hasher.floats(&[&found.y]);
    hasher.finish().to_string()
}

fn bytes<'py>(py: Python<'py>, values: &[f64]) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

fn field<'py>(problem: &Bound<'py, PyDict>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let missing = || Fault::input("python.argument", "call samebits.solve", format!("{name} is missing"));
    Ok(problem.get_item(name)?.ok_or_else(missing)?)
}

/// Words of eight bytes.
fn words(problem: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<[u8; 8]>> {
    let value = field(problem, name)?;
    let (words, rest) = value.cast::<PyBytes>()?.as_bytes().as_chunks::<8>();
    if rest.is_empty() {
        return Ok(words.to_vec());
    }
    let message = format!("{name}: {} bytes are left over", rest.len());
    Err(Fault::input("python.argument", "call samebits.solve", message).into())
}

fn floats(problem: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<f64>> {
    Ok(words(problem, name)?.into_iter().map(f64::from_le_bytes).collect())
}

fn indices(problem: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<usize>> {
    let index = |word: [u8; 8]| {
        let found = i64::from_le_bytes(word);
        let wrong =
            || Fault::input("python.argument", "call samebits.solve", format!("{name}: index {found}"));
        Ok(usize::try_from(found).map_err(|_| wrong())?)
    };
    words(problem, name)?.into_iter().map(index).collect()
}

fn sparse(problem: &Bound<'_, PyDict>, name: &str) -> PyResult<Sparse> {
    Ok(Sparse {
        rows: field(problem, &format!("{name}.rows"))?.extract()?,
        start: indices(problem, &format!("{name}.start"))?,
        index: indices(problem, &format!("{name}.index"))?,
        value: floats(problem, &format!("{name}.value"))?,
    })
}
