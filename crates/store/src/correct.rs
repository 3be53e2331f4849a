//! Superseding corrections: a new record beside the old one, which stays what it was.

use crate::check::checked_correction;
use crate::row::{Additions, CorrectionHead, CorrectionRow, RunHead};
use crate::store::{bounds, unique};
use crate::{Error, Store};
use samebits_snapshot::record::Run;
use samebits_snapshot::{Digest, InputIds, Manifest, Packed, info_id};

/// A correction to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct NewCorrection<'a> {
    /// The Run, or the correction, whose place it takes.
    pub supersedes: Digest,
    /// Bytes of the correcting Run, from `samebits_snapshot::pack_shared`.
    pub packed: &'a Packed,
    /// The correcting Run: of the same account, sequence and day.
    pub run: &'a Run,
    /// Why; not empty.
    pub reason: &'a str,
    /// Who corrects; not empty.
    pub actor: &'a str,
    /// UTC nanoseconds since 1970.
    pub recorded_at: i64,
}

/// A correction of the store, fully verified.
#[derive(Debug, Clone)]
pub struct StoredCorrection {
    /// Its row.
    pub head: CorrectionHead,
    /// The correcting Run.
    pub run: Run,
    /// Its ids.
    pub manifest: Manifest,
    /// Ids of the parts of its question.
    pub ids: InputIds,
}

impl Store {
    /// Records a correction; it is durable when this returns. What it supersedes stays as it is, and so does its chain: a
    /// correction is a link of the account's chain of corrections.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotACorrection`], [`Error::Superseded`], [`Error::Overtaken`], [`Error::OldSchema`],
    /// and what the database says.
    pub fn correct(&mut self, new: &NewCorrection<'_>) -> Result<CorrectionHead, Error> {
        self.must_be_current()?;
        let original = self.original(&new.supersedes)?;
        let account = original.account.as_str();
        let known = self.rows.corrections(Some(account))?;
        fits(new, &original, &known)?;
        let run_id = new.packed.manifest.run_id;
        if self.rows.by_id(&run_id)?.is_some() || self.rows.correction(&run_id)?.is_some() {
            return Err(new.refused("run id", "one that the store does not have", run_id));
        }
        let info_id = info_id(&new.run.info)?;
        let blobs = self.blobs_first(unique(new.packed.blobs.iter()))?;
        let mut recorded = None;
        self.rows.append(&[account], &mut |ends| {
            let [end] = ends else { return Err(Error::NotFound { wanted: account.to_owned() }) };
            if end.corrections != known.len() as i64 {
                return Err(Error::Overtaken { account: account.to_owned() });
            }
            let mut end = end.clone();
            let mut head = CorrectionHead {
                account: account.to_owned(),
                number: end.corrections,
                supersedes: new.supersedes,
                run_id,
                reason: new.reason.to_owned(),
                actor: new.actor.to_owned(),
                recorded_at: new.recorded_at,
                previous: end.correction_link,
                link: end.correction_link,
            };
            head.link = head.covered().link(&info_id);
            (end.corrections, end.correction_link) = (end.corrections + 1, head.link);
            recorded = Some(head.clone());
            let corrections = vec![(head, new.packed.bytes.as_slice())];
            Ok(Additions { blobs: blobs.clone(), runs: Vec::new(), corrections, ends: vec![end] })
        })?;
        recorded.ok_or_else(|| Error::NotFound { wanted: account.to_owned() })
    }

    /// The Run that was recorded first, behind a Run or correction: what `run_id` corrects, and what that corrects.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn original(&self, run_id: &Digest) -> Result<RunHead, Error> {
        let mut at = *run_id;
        // Each correction is younger than what it supersedes; a loop would be a forgery, and ends here too.
        let mut seen = std::collections::BTreeSet::new();
        while let Some(correction) = self.rows.correction(&at)? {
            if !seen.insert(at) {
                return Err(correction.head.damaged("column supersedes", "it supersedes itself"));
            }
            at = correction.head.supersedes;
        }
        let row = self.rows.by_id(&at)?;
        row.map(|row| row.head).ok_or_else(|| Error::NotFound { wanted: run_id.to_string() })
    }

    /// The corrections of one account or of all, by account, in the order of their chains.
    ///
    /// # Errors
    /// What the database says.
    pub fn corrections(&self, account: Option<&str>) -> Result<Vec<CorrectionHead>, Error> {
        self.rows.corrections(account)
    }

    /// What took the place of a Run or correction, and what took the place of that, and so on: the last one holds.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such Run or correction.
    pub fn corrections_of(&self, run_id: &Digest) -> Result<Vec<CorrectionHead>, Error> {
        let original = self.original(run_id)?;
        let all = self.rows.corrections(Some(&original.account))?;
        let (mut at, mut found) = (*run_id, Vec::new());
        // In the order of their numbers: what supersedes comes after what is superseded.
        for correction in all {
            if correction.supersedes == at {
                at = correction.run_id;
                found.push(correction);
            }
        }
        Ok(found)
    }

    /// The correction that a prefix of its id names; `None` when none does.
    ///
    /// # Errors
    /// [`Error::Ambiguous`], and what the database says.
    pub fn find_correction(&self, prefix: &str) -> Result<Option<CorrectionHead>, Error> {
        let Some((first, last)) = bounds(prefix) else { return Ok(None) };
        let fits = |head: &CorrectionHead| (first..=last).contains(&head.run_id);
        let mut found: Vec<_> = self.rows.corrections(None)?.into_iter().filter(fits).collect();
        if let [first, second, ..] = found.as_slice() {
            let (first, second) = (first.run_id, second.run_id);
            return Err(Error::Ambiguous { wanted: prefix.to_owned(), count: found.len(), first, second });
        }
        Ok(found.pop())
    }

    /// The correction of this id, verified: every checksum, content id, column and the link.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Damaged`].
    pub fn get_correction(&self, run_id: &Digest) -> Result<StoredCorrection, Error> {
        let found = self.rows.correction(run_id)?;
        let CorrectionRow { head, record } =
            found.ok_or_else(|| Error::NotFound { wanted: run_id.to_string() })?;
        let (unpacked, _) = checked_correction(&self.checking(), &head, &record)?;
        Ok(StoredCorrection { head, run: unpacked.run, manifest: unpacked.manifest, ids: unpacked.ids })
    }
}

/// Whether the correction may take the place of what it names.
fn fits(new: &NewCorrection<'_>, original: &RunHead, known: &[CorrectionHead]) -> Result<(), Error> {
    let question = &new.packed.manifest.question;
    if question.account != original.account {
        return Err(new.refused("account", &original.account, &question.account));
    }
    if i64::try_from(question.sequence).ok() != Some(original.sequence) {
        return Err(new.refused("sequence", original.sequence, question.sequence));
    }
    if question.as_of != original.as_of {
        return Err(new.refused("day", original.as_of, question.as_of));
    }
    for (part, text) in [("reason", new.reason), ("actor", new.actor)] {
        if text.trim().is_empty() {
            return Err(new.refused(part, "a text", "nothing"));
        }
    }
    match known.iter().find(|correction| correction.supersedes == new.supersedes) {
        Some(by) => Err(Error::Superseded { run_id: new.supersedes, by: by.run_id }),
        None => Ok(()),
    }
}

impl NewCorrection<'_> {
    fn refused(&self, part: &'static str, expected: impl ToString, found: impl ToString) -> Error {
        let (expected, found) = (expected.to_string(), found.to_string());
        Error::NotACorrection { supersedes: self.supersedes, part, expected, found }
    }
}
