//! Why a window has no risk model.

use samebits_units::Date;

/// Why a window has no risk model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A recipe that this release does not know.
    #[error("recipe `{found}` is unknown; known: `{known}`")]
    UnknownRecipe {
        /// The name found.
        found: String,
        /// The names known.
        known: &'static str,
    },
    /// A parameter outside its range.
    #[error("recipe: {name} is {found}, allowed: {allowed}")]
    BadParameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        found: String,
        /// The rule.
        allowed: &'static str,
    },
    /// Too few sessions.
    #[error("{found} sessions of closes, the recipe needs {needed}")]
    HistoryTooShort {
        /// Sessions found.
        found: usize,
        /// Sessions needed: one more than the returns of the window.
        needed: usize,
    },
    /// Characteristics that the recipe does not take, or none where it needs them.
    #[error("recipe `{recipe}` takes {allowed} characteristics, found {found}")]
    Characteristics {
        /// The recipe.
        recipe: String,
        /// Characteristics found.
        found: usize,
        /// The rule.
        allowed: &'static str,
    },
    /// A characteristic without a name of its own.
    #[error("characteristic `{name}`: empty, or the name of another factor")]
    BadFactorName {
        /// The name found.
        name: String,
    },
    /// Too few names for the cross-section: one more than the factors with their intercept.
    #[error("{found} names, the factor form needs at least {needed}")]
    TooFewNames {
        /// Names found.
        found: usize,
        /// Names needed.
        needed: usize,
    },
    /// Inputs that do not belong together.
    #[error("{what}: {found} entries instead of {expected}")]
    Shape {
        /// The input.
        what: &'static str,
        /// Entries found.
        found: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A close of zero or less.
    #[error("{date}, column {column}: the close is not positive")]
    PriceNotPositive {
        /// The session.
        date: Date,
        /// Column of the name, counted from 0.
        column: usize,
    },
    /// A market weight that is negative or not finite.
    #[error("market weight of column {column} is {found}")]
    BadWeight {
        /// Column of the name, counted from 0.
        column: usize,
        /// The weight.
        found: f64,
    },
    /// No name moved in the whole window.
    #[error("window {first} to {last}: no return differs from its mean")]
    NoVariance {
        /// First session of the window.
        first: Date,
        /// Last session of the window.
        last: Date,
    },
    /// The market did not move, so nothing has a beta.
    #[error("sessions {first} to {last}: the market return is constant")]
    FlatMarket {
        /// First session of the estimate.
        first: Date,
        /// Last session of the estimate.
        last: Date,
    },
    /// A name that was not traded in the window of the liquidity measure.
    #[error("sessions {first} to {last}, column {column}: no volume on any day")]
    NoVolume {
        /// First session of the measure.
        first: Date,
        /// Last session of the measure.
        last: Date,
        /// Column of the name, counted from 0.
        column: usize,
    },
    /// A characteristic that is not a number.
    #[error("{factor}, column {column}: not a number")]
    NotANumber {
        /// The factor.
        factor: String,
        /// Column of the name, counted from 0.
        column: usize,
    },
    /// The covariance, as rounded for storage, is not positive definite.
    #[error("window {first} to {last}: sigma is not positive definite at column {column} (pivot {pivot:e})")]
    SigmaNotPositive {
        /// First session of the window.
        first: Date,
        /// Last session of the window.
        last: Date,
        /// Column of the pivot, counted from 0.
        column: usize,
        /// The pivot.
        pivot: f64,
    },
    /// The factors of a cross-section are linearly dependent.
    #[error("window {first} to {last}: factor {factor} depends on the factors before it (pivot {pivot:e})")]
    FactorsDependent {
        /// First session of the window.
        first: Date,
        /// Last session of the window.
        last: Date,
        /// The factor.
        factor: String,
        /// The pivot.
        pivot: f64,
    },
    /// The factor covariance, as rounded for storage, is not positive definite.
    #[error(
        "window {first} to {last}: the factor covariance is not positive definite at {factor} (pivot {pivot:e})"
    )]
    FactorCovarianceNotPositive {
        /// First session of the window.
        first: Date,
        /// Last session of the window.
        last: Date,
        /// The factor.
        factor: String,
        /// The pivot.
        pivot: f64,
    },
    /// A specific variance that does not fit its storage.
    #[error("column {column}: specific variance {found:e} does not fit f32")]
    SpecificOutOfRange {
        /// Column of the name, counted from 0.
        column: usize,
        /// The variance.
        found: f64,
    },
}
