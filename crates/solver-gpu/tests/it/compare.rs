//! Two results, bit by bit.

use samebits_gpu_verify::difference;
use samebits_qp::{Error, Solution};

/// What differs first of two results; errors by all that they say.
pub(crate) fn results_differ(a: &Result<Solution, Error>, b: &Result<Solution, Error>) -> Option<String> {
    if let (Ok(a), Ok(b)) = (a, b) {
        return difference(a, b);
    }
    let (a, b) = (said(a), said(b));
    (a != b).then(|| format!("{a} and {b}"))
}

fn said(result: &Result<Solution, Error>) -> String {
    match result {
        Ok(solution) => format!("{:?}", solution.status),
        Err(error) => format!("{error:?}"),
    }
}
