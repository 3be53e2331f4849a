//! What can be wrong with bytes or with a record.

use crate::Digest;

/// Why bytes are not a Run, or a record is not bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not MessagePack in canonical form.
    #[error("{part}: not canonical MessagePack at byte {at}: {problem}")]
    NotCanonical {
        /// Part of the file.
        part: &'static str,
        /// Offset within the part.
        at: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// Canonical bytes that do not have the fields of the record.
    #[error("{part}: does not fit its schema: {problem}")]
    Schema {
        /// Part of the file.
        part: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A record that has no canonical form, for instance because it holds a NaN.
    #[error("{part}: cannot be stored: {problem}")]
    NotStorable {
        /// Part of the record.
        part: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The bytes are not a Run at all.
    #[error("{part}: {problem}")]
    NotARun {
        /// Part of the file.
        part: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// The bytes were damaged after they were written.
    #[error("{part}: damaged: expected {expected}, found {found}")]
    Damaged {
        /// Part of the file.
        part: &'static str,
        /// What was written.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Written by a later release.
    #[error("{part} {found} is newer than {supported}: a later release wrote this")]
    TooNew {
        /// Version or feature.
        part: &'static str,
        /// Found in the file.
        found: u64,
        /// Known to this build.
        supported: u64,
    },
    /// Larger than the declared limit.
    #[error("{part}: {found} is beyond the limit of {allowed}")]
    Limit {
        /// Part of the file.
        part: &'static str,
        /// Found in the file.
        found: u64,
        /// Allowed by the limits.
        allowed: u64,
    },
    /// An outcome that is stored as its state, and nothing that derives it.
    #[error("outcome: only what its state does not give is stored, and this reader derives none")]
    NeedsDerive,
    /// An outcome that does not follow from what was kept of it.
    #[error("outcome: cannot be derived from what was kept of it: {problem}")]
    NotDerived {
        /// Why.
        problem: String,
    },
    /// A covariance that is stored as the closes it was made of, and nobody who computes it from them.
    #[error(
        "{part}: stored as the prices it was made of; this reader was not given what computes it from them"
    )]
    NeedsPredictor {
        /// Part of the file.
        part: &'static str,
    },
    /// What was to predict a part could not.
    #[error("{part}: cannot be predicted: {problem}")]
    Prediction {
        /// Part of the file.
        part: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A part that builds upon another, which builds upon another, and so on.
    #[error("{part}: builds upon more than {allowed} other parts")]
    ChainTooLong {
        /// Part of the file.
        part: &'static str,
        /// Allowed by the limits.
        allowed: u32,
    },
    /// A shared part that the store does not have.
    #[error("{part}: blob {digest} is missing")]
    MissingBlob {
        /// Part of the file.
        part: &'static str,
        /// Content id.
        digest: Digest,
    },
}

impl Error {
    pub(crate) fn damaged(part: &'static str, expected: impl ToString, found: impl ToString) -> Self {
        Self::Damaged { part, expected: expected.to_string(), found: found.to_string() }
    }
}
