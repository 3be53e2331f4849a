//! What can go wrong with a store.

use samebits_snapshot::Digest;
use std::path::PathBuf;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no file of that name.
    #[error("{}: there is no such store", path.display())]
    NoStore {
        /// The path.
        path: PathBuf,
    },
    /// The file is not a store.
    #[error("{}: not a samebits store: {problem}", path.display())]
    NotAStore {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Written by a later release.
    #[error("store schema {found} is newer than {supported}: a later release wrote this")]
    TooNew {
        /// Found in the store.
        found: u32,
        /// Known to this build.
        supported: u32,
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
    /// A record could not be packed or unpacked.
    #[error(transparent)]
    Snapshot(#[from] samebits_snapshot::Error),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
}

impl Error {
    /// Whether the evidence itself is broken (as opposed to a wrong question or a missing file).
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::NotAStore { .. } => true,
            Self::Snapshot(error) => !matches!(
                error,
                samebits_snapshot::Error::NotStorable { .. } | samebits_snapshot::Error::TooNew { .. }
            ),
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
            ),
            _ => false,
        }
    }
}
