//! `samebits runs`

use crate::arguments::Runs;
use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_snapshot::Digest;
use samebits_store::Opener;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) fn run(store: &Opener, wanted: &Runs, output: Output) -> anyhow::Result<Exit> {
    let filter = wanted.which.filter();
    let store = open(store)?;
    let heads = store.list(&filter)?;
    let superseded: BTreeMap<Digest, Digest> = store
        .corrections(filter.account.as_deref())?
        .into_iter()
        .map(|correction| (correction.supersedes, correction.run_id))
        .collect();
    let shown = &heads[heads.len().saturating_sub(wanted.limit)..];
    let rows: Vec<_> = shown
        .iter()
        .map(|head| {
            json!({
                "account": head.account, "sequence": head.sequence, "as_of": head.as_of.to_string(),
                "status": head.status, "solver": head.solver, "run_id": head.run_id, "inputs_id": head.inputs_id,
                "result_id": head.result_id, "recorded_at": crate::output::time(head.recorded_at), "actor": head.actor,
                "superseded_by": superseded.get(&head.run_id),
            })
        })
        .collect();
    output.json(&json!({ "runs": rows, "total": heads.len() }));
    let mut list = table(&["run", "date", "status", "solver", "id", "question", "recorded"], &[]);
    for head in shown {
        list.add_row([
            format!("{}/{}", head.account, head.sequence),
            head.as_of.to_string(),
            match superseded.get(&head.run_id) {
                Some(by) => format!("{}, superseded by {}", head.status, by.short()),
                None => head.status.clone(),
            },
            head.solver.clone(),
            head.run_id.short(),
            head.inputs_id.short(),
            crate::output::time(head.recorded_at),
        ]);
    }
    output.line(list);
    output.verdict(format!("{} of {} Runs; next: samebits show ID", shown.len(), heads.len()));
    Ok(if heads.is_empty() { Exit::Nothing } else { Exit::Same })
}
