//! Lists of Runs.

use crate::utc;
use samebits_snapshot::Digest;
use samebits_store::{Error, RunHead, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What took the place of which Run or correction.
pub type Superseded = BTreeMap<Digest, Digest>;

/// What the corrections of a store, or of one account, supersede.
///
/// # Errors
/// What the store says.
pub fn superseded(store: &Store, account: Option<&str>) -> Result<Superseded, Error> {
    let corrections = store.corrections(account)?;
    Ok(corrections.into_iter().map(|correction| (correction.supersedes, correction.run_id)).collect())
}

/// A Run in a list.
pub fn head(head: &RunHead, superseded: &Superseded) -> Value {
    json!({
        "account": head.account, "sequence": head.sequence, "as_of": head.as_of.to_string(),
        "status": head.status, "solver": head.solver, "run_id": head.run_id, "inputs_id": head.inputs_id,
        "result_id": head.result_id, "recorded_at": utc(head.recorded_at), "actor": head.actor,
        "superseded_by": superseded.get(&head.run_id),
    })
}

/// Some of `total` Runs.
pub fn list(heads: &[RunHead], superseded: &Superseded, total: usize) -> Value {
    let rows: Vec<Value> = heads.iter().map(|one| head(one, superseded)).collect();
    json!({ "runs": rows, "total": total })
}
