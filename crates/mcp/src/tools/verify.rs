//! `verify_run`

use crate::answer::{Answer, Failure, citation};
use crate::arguments::VerifyRun;
use crate::serve::Machine;
use samebits_present::{Shown, replays};
use samebits_replay::{Backend, replay};
use samebits_snapshot::record::Stages;
use samebits_store::Opener;
use serde_json::{Map, Value, json};

/// Differences that are listed.
const SHOWN: usize = 100;

pub(super) fn answer(store: &Opener, machine: &Machine, asked: &VerifyRun) -> Result<Answer, Failure> {
    let store = samebits_replay::open(store.clone())?;
    let shown = Shown::find(&store, &asked.id)?;
    let clock = &*machine.clock;
    let replayed = replay(&shown.run, &shown.ids, &Backend::cpu(machine.isa), &|| clock())?;
    let digests = |stages: &Stages| -> Map<String, Value> {
        stages.list().into_iter().map(|(stage, digest)| (stage.to_owned(), json!(digest))).collect()
    };
    let differences: Vec<Value> = replayed.differences.iter().take(SHOWN).map(replays::difference).collect();
    let data = json!({ "run": shown.name, "solver": shown.run.method.solver, "differences": differences });
    Ok(Answer::new(vec![citation(&shown)], data)
        .with("verdict", replayed.verdict.name())
        .with("first_stage", replayed.first_stage)
        .with("weights_bit_equal", replayed.weights_equal)
        .with("trades_equal", replayed.trades_equal)
        .with("largest_weight_difference", replayed.largest_weight_difference)
        .with("differences", replayed.differences.len())
        .with("recorded_stages", digests(&shown.run.outcome.stages))
        .with("replayed_stages", digests(&replayed.stages))
        .with("replay_ms", replayed.replay_ns as f64 / 1e6))
}
