//! The store: chains and checks over the rows of some database.

use crate::check::{Checking, asked, checked};
use crate::recent::Recent;
use crate::row::{Additions, End, NewRow, Row, RunHead, Size};
use crate::sqlite::Sqlite;
use crate::{Access, BlobStore, Error, RunStore};
use samebits_snapshot::record::{Derive, Inputs, Run};
use samebits_snapshot::{Blob, Digest, InputIds, Manifest, Packed, Predictor, Shared, info_id};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Schema whose chains this build appends to.
pub(crate) const SCHEMA: u32 = 2;

/// A store of Runs.
pub struct Store {
    pub(crate) rows: Box<dyn RunStore>,
    pub(crate) objects: Option<Box<dyn BlobStore>>,
    pub(crate) shared: Option<Arc<Shared>>,
    pub(crate) predictor: Option<Arc<dyn Predictor>>,
    pub(crate) derive: Option<Arc<dyn Derive>>,
    pub(crate) recent: Recent,
}

/// A Run to be appended.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// Its bytes, from `samebits_snapshot::pack_shared`.
    pub packed: &'a Packed,
    /// The Run itself.
    pub run: &'a Run,
    /// Who records it.
    pub actor: &'a str,
    /// UTC nanoseconds since 1970.
    pub recorded_at: i64,
}

/// A Run of the store, fully verified.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// Its row.
    pub head: RunHead,
    /// The Run.
    pub run: Run,
    /// Its ids.
    pub manifest: Manifest,
    /// Ids of the parts of its question.
    pub ids: InputIds,
}

/// The question of a Run, verified, and what is recorded of its answer.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its row.
    pub head: RunHead,
    /// The question.
    pub inputs: Inputs,
    /// Its method, and every id; that of the answer, too.
    pub manifest: Manifest,
    /// Ids of the parts of the question.
    pub ids: InputIds,
}

/// Which Runs a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this account.
    pub account: Option<String>,
    /// Only from this day on.
    pub from: Option<samebits_units::Date>,
    /// Only up to this day.
    pub to: Option<samebits_units::Date>,
}

/// Where a page of a list ended: the place of its last Run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Day.
    pub as_of: samebits_units::Date,
    /// Account.
    pub account: String,
    /// Running number in the account.
    pub sequence: i64,
}

impl From<&RunHead> for Mark {
    fn from(head: &RunHead) -> Self {
        Self { as_of: head.as_of, account: head.account.clone(), sequence: head.sequence }
    }
}

impl Filter {
    /// The first and the last day, days since 1970-01-01.
    pub fn days(&self) -> (i32, i32) {
        (
            self.from.map_or(i32::MIN, samebits_units::Date::days),
            self.to.map_or(i32::MAX, samebits_units::Date::days),
        )
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("rows", &self.rows)
            .field("objects", &self.objects)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// A store over rows of a database, and over blobs elsewhere if that is where they are kept.
    pub fn new(rows: Box<dyn RunStore>, objects: Option<Box<dyn BlobStore>>) -> Self {
        Self { rows, objects, shared: None, predictor: None, derive: None, recent: Recent::default() }
    }

    /// Creates a store in an SQLite file; an existing one is opened.
    ///
    /// # Errors
    /// A file that is not a store, and what the database says.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self::new(Box::new(Sqlite::open(path, Access::Create)?), None))
    }

    /// Opens an existing SQLite file for reading.
    ///
    /// # Errors
    /// [`Error::NoStore`], [`Error::NotAStore`], [`Error::TooNew`].
    pub fn open_read_only(path: &Path) -> Result<Self, Error> {
        crate::Opener::from(path).read()
    }

    /// The same store, with markets and risk models taken from `shared` where it has them: those are verified when they
    /// are first read, not again. Several stores, one a thread, may have one `shared`.
    #[must_use]
    pub fn sharing(self, shared: Arc<Shared>) -> Self {
        Self { shared: Some(shared), ..self }
    }

    /// The same store, with what computes covariances that are stored as the closes they were made of.
    #[must_use]
    pub fn predicting(self, predictor: Arc<dyn Predictor>) -> Self {
        Self { predictor: Some(predictor), ..self }
    }

    /// The same store, with what derives the outcomes of Runs that are stored as their states.
    #[must_use]
    pub fn deriving(self, derive: Arc<dyn Derive>) -> Self {
        Self { derive: Some(derive), ..self }
    }

    /// Where it is, for people; without a password.
    pub fn place(&self) -> String {
        self.rows.place()
    }

    /// Version of its schema.
    pub fn schema(&self) -> u32 {
        self.rows.schema()
    }

    /// Appends Runs in one transaction: all of them are durable when it returns, or none is there.
    ///
    /// # Errors
    /// [`Error::NotNext`] for a Run that does not continue its account, [`Error::OldSchema`], and what the database says.
    pub fn append(&mut self, runs: &[NewRun<'_>]) -> Result<(), Error> {
        self.must_be_current()?;
        let offered = runs.iter().map(Offered::new).collect::<Result<Vec<_>, _>>()?;
        let blobs = unique(runs.iter().flat_map(|new| &new.packed.blobs));
        self.append_offered(&offered, blobs)
    }

    /// Runs whose columns are known, and the blobs that they refer to.
    pub(crate) fn append_offered<'a>(
        &mut self,
        offered: &[Offered<'a>],
        blobs: Vec<&'a Blob>,
    ) -> Result<(), Error> {
        let accounts = accounts(offered.iter().map(|new| new.head.account.as_str()));
        let blobs = self.blobs_first(blobs)?;
        self.rows.append(&accounts, &mut |ends| {
            let mut ends: BTreeMap<&str, End> =
                ends.iter().map(|end| (end.account.as_str(), end.clone())).collect();
            let mut added = Additions { blobs: blobs.clone(), ..Additions::default() };
            for new in offered {
                let account = new.head.account.as_str();
                let end = ends.entry(account).or_insert_with(|| End::none(account));
                added.runs.push(new.row(end)?);
            }
            added.ends = ends.into_values().collect();
            Ok(added)
        })
    }

    /// Puts blobs where they are kept when that is not the database, before any row refers to them; what is left goes
    /// into the transaction.
    pub(crate) fn blobs_first<'a>(&self, blobs: Vec<&'a Blob>) -> Result<Vec<&'a Blob>, Error> {
        match &self.objects {
            None => Ok(blobs),
            Some(objects) => {
                objects.put(&blobs)?;
                Ok(Vec::new())
            }
        }
    }

    /// Ids of all blobs, wherever the store keeps them.
    pub(crate) fn blob_ids(&self) -> Result<Vec<Digest>, Error> {
        let mut ids = self.rows.blob_ids()?;
        if let Some(objects) = &self.objects {
            ids.extend(objects.ids()?);
        }
        Ok(ids)
    }

    pub(crate) fn must_be_current(&self) -> Result<(), Error> {
        let found = self.rows.schema();
        if found == SCHEMA {
            return Ok(());
        }
        Err(Error::OldSchema { place: self.rows.place(), found, supported: SCHEMA })
    }

    /// Bytes of all records and blobs, and of the database file with its log.
    ///
    /// # Errors
    /// What the database says.
    pub fn size(&self) -> Result<Size, Error> {
        let mut size = self.rows.size()?;
        if let Some(objects) = &self.objects {
            let outside = objects.size()?;
            size.blobs += outside;
            size.file += outside;
        }
        Ok(size)
    }

    /// The Runs that fit `filter`, by day, then account.
    ///
    /// # Errors
    /// What the database says.
    pub fn list(&self, filter: &Filter) -> Result<Vec<RunHead>, Error> {
        self.rows.list(filter)
    }

    /// At most `most` Runs that fit `filter`, newest day first, then by account: those behind `behind`, the end of the page
    /// before. Reads no more than the page where the database has its index by day (`docs/store.md`).
    ///
    /// # Errors
    /// What the database says.
    pub fn page(&self, filter: &Filter, behind: Option<&Mark>, most: usize) -> Result<Vec<RunHead>, Error> {
        self.rows.page(filter, behind, most)
    }

    /// How many Runs there are.
    ///
    /// # Errors
    /// What the database says.
    pub fn count(&self) -> Result<u64, Error> {
        // Sequences begin at 0 and leave none out; `verify` says so.
        let runs = self.rows.ends()?.iter().map(|end| end.sequence.saturating_add(1)).sum::<i64>();
        Ok(runs.unsigned_abs())
    }

    /// The Run that `wanted` names: a unique prefix of its id, `ACCOUNT/SEQUENCE`, or `latest`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Ambiguous`].
    pub fn find(&self, wanted: &str) -> Result<RunHead, Error> {
        let not_found = || Error::NotFound { wanted: wanted.to_owned() };
        if wanted == "latest" {
            return self.rows.latest()?.ok_or_else(not_found);
        }
        if let Some((account, sequence)) = wanted.rsplit_once('/') {
            let sequence: i64 = sequence.parse().map_err(|_| not_found())?;
            return self.rows.by_sequence(account, sequence)?.ok_or_else(not_found);
        }
        let (first, last) = bounds(wanted).ok_or_else(not_found)?;
        let found = self.rows.between(&first, &last)?;
        match found.as_slice() {
            [] => Err(not_found()),
            [one] => Ok(one.clone()),
            [first, second, ..] => Err(Error::Ambiguous {
                wanted: wanted.to_owned(),
                count: found.len(),
                first: first.run_id,
                second: second.run_id,
            }),
        }
    }

    /// The day of the Run of this id, as its row says; `None` when there is no such Run.
    ///
    /// # Errors
    /// What the database says.
    pub fn day(&self, run_id: &Digest) -> Result<Option<i64>, Error> {
        Ok(self.days(std::slice::from_ref(run_id))?.first().copied().flatten())
    }

    /// As [`day`](Self::day), of many Runs, in their order.
    ///
    /// # Errors
    /// What the database says.
    pub fn days(&self, ids: &[Digest]) -> Result<Vec<Option<i64>>, Error> {
        self.rows.days(ids)
    }

    /// The columns of the Run of this id, as its row says.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what the database says.
    pub fn head(&self, run_id: &Digest) -> Result<RunHead, Error> {
        let found = self.rows.between(run_id, run_id)?;
        found.into_iter().next().ok_or_else(|| Error::NotFound { wanted: run_id.to_string() })
    }

    /// The Run of this id, verified: every checksum, content id, column and the link.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Damaged`].
    pub fn get(&self, run_id: &Digest) -> Result<StoredRun, Error> {
        let row = self.rows.by_id(run_id)?;
        let row = row.ok_or_else(|| Error::NotFound { wanted: run_id.to_string() })?;
        self.stored(&row)
    }

    /// What was asked in the Run of this id: as [`get`](Self::get), but an outcome that is not stored whole is not derived. What
    /// is kept of it is neither needed nor looked at; the id of the outcome is that of the chain.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn asked(&self, run_id: &Digest) -> Result<Asked, Error> {
        let row = self.rows.by_id(run_id)?;
        let row = row.ok_or_else(|| Error::NotFound { wanted: run_id.to_string() })?;
        asked(&self.checking(), &row.head, &row.record)
    }

    pub(crate) fn stored(&self, row: &Row) -> Result<StoredRun, Error> {
        let (unpacked, _) = checked(&self.checking(), &row.head, &row.record)?;
        let (run, manifest, ids) = (unpacked.run, unpacked.manifest, unpacked.ids);
        Ok(StoredRun { head: row.head.clone(), run, manifest, ids })
    }

    pub(crate) fn checking(&self) -> Checking<'_> {
        Checking {
            rows: &*self.rows,
            objects: self.objects.as_deref(),
            shared: self.shared.as_deref(),
            predictor: self.predictor.as_deref(),
            derive: self.derive.as_deref(),
            recent: &self.recent,
        }
    }
}

/// A Run on its way into its account's chain.
pub(crate) struct Offered<'a> {
    /// Its columns; the two links are not known yet.
    pub(crate) head: RunHead,
    pub(crate) info_id: Digest,
    pub(crate) record: &'a [u8],
}

impl<'a> Offered<'a> {
    fn new(new: &NewRun<'a>) -> Result<Self, Error> {
        let manifest = &new.packed.manifest;
        let question = &manifest.question;
        let head = RunHead {
            account: question.account.clone(),
            sequence: i64::try_from(question.sequence).unwrap_or(i64::MAX),
            as_of: question.as_of,
            run_id: manifest.run_id,
            inputs_id: manifest.inputs_id,
            result_id: manifest.result_id,
            solver: manifest.method.solver.clone(),
            status: new.run.outcome.status.name().to_owned(),
            recorded_at: new.recorded_at,
            actor: new.actor.to_owned(),
            previous: crate::chain::NO_LINK,
            link: crate::chain::NO_LINK,
        };
        Ok(Self { head, info_id: info_id(&new.run.info)?, record: &new.packed.bytes })
    }

    /// Its row behind `end`, which moves on to it.
    fn row(&self, end: &mut End) -> Result<NewRow<'a>, Error> {
        let head = &self.head;
        let later = match end.as_of {
            Some(last) => head.as_of > last,
            None if end.sequence < 0 => true,
            None => {
                let (account, sequence) = (end.account.clone(), end.sequence);
                let (part, problem) =
                    ("end of chain".to_owned(), "the account's last Run is missing".to_owned());
                return Err(Error::Damaged { account, sequence, part, problem });
            }
        };
        if head.sequence != end.sequence.saturating_add(1) || !later {
            return Err(Error::NotNext {
                account: head.account.clone(),
                sequence: head.sequence.unsigned_abs(),
                as_of: head.as_of,
                last: end.sequence,
                last_as_of: end.as_of.unwrap_or_default(),
            });
        }
        let mut head = RunHead { previous: end.link, ..head.clone() };
        head.link = head.covered().link(&self.info_id);
        (end.sequence, end.as_of, end.link) = (head.sequence, Some(head.as_of), head.link);
        Ok(NewRow { head, record: self.record })
    }
}

/// Each account once, in ascending order: all writers take them in the same one.
pub(crate) fn accounts<'a>(named: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut accounts: Vec<&str> = named.collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// Each blob once, in the order of their first mention.
pub(crate) fn unique<'a>(blobs: impl Iterator<Item = &'a Blob>) -> Vec<&'a Blob> {
    let mut seen = std::collections::BTreeSet::new();
    blobs.filter(|blob| seen.insert(blob.id)).collect()
}

/// The smallest and the largest id that begin with these hexadecimal digits.
pub(crate) fn bounds(prefix: &str) -> Option<(Digest, Digest)> {
    let digits = prefix.as_bytes();
    if digits.is_empty() || digits.len() > 64 {
        return None;
    }
    let (mut first, mut last) = ([0; 32], [0; 32]);
    for at in 0..64 {
        let (low, high) = match digits.get(at) {
            None => (0, 15),
            Some(digit) => {
                let value = char::from(*digit).to_digit(16)? as u8;
                (value, value)
            }
        };
        first[at / 2] = first[at / 2] << 4 | low;
        last[at / 2] = last[at / 2] << 4 | high;
    }
    Some((Digest::from_bytes(first), Digest::from_bytes(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for (prefix, first, last) in [
            ("a", format!("a{}", "0".repeat(63)), format!("a{}", "f".repeat(63))),
            ("0AfF1", format!("0aff1{}", "0".repeat(59)), format!("0aff1{}", "f".repeat(59))),
            (&"7".repeat(64), "7".repeat(64), "7".repeat(64)),
        ] {
            let found = bounds(prefix).unwrap();
            assert_eq!((found.0.to_string(), found.1.to_string()), (first, last));
        }
        for wrong in ["", "g", "0x1", "a b", &"7".repeat(65)] {
            assert!(bounds(wrong).is_none(), "{wrong}");
        }
    }
}
