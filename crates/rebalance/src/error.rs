//! What can be wrong with a question.

use samebits_units::Date;

/// Why a rebalance could not be decided.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter that this version does not know.
    #[error("parameter `{name}` is not known")]
    UnknownParameter {
        /// Its name.
        name: String,
    },
    /// Rules that this build does not have.
    #[error("rules `{wanted}` are not known; this build decides by {known}")]
    UnknownRules {
        /// The rules asked for.
        wanted: String,
        /// Those that there are.
        known: String,
    },
    /// A parameter that is not there.
    #[error("parameter `{name}` is missing")]
    MissingParameter {
        /// Its name.
        name: &'static str,
    },
    /// A parameter of the wrong type or out of its range.
    #[error("parameter `{name}` is {found}; expected {expected}")]
    Parameter {
        /// Its name.
        name: String,
        /// The value found.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A ticker in a parameter that is not in the universe.
    #[error("parameter `{name}` names `{ticker}`, which is not in the universe of {as_of}")]
    UnknownTicker {
        /// The parameter.
        name: &'static str,
        /// The ticker.
        ticker: String,
        /// The day.
        as_of: Date,
    },
    /// A sector in a parameter that the market does not have.
    #[error("parameter `exclude_sectors` names `{sector}`, which is no sector of {as_of}")]
    UnknownSector {
        /// The sector.
        sector: String,
        /// The day.
        as_of: Date,
    },
    /// A factor in a parameter that the risk model does not have.
    #[error("parameter `factor_tilts` names `{factor}`; the risk model has {known}")]
    UnknownFactor {
        /// The factor.
        factor: String,
        /// Those that there are.
        known: String,
    },
    /// The tax of the year overflows, or a law contradicts itself.
    #[error(transparent)]
    Tax(#[from] samebits_tax::Error),
    /// No piece of the year's tax holds the results so far.
    #[error("no piece of the tax under the law `{law}` holds the results of the year so far")]
    NoPiece {
        /// The law.
        law: String,
    },
    /// A piece of the year's tax that the law does not have.
    #[error("the law `{law}` has no piece `{piece}`")]
    UnknownPiece {
        /// The law.
        law: String,
        /// The piece asked for.
        piece: String,
    },
    /// A vector or matrix of the inputs has the wrong shape.
    #[error("{what}: {found} entries for {expected} expected")]
    Shape {
        /// The part of the inputs.
        what: &'static str,
        /// Entries found.
        found: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A part of the inputs contradicts another.
    #[error("{what}[{index}]: {problem}")]
    Inconsistent {
        /// The part of the inputs.
        what: &'static str,
        /// Its index.
        index: usize,
        /// What is wrong.
        problem: String,
    },
    /// The account has no value to rebalance.
    #[error("net asset value is {nav}: nothing to rebalance")]
    NoValue {
        /// Net asset value found.
        nav: samebits_units::Money,
    },
    /// An outcome that does not follow from its question and its state.
    #[error("the outcome does not follow from what was kept of it: {why}")]
    NotDerived {
        /// Why not.
        why: &'static str,
    },
    /// What was kept of an outcome is not what the outcome has that is derived from it.
    #[error("kept.{part} is not that of the outcome that follows from it")]
    NotKept {
        /// The part that differs.
        part: &'static str,
    },
    /// Cash is short and nothing may be sold.
    #[error("cash would be {cash} after every admissible sale; at least {needed} is required")]
    CashShort {
        /// Cash that can be reached.
        cash: samebits_units::Money,
        /// Cash required.
        needed: samebits_units::Money,
    },
    /// A number does not fit its type.
    #[error(transparent)]
    Units(#[from] samebits_units::Error),
    /// The problem is malformed.
    #[error("the optimisation problem is malformed: {0}")]
    Problem(#[from] samebits_qp::Error),
    /// The trades could not be executed.
    #[error(transparent)]
    Execution(#[from] samebits_execution::Error),
    /// The ledger refused the orders.
    #[error(transparent)]
    Ledger(#[from] samebits_ledger::Error),
}
