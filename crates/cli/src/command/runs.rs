//! `samebits runs`

use crate::arguments::Runs;
use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_present::{runs, utc};
use samebits_store::Opener;

pub(crate) fn run(store: &Opener, wanted: &Runs, output: Output) -> anyhow::Result<Exit> {
    let filter = wanted.which.filter();
    let store = open(store)?;
    let heads = store.list(&filter)?;
    let superseded = runs::superseded(&store, filter.account.as_deref())?;
    let shown = &heads[heads.len().saturating_sub(wanted.limit)..];
    output.json(&runs::list(shown, &superseded, heads.len()));
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
            utc(head.recorded_at),
        ]);
    }
    output.line(list);
    output.verdict(format!("{} of {} Runs; next: samebits show ID", shown.len(), heads.len()));
    Ok(if heads.is_empty() { Exit::Nothing } else { Exit::Same })
}
