//! `Sigma x` in memory of its own.

use samebits_canon::{Isa, matvec_on, matvec_symmetric, matvec_transposed};
use samebits_qp::{Problem, Risk};
use std::borrow::Cow;

/// The covariance, row-major.
pub(super) enum Covariance<'a> {
    Dense(Cow<'a, [f64]>),
    Factor {
        exposures: Cow<'a, [f64]>,
        covariance: Cow<'a, [f64]>,
        specific: Cow<'a, [f64]>,
        inner: [Vec<f64>; 2],
    },
}

impl<'a> Covariance<'a> {
    pub(super) fn new(problem: &'a Problem) -> Self {
        let matrix = |a: &'a ndarray::Array2<f64>| {
            a.as_slice().map_or_else(|| Cow::Owned(a.iter().copied().collect()), Cow::Borrowed)
        };
        match &*problem.risk {
            Risk::Dense(sigma) => Self::Dense(matrix(sigma)),
            Risk::Factor { exposures, covariance, specific } => Self::Factor {
                exposures: matrix(exposures),
                covariance: matrix(covariance),
                specific: Cow::Owned(specific.to_vec()),
                inner: [vec![0.0; covariance.nrows()], vec![0.0; covariance.nrows()]],
            },
        }
    }

    /// `y = Sigma x`: clause A4.2; factor form `B (F (B' x)) + D x`.
    pub(super) fn times(&mut self, isa: Isa, x: &[f64], y: &mut [f64]) {
        match self {
            Self::Dense(sigma) => matvec_symmetric(isa, sigma, x, y),
            Self::Factor { exposures, covariance, specific, inner: [exposed, loaded] } => {
                y.fill(0.0);
                if !exposed.is_empty() {
                    matvec_transposed(isa, exposures, x, exposed);
                    matvec_on(isa, covariance, exposed, loaded);
                    matvec_on(isa, exposures, loaded, y);
                }
                for ((y, s), x) in y.iter_mut().zip(specific.iter()).zip(x) {
                    *y += s * x;
                }
            }
        }
    }
}
