//! One Run of a store against everything that is known of it.

use crate::chain::{Covered, CoveredCorrection};
use crate::recent::Recent;
use crate::row::{CorrectionHead, RunHead};
use crate::store::SCHEMA;
use crate::{Asked, BlobStore, Error, RunStore};
use samebits_snapshot::Error::{NeedsDerive, NeedsPredictor};
use samebits_snapshot::record::Derive;
use samebits_snapshot::{
    BlobSource, Digest, Limits, Manifest, Predictor, Reader, Sealed, Shared, Unpacked, Unsealed, info_id,
    unpack_shared,
};
use std::fmt::Display;
use std::sync::Arc;

/// What a record is read with.
#[derive(Clone, Copy)]
pub(crate) struct Checking<'a> {
    pub(crate) rows: &'a dyn RunStore,
    pub(crate) objects: Option<&'a dyn BlobStore>,
    pub(crate) shared: Option<&'a Shared>,
    pub(crate) predictor: Option<&'a dyn Predictor>,
    pub(crate) derive: Option<&'a dyn Derive>,
    pub(crate) recent: &'a Recent,
}

impl BlobSource for Checking<'_> {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        self.bytes_of(id).map_err(|error| error.to_string())
    }
}

impl Checking<'_> {
    /// The bytes of a blob, wherever the store keeps them.
    pub(crate) fn bytes_of(&self, id: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let outside = self.objects.map(|objects| objects.get(id)).transpose()?.flatten();
        match outside {
            Some(bytes) => Ok(Some(bytes)),
            None => self.rows.blob(id),
        }
    }

    /// The Run of a record's bytes: the one place where they are read, whatever their form.
    fn unpacked(&self, head: &RunHead, record: &[u8]) -> Result<Unpacked, Error> {
        if !Sealed::is(record) {
            return self.unpacked_file(record).map_err(|error| unread(head, error));
        }
        let unsealed = self.unsealed(head, record)?;
        unsealed.unpack(&self.reader(&Limits::default())).map_err(|error| unread(head, error))
    }

    fn unpacked_file(&self, record: &[u8]) -> Result<Unpacked, samebits_snapshot::Error> {
        unpack_shared(record, &self.reader(&Limits::default()))
    }

    /// The content id of a blob's bytes, which are decoded and checked, by way of those that it builds upon.
    pub(crate) fn content_id(&self, blob: &[u8]) -> Result<Digest, samebits_snapshot::Error> {
        Ok(self.reader(&Limits::default()).read_blob(blob)?.0.id)
    }

    /// Reads with all that the store was given.
    pub(crate) fn reader<'r>(&'r self, limits: &'r Limits) -> Reader<'r> {
        let Self { shared, predictor, derive, .. } = *self;
        Reader { limits, blobs: self, shared, predictor, derive }
    }

    /// What a sealed record says, its ids worked out again.
    pub(crate) fn unsealed(&self, head: &RunHead, record: &[u8]) -> Result<Unsealed, Error> {
        let open = || {
            let (sealed, columns) = self.columns(head, record)?;
            let unsealed = sealed.open(&columns).map_err(|error| head.damaged("record", error))?;
            if unsealed.manifest().run_id == head.run_id {
                return Ok(unsealed);
            }
            Err(head.damaged("column run_id", format!("the record is {}", unsealed.manifest().run_id)))
        };
        match open() {
            // Columns that were read before may be those of a form that has been replaced since.
            Err(_) if self.recent.forget() => open(),
            found => found,
        }
    }

    /// The columns of a sealed record, by way of those that it builds upon.
    pub(crate) fn columns<'r>(
        &self,
        head: &RunHead,
        record: &'r [u8],
    ) -> Result<(Sealed<'r>, Arc<Vec<u8>>), Error> {
        self.columns_within(head, record, CHAIN)
    }

    /// As [`columns`](Self::columns); at most `left` other records are read on the way.
    fn columns_within<'r>(
        &self,
        head: &RunHead,
        record: &'r [u8],
        left: u32,
    ) -> Result<(Sealed<'r>, Arc<Vec<u8>>), Error> {
        let damaged = |error: samebits_snapshot::Error| head.damaged("record", error);
        let sealed = Sealed::read(record, &Limits::default()).map_err(damaged)?;
        let base = match sealed.distance() {
            0 => None,
            distance => Some(self.base(head, distance, left)?),
        };
        let columns = Arc::new(sealed.columns(base.as_deref().map(Vec::as_slice)).map_err(damaged)?);
        self.recent.keep(&head.account, head.sequence, &columns);
        Ok((sealed, columns))
    }

    /// The columns `distance` Runs before `head`.
    fn base(&self, head: &RunHead, distance: u32, left: u32) -> Result<Arc<Vec<u8>>, Error> {
        let sequence = head.sequence.saturating_sub(distance.into());
        if let Some(columns) = self.recent.get(&head.account, sequence) {
            return Ok(columns);
        }
        let needed = |problem: &str| head.damaged("record", format!("builds upon run {sequence}: {problem}"));
        let left = left.checked_sub(1).ok_or_else(|| needed("too long a chain of records"))?;
        let row = match self.rows.by_sequence(&head.account, sequence)? {
            Some(base) => self.rows.by_id(&base.run_id)?,
            None => None,
        };
        let row = row.ok_or_else(|| needed("it is missing"))?;
        match self.columns_within(&row.head, &row.record, left) {
            Ok((_, columns)) => Ok(columns),
            Err(Error::Damaged { problem, .. }) => Err(needed(&problem)),
            Err(error) => Err(error),
        }
    }
}

/// Most records that the columns of one are read through.
const CHAIN: u32 = 32;

/// What a record says of itself, as far as its row repeats it.
pub(crate) struct Said {
    manifest: Manifest,
    status: String,
    /// Content id of its information.
    pub(crate) info_id: Digest,
    /// Content id of the account before trading.
    pub(crate) account: Digest,
    /// Content id of the account after it.
    pub(crate) account_after: Digest,
}

impl Said {
    fn of(unpacked: &Unpacked) -> Result<Self, Error> {
        let outcome = &unpacked.run.outcome;
        Ok(Self {
            manifest: unpacked.manifest.clone(),
            status: outcome.status.name().to_owned(),
            info_id: info_id(&unpacked.run.info)?,
            account: unpacked.ids.account,
            account_after: outcome.stages.account_after,
        })
    }

    fn of_sealed(unsealed: &Unsealed) -> Result<Self, Error> {
        Ok(Self {
            manifest: unsealed.manifest().clone(),
            status: unsealed.status().to_owned(),
            info_id: info_id(unsealed.info())?,
            account: unsealed.ids().account,
            account_after: unsealed.account_after(),
        })
    }

    /// Compares with the row and the chain's link.
    fn fits(&self, checking: &Checking<'_>, head: &RunHead, record: &[u8]) -> Result<(), Error> {
        let (manifest, question) = (&self.manifest, &self.manifest.question);
        let wrong = |part: &str, expected: &dyn Display, found: &dyn Display| {
            Err(head.damaged(part, format!("expected {expected}, found {found}")))
        };
        if head.account != question.account {
            return wrong("column account", &question.account, &head.account);
        }
        if u64::try_from(head.sequence).ok() != Some(question.sequence) {
            return wrong("column sequence", &question.sequence, &head.sequence);
        }
        if head.as_of != question.as_of {
            return wrong("column as_of", &question.as_of, &head.as_of);
        }
        for (part, found, expected) in [
            ("column run_id", head.run_id, manifest.run_id),
            ("column inputs_id", head.inputs_id, manifest.inputs_id),
            ("column result_id", head.result_id, manifest.result_id),
        ] {
            if found != expected {
                return wrong(part, &expected, &found);
            }
        }
        for (part, found, expected) in [
            ("column solver", &head.solver, &manifest.method.solver),
            ("column status", &head.status, &self.status),
        ] {
            if found != expected {
                return wrong(part, expected, found);
            }
        }
        let covered = head.covered();
        let first = checking.rows.schema() < SCHEMA;
        let link = if first { covered.first_link(record) } else { covered.link(&self.info_id) };
        if link != head.link {
            return wrong("chain link", &link, &head.link);
        }
        Ok(())
    }
}

/// Unpacks `record` and compares it, and the chain's link, with its row; beside it the content id of its information.
pub(crate) fn checked(
    checking: &Checking<'_>,
    head: &RunHead,
    record: &[u8],
) -> Result<(Unpacked, Digest), Error> {
    let unpacked = checking.unpacked(head, record)?;
    let said = Said::of(&unpacked)?;
    said.fits(checking, head, record)?;
    Ok((unpacked, said.info_id))
}

/// As [`checked`], of a sealed record only by what it holds: its documents are hashed and every id worked out again, but
/// neither shared parts nor an outcome that was left out are looked at.
pub(crate) fn hashed(checking: &Checking<'_>, head: &RunHead, record: &[u8]) -> Result<Said, Error> {
    let said = if Sealed::is(record) {
        Said::of_sealed(&checking.unsealed(head, record)?)?
    } else {
        Said::of(&checking.unpacked(head, record)?)?
    };
    said.fits(checking, head, record)?;
    Ok(said)
}

/// As [`checked`], but only what was asked: of a sealed record, no outcome that was left out is looked at.
pub(crate) fn asked(checking: &Checking<'_>, head: &RunHead, record: &[u8]) -> Result<Asked, Error> {
    let (inputs, manifest, ids) = if Sealed::is(record) {
        let unsealed = checking.unsealed(head, record)?;
        Said::of_sealed(&unsealed)?.fits(checking, head, record)?;
        let inputs = unsealed.inputs(&checking.reader(&Limits::default()));
        (inputs.map_err(|error| unread(head, error))?, unsealed.manifest().clone(), *unsealed.ids())
    } else {
        let (unpacked, _) = checked(checking, head, record)?;
        (unpacked.run.inputs, unpacked.manifest, unpacked.ids)
    };
    Ok(Asked { head: head.clone(), inputs, manifest, ids })
}

/// A record that cannot be read: damaged, unless the store was not given what reading it needs.
fn unread(head: &RunHead, error: samebits_snapshot::Error) -> Error {
    match error {
        NeedsDerive | NeedsPredictor { .. } => Error::Snapshot(error),
        error => head.damaged("record", error),
    }
}

/// As [`checked`], for a correction.
pub(crate) fn checked_correction(
    checking: &Checking<'_>,
    head: &CorrectionHead,
    record: &[u8],
) -> Result<(Unpacked, Digest), Error> {
    let unpacked = checking.unpacked_file(record).map_err(|error| head.damaged("record", error))?;
    let (manifest, account) = (&unpacked.manifest, &unpacked.manifest.question.account);
    if *account != head.account {
        return Err(head.damaged("column account", format!("expected {account}, found {}", head.account)));
    }
    if manifest.run_id != head.run_id {
        let problem = format!("expected {}, found {}", manifest.run_id, head.run_id);
        return Err(head.damaged("column run_id", problem));
    }
    let info_id = info_id(&unpacked.run.info)?;
    let link = head.covered().link(&info_id);
    if link != head.link {
        return Err(head.damaged("chain link", format!("expected {link}, found {}", head.link)));
    }
    Ok((unpacked, info_id))
}

impl RunHead {
    pub(crate) fn covered(&self) -> Covered<'_> {
        Covered {
            previous: &self.previous,
            account: &self.account,
            sequence: self.sequence,
            run_id: &self.run_id,
            recorded_at: self.recorded_at,
            actor: &self.actor,
        }
    }
}

impl CorrectionHead {
    pub(crate) fn covered(&self) -> CoveredCorrection<'_> {
        CoveredCorrection {
            previous: &self.previous,
            account: &self.account,
            number: self.number,
            supersedes: &self.supersedes,
            run_id: &self.run_id,
            reason: &self.reason,
            recorded_at: self.recorded_at,
            actor: &self.actor,
        }
    }

    pub(crate) fn damaged(&self, part: &str, problem: impl ToString) -> Error {
        Error::Damaged {
            account: self.account.clone(),
            sequence: self.number,
            part: format!("correction, {part}"),
            problem: problem.to_string(),
        }
    }
}
