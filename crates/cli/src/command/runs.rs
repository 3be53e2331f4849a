//! `samebits runs`

use crate::arguments::Runs;
use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_store::{Filter, Opener};
use serde_json::json;

pub(crate) fn run(store: &Opener, wanted: &Runs, output: Output) -> anyhow::Result<Exit> {
    let filter = Filter { account: wanted.account.clone(), from: wanted.from, to: wanted.to };
    let heads = open(store)?.list(&filter)?;
    let shown = &heads[heads.len().saturating_sub(wanted.limit)..];
    let rows: Vec<_> = shown
        .iter()
        .map(|head| {
            json!({
                "account": head.account, "sequence": head.sequence, "as_of": head.as_of.to_string(),
                "status": head.status, "solver": head.solver, "run_id": head.run_id, "inputs_id": head.inputs_id,
                "result_id": head.result_id, "recorded_at": crate::output::time(head.recorded_at), "actor": head.actor,
            })
        })
        .collect();
    output.json(&json!({ "runs": rows, "total": heads.len() }));
    let mut list = table(&["run", "date", "status", "solver", "id", "question", "recorded"], &[]);
    for head in shown {
        list.add_row([
            format!("{}/{}", head.account, head.sequence),
            head.as_of.to_string(),
            head.status.clone(),
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
