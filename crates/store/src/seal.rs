//! Records in their narrow form: made beside the store, then put in the place of the wide one.
//!
//! Runs of an account come in blocks of [`SEAL_BLOCK`]. The first of a block stands by itself; run `k` of a block builds upon
//! the one whose number in the block is `k` without its lowest bit set, so that at most five others are read to read one,
//! and half of them build upon the day before.

use crate::{Error, Store, StoredRun};
use samebits_snapshot::record::Kept;
use samebits_snapshot::{Decided, Digest, Limits, Sealed, seal};
use std::sync::Arc;

/// Runs of an account in a block.
pub const SEAL_BLOCK: i64 = 32;

/// A record in its narrow form.
#[derive(Debug, Clone)]
pub struct SealedRecord {
    /// The Run.
    pub run_id: Digest,
    /// The record.
    pub bytes: Vec<u8>,
    /// Length of the record that it takes the place of.
    pub before: usize,
    /// Whether its outcome was left out, but for what is kept of it.
    pub kept: bool,
}

/// How far back the base of a Run lies; 0 when it has none.
fn distance(sequence: i64) -> i64 {
    let in_block = sequence.rem_euclid(SEAL_BLOCK);
    if in_block == 0 { 0 } else { 1 << in_block.trailing_zeros() }
}

impl Store {
    /// Accounts, ascending, and how many Runs each has.
    ///
    /// # Errors
    /// What the database says.
    pub fn accounts(&self) -> Result<Vec<(String, i64)>, Error> {
        Ok(self.rows.ends()?.into_iter().map(|end| (end.account, end.sequence + 1)).collect())
    }

    /// The narrow forms of the records of one block of `account` that are still wide, in the order of its chain; `runs` is
    /// how many Runs the account has. Each Run is read and verified; `keep` says what is kept of an outcome that follows from
    /// it, or `None` when all of it has to be stored; the narrow form is read again and compared before it is handed out.
    /// Nothing is written.
    ///
    /// A Run whose documents do not suit columns keeps its record.
    ///
    /// # Errors
    /// A Run that is not as it was recorded, and what the database says.
    pub fn narrow(
        &self,
        (account, runs): (&str, i64),
        block: i64,
        keep: &dyn Fn(&StoredRun) -> Option<Kept>,
    ) -> Result<Vec<SealedRecord>, Error> {
        let checking = self.checking();
        let mut narrowed = Vec::new();
        // Columns of the Runs of the block so far.
        let mut columns: Vec<Option<Arc<Vec<u8>>>> = Vec::new();
        for sequence in block * SEAL_BLOCK..runs.min((block + 1) * SEAL_BLOCK) {
            let missing = || Error::NotFound { wanted: format!("{account}/{sequence}") };
            let head = self.rows.by_sequence(account, sequence)?.ok_or_else(missing)?;
            let row = self.rows.by_id(&head.run_id)?.ok_or_else(missing)?;
            if Sealed::is(&row.record) {
                columns.push(Some(checking.columns(&row.head, &row.record)?.1));
                continue;
            }
            let stored = self.stored(&row)?;
            let back = distance(sequence);
            let base = if back > 0 { columns[columns.len() - back as usize].as_ref() } else { None };
            let made = narrow_one(&row.record, &stored, keep(&stored), base.map(|base| (back, base)))?;
            let Some((record, own)) = made else {
                columns.push(None);
                continue;
            };
            columns.push(Some(own));
            narrowed.push(record);
        }
        Ok(narrowed)
    }

    /// Puts narrow records in the place of the wide ones, all of them or none.
    ///
    /// # Errors
    /// What the database says; a store of an earlier schema, whose links cover the records' bytes.
    pub fn put_narrow(&mut self, records: &[SealedRecord]) -> Result<(), Error> {
        self.must_be_current()?;
        let pairs: Vec<(Digest, &[u8])> =
            records.iter().map(|record| (record.run_id, record.bytes.as_slice())).collect();
        self.rows.replace(&pairs, &[])
    }

    /// Gives back the room that wide records took.
    ///
    /// # Errors
    /// What the database says.
    pub fn reclaim(&mut self) -> Result<(), Error> {
        self.rows.reclaim()
    }
}

type Made = (SealedRecord, Arc<Vec<u8>>);

/// The narrow form of one record and its columns, read again and compared.
fn narrow_one(
    record: &[u8],
    stored: &StoredRun,
    kept: Option<Kept>,
    base: Option<(i64, &Arc<Vec<u8>>)>,
) -> Result<Option<Made>, Error> {
    let limits = Limits::default();
    let base = base.map(|(distance, columns)| (distance as u32, columns.as_slice()));
    let narrow = match seal(record, &limits, kept.as_ref(), base) {
        Ok(narrow) => narrow,
        Err(samebits_snapshot::Error::NotStorable { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let sealed = Sealed::read(&narrow.bytes, &limits)?;
    let unsealed = sealed.open(&sealed.columns(base.map(|(_, columns)| columns))?)?;
    let decided = match (unsealed.decided()?, &kept) {
        (Decided::Kept(found), Some(kept)) => *found == *kept,
        (Decided::Full(found), None) => *found == stored.run.outcome,
        _ => false,
    };
    let same = decided
        && *unsealed.manifest() == stored.manifest
        && *unsealed.info() == stored.run.info
        && unsealed.account()? == stored.run.inputs.account;
    if !same {
        let problem = "its narrow form holds something else".to_owned();
        return Err(Error::NotTheSame { id: stored.head.run_id, problem });
    }
    let record = SealedRecord {
        run_id: stored.head.run_id,
        bytes: narrow.bytes,
        before: record.len(),
        kept: kept.is_some(),
    };
    Ok(Some((record, Arc::new(narrow.columns))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_lie_in_the_block_and_few_are_passed() {
        for sequence in 0..200 {
            let (mut at, mut passed) = (sequence, 0);
            while distance(at) > 0 {
                at -= distance(at);
                passed += 1;
            }
            assert_eq!(at, sequence - sequence % SEAL_BLOCK);
            assert!(passed <= 5, "{sequence}: {passed}");
        }
    }
}
