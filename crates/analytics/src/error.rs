//! What can go wrong with an export.

use std::path::PathBuf;

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of that name is there and was not to be replaced.
    #[error("{}: there is such a file; it was not overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another export is writing there, or one was interrupted.
    #[error("{}: left by an export that is under way or was interrupted; it was not overwritten", path.display())]
    Unfinished {
        /// The temporary file.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The Parquet writer gave up.
    #[error("table {table}: {source}")]
    Parquet {
        /// Name of the table.
        table: &'static str,
        /// What it says.
        source: parquet::errors::ParquetError,
    },
    /// A part of a record has another length than its universe.
    #[error("{run}: {what} has {found} entries, expected {expected}")]
    Length {
        /// The Run, as account and sequence.
        run: String,
        /// The part.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that it must have.
        expected: usize,
    },
    /// A record names something outside of a list.
    #[error("{run}: {what} {index} of {known}")]
    Outside {
        /// The Run, as account and sequence.
        run: String,
        /// What is named.
        what: &'static str,
        /// Its index.
        index: u64,
        /// How many there are.
        known: usize,
    },
    /// The events of a record do not apply to its account.
    #[error("{run}: {source}")]
    Ledger {
        /// The Run, as account and sequence.
        run: String,
        /// The first event that does not fit.
        source: samebits_ledger::Error,
    },
    /// The events lead to another account than the record's digest names.
    #[error("{run}: the events do not lead to the account whose digest the Run has")]
    AccountAfter {
        /// The Run, as account and sequence.
        run: String,
    },
    /// A sum over a record does not fit.
    #[error("{run}: {source}")]
    Units {
        /// The Run, as account and sequence.
        run: String,
        /// What does not fit.
        source: samebits_units::Error,
    },
    /// The account could not be put into its canonical form.
    #[error(transparent)]
    Snapshot(#[from] samebits_snapshot::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] samebits_store::Error),
}

impl Error {
    /// Whether the evidence itself is broken (as opposed to a wrong question or a file that cannot be written).
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_damage(),
            Self::Length { .. }
            | Self::Outside { .. }
            | Self::Ledger { .. }
            | Self::AccountAfter { .. }
            | Self::Units { .. }
            | Self::Snapshot(_) => true,
            Self::Exists { .. } | Self::Unfinished { .. } | Self::File { .. } | Self::Parquet { .. } => false,
        }
    }
}
