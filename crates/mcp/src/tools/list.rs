//! `list_runs`

use crate::answer::{Answer, Failure, citation_of};
use crate::arguments::ListRuns;
use samebits_present::runs;
use samebits_store::{Filter, Mark, Opener};
use serde_json::{Value, json};

/// Runs of a list unless it is said how many.
const USUAL: u32 = 50;

pub(super) fn answer(store: &Opener, asked: &ListRuns) -> Result<Answer, Failure> {
    let store = samebits_replay::open(store.clone())?;
    let (from, to) = asked.days()?;
    let filter = Filter { account: asked.account.clone(), from, to };
    let behind = asked.after.as_deref().map(|id| store.find(id)).transpose()?;
    let limit = asked.limit.unwrap_or(USUAL) as usize;
    let mut heads = store.page(&filter, behind.as_ref().map(Mark::from).as_ref(), limit + 1)?;
    let more = heads.len() > limit;
    heads.truncate(limit);
    let superseded = runs::superseded(&store, asked.account.as_deref())?;
    let rows: Vec<Value> = heads.iter().map(|head| cited(runs::head(head, &superseded))).collect();
    let after = heads.last().filter(|_| more).map(|head| head.run_id.to_string());
    Ok(Answer::new(heads.iter().map(citation_of).collect(), json!({ "runs": rows }))
        .with("runs", heads.len())
        .with("more", more)
        .with("after", after))
}

/// Without the digests that its citation has.
fn cited(mut head: Value) -> Value {
    if let Some(fields) = head.as_object_mut() {
        fields.remove("inputs_id");
        fields.remove("result_id");
    }
    head
}
