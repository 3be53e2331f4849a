//! For people.

use crate::output::{Output, table};
use samebits_replay::drift::{Cause, Changes, Drifted, Finding, Part, PartChange, Redecided, Summary};
use samebits_store::RunHead;

/// Causes and trades that are printed of a part or a Run, and rows of a summary.
const SHOWN: usize = 8;

/// One line.
pub(crate) fn line(head: &RunHead, found: &Drifted) -> String {
    let name = format!("{:<13} {}/{} of {}", found.finding.name(), head.account, head.sequence, head.as_of);
    let mut parts = Vec::new();
    if let Some((stage, fields)) = found.engine {
        parts
            .push(format!("{fields} fields of the outcome differ, first stage: {}", stage.unwrap_or("none")));
    }
    if let Some(obstacle) = &found.obstacle {
        parts.push(obstacle.to_string());
    }
    if let Some(changes) = found.changes.as_ref().filter(|changes| !changes.same) {
        parts.push(format!("changed: {}", changed(changes)));
    }
    if let Some(decision) = found.decision.as_ref().filter(|decision| !decision.trades.is_empty()) {
        parts.push(format!("{} trades move ({})", decision.trades.len(), alone(decision)));
    }
    format!("{name}: {}", parts.join("; "))
}

fn changed(changes: &Changes) -> String {
    let mut words: Vec<String> = changes
        .parts
        .iter()
        .map(|change| {
            let count = if change.part == Part::Prices {
                format!(" of {}", changes.prices.len())
            } else {
                String::new()
            };
            let note = if change.unexplained { " UNEXPLAINED" } else { "" };
            format!("{}{count}{note}", change.part.name())
        })
        .collect();
    if !changes.rescaled.is_empty() {
        words.push(format!("units of {}", changes.rescaled.len()));
    }
    words.join(", ")
}

fn alone(decision: &Redecided) -> String {
    let each = decision.alone.iter().map(|alone| match alone.trades {
        Some(trades) => format!("{} alone {trades}", alone.part.name()),
        None => format!("{} alone undecidable", alone.part.name()),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Every change of a Run.
pub(crate) fn in_full(head: &RunHead, found: &Drifted, output: Output) {
    output.line(line(head, found));
    if let Some(changes) = &found.changes {
        for change in &changes.parts {
            output.line(format!("  {}: {}", change.part.name(), what(change, changes)));
            causes(change, output);
        }
        for one in &changes.rescaled {
            output.line(format!(
                "  units: {} {} -> {}, its history was multiplied; decided at {}",
                one.ticker, one.recorded, one.today, one.used
            ));
        }
    }
    if let Some(decision) = &found.decision {
        decided(decision, output);
    }
}

fn what(change: &PartChange, changes: &Changes) -> String {
    match change.part {
        Part::Prices => {
            let mut all: Vec<String> = changes
                .prices
                .iter()
                .take(SHOWN)
                .map(|price| {
                    let note = if price.unexplained { " UNEXPLAINED" } else { "" };
                    format!(
                        "{} {} -> {} ({:.4}){note}",
                        price.ticker,
                        price.recorded,
                        price.today,
                        price.ratio()
                    )
                })
                .collect();
            more(&mut all, changes.prices.len());
            all.join(", ")
        }
        Part::Benchmark => changes.benchmark.as_ref().map_or_else(String::new, |found| {
            let largest = &found.largest;
            format!(
                "{:.4} % of the weight moves; most {} {:.4} % -> {:.4} %; rebalanced {} -> {}",
                1e2 * found.moved,
                largest.ticker,
                1e2 * largest.recorded,
                1e2 * largest.today,
                found.rebalanced.0,
                found.rebalanced.1
            )
        }),
        Part::Risk => changes.risk.as_ref().map_or_else(String::new, |found| {
            let names: Vec<String> =
                found.names.iter().map(|name| format!("{} {:.1e}", name.ticker, name.change)).collect();
            let loadings: Vec<String> = found
                .loadings
                .iter()
                .map(|one| {
                    format!(
                        "{} {:+.1e} ({})",
                        one.factor,
                        one.largest.today - one.largest.recorded,
                        one.largest.ticker
                    )
                })
                .collect();
            format!(
                "covariance {:.1e} of its norm, rows most {}; loadings {}; intensity {:.5} -> {:.5}",
                found.sigma,
                names.join(", "),
                if loadings.is_empty() { "equal".to_owned() } else { loadings.join(", ") },
                found.intensity.0,
                found.intensity.1
            )
        }),
        Part::Alpha => changes.alpha.as_ref().map_or_else(String::new, |found| {
            format!("most {} {:+.5} -> {:+.5}", found.ticker, found.recorded, found.today)
        }),
        Part::Terms => {
            let mut fields: Vec<String> =
                changes.terms.iter().take(SHOWN).map(|difference| difference.field.clone()).collect();
            more(&mut fields, changes.terms.len());
            fields.join(", ")
        }
    }
}

fn more(shown: &mut Vec<String>, all: usize) {
    if all > shown.len() {
        shown.push(format!("and {} more", all - shown.len()));
    }
}

fn causes(change: &PartChange, output: Output) {
    if change.unexplained {
        output.line("    UNEXPLAINED: it differs with every correction undone, too");
    }
    let mut all: Vec<String> = change.causes.iter().take(SHOWN).map(cause).collect();
    more(&mut all, change.causes.len());
    if !all.is_empty() {
        output.line(format!("    corrections read: {}", all.join(", ")));
    }
}

fn cause(cause: &Cause) -> String {
    let largest = &cause.largest;
    let cells = if cause.cells > 1 {
        format!(", {} cells from {} to {}", cause.cells, cause.first, cause.last)
    } else {
        String::new()
    };
    let kind = if largest.rescaled_e9.is_some() { ", a rescaling" } else { "" };
    format!("{} {} {} -> {}{cells}{kind}", cause.ticker, largest.date, largest.before, largest.today)
}

fn decided(decision: &Redecided, output: Output) {
    if let Some(weight) = &decision.weight {
        let (then, now) = (1e2 * weight.recorded, 1e2 * weight.today);
        output.line(format!("  weights: most {} {then:.5} % -> {now:.5} %", weight.ticker));
    }
    let pair = |what: &str, then: String, now: String| {
        if then != now {
            output.line(format!("  {what}: {then} -> {now}"));
        }
    };
    pair("net asset value", decision.nav.0.to_string(), decision.nav.1.to_string());
    pair("tax of the day", decision.tax.0.to_string(), decision.tax.1.to_string());
    pair("harvested", decision.harvested.0.to_string(), decision.harvested.1.to_string());
    pair("status", format!("{:?}", decision.status.0), format!("{:?}", decision.status.1));
    if decision.trades.is_empty() {
        output.line(format!("  the same {} trades", decision.count.0));
        return;
    }
    let mut list = table(&["trade", "ticker", "lot", "shares recorded", "shares today", ""], &[2, 3, 4]);
    for trade in &decision.trades {
        list.add_row([
            trade.side.name().to_owned(),
            trade.ticker.clone(),
            trade.lot.map_or_else(|| "new".to_owned(), |lot| lot.to_string()),
            trade.recorded.to_string(),
            trade.today.to_string(),
            trade.what().to_owned(),
        ]);
    }
    output.line(list);
}

/// The totals.
pub(crate) fn summary(summary: &Summary, output: Output) {
    let mut verdicts = table(&["verdict", "Runs"], &[1]);
    for finding in Finding::ALL {
        verdicts.add_row([finding.name().to_owned(), summary.runs(finding).to_string()]);
    }
    if summary.unexplained > 0 {
        verdicts.add_row(["with an unexplained change".to_owned(), summary.unexplained.to_string()]);
    }
    if summary.rescaled > 0 {
        verdicts.add_row(["with a price in other units".to_owned(), summary.rescaled.to_string()]);
    }
    output.line(verdicts);
    let mut parts = table(&["part", "Runs in which it differs", "moves trades alone"], &[1, 2]);
    for (part, (differs, moves)) in Part::ALL.iter().zip(summary.parts) {
        parts.add_row([part.name().to_owned(), differs.to_string(), moves.to_string()]);
    }
    output.line(parts);
    if summary.names.is_empty() {
        return;
    }
    let mut names = table(&["name", "Runs", "trades that move"], &[1, 2]);
    for (ticker, runs, trades) in summary.names.iter().take(SHOWN) {
        names.add_row([ticker.clone(), runs.to_string(), trades.to_string()]);
    }
    output.line(names);
    let mut faults =
        table(&["correction", "day", "then", "now", "cells", "drifted Runs that read it"], &[2, 3, 4, 5]);
    for fault in summary.corrections.iter().take(SHOWN) {
        let largest = &fault.cause.largest;
        faults.add_row([
            fault.cause.ticker.clone(),
            largest.date.to_string(),
            largest.before.to_string(),
            largest.today.to_string(),
            fault.cause.cells.to_string(),
            fault.runs.to_string(),
        ]);
    }
    output.line(faults);
}
