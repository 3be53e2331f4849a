//! `samebits execute`

use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_canon::Isa;
use samebits_replay::{Reexecuted, reexecute};
use samebits_snapshot::record::{ParentFill, Schedule};
use samebits_store::Opener;
use samebits_units::{Money, Price};
use serde_json::json;

pub(crate) fn run(store: &Opener, id: &str, schedule: Schedule, output: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let head = store.find(id)?;
    let stored = store.get(&head.run_id)?;
    let run = &stored.run;
    let found = reexecute(run, schedule, Isa::detect())?;
    let name = |security: u32| run.inputs.market.securities[security as usize].ticker.clone();
    output.json(&json!({
        "run_id": head.run_id, "weights_equal": found.weights_equal,
        "shortfall": [found.shortfall.0.to_string(), found.shortfall.1.to_string()],
        "tax": [found.tax.0.to_string(), found.tax.1.to_string()],
        "fills": found.fills.iter().map(|(then, now)| json!({ "then": then, "now": now })).collect::<Vec<_>>(),
        "lots": found.lots.iter().map(|lot| json!({
            "ticker": name(lot.security), "side": lot.side.name(), "lot": lot.lot,
            "shares": [lot.quantity.0.to_string(), lot.quantity.1.to_string()],
            "notional": [lot.notional.0.to_string(), lot.notional.1.to_string()],
            "gain": [lot.gain.0.to_string(), lot.gain.1.to_string()],
        })).collect::<Vec<_>>(),
    }));
    output.line(format!(
        "Run {}/{}: recorded, and under the schedule {schedule:?}",
        head.account, head.sequence
    ));
    let mut fills = table(
        &["order", "ticker", "shares", "price then", "price now", "shortfall then", "shortfall now"],
        &[2, 3, 4, 5, 6],
    );
    for (then, now) in &found.fills {
        let Some(one) = then.as_ref().or(now.as_ref()) else { continue };
        fills.add_row([
            one.side.name().to_owned(),
            name(one.security),
            pair(then.as_ref(), now.as_ref(), |fill| fill.filled.to_string()),
            price(then.as_ref()),
            price(now.as_ref()),
            money(then.as_ref()),
            money(now.as_ref()),
        ]);
    }
    output.line(fills);
    let mut lots = table(
        &["lot", "ticker", "side", "value then", "value now", "gain then", "gain now", "difference"],
        &[0, 3, 4, 5, 6, 7],
    );
    for lot in &found.lots {
        lots.add_row([
            lot.lot.to_string(),
            name(lot.security),
            lot.side.name().to_owned(),
            lot.notional.0.to_string(),
            lot.notional.1.to_string(),
            lot.gain.0.to_string(),
            lot.gain.1.to_string(),
            lot.gain.1.minus(lot.gain.0)?.to_string(),
        ]);
    }
    output.line(lots);
    verdict(&found, output)
}

fn verdict(found: &Reexecuted, output: Output) -> anyhow::Result<Exit> {
    let tax = found.tax.1.minus(found.tax.0)?;
    let shortfall = found.shortfall.1.minus(found.shortfall.0)?;
    if found.lots.is_empty() && found.fills.is_empty() {
        output.verdict("IDENTICAL: this schedule is the recorded one, fill by fill");
        return Ok(Exit::Same);
    }
    output.verdict(format!(
        "DIVERGED: {} fills and {} lots change, shortfall {shortfall}, tax of the day {tax}; weights {}",
        found.fills.len(),
        found.lots.len(),
        if found.weights_equal { "equal in every bit" } else { "DIFFER" }
    ));
    Ok(Exit::Diverged)
}

fn pair<T: PartialEq + std::fmt::Display>(
    then: Option<&ParentFill>,
    now: Option<&ParentFill>,
    of: impl Fn(&ParentFill) -> T,
) -> String {
    let text = |fill: Option<&ParentFill>| fill.map_or_else(|| "-".to_owned(), |fill| of(fill).to_string());
    let (then, now) = (text(then), text(now));
    if then == now { then } else { format!("{then} -> {now}") }
}

fn price(fill: Option<&ParentFill>) -> String {
    fill.map_or_else(|| "-".to_owned(), |fill| Price::from_e8(fill.average_e8).to_string())
}

fn money(fill: Option<&ParentFill>) -> String {
    fill.map_or(Money::ZERO, |fill| fill.shortfall).to_string()
}
