//! What can go wrong with a store.

use samebits_snapshot::Digest;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no file or database of that name.
    #[error("{place}: there is no such store")]
    NoStore {
        /// The place.
        place: String,
    },
    /// The file or database is not a store.
    #[error("{place}: not a samebits store: {problem}")]
    NotAStore {
        /// The place.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// There are no answers at that place.
    #[error(
        "{place}: no answers are kept there yet: `samebits fleet replay` or `samebits fleet queue` begins them"
    )]
    NoAnswers {
        /// The place.
        place: String,
    },
    /// The file or database holds something else than answers.
    #[error("{place}: not a place of answers: {problem}")]
    NotAnswers {
        /// The place.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// The place has no queue of work.
    #[error(
        "{place}: a file has no queue of work: keep the answers in PostgreSQL, or give each worker its `--shard`"
    )]
    NoQueue {
        /// The place.
        place: String,
    },
    /// Written by a later release.
    #[error("store schema {found} is newer than {supported}: a later release wrote this")]
    TooNew {
        /// Found in the store.
        found: u32,
        /// Known to this build.
        supported: u32,
    },
    /// Written by an earlier release: read and verified, not appended to.
    #[error(
        "{place}: store schema {found}; this release appends to schema {supported} only: copy the store with \
         `samebits store migrate --from {place} --to NEW`"
    )]
    OldSchema {
        /// The place.
        place: String,
        /// Found in the store.
        found: u32,
        /// Written by this build.
        supported: u32,
    },
    /// The program does not link what the store needs.
    #[error("this program was built without {wanted}")]
    NoDriver {
        /// What is missing.
        wanted: &'static str,
    },
    /// A store keeps its blobs in one place, chosen when it is made.
    #[error("the store keeps its blobs in {found}, not in {wanted}")]
    BlobsElsewhere {
        /// Where they are.
        found: String,
        /// Where they were asked for.
        wanted: String,
    },
    /// A Run that does not continue its account's chain.
    #[error("{account}: run {sequence} of {as_of} does not follow run {last} of {last_as_of}")]
    NotNext {
        /// The account.
        account: String,
        /// Sequence offered.
        sequence: u64,
        /// Its day.
        as_of: samebits_units::Date,
        /// Last sequence in the store.
        last: i64,
        /// Its day.
        last_as_of: samebits_units::Date,
    },
    /// A correction that cannot take the place of what it names.
    #[error("the correction of {supersedes}: {part}: expected {expected}, found {found}")]
    NotACorrection {
        /// What it would supersede.
        supersedes: Digest,
        /// The part that does not fit.
        part: &'static str,
        /// As it must be.
        expected: String,
        /// As it is.
        found: String,
    },
    /// What was corrected once is corrected further by superseding the correction.
    #[error("{run_id} was superseded by {by}: correct that one")]
    Superseded {
        /// The Run or correction.
        run_id: Digest,
        /// What took its place.
        by: Digest,
    },
    /// Another writer was faster.
    #[error("{account}: another correction was recorded meanwhile: look at it, then try again")]
    Overtaken {
        /// The account.
        account: String,
    },
    /// A migration into a store that holds something else under the same name.
    #[error("{place}: {what} there is another one than in the source")]
    OtherThere {
        /// The target.
        place: String,
        /// What is different.
        what: String,
    },
    /// New bytes that do not hold the content of those that they would replace.
    #[error("the bytes for {id} hold another content: {problem}")]
    NotTheSame {
        /// Id of the Run, correction or blob.
        id: Digest,
        /// What is different.
        problem: String,
    },
    /// No Run fits.
    #[error("no Run fits `{wanted}`: give a unique prefix of an id, ACCOUNT/SEQUENCE, or `latest`")]
    NotFound {
        /// What was asked for.
        wanted: String,
    },
    /// Several Runs fit.
    #[error("`{wanted}` fits {count} Runs; the first are {first} and {second}")]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// How many fit.
        count: usize,
        /// One of them.
        first: Digest,
        /// Another one.
        second: Digest,
    },
    /// A Run of the store is not as it was recorded.
    #[error("{account}/{sequence}: {part}: {problem}")]
    Damaged {
        /// The account.
        account: String,
        /// Its Run.
        sequence: i64,
        /// The part.
        part: String,
        /// What is wrong.
        problem: String,
    },
    /// A blob of the store is not what its id says.
    #[error("blob {id}: {problem}")]
    DamagedBlob {
        /// Its id.
        id: Digest,
        /// What is wrong.
        problem: String,
    },
    /// A record could not be packed or unpacked.
    #[error(transparent)]
    Snapshot(#[from] samebits_snapshot::Error),
    /// The database, or the storage of blobs, failed.
    #[error("database: {problem}")]
    Database {
        /// What it says.
        problem: String,
        /// Whether it says that its own files are damaged.
        corrupt: bool,
    },
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let corrupt = matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase));
        Self::Database { problem: error.to_string(), corrupt }
    }
}

impl Error {
    /// Whether the evidence itself is broken (as opposed to a wrong question or a missing file).
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::DamagedBlob { .. } | Self::NotAStore { .. } => true,
            Self::Snapshot(error) => !matches!(
                error,
                samebits_snapshot::Error::NotStorable { .. }
                    | samebits_snapshot::Error::TooNew { .. }
                    | samebits_snapshot::Error::NeedsDerive
                    | samebits_snapshot::Error::NeedsPredictor { .. }
            ),
            Self::Database { corrupt, .. } => *corrupt,
            _ => false,
        }
    }
}
