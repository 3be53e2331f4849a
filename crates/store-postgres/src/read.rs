//! Queries, and rows of the tables as rows of the store.

use crate::error::told;
use postgres::types::FromSql;
use samebits_snapshot::Digest;
use samebits_store::{CorrectionHead, End, Error, Row, RunHead, digest_of};
use samebits_units::Date;

/// Ids that one query names.
pub(crate) const IDS: usize = 10_000;

/// Columns of [`RunHead`], in its order, then what is given.
macro_rules! heads {
    ($($rest:literal),*) => {
        concat!(
            "SELECT runs.account, runs.sequence, runs.as_of, runs.run_id, runs.inputs_id, runs.result_id, ",
            "runs.solver, runs.status, runs.recorded_at, runs.actor, runs.previous, runs.link",
            $($rest),*
        )
    };
}

/// Columns of [`CorrectionHead`], in its order, then what is given.
macro_rules! corrections {
    ($($rest:literal),*) => {
        concat!(
            "SELECT account, number, supersedes, run_id, reason, actor, recorded_at, previous, link",
            $($rest),*
        )
    };
}

/// Columns of [`End`], in its order, then what is given.
macro_rules! ends {
    ($($rest:literal),*) => {
        concat!(
            "SELECT heads.account, heads.sequence, runs.as_of, heads.link, heads.corrections, heads.correction_link ",
            "FROM heads LEFT JOIN runs ON runs.account = heads.account AND runs.sequence = heads.sequence ",
            $($rest),*
        )
    };
}

pub(crate) const BY_ID: &str = heads!(", record, position FROM runs WHERE run_id = $1");
pub(crate) const BY_SEQUENCE: &str = heads!(" FROM runs WHERE account = $1 AND sequence = $2");
pub(crate) const BETWEEN: &str = heads!(" FROM runs WHERE run_id BETWEEN $1 AND $2 ORDER BY run_id");
pub(crate) const LATEST: &str = heads!(" FROM runs ORDER BY position DESC LIMIT 1");
pub(crate) const LIST: &str = heads!(
    " FROM runs WHERE ($1::text IS NULL OR account = $1) AND as_of BETWEEN $2 AND $3",
    " ORDER BY as_of, account, sequence"
);
pub(crate) const PAGE: &str = heads!(
    " FROM runs WHERE ($1::text IS NULL OR account = $1) AND as_of BETWEEN $2 AND $3",
    " AND (as_of < $4 OR (account, sequence) > ($5, $6)) ORDER BY as_of DESC, account, sequence LIMIT $7"
);
pub(crate) const AT: &str = heads!(
    ", runs.record, runs.position FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (position, place)",
    " JOIN runs ON runs.position = wanted.position ORDER BY wanted.place"
);
pub(crate) const DAYS: &str =
    "SELECT runs.as_of FROM unnest($1::bytea[]) WITH ORDINALITY AS wanted (id, place)
     LEFT JOIN runs ON runs.run_id = wanted.id ORDER BY wanted.place";
pub(crate) const ENDS: &str = ends!("ORDER BY heads.account");
/// Locks accounts, in ascending order whatever the order of the array.
pub(crate) const LOCK: &str = "SELECT 1 FROM heads WHERE account = ANY ($1) ORDER BY account FOR UPDATE";
/// The ends of accounts, in the order of the array.
pub(crate) const ENDS_OF: &str = ends!(
    "JOIN unnest($1::text[]) WITH ORDINALITY AS wanted (account, place) ON wanted.account = heads.account",
    " ORDER BY wanted.place"
);
pub(crate) const CORRECTIONS: &str =
    corrections!(" FROM corrections WHERE ($1::text IS NULL OR account = $1) ORDER BY account, number");
pub(crate) const CORRECTION: &str = corrections!(", record FROM corrections WHERE run_id = $1");
pub(crate) const SIZE: &str = "SELECT
     coalesce((SELECT sum(length(record)) FROM runs), 0)::bigint
       + coalesce((SELECT sum(length(record)) FROM corrections), 0)::bigint,
     coalesce((SELECT sum(length(bytes)) FROM blobs), 0)::bigint,
     (SELECT sum(pg_total_relation_size(relation)) FROM
       unnest(ARRAY['meta', 'blobs', 'runs', 'corrections', 'heads']::regclass[]) AS relation)::bigint";

/// A column's value.
pub(crate) fn get<'a, T: FromSql<'a>>(row: &'a postgres::Row, column: usize) -> Result<T, Error> {
    row.try_get(column).map_err(|error| told(&error))
}

pub(crate) fn digest(row: &postgres::Row, column: usize) -> Result<Digest, Error> {
    get(row, column).map(digest_of)
}

pub(crate) fn date(days: i64) -> Date {
    Date::from_days(days.try_into().unwrap_or(i32::MAX)).unwrap_or_default()
}

pub(crate) fn head(row: &postgres::Row) -> Result<RunHead, Error> {
    Ok(RunHead {
        account: get(row, 0)?,
        sequence: get(row, 1)?,
        as_of: date(get(row, 2)?),
        run_id: digest(row, 3)?,
        inputs_id: digest(row, 4)?,
        result_id: digest(row, 5)?,
        solver: get(row, 6)?,
        status: get(row, 7)?,
        recorded_at: get(row, 8)?,
        actor: get(row, 9)?,
        previous: digest(row, 10)?,
        link: digest(row, 11)?,
    })
}

pub(crate) fn row(row: &postgres::Row) -> Result<Row, Error> {
    Ok(Row { head: head(row)?, record: get(row, 12)?, position: get(row, 13)? })
}

pub(crate) fn correction(row: &postgres::Row) -> Result<CorrectionHead, Error> {
    Ok(CorrectionHead {
        account: get(row, 0)?,
        number: get(row, 1)?,
        supersedes: digest(row, 2)?,
        run_id: digest(row, 3)?,
        reason: get(row, 4)?,
        actor: get(row, 5)?,
        recorded_at: get(row, 6)?,
        previous: digest(row, 7)?,
        link: digest(row, 8)?,
    })
}

pub(crate) fn end(row: &postgres::Row) -> Result<End, Error> {
    Ok(End {
        account: get(row, 0)?,
        sequence: get(row, 1)?,
        as_of: get::<Option<i64>>(row, 2)?.map(date),
        link: digest(row, 3)?,
        corrections: get(row, 4)?,
        correction_link: digest(row, 5)?,
    })
}
