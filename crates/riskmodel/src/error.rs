//! Why a window has no risk model.

/// Why a window has no risk model. Windows are named by their first and last session.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too few sessions.
    #[error("window ending {last}: {found} sessions, {needed} needed")]
    TooShort {
        /// Last session.
        last: String,
        /// Sessions given.
        found: usize,
        /// Sessions needed.
        needed: usize,
    },
    /// Two parts of the input have different shapes.
    #[error("{what}: {found} entries, expected {expected}")]
    Shape {
        /// The part.
        what: &'static str,
        /// Entries found.
        found: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A price that is not positive.
    #[error(
        "window {first} to {last}: asset {asset} has a price that is not positive, {sessions_back} sessions before the end"
    )]
    Price {
        /// First session.
        first: String,
        /// Last session.
        last: String,
        /// Index of the asset.
        asset: usize,
        /// Sessions before the last one.
        sessions_back: usize,
    },
    /// A name without a single trade in the trailing sessions that liquidity looks at.
    #[error("window {first} to {last}: asset {asset} did not trade in the last {sessions} sessions")]
    NoTrades {
        /// First session.
        first: String,
        /// Last session.
        last: String,
        /// Index of the asset.
        asset: usize,
        /// Sessions looked at.
        sessions: usize,
    },
    /// A matrix that must be positive definite is not, after rounding to `f32`.
    #[error("window {first} to {last}: {what} is not positive definite: pivot {pivot} in column {column}")]
    NotPositive {
        /// The matrix.
        what: &'static str,
        /// First session.
        first: String,
        /// Last session.
        last: String,
        /// Column of the failing pivot.
        column: usize,
        /// The pivot.
        pivot: f64,
    },
}
