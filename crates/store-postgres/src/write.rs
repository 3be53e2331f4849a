//! Transactions that add rows, and the one that replaces bytes. Rows travel as one array a column: one statement for many.

use crate::error::{is_transient, told};
use crate::read;
use crate::session::Session;
use postgres::types::ToSql;
use samebits_snapshot::{Blob, Digest};
use samebits_store::{Additions, CorrectionHead, End, Error, NewRow, Plan, RunHead};

/// So often a transaction is tried when it met others in a deadlock.
const TRIES: usize = 8;
/// Bytes that one statement carries, about.
const CHUNK: usize = 16 << 20;

const MAKE_HEADS: &str = "INSERT INTO heads (account, sequence, link, corrections, correction_link)
     SELECT account, -1, $2, 0, $2 FROM unnest($1::text[]) AS account ON CONFLICT (account) DO NOTHING";
const KNOWN_BLOBS: &str = "SELECT id FROM blobs WHERE id = ANY ($1)";
const PUT_BLOBS: &str = "INSERT INTO blobs (id, bytes)
     SELECT id, bytes FROM unnest($1::bytea[], $2::bytea[]) AS new (id, bytes) ON CONFLICT (id) DO NOTHING";
const PUT_RUNS: &str = "INSERT INTO runs (account, sequence, as_of, run_id, inputs_id, result_id, solver, status,
       recorded_at, actor, previous, link, record)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[],
       $8::text[], $9::bigint[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[])";
const PUT_CORRECTION: &str =
    "INSERT INTO corrections (account, number, supersedes, run_id, reason, actor, recorded_at,
       previous, link, record)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const ADVANCE: &str =
    "UPDATE heads SET sequence = new.sequence, link = new.link, corrections = new.corrections,
       correction_link = new.correction_link
     FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bytea[])
       AS new (account, sequence, link, corrections, correction_link)
     WHERE heads.account = new.account";

/// Why a transaction did not come to its end.
enum Stopped {
    /// The database says so.
    Database(postgres::Error),
    /// We do.
    Own(Error),
}

impl From<postgres::Error> for Stopped {
    fn from(error: postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}

/// Does `work` in one transaction; again from its start when other transactions were in the way.
fn transaction(
    session: &mut Session,
    work: &mut dyn FnMut(&mut Session) -> Result<(), Stopped>,
) -> Result<(), Error> {
    let mut tries = 1;
    loop {
        session.batch("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        let done = work(session).and_then(|()| Ok(session.try_batch("COMMIT")?));
        let Err(stopped) = done else { return Ok(()) };
        // A broken connection has rolled back by itself; what stopped the work says more than what follows from it.
        let _ = session.try_batch("ROLLBACK");
        match stopped {
            Stopped::Database(error) if is_transient(&error) && tries < TRIES => tries += 1,
            Stopped::Database(error) => return Err(told(&error)),
            Stopped::Own(error) => return Err(error),
        }
    }
}

pub(crate) fn append(session: &mut Session, accounts: &[&str], plan: &mut Plan<'_, '_>) -> Result<(), Error> {
    transaction(session, &mut |session| {
        let ends = locked_ends(session, accounts)?;
        let added: Additions<'_> = plan(&ends)?;
        put(session, &added.blobs)?;
        put_runs(session, &added.runs)?;
        for (head, record) in &added.corrections {
            put_correction(session, head, record)?;
        }
        advance(session, &added.ends)
    })
}

pub(crate) fn put_blobs(session: &mut Session, blobs: &[&Blob]) -> Result<(), Error> {
    transaction(session, &mut |session| put(session, blobs))
}

/// Where the chains end, in the order of `accounts`; no one else appends to them until the transaction ends.
fn locked_ends(session: &mut Session, accounts: &[&str]) -> Result<Vec<End>, Stopped> {
    let locked = session.try_query(read::LOCK, &[&accounts])?;
    if locked.len() < accounts.len() {
        // New accounts: whoever comes first makes the row, the others wait for it here.
        session.try_execute(MAKE_HEADS, &[&accounts, &bytes(&End::none("").link)])?;
        session.try_query(read::LOCK, &[&accounts])?;
    }
    // A statement of its own: it sees what those committed for whom the lock had to wait.
    let rows = session.try_query(read::ENDS_OF, &[&accounts])?;
    Ok(rows.iter().map(read::end).collect::<Result<Vec<_>, _>>()?)
}

fn bytes(id: &Digest) -> &[u8] {
    id.as_bytes()
}

/// Asks first: sending a covariance that is there costs more than the question.
fn put(session: &mut Session, blobs: &[&Blob]) -> Result<(), Stopped> {
    if blobs.is_empty() {
        return Ok(());
    }
    let ids: Vec<&[u8]> = blobs.iter().map(|blob| bytes(&blob.id)).collect();
    let known = session.try_query(KNOWN_BLOBS, &[&ids])?;
    let known = known.iter().map(|row| read::digest(row, 0));
    let known = known.collect::<Result<std::collections::BTreeSet<_>, _>>()?;
    let new: Vec<&Blob> = blobs.iter().copied().filter(|blob| !known.contains(&blob.id)).collect();
    for part in parts(&new, |blob| blob.bytes.len()) {
        let ids: Vec<&[u8]> = part.iter().map(|blob| bytes(&blob.id)).collect();
        let all: Vec<&[u8]> = part.iter().map(|blob| blob.bytes.as_slice()).collect();
        session.try_execute(PUT_BLOBS, &[&ids, &all])?;
    }
    Ok(())
}

fn put_runs(session: &mut Session, rows: &[NewRow<'_>]) -> Result<(), Stopped> {
    for part in parts(rows, |row| row.record.len()) {
        let heads = || part.iter().map(|row| &row.head);
        let texts =
            |of: fn(&RunHead) -> &String| -> Vec<&str> { heads().map(|head| of(head).as_str()).collect() };
        let numbers = |of: fn(&RunHead) -> i64| -> Vec<i64> { heads().map(of).collect() };
        let ids =
            |of: fn(&RunHead) -> &Digest| -> Vec<&[u8]> { heads().map(|head| bytes(of(head))).collect() };
        let records: Vec<&[u8]> = part.iter().map(|row| row.record).collect();
        let columns: [&(dyn ToSql + Sync); 13] = [
            &texts(|head| &head.account),
            &numbers(|head| head.sequence),
            &numbers(|head| head.as_of.days().into()),
            &ids(|head| &head.run_id),
            &ids(|head| &head.inputs_id),
            &ids(|head| &head.result_id),
            &texts(|head| &head.solver),
            &texts(|head| &head.status),
            &numbers(|head| head.recorded_at),
            &texts(|head| &head.actor),
            &ids(|head| &head.previous),
            &ids(|head| &head.link),
            &records,
        ];
        session.try_execute(PUT_RUNS, &columns)?;
    }
    Ok(())
}

fn put_correction(session: &mut Session, head: &CorrectionHead, record: &[u8]) -> Result<(), Stopped> {
    session.try_execute(
        PUT_CORRECTION,
        &[
            &head.account,
            &head.number,
            &bytes(&head.supersedes),
            &bytes(&head.run_id),
            &head.reason,
            &head.actor,
            &head.recorded_at,
            &bytes(&head.previous),
            &bytes(&head.link),
            &record,
        ],
    )?;
    Ok(())
}

fn advance(session: &mut Session, ends: &[End]) -> Result<(), Stopped> {
    let accounts: Vec<&str> = ends.iter().map(|end| end.account.as_str()).collect();
    let sequences: Vec<i64> = ends.iter().map(|end| end.sequence).collect();
    let links: Vec<&[u8]> = ends.iter().map(|end| bytes(&end.link)).collect();
    let corrections: Vec<i64> = ends.iter().map(|end| end.corrections).collect();
    let correction_links: Vec<&[u8]> = ends.iter().map(|end| bytes(&end.correction_link)).collect();
    session.try_execute(ADVANCE, &[&accounts, &sequences, &links, &corrections, &correction_links])?;
    Ok(())
}

pub(crate) fn replace(
    session: &mut Session,
    records: &[(Digest, &[u8])],
    blobs: &[(Digest, &[u8])],
) -> Result<(), Error> {
    transaction(session, &mut |session| {
        session.try_batch("SET LOCAL samebits.replacing = 'on'")?;
        for (id, new) in records {
            let changed = session
                .try_execute("UPDATE runs SET record = $2 WHERE run_id = $1", &[&bytes(id), new])?
                + session.try_execute(
                    "UPDATE corrections SET record = $2 WHERE run_id = $1",
                    &[&bytes(id), new],
                )?;
            found(changed, id)?;
        }
        for (id, new) in blobs {
            let changed =
                session.try_execute("UPDATE blobs SET bytes = $2 WHERE id = $1", &[&bytes(id), new])?;
            found(changed, id)?;
        }
        Ok(())
    })
}

fn found(changed: u64, id: &Digest) -> Result<(), Error> {
    if changed == 1 { Ok(()) } else { Err(Error::NotFound { wanted: id.to_string() }) }
}

/// Consecutive parts of `all` of about [`CHUNK`] bytes each; one that is larger stands alone.
fn parts<T>(all: &[T], length: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let (mut parts, mut from, mut sum) = (Vec::new(), 0, 0_usize);
    for (at, one) in all.iter().enumerate() {
        let next = length(one);
        if at > from && sum.saturating_add(next) > CHUNK {
            parts.push(&all[from..at]);
            (from, sum) = (at, 0);
        }
        sum = sum.saturating_add(next);
    }
    if from < all.len() {
        parts.push(&all[from..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_everything_once_in_order() {
        for (lengths, wanted) in [
            (vec![], vec![]),
            (vec![1], vec![1]),
            (vec![CHUNK, 1, 1], vec![1, 2]),
            (vec![1, CHUNK, 1], vec![1, 1, 1]),
            (vec![CHUNK / 2, CHUNK / 2, 1], vec![2, 1]),
            (vec![CHUNK + 1, CHUNK + 1], vec![1, 1]),
        ] {
            let found = parts(&lengths, |length| *length);
            assert_eq!(found.iter().map(|part| part.len()).collect::<Vec<_>>(), wanted);
            assert_eq!(found.concat(), lengths);
        }
    }
}
