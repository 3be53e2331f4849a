//! Rows, as every database has them.

use crate::Error;
use samebits_snapshot::{Blob, Digest};
use samebits_units::Date;

/// A Run as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHead {
    /// Account.
    pub account: String,
    /// Running number in the account.
    pub sequence: i64,
    /// Day.
    pub as_of: Date,
    /// Id of the Run.
    pub run_id: Digest,
    /// Id of its question.
    pub inputs_id: Digest,
    /// Id of its answer.
    pub result_id: Digest,
    /// Solver and arithmetic version.
    pub solver: String,
    /// `solved`, `relaxed` or `unsolved`.
    pub status: String,
    /// When it was recorded, UTC nanoseconds since 1970.
    pub recorded_at: i64,
    /// Who recorded it.
    pub actor: String,
    /// Link of the account's Run before.
    pub previous: Digest,
    /// Its own link.
    pub link: Digest,
}

impl RunHead {
    pub(crate) fn damaged(&self, part: &str, problem: impl ToString) -> Error {
        Error::Damaged {
            account: self.account.clone(),
            sequence: self.sequence,
            part: part.to_owned(),
            problem: problem.to_string(),
        }
    }
}

/// A Run as a database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in the database: later appends have larger ones.
    pub position: i64,
    /// Its columns.
    pub head: RunHead,
    /// Its record.
    pub record: Vec<u8>,
}

/// A Run on its way into a database.
#[derive(Debug, Clone)]
pub struct NewRow<'a> {
    /// Its columns.
    pub head: RunHead,
    /// Its record.
    pub record: &'a [u8],
}

/// A correction as the list shows it: a record that takes the place of another one, which stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionHead {
    /// Account.
    pub account: String,
    /// Running number of the account's corrections, from 0.
    pub number: i64,
    /// The Run, or the correction, that it takes the place of.
    pub supersedes: Digest,
    /// Id of the correcting Run.
    pub run_id: Digest,
    /// Why.
    pub reason: String,
    /// Who corrected.
    pub actor: String,
    /// When, UTC nanoseconds since 1970.
    pub recorded_at: i64,
    /// Link of the account's correction before.
    pub previous: Digest,
    /// Its own link.
    pub link: Digest,
}

/// A correction as a database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRow {
    /// Its columns.
    pub head: CorrectionHead,
    /// Its record.
    pub record: Vec<u8>,
}

/// Where the chains of an account end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The account.
    pub account: String,
    /// Sequence of its last Run; -1 before the first one.
    pub sequence: i64,
    /// Day of its last Run, from the Run's own row; `None` without one.
    pub as_of: Option<Date>,
    /// Link of its last Run, 32 zero bytes before the first one.
    pub link: Digest,
    /// How many corrections it has.
    pub corrections: i64,
    /// Link of its last correction, 32 zero bytes before the first one.
    pub correction_link: Digest,
}

impl End {
    /// Of an account without Runs.
    #[must_use]
    pub fn none(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            sequence: -1,
            as_of: None,
            link: crate::chain::NO_LINK,
            corrections: 0,
            correction_link: crate::chain::NO_LINK,
        }
    }
}

/// What one transaction adds.
#[derive(Debug, Clone, Default)]
pub struct Additions<'a> {
    /// Blobs, each id once; those that the database has stay as they are.
    pub blobs: Vec<&'a Blob>,
    /// Runs, in the order of their positions.
    pub runs: Vec<NewRow<'a>>,
    /// Corrections.
    pub corrections: Vec<(CorrectionHead, &'a [u8])>,
    /// Where the chains of the accounts end after it, each account once.
    pub ends: Vec<End>,
}

/// How large a store is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Records of Runs and corrections.
    pub records: u64,
    /// Shared blobs.
    pub blobs: u64,
    /// All of it on its medium: the file and its write-ahead log, or the tables and indexes of the database.
    pub file: u64,
}

/// A hash from a database. One of another length is damage: it becomes the hash of its bytes, which equals nothing.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> Digest {
    <[u8; 32]>::try_from(bytes)
        .map_or_else(|_| Digest::of("samebits 2026 damaged hash", bytes), Digest::from_bytes)
}
