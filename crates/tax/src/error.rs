//! What can be wrong with a question about taxes.

use samebits_units::{Date, Money};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The tables begin later.
    #[error("no row of `{parameter}` of {jurisdiction} holds on {day}")]
    NoRow {
        /// Whose law.
        jurisdiction: &'static str,
        /// What is wanted.
        parameter: String,
        /// On which day.
        day: Date,
    },
    /// A row of an embedded table cannot be read; a test reads all of them.
    #[error("{table}, line {line}: {problem}")]
    Table {
        /// File.
        table: &'static str,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// An argument that no rule knows.
    #[error("{what}: {problem}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// A day that is no session, or a settlement beyond the sessions known.
    #[error("{day} and {needed} sessions after it are not among the {known} sessions known")]
    NoSession {
        /// Day of the trade.
        day: Date,
        /// Sessions from trade to settlement.
        needed: usize,
        /// Sessions known.
        known: usize,
    },
    /// The pieces do not cover these results.
    #[error("no piece holds at short-term {short}, long-term {long}")]
    NoPiece {
        /// Short-term result.
        short: Money,
        /// Long-term result.
        long: Money,
    },
    /// A number does not fit its type.
    #[error(transparent)]
    Units(#[from] samebits_units::Error),
}
