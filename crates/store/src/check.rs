//! One Run of a store against everything that is known of it.

use crate::chain::{Covered, CoveredCorrection};
use crate::row::{CorrectionHead, RunHead};
use crate::store::SCHEMA;
use crate::{BlobStore, Error, RunStore, status_name};
use samebits_snapshot::{BlobSource, Digest, Limits, Shared, Unpacked, info_id, unpack_shared};

/// What a record is read with.
#[derive(Clone, Copy)]
pub(crate) struct Checking<'a> {
    pub(crate) rows: &'a dyn RunStore,
    pub(crate) objects: Option<&'a dyn BlobStore>,
    pub(crate) shared: Option<&'a Shared>,
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
    fn unpacked(&self, record: &[u8]) -> Result<Unpacked, samebits_snapshot::Error> {
        unpack_shared(record, &Limits::default(), self, self.shared)
    }
}

/// Unpacks `record` and compares it, and the chain's link, with its row; beside it the content id of its information.
pub(crate) fn checked(
    checking: &Checking<'_>,
    head: &RunHead,
    record: &[u8],
) -> Result<(Unpacked, Digest), Error> {
    let unpacked = checking.unpacked(record).map_err(|error| head.damaged("record", error))?;
    let manifest = &unpacked.manifest;
    let question = &manifest.question;
    let rows: [(&str, String, String); 8] = [
        ("column account", head.account.clone(), question.account.clone()),
        ("column sequence", head.sequence.to_string(), question.sequence.to_string()),
        ("column as_of", head.as_of.to_string(), question.as_of.to_string()),
        ("column run_id", head.run_id.to_string(), manifest.run_id.to_string()),
        ("column inputs_id", head.inputs_id.to_string(), manifest.inputs_id.to_string()),
        ("column result_id", head.result_id.to_string(), manifest.result_id.to_string()),
        ("column solver", head.solver.clone(), manifest.method.solver.clone()),
        ("column status", head.status.clone(), status_name(&unpacked.run.outcome.status).to_owned()),
    ];
    for (part, found, expected) in rows {
        if found != expected {
            return Err(head.damaged(part, format!("expected {expected}, found {found}")));
        }
    }
    let covered = Covered {
        previous: &head.previous,
        account: &head.account,
        sequence: head.sequence,
        run_id: &head.run_id,
        recorded_at: head.recorded_at,
        actor: &head.actor,
    };
    let info_id = info_id(&unpacked.run.info)?;
    let link =
        if checking.rows.schema() < SCHEMA { covered.first_link(record) } else { covered.link(&info_id) };
    if link != head.link {
        return Err(head.damaged("chain link", format!("expected {link}, found {}", head.link)));
    }
    Ok((unpacked, info_id))
}

/// As [`checked`], for a correction.
pub(crate) fn checked_correction(
    checking: &Checking<'_>,
    head: &CorrectionHead,
    record: &[u8],
) -> Result<(Unpacked, Digest), Error> {
    let unpacked = checking.unpacked(record).map_err(|error| head.damaged("record", error))?;
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
