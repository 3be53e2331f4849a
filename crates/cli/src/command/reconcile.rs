//! `samebits reconcile`

use crate::arguments::Reconcile;
use crate::exit::Exit;
use crate::output::{Output, table};
use anyhow::Context;
use samebits_executor::QueueModel;
use samebits_gate::{Scenario, load_one, play};
use samebits_live::{Fill, Pair, Ranked, Reconciled, Tolerances, rank, read, reconcile};
use serde_json::json;
use std::io::BufReader;

/// Differences printed for people.
const SHOWN: usize = 10;

pub(crate) fn run(wanted: &Reconcile, output: Output) -> anyhow::Result<Exit> {
    let scenario = load_one(&wanted.scenario)?;
    let tolerances = match &wanted.tolerances {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            toml::from_str(&text).with_context(|| file.display().to_string())?
        }
        None => Tolerances::default(),
    };
    let opened = std::fs::File::open(&wanted.live).with_context(|| wanted.live.display().to_string())?;
    let live = read(&mut BufReader::new(opened), &scenario.instrument()?)
        .with_context(|| wanted.live.display().to_string())?;
    let replayed = replay(wanted, &scenario, None)?;
    if live.is_empty() && replayed.is_empty() {
        output.verdict("NOTHING: neither side has a fill");
        return Ok(Exit::Nothing);
    }
    let found = reconcile(&live, &replayed, &tolerances);
    let ranked = if wanted.rank {
        let models = QueueModel::ALL
            .into_iter()
            .map(|model| Ok((model.name().to_owned(), replay(wanted, &scenario, Some(model))?)));
        rank(&live, models.collect::<anyhow::Result<_>>()?, &tolerances)
    } else {
        Vec::new()
    };
    output.json(&json!({
        "live": live.len(), "replayed": replayed.len(), "matched": found.matched.len(),
        "different": found.different, "missing": found.missing, "extra": found.extra,
        "ranking": ranked.iter().map(|ranked| json!({
            "model": ranked.model, "lots_off": ranked.lots_off.to_string(), "time_off_ns": ranked.time_off.to_string(),
            "matched": ranked.reconciled.matched.len(),
        })).collect::<Vec<_>>(),
    }));
    print(&found, output);
    print_ranking(&ranked, output);
    let counts = format!(
        "{} live, {} replayed: {} matched, {} different, {} missing, {} extra",
        live.len(),
        replayed.len(),
        found.matched.len(),
        found.different.len(),
        found.missing.len(),
        found.extra.len()
    );
    if found.is_equal() {
        output.verdict(format!("IDENTICAL: {counts}"));
        Ok(Exit::Same)
    } else {
        output.verdict(format!("DIVERGED: {counts}"));
        Ok(Exit::Diverged)
    }
}

fn replay(wanted: &Reconcile, scenario: &Scenario, model: Option<QueueModel>) -> anyhow::Result<Vec<Fill>> {
    let mut source = samebits_tape_import::open(&wanted.tape, &scenario.options()?)?;
    let mut fills = Vec::new();
    play(scenario, source.as_mut(), model, &mut |engine, report| {
        let symbol = engine.instrument(report.symbol).map_or("?", |instrument| &instrument.symbol);
        fills.extend(Fill::of(report, symbol, engine.strategy(report.owner)));
        Ok(())
    })?;
    Ok(fills)
}

fn print(found: &Reconciled, output: Output) {
    let mut list = table(
        &["", "time", "order", "side", "price", "lots", "dt ns", "dprice", "dlots", "queue", "rule"],
        &[4, 5, 6, 7, 8, 9],
    );
    let side = |fill: &Fill| if fill.buy { "buy" } else { "sell" };
    let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "-".to_owned());
    let alone = |what: &str, fill: &Fill| {
        [
            what.to_owned(),
            fill.time.to_string(),
            text(fill.order.as_ref()),
            side(fill).to_owned(),
            fill.price.to_string(),
            fill.qty.to_string(),
            String::new(),
            String::new(),
            String::new(),
            fill.queue.map_or_else(|| "-".to_owned(), |lots| lots.to_string()),
            text(fill.rule.as_ref()),
        ]
    };
    let both = |pair: &Pair| {
        let mut row = alone("different", &pair.live);
        row[6] = pair.time.to_string();
        row[7] = pair.price.to_string();
        row[8] = pair.qty.to_string();
        row[9] = pair.replayed.queue.map_or_else(|| "-".to_owned(), |lots| lots.to_string());
        row[10] = text(pair.replayed.rule.as_ref());
        row
    };
    for pair in found.different.iter().take(SHOWN) {
        list.add_row(both(pair));
    }
    for fill in found.missing.iter().take(SHOWN) {
        list.add_row(alone("missing", fill));
    }
    for fill in found.extra.iter().take(SHOWN) {
        list.add_row(alone("extra", fill));
    }
    if !found.is_equal() {
        output.line(list);
    }
}

fn print_ranking(ranked: &[Ranked], output: Output) {
    if ranked.is_empty() {
        return;
    }
    let mut list = table(
        &["rank", "queue model", "lots off", "time off ms", "matched", "missing", "extra"],
        &[0, 2, 3, 4, 5, 6],
    );
    for (place, ranked) in (1..).zip(ranked) {
        list.add_row([
            place.to_string(),
            ranked.model.clone(),
            ranked.lots_off.to_string(),
            (ranked.time_off / 1_000_000).to_string(),
            ranked.reconciled.matched.len().to_string(),
            ranked.reconciled.missing.len().to_string(),
            ranked.reconciled.extra.len().to_string(),
        ]);
    }
    output.line(list);
}
