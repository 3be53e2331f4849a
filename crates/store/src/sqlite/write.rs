//! Transactions of SQLite that add rows, and the one that replaces bytes.

use crate::row::{Additions, CorrectionHead, End, NewRow};
use crate::sqlite::read;
use crate::{Error, Plan};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use samebits_snapshot::{Blob, Digest};

/// The triggers that keep bytes; [`replace`] lifts them for its transaction.
pub(super) const SEALING: &str = include_str!("sealing.sql");

pub(super) fn append<'a>(
    connection: &mut Connection,
    accounts: &[&str],
    plan: &mut Plan<'_, 'a>,
) -> Result<(), Error> {
    // One writer at a time: the ends stay what they are until the commit.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let ends = accounts.iter().map(|account| end(&transaction, account)).collect::<Result<Vec<_>, _>>()?;
    let added: Additions<'a> = plan(&ends)?;
    put(&transaction, &added.blobs)?;
    for row in &added.runs {
        insert(&transaction, row)?;
    }
    for (head, record) in &added.corrections {
        insert_correction(&transaction, head, record)?;
    }
    for end in &added.ends {
        advance(&transaction, end)?;
    }
    Ok(transaction.commit()?)
}

pub(super) fn put_blobs(connection: &mut Connection, blobs: &[&Blob]) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    put(&transaction, blobs)?;
    Ok(transaction.commit()?)
}

fn end(transaction: &Transaction<'_>, account: &str) -> Result<End, Error> {
    let query = format!("SELECT {} WHERE heads.account = ?1", read::END);
    let found = transaction.prepare_cached(&query)?.query_row([account], read::end).optional()?;
    Ok(found.unwrap_or_else(|| End::none(account)))
}

/// Looks before it writes: handing over a covariance that is there costs more than the question.
fn put(transaction: &Transaction<'_>, blobs: &[&Blob]) -> Result<(), Error> {
    for blob in blobs {
        let known =
            transaction.prepare_cached("SELECT 1 FROM blobs WHERE id = ?1")?.exists([blob.id.as_bytes()])?;
        if !known {
            transaction
                .prepare_cached("INSERT INTO blobs (id, bytes) VALUES (?1, ?2)")?
                .execute(params![blob.id.as_bytes(), blob.bytes])?;
        }
    }
    Ok(())
}

fn insert(transaction: &Transaction<'_>, row: &NewRow<'_>) -> Result<(), Error> {
    let head = &row.head;
    transaction
        .prepare_cached(&format!(
            "INSERT INTO runs ({}, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            read::HEAD
        ))?
        .execute(params![
            head.account,
            head.sequence,
            head.as_of.days(),
            head.run_id.as_bytes(),
            head.inputs_id.as_bytes(),
            head.result_id.as_bytes(),
            head.solver,
            head.status,
            head.recorded_at,
            head.actor,
            head.previous.as_bytes(),
            head.link.as_bytes(),
            row.record,
        ])?;
    Ok(())
}

fn insert_correction(
    transaction: &Transaction<'_>,
    head: &CorrectionHead,
    record: &[u8],
) -> Result<(), Error> {
    transaction
        .prepare_cached(&format!(
            "INSERT INTO corrections ({}, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            read::CORRECTION
        ))?
        .execute(params![
            head.account,
            head.number,
            head.supersedes.as_bytes(),
            head.run_id.as_bytes(),
            head.reason,
            head.actor,
            head.recorded_at,
            head.previous.as_bytes(),
            head.link.as_bytes(),
            record,
        ])?;
    Ok(())
}

fn advance(transaction: &Transaction<'_>, end: &End) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO heads (account, sequence, link, corrections, correction_link) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (account) DO UPDATE SET sequence = excluded.sequence, link = excluded.link,
             corrections = excluded.corrections, correction_link = excluded.correction_link",
        )?
        .execute(params![
            end.account,
            end.sequence,
            end.link.as_bytes(),
            end.corrections,
            end.correction_link.as_bytes(),
        ])?;
    Ok(())
}

pub(super) fn replace(
    connection: &mut Connection,
    records: &[(Digest, &[u8])],
    blobs: &[(Digest, &[u8])],
) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "DROP TRIGGER records_are_final; DROP TRIGGER corrected_records_are_final; DROP TRIGGER blob_bytes_are_final;",
    )?;
    let one = |update: &str, (id, bytes): &(Digest, &[u8])| {
        transaction.prepare_cached(update)?.execute(params![id.as_bytes(), bytes])
    };
    for new in records {
        let changed = one("UPDATE runs SET record = ?2 WHERE run_id = ?1", new)?
            + one("UPDATE corrections SET record = ?2 WHERE run_id = ?1", new)?;
        found(changed, &new.0)?;
    }
    for new in blobs {
        found(one("UPDATE blobs SET bytes = ?2 WHERE id = ?1", new)?, &new.0)?;
    }
    transaction.execute_batch(SEALING)?;
    Ok(transaction.commit()?)
}

fn found(changed: usize, id: &Digest) -> Result<(), Error> {
    if changed == 1 { Ok(()) } else { Err(Error::NotFound { wanted: id.to_string() }) }
}
