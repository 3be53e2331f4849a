//! What can be wrong with an execution.

/// Why a day's trades could not be executed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Recorded under matching rules that this build does not have.
    #[error("the execution names the matching rules `{wanted}`; this build has {known}")]
    Rules {
        /// The rules recorded.
        wanted: String,
        /// The rules there are.
        known: &'static str,
    },
    /// Bars for another number of securities than the market has.
    #[error("bars of {found} securities for a market of {wanted}")]
    Shape {
        /// Securities with bars.
        found: usize,
        /// Securities of the market.
        wanted: usize,
    },
    /// A bar that is none.
    #[error("{ticker}: {problem}")]
    Bar {
        /// The security.
        ticker: String,
        /// What is wrong.
        problem: String,
    },
    /// Bars that the executor cannot apply.
    #[error("{ticker}: {source}")]
    Tape {
        /// The security.
        ticker: String,
        /// Why.
        source: samebits_executor::Error,
    },
    /// A number out of range.
    #[error(transparent)]
    Number(#[from] samebits_units::Error),
}
