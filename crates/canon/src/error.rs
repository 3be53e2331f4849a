//! Where a numeric routine has no answer.

/// Why a routine has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A pivot of a Cholesky factorisation is not a positive finite number.
    #[error("column {column}: pivot {pivot} is not positive: the matrix is not positive definite")]
    NotPositive {
        /// Column of the pivot, counted from 0.
        column: usize,
        /// The value under the square root.
        pivot: f64,
    },
    /// The processor's floating-point mode is not the specified one (clause A7).
    #[error("floating point: {rule}: found {found:e}, expected {expected:e}")]
    NotIeee {
        /// What IEEE 754 says.
        rule: &'static str,
        /// The result on this thread.
        found: f64,
        /// The result by the rule.
        expected: f64,
    },
}
