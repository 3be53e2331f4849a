//! Columns of SQLite's tables.

use crate::row::{CorrectionHead, End, Row, RunHead};
use rusqlite::types::ValueRef;
use samebits_snapshot::Digest;
use samebits_units::Date;

/// Columns of [`RunHead`], in its order.
pub(super) const HEAD: &str = "account, sequence, as_of, run_id, inputs_id, result_id, solver, status, recorded_at, actor, previous, link";
/// Columns of [`CorrectionHead`], in its order.
pub(super) const CORRECTION: &str =
    "account, number, supersedes, run_id, reason, actor, recorded_at, previous, link";
/// Columns of [`End`], in its order, and where they come from.
pub(super) const END: &str =
    "heads.account, heads.sequence, runs.as_of, heads.link, heads.corrections, heads.correction_link
     FROM heads LEFT JOIN runs ON runs.account = heads.account AND runs.sequence = heads.sequence";
/// The same in schema 1, which has no corrections.
pub(super) const FIRST_END: &str = "heads.account, heads.sequence, runs.as_of, heads.link, 0, zeroblob(32)
     FROM heads LEFT JOIN runs ON runs.account = heads.account AND runs.sequence = heads.sequence";

/// Reads the head columns; text and hashes that were damaged become values that no check accepts.
pub(super) fn head(row: &rusqlite::Row<'_>) -> rusqlite::Result<RunHead> {
    Ok(RunHead {
        account: text(row, 0)?,
        sequence: row.get(1)?,
        as_of: date(row.get(2)?),
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

/// Reads the head columns, the record and the position.
pub(super) fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row { head: head(row)?, record: row.get(12)?, position: row.get(13)? })
}

pub(super) fn correction(row: &rusqlite::Row<'_>) -> rusqlite::Result<CorrectionHead> {
    Ok(CorrectionHead {
        account: text(row, 0)?,
        number: row.get(1)?,
        supersedes: digest(row, 2)?,
        run_id: digest(row, 3)?,
        reason: text(row, 4)?,
        actor: text(row, 5)?,
        recorded_at: row.get(6)?,
        previous: digest(row, 7)?,
        link: digest(row, 8)?,
    })
}

pub(super) fn end(row: &rusqlite::Row<'_>) -> rusqlite::Result<End> {
    Ok(End {
        account: text(row, 0)?,
        sequence: row.get(1)?,
        as_of: row.get::<_, Option<i64>>(2)?.map(date),
        link: digest(row, 3)?,
        corrections: row.get(4)?,
        correction_link: digest(row, 5)?,
    })
}

fn date(days: i64) -> Date {
    Date::from_days(days.try_into().unwrap_or(i32::MAX)).unwrap_or_default()
}

pub(super) fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        other => Err(rusqlite::Error::InvalidColumnType(column, "text".into(), other.data_type())),
    }
}

pub(super) fn digest(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    match row.get_ref(column)? {
        ValueRef::Blob(bytes) => Ok(crate::row::digest_of(bytes)),
        other => Err(rusqlite::Error::InvalidColumnType(column, "blob".into(), other.data_type())),
    }
}
