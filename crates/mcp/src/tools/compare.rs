//! `compare_runs`

use crate::answer::{Answer, Failure, citation};
use crate::arguments::CompareRuns;
use crate::serve::Machine;
use samebits_present::{Shown, comparisons, replays};
use samebits_replay::{Backend, Contender, compare};
use samebits_snapshot::{Difference, canonical, diff};
use samebits_store::Opener;
use serde::Serialize;
use serde_json::{Value, json};

/// Differences that are listed of each part.
const SHOWN: usize = 100;

pub(super) fn answer(store: &Opener, machine: &Machine, asked: &CompareRuns) -> Result<Answer, Failure> {
    let store = samebits_replay::open(store.clone())?;
    let first = Shown::find(&store, &asked.id)?;
    let other = asked.other.as_deref().map(|id| Shown::find(&store, id)).transpose()?;
    let solvers = asked.solvers.as_deref().map(|names| solvers(&first, machine, names)).transpose()?;
    let citations = std::iter::once(&first).chain(&other).map(citation).collect();
    let differences = other.as_ref().map(|other| fields(&first, other)).transpose()?;
    let count = differences.as_ref().map(|(count, _)| *count);
    let data = json!({
        "runs": std::iter::once(&first).chain(&other).map(|one| &one.name).collect::<Vec<_>>(),
        "parts": differences.map(|(_, parts)| parts), "solvers": solvers,
    });
    Ok(Answer::new(citations, data)
        .with(
            "same_question",
            other.as_ref().map(|other| other.manifest.inputs_id == first.manifest.inputs_id),
        )
        .with("same_answer", other.as_ref().map(|other| other.manifest.result_id == first.manifest.result_id))
        .with("differences", count))
}

/// How many fields differ, and the first ones of each part. Markets and risk models are compared by their digests, and of
/// the markets the prices by name.
fn fields(first: &Shown, other: &Shown) -> Result<(usize, Value), Failure> {
    let (a, b) = (&first.run, &other.run);
    let found = [
        ("question", differences("question", &a.inputs.question, &b.inputs.question)?),
        ("method", differences("method", &a.method, &b.method)?),
        ("params", differences("params", &a.inputs.params, &b.inputs.params)?),
        ("account", differences("account", &a.inputs.account, &b.inputs.account)?),
        ("outcome", differences("outcome", &a.outcome, &b.outcome)?),
    ];
    let count = found.iter().map(|(_, fields)| fields.len()).sum();
    let mut parts: serde_json::Map<String, Value> = found
        .into_iter()
        .map(|(part, fields)| {
            let listed: Vec<Value> = fields.iter().take(SHOWN).map(replays::difference).map(named).collect();
            (part.to_owned(), json!({ "differences": fields.len(), "first": listed }))
        })
        .collect();
    for (part, then, now) in
        [("market", first.ids.market, other.ids.market), ("risk", first.ids.risk, other.ids.risk)]
    {
        parts.insert(part.to_owned(), json!({ "same": then == now, "first": then, "other": now }));
    }
    Ok((count, Value::Object(parts)))
}

/// A difference of two Runs: there is no replayed one.
fn named(mut difference: Value) -> Value {
    if let Some(fields) = difference.as_object_mut() {
        for (from, to) in [("recorded", "first"), ("replayed", "other")] {
            let value = fields.remove(from).unwrap_or_default();
            fields.insert(to.to_owned(), value);
        }
    }
    difference
}

fn differences<T: Serialize>(part: &'static str, a: &T, b: &T) -> Result<Vec<Difference>, Failure> {
    if canonical::same(part, a, b)? {
        return Ok(Vec::new());
    }
    Ok(diff(&canonical::to_tree(part, a)?, &canonical::to_tree(part, b)?))
}

/// What each solver makes of the question.
fn solvers(shown: &Shown, machine: &Machine, names: &[String]) -> Result<Value, Failure> {
    let backend = Backend::cpu(machine.isa);
    if names.iter().any(|name| name.contains('@')) {
        return Err(Failure::argument("solvers: they run on the processor here"));
    }
    let contenders = names.iter().map(|name| Contender::new(name, &backend));
    let contenders = contenders.collect::<Result<Vec<_>, _>>()?;
    let clock = &*machine.clock;
    let found = compare(&shown.run, &shown.ids, &contenders, &|| clock())?;
    Ok(names.iter().zip(&found).map(|(name, one)| comparisons::of_one(name, one)).collect())
}
