//! What can be wrong with what is to be drawn.

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Identifiers are parts of addresses inside a page.
    #[error("picture id {found:?}: a letter, then at most 63 letters, digits, - or _")]
    Id {
        /// What was given, cut.
        found: String,
    },
    /// A number that is not finite, or beyond what an axis shows.
    #[error("{series}, point {index}: {value} is not a finite number of at most {limit:e}")]
    NotFinite {
        /// Which series.
        series: String,
        /// Which of its points.
        index: usize,
        /// The number.
        value: f64,
        /// The largest size.
        limit: f64,
    },
    /// A logarithmic axis has positive numbers only.
    #[error("{series}, point {index}: {value} is not at least {limit:e}, on a logarithmic axis")]
    NotPositive {
        /// Which series.
        series: String,
        /// Which of its points.
        index: usize,
        /// The number.
        value: f64,
        /// The smallest number.
        limit: f64,
    },
    /// Lists that belong together differ in length.
    #[error("{series}: {found} points for {expected} labels")]
    Length {
        /// Which series.
        series: String,
        /// Its points.
        found: usize,
        /// The labels.
        expected: usize,
    },
    /// More than a picture holds.
    #[error("{found} {what}: a picture holds at most {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many were given.
        found: usize,
        /// How many it holds.
        limit: usize,
    },
    /// The drawing library refuses.
    #[error("drawing: {0}")]
    Drawing(String),
}
