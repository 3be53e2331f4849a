//! `why_trade`

use crate::answer::{Answer, Failure, citation};
use crate::arguments::WhyTrade;
use crate::serve::Machine;
use samebits_present::Shown;
use samebits_replay::why::{Counterfactual, explain};
use samebits_store::Opener;
use samebits_units::Bps;
use serde_json::{Map, Value};

pub(super) fn answer(store: &Opener, machine: &Machine, asked: &WhyTrade) -> Result<Answer, Failure> {
    let store = samebits_replay::open(store.clone())?;
    let shown = Shown::find(&store, &asked.id)?;
    let found = explain(&shown.run, Some(&asked.ticker), &counterfactuals(asked), machine.isa)?;
    let adds_up = found.identity.holds && found.identity.as_stored;
    let residual = found.identity.found.largest_residual;
    Ok(Answer::new(vec![citation(&shown)], of_name(serde_json::to_value(&found)?, &asked.ticker))
        .with("terms_add_up", adds_up)
        .with("largest_residual", residual)
        .with("counterfactuals", found.counterfactuals.len()))
}

/// What concerns the name: the day's parameters are a part of `get_run`, and other names' bars, lots and baskets are theirs.
fn of_name(mut found: Value, ticker: &str) -> Value {
    let names = |one: &Value| one["ticker"] == ticker || one["of"] == ticker;
    if let Some(fields) = found.as_object_mut() {
        fields.remove("parameters");
        for list in ["barred", "held", "opened", "baskets"] {
            keep(fields, list, |one| {
                names(one) || one["substitutes"].as_array().is_some_and(|all| all.iter().any(names))
            });
        }
        keep(fields, "constraints", |row| row["multiplier"] != 0.0 || row["relaxed_by"] != 0.0);
    }
    found
}

fn keep(fields: &mut Map<String, Value>, list: &str, wanted: impl Fn(&Value) -> bool) {
    if let Some(all) = fields.get_mut(list).and_then(Value::as_array_mut) {
        all.retain(wanted);
    }
}

fn counterfactuals(asked: &WhyTrade) -> Vec<Counterfactual> {
    let locks = asked.without_lock.iter().cloned().map(Counterfactual::WithoutLock);
    let caps = asked.cap_bp.map(Counterfactual::Cap);
    let lots = asked.keep_lot.map(Counterfactual::KeepLot);
    let rates = asked.rate_bp.map(|bp| Counterfactual::Rate(Bps::from_hundredths(bp * 100)));
    locks.chain(caps).chain(lots).chain(rates).collect()
}
