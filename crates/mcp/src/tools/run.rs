//! `get_run`

use crate::answer::{Answer, Failure, citation};
use crate::arguments::{GetRun, Part};
use samebits_present::Shown;
use samebits_snapshot::record::{Run, Status, Trade};
use samebits_store::Opener;
use serde_json::{Value, json};

pub(super) fn answer(store: &Opener, asked: &GetRun) -> Result<Answer, Failure> {
    let store = samebits_replay::open(store.clone())?;
    let shown = Shown::find(&store, &asked.id)?;
    let mut record = shown.json();
    let mut data = summary(&shown, &record);
    for part in &asked.parts {
        let (name, found) = match part {
            Part::Constraints => ("constraints", record["outcome"]["rows"].clone()),
            Part::Params => ("params", record["params"].take()),
            Part::Account => ("account", record["account"].take()),
            Part::Market => ("market", record["market"].take()),
            Part::Outcome => ("outcome", record["outcome"].clone()),
            Part::Info => ("info", record["info"].take()),
        };
        if data[name].is_null() {
            data[name] = found;
        }
    }
    Ok(Answer::new(vec![citation(&shown)], data)
        .with("status", shown.run.outcome.status.name())
        .with("trades", shown.run.outcome.trades.len())
        .with("superseded", !shown.superseded.is_empty()))
}

fn summary(shown: &Shown, record: &Value) -> Value {
    let (run, outcome) = (&shown.run, &record["outcome"]);
    let why = match &run.outcome.status {
        Status::Relaxed(why) | Status::Unsolved(why) => Some(why),
        Status::Solved => None,
    };
    json!({
        "run": shown.name, "question": record["manifest"]["question"], "method": record["manifest"]["method"],
        "recorded_at": record["recorded_at"], "actor": shown.actor, "status": run.outcome.status.name(),
        "status_reason": why, "totals": outcome["totals"], "tax": outcome["tax"],
        "certificate": outcome["certificate"], "solves": outcome["solves"], "iterations": outcome["iterations"],
        "trades": run.outcome.trades.iter().map(|one| trade(run, one)).collect::<Vec<_>>(),
        "corrects": record["corrects"], "superseded": record["superseded"],
    })
}

/// A trade with its ticker, amounts as decimal text.
fn trade(run: &Run, trade: &Trade) -> Value {
    let security = run.inputs.market.securities.get(trade.security as usize);
    json!({
        "side": trade.side.name(), "ticker": security.map(|security| &security.ticker), "lot": trade.lot,
        "shares": trade.quantity.to_string(), "notional": trade.notional.to_string(), "cost": trade.cost.to_string(),
        "gain": trade.gain.to_string(), "long_term": trade.long_term,
    })
}
