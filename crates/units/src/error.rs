//! What can be wrong with a number.

/// Why a text is not a number of this type, or an operation has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a decimal number.
    #[error("{what}: `{text}` is not a decimal number")]
    NotDecimal {
        /// The type that was wanted.
        what: &'static str,
        /// The text found.
        text: String,
    },
    /// The text has more decimals than the type can hold exactly.
    #[error("{what}: `{text}` has more than {allowed} decimals")]
    TooFine {
        /// The type that was wanted.
        what: &'static str,
        /// The text found.
        text: String,
        /// Decimals that the type holds.
        allowed: u32,
    },
    /// The result does not fit the type.
    #[error("{what}: out of range")]
    Overflow {
        /// The operation or type.
        what: &'static str,
    },
    /// The text is not a calendar date `YYYY-MM-DD`.
    #[error("`{text}` is not a date of the form YYYY-MM-DD")]
    NotDate {
        /// The text found.
        text: String,
    },
    /// A ratio with nothing below the line.
    #[error("{what}: division by zero")]
    DivisionByZero {
        /// The operation.
        what: &'static str,
    },
}
