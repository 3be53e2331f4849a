//! The general form: a MessagePack map.

use crate::Error;
use samebits_qp::general::{General, Sparse};
use serde::Deserialize;

/// A general quadratic program of a file.
#[derive(Debug, Clone)]
pub struct GeneralFile {
    /// Its name.
    pub name: String,
    /// The problem.
    pub problem: General,
}

/// The fields as they are stored: column-compressed matrices, of `P` the upper triangle; infinities are IEEE infinities.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    n: usize,
    m: usize,
    c0: f64,
    p_ptr: Vec<usize>,
    p_idx: Vec<usize>,
    p_val: Vec<f64>,
    q: Vec<f64>,
    a_ptr: Vec<usize>,
    a_idx: Vec<usize>,
    a_val: Vec<f64>,
    l: Vec<f64>,
    u: Vec<f64>,
    lb: Vec<f64>,
    ub: Vec<f64>,
}

/// Reads the general form.
///
/// # Errors
/// [`Error`] with what is wrong; the problem is [validated](General::validate) too.
pub fn general(bytes: &[u8]) -> Result<GeneralFile, Error> {
    let file: File = rmp_serde::from_slice(bytes).map_err(|error| Error::MessagePack(error.to_string()))?;
    if file.q.len() != file.n {
        return Err(Error::field("q", format!("{} entries, n says {}", file.q.len(), file.n)));
    }
    let problem = General {
        p: Sparse { rows: file.n, start: file.p_ptr, index: file.p_idx, value: file.p_val },
        q: file.q,
        constant: file.c0,
        a: Sparse { rows: file.m, start: file.a_ptr, index: file.a_idx, value: file.a_val },
        row_lower: file.l,
        row_upper: file.u,
        lower: file.lb,
        upper: file.ub,
    };
    problem.validate()?;
    Ok(GeneralFile { name: file.name, problem })
}
