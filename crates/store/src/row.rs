//! Rows of the runs table.

use crate::Error;
use rusqlite::types::ValueRef;
use samebits_snapshot::{BlobSource, Digest};
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

/// Columns of [`RunHead`], in its order.
pub(crate) const HEAD_COLUMNS: &str = "account, sequence, as_of, run_id, inputs_id, result_id, solver, status, recorded_at, actor, previous, link";

/// Reads the head columns; text and hashes that were damaged become values that no check accepts.
pub(crate) fn head(row: &rusqlite::Row<'_>) -> rusqlite::Result<RunHead> {
    Ok(RunHead {
        account: text(row, 0)?,
        sequence: row.get(1)?,
        as_of: Date::from_days(row.get::<_, i64>(2)?.try_into().unwrap_or(i32::MAX)).unwrap_or_default(),
        run_id: digest(row, 3)?,
        inputs_id: digest(row, 4)?,
        result_id: digest(row, 5)?,
        solver: text(row, 6)?,
        status: text(row, 7)?,
        recorded_at: row.get(8)?,
        actor: text(row, 9)?,
        previous: digest(row, 10)?,
        link: digest(row, 11)?,
    })
}

fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        other => Err(rusqlite::Error::InvalidColumnType(column, "text".into(), other.data_type())),
    }
}

fn digest(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    match row.get_ref(column)? {
        // A hash of another length is damage; it becomes the hash of its bytes, which equals nothing.
        ValueRef::Blob(bytes) => Ok(<[u8; 32]>::try_from(bytes)
            .map_or_else(|_| Digest::of("samebits 2026 damaged hash", bytes), Digest::from_bytes)),
        other => Err(rusqlite::Error::InvalidColumnType(column, "blob".into(), other.data_type())),
    }
}

/// The blobs of a database.
pub(crate) struct Blobs<'a>(pub(crate) &'a rusqlite::Connection);

impl BlobSource for Blobs<'_> {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        use rusqlite::OptionalExtension;
        self.0
            .prepare_cached("SELECT bytes FROM blobs WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id.as_bytes()], |row| row.get(0)).optional())
            .map_err(|error| error.to_string())
    }
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
