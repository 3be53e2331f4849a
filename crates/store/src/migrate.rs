//! Copies a store into another one: to a newer schema, to another database, to another place for blobs.

use crate::check::{Checking, checked_correction, hashed};
use crate::recent::Recent;
use crate::row::{Additions, CorrectionHead, End, Row, RunHead};
use crate::store::Offered;
use crate::verify::{Tail, continuity};
use crate::{Error, Order, Store};
use samebits_snapshot::{Blob, Digest, Shared};
use std::collections::{BTreeMap, BTreeSet};

/// What a migration has copied, and what it found to be there from an earlier, interrupted one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Migrated {
    /// Blobs copied.
    pub blobs: u64,
    /// Runs copied.
    pub runs: u64,
    /// Corrections copied.
    pub corrections: u64,
    /// Runs and corrections that were there already, compared by their links.
    pub there: u64,
}

/// Runs of one transaction.
const BATCH: usize = 256;
/// Bytes of blobs of one transaction, about.
const BLOBS: usize = 16 << 20;

impl Store {
    /// Copies every blob, Run and correction of `from` into this store, in the order in which they were recorded; `progress`
    /// is called with the number of Runs so far. Every Run is verified on the way as [`verify`](Self::verify) does; links are
    /// computed anew. What is there already must be the same, so a migration that was interrupted is continued by starting it
    /// again. The records' bytes stay as they are.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a source that does not verify, [`Error::OtherThere`] for a target that holds something else,
    /// [`Error::OldSchema`], and what the databases say.
    pub fn migrate(&mut self, from: &Self, progress: &mut dyn FnMut(u64)) -> Result<Migrated, Error> {
        self.must_be_current()?;
        let mut migrated = Migrated::default();
        // One state of the source, whoever appends meanwhile.
        from.rows.snapshot(&mut || {
            let mut ends: BTreeMap<String, End> =
                self.rows.ends()?.into_iter().map(|end| (end.account.clone(), end)).collect();
            self.copy_blobs(from, &mut migrated)?;
            let mut links = self.copy_runs(from, &ends, &mut migrated, progress)?;
            self.copy_corrections(from, &mut links, &mut ends, &mut migrated)
        })?;
        Ok(migrated)
    }

    /// Blobs first: no row ever refers to one that is not there.
    fn copy_blobs(&mut self, from: &Self, migrated: &mut Migrated) -> Result<(), Error> {
        let mut known: BTreeSet<Digest> = self.blob_ids()?.into_iter().collect();
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let shared = Shared::default();
        let checking = Checking { shared: Some(&shared), ..from.checking() };
        for id in from.blob_ids()? {
            if !known.insert(id) {
                continue;
            }
            let blob = checking.bytes_of(&id)?.unwrap_or_default();
            let problem = match checking.content_id(&blob) {
                Ok(found) if found == id => None,
                Ok(found) => Some(format!("its content is {found}")),
                Err(error) => Some(error.to_string()),
            };
            if let Some(problem) = problem {
                return Err(Error::DamagedBlob { id, problem });
            }
            bytes += blob.len();
            batch.push(Blob { id, bytes: blob });
            if bytes >= BLOBS {
                self.put(&batch)?;
                migrated.blobs += batch.len() as u64;
                (batch, bytes) = (Vec::new(), 0);
            }
        }
        self.put(&batch)?;
        migrated.blobs += batch.len() as u64;
        Ok(())
    }

    fn put(&mut self, blobs: &[Blob]) -> Result<(), Error> {
        let blobs = self.blobs_first(blobs.iter().collect())?;
        if blobs.is_empty() { Ok(()) } else { self.rows.put_blobs(&blobs) }
    }

    /// Returns the last link of every account, as this store has it.
    fn copy_runs(
        &mut self,
        from: &Self,
        ends: &BTreeMap<String, End>,
        migrated: &mut Migrated,
        progress: &mut dyn FnMut(u64),
    ) -> Result<BTreeMap<String, Digest>, Error> {
        let (shared, recent) = (Shared::default(), Recent::default());
        let checking = Checking { shared: Some(&shared), recent: &recent, ..from.checking() };
        let mut walk = Walk { tails: BTreeMap::new(), links: BTreeMap::new() };
        for positions in from.rows.positions(Order::Appended)?.chunks(BATCH) {
            let rows = from.rows.at(positions)?;
            let mut offered = Vec::with_capacity(rows.len());
            for row in &rows {
                let (head, info_id) = walk.step(&checking, row)?;
                let there = ends.get(&head.account).is_some_and(|end| head.sequence <= end.sequence);
                if there {
                    self.must_have(&head)?;
                    migrated.there += 1;
                } else {
                    offered.push(Offered { head, info_id, record: &row.record });
                    migrated.runs += 1;
                }
            }
            if !offered.is_empty() {
                self.append_offered(&offered, Vec::new())?;
            }
            progress(migrated.runs + migrated.there);
        }
        walk.reaches(&from.rows.ends()?)?;
        Ok(walk.links)
    }

    /// The Run is there, with the link that it would get.
    fn must_have(&self, head: &RunHead) -> Result<(), Error> {
        let found = self.rows.by_sequence(&head.account, head.sequence)?;
        if found.as_ref() == Some(head) {
            return Ok(());
        }
        let what = format!("run {}/{}", head.account, head.sequence);
        Err(Error::OtherThere { place: self.place(), what })
    }

    fn copy_corrections(
        &mut self,
        from: &Self,
        links: &mut BTreeMap<String, Digest>,
        ends: &mut BTreeMap<String, End>,
        migrated: &mut Migrated,
    ) -> Result<(), Error> {
        // From here on, of corrections.
        links.clear();
        for head in from.rows.corrections(None)? {
            let row = from.rows.correction(&head.run_id)?;
            let row = row.ok_or_else(|| head.damaged("column run_id", "it is damaged"))?;
            checked_correction(&from.checking(), &head, &row.record)?;
            let previous = links.get(&head.account).copied().unwrap_or(crate::chain::NO_LINK);
            if head.previous != previous {
                return Err(
                    head.damaged("column previous", format!("expected {previous}, found {}", head.previous))
                );
            }
            // The formula is the same in every schema that has corrections: the link stays.
            links.insert(head.account.clone(), head.link);
            let known = ends.entry(head.account.clone()).or_insert_with(|| End::none(&head.account));
            if head.number < known.corrections {
                self.must_have_correction(&head)?;
                migrated.there += 1;
            } else {
                self.append_correction(&head, &row.record)?;
                migrated.corrections += 1;
            }
        }
        Ok(())
    }

    fn must_have_correction(&self, head: &CorrectionHead) -> Result<(), Error> {
        let found = self.rows.correction(&head.run_id)?;
        if found.is_some_and(|row| row.head == *head) {
            return Ok(());
        }
        let what = format!("correction {} of {}", head.number, head.account);
        Err(Error::OtherThere { place: self.place(), what })
    }

    fn append_correction(&mut self, head: &CorrectionHead, record: &[u8]) -> Result<(), Error> {
        let place = self.place();
        self.rows.append(&[&head.account], &mut |ends| {
            let [end] = ends else { return Err(Error::NotFound { wanted: head.account.clone() }) };
            if (end.corrections, end.correction_link) != (head.number, head.previous) {
                let what = format!("a chain of corrections of {}", head.account);
                return Err(Error::OtherThere { place: place.clone(), what });
            }
            let end = End { corrections: head.number + 1, correction_link: head.link, ..end.clone() };
            let corrections = vec![(head.clone(), record)];
            Ok(Additions { corrections, ends: vec![end], ..Additions::default() })
        })
    }
}

/// A walk through the chains of the source.
struct Walk {
    /// Where each chain is, as the source has it.
    tails: BTreeMap<String, Tail>,
    /// Its last link, as the target has it.
    links: BTreeMap<String, Digest>,
}

impl Walk {
    /// The columns of the next Run as the target has them, and the content id of its information.
    fn step(&mut self, checking: &Checking<'_>, row: &Row) -> Result<(RunHead, Digest), Error> {
        let head = &row.head;
        let said = hashed(checking, head, &row.record)?;
        let problems = continuity(head, self.tails.get(&head.account), &said.account);
        if let Some(problem) = problems.first() {
            return Err(head.damaged(&problem.part, &problem.problem));
        }
        self.tails.insert(head.account.clone(), Tail::of(head, &said));
        let previous = self.links.get(&head.account).copied().unwrap_or(crate::chain::NO_LINK);
        let mut copied = RunHead { previous, ..head.clone() };
        copied.link = copied.covered().link(&said.info_id);
        self.links.insert(head.account.clone(), copied.link);
        Ok((copied, said.info_id))
    }

    /// Each chain of the source ends where its head says.
    fn reaches(&self, ends: &[End]) -> Result<(), Error> {
        for end in ends {
            let tail = self.tails.get(&end.account).map(|tail| (tail.sequence, tail.link));
            let wanted = (end.sequence >= 0).then_some((end.sequence, end.link));
            if tail != wanted {
                let (account, sequence) = (end.account.clone(), end.sequence);
                let problem = format!("the chain does not end with run {sequence} as the head says");
                return Err(Error::Damaged { account, sequence, part: "end of chain".into(), problem });
            }
        }
        Ok(())
    }
}
