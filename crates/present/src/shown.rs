//! One Run.

use crate::{corrections, utc};
use samebits_snapshot::record::Run;
use samebits_snapshot::{Digest, InputIds, Manifest};
use samebits_store::{CorrectionHead, Error, RunHead, Store, StoredCorrection, StoredRun};
use serde_json::{Value, json};

/// A Run, or a correction, and what took its place.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Account and sequence.
    pub name: String,
    /// When it was recorded, UTC nanoseconds since 1970.
    pub recorded_at: i64,
    /// Who recorded it.
    pub actor: String,
    /// Its link in its account's chain.
    pub link: Digest,
    /// The Run.
    pub run: Run,
    /// Its ids.
    pub manifest: Manifest,
    /// Ids of the parts of its question: what a replay is handed.
    pub ids: InputIds,
    /// Its row, when it is no correction.
    pub head: Option<RunHead>,
    /// What it supersedes and why, when it is a correction.
    pub corrects: Option<CorrectionHead>,
    /// What took its place, in order.
    pub superseded: Vec<CorrectionHead>,
}

impl Shown {
    /// The Run that `id` names (a unique prefix, ACCOUNT/SEQUENCE, `latest`), or the correction with that prefix; verified.
    ///
    /// # Errors
    /// What the store says of the name and of the record.
    pub fn find(store: &Store, id: &str) -> Result<Self, Error> {
        let run_id = match store.find(id) {
            Ok(head) => {
                let superseded = store.corrections_of(&head.run_id)?;
                return Ok(Self::of(store.get(&head.run_id)?, superseded));
            }
            Err(error @ Error::NotFound { .. }) => store.find_correction(id)?.ok_or(error)?.run_id,
            Err(error) => return Err(error),
        };
        let StoredCorrection { head, run, manifest, ids } = store.get_correction(&run_id)?;
        Ok(Self {
            name: format!("{}/{}, corrected", head.account, manifest.question.sequence),
            recorded_at: head.recorded_at,
            actor: head.actor.clone(),
            link: head.link,
            run,
            manifest,
            ids,
            head: None,
            corrects: Some(head),
            superseded: store.corrections_of(&run_id)?,
        })
    }

    /// A Run that was read already, and what took its place, in order.
    pub fn of(stored: StoredRun, superseded: Vec<CorrectionHead>) -> Self {
        let StoredRun { head, run, manifest, ids } = stored;
        Self {
            name: format!("{}/{}", head.account, head.sequence),
            recorded_at: head.recorded_at,
            actor: head.actor.clone(),
            link: head.link,
            run,
            manifest,
            ids,
            head: Some(head),
            corrects: None,
            superseded,
        }
    }

    /// Question, method, outcome, ids.
    pub fn json(&self) -> Value {
        let run = &self.run;
        let superseded: Vec<Value> = self.superseded.iter().map(corrections::head).collect();
        json!({
            "manifest": self.manifest, "market": *run.inputs.market, "account": run.inputs.account,
            "params": run.inputs.params, "outcome": run.outcome, "info": run.info,
            "recorded_at": utc(self.recorded_at), "actor": self.actor, "link": self.link,
            "corrects": self.corrects.as_ref().map(corrections::head), "superseded": superseded,
        })
    }
}
