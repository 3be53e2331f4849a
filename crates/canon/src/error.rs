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
}
