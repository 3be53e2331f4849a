//! What can be wrong with a problem file.

/// Why a file is not a problem.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not JSON of the portfolio form.
    #[error("not a portfolio problem: {0}")]
    Json(String),
    /// Not MessagePack of the general form.
    #[error("not a general quadratic program: {0}")]
    MessagePack(String),
    /// A field is wrong.
    #[error("{field}: {problem}")]
    Field {
        /// Its name.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The compressed form is damaged.
    #[error("compressed file: {0}")]
    Compressed(std::io::Error),
    /// Larger than the limits allow.
    #[error("more than {most} {what}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// Allowed.
        most: u64,
    },
    /// The numbers do not make a problem.
    #[error(transparent)]
    Problem(#[from] samebits_qp::Error),
}

impl Error {
    pub(crate) fn field(field: &str, problem: String) -> Self {
        Self::Field { field: field.to_owned(), problem }
    }
}
