//! What can be wrong with a problem.

/// Why a problem is malformed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vector or matrix has the wrong shape.
    #[error("{what}: {found} entries, expected {expected}")]
    Shape {
        /// Name of the part.
        what: String,
        /// Entries found.
        found: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A number that must be finite is not, or an infinity has the wrong sign.
    #[error("{what}[{index}] = {value}: not allowed")]
    Value {
        /// Name of the part.
        what: String,
        /// Flat index of the entry.
        index: usize,
        /// The value found.
        value: f64,
    },
    /// A lower limit above its upper limit.
    #[error("{what}[{index}]: lower limit {lower} is above upper limit {upper}")]
    Crossed {
        /// Name of the part.
        what: &'static str,
        /// Index of the entry.
        index: usize,
        /// Lower limit.
        lower: f64,
        /// Upper limit.
        upper: f64,
    },
    /// The covariance is not symmetric.
    #[error("{what}: entry ({row}, {column}) differs from entry ({column}, {row})")]
    Asymmetric {
        /// Name of the matrix.
        what: &'static str,
        /// Row.
        row: usize,
        /// Column.
        column: usize,
    },
    /// The covariance is not positive definite.
    #[error("{what} is not positive definite: pivot {pivot} in column {column}")]
    NotPositive {
        /// Name of the matrix.
        what: &'static str,
        /// Column of the failing pivot.
        column: usize,
        /// The pivot.
        pivot: f64,
    },
}
