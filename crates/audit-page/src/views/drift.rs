//! A drift report: what a vendor's corrections would have changed.

use crate::Error;
use crate::desk::Desk;
use crate::layout::{self, Place};
use crate::parts::Column::{Number, Prose, Text};
use crate::parts::{Mark, cell, chip, data, table};
use crate::text::shown;
use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// Bytes of a report.
const LARGEST: u64 = 512 << 20;
/// Runs of a page.
const SHOWN: usize = 50;
/// Names and corrections that are listed.
const LISTED: usize = 20;

/// What `samebits drift --json` wrote, as far as the page shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    verdict: String,
    trades_moved: u64,
    unexplained: u64,
    runs_by_verdict: BTreeMap<String, u64>,
    parts: BTreeMap<String, Part>,
    names: Vec<Name>,
    at_fault: Vec<Fault>,
    runs: Vec<Drifted>,
}

#[derive(Debug, Deserialize)]
struct Part {
    differs: u64,
    moves_trades_alone: u64,
}

#[derive(Debug, Deserialize)]
struct Name {
    ticker: String,
    runs: u64,
    trades: u64,
}

#[derive(Debug, Deserialize)]
struct Fault {
    cause: Cause,
    runs: u64,
}

#[derive(Debug, Deserialize)]
struct Cause {
    ticker: String,
    cells: u64,
    first: String,
    last: String,
    largest: Option<Cell>,
}

#[derive(Debug, Deserialize)]
struct Cell {
    date: String,
    before: Option<String>,
    today: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Drifted {
    run_id: String,
    account: String,
    sequence: i64,
    as_of: String,
    verdict: String,
    decision: Option<Decision>,
}

#[derive(Debug, Deserialize)]
struct Decision {
    moved: Vec<Moved>,
}

#[derive(Debug, Deserialize)]
struct Moved {
    ticker: String,
    side: String,
    shares: [Option<String>; 2],
}

impl Report {
    /// Reads a report; it is kept as long as the server runs.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |problem: String| Error::File { path: path.display().to_string(), problem };
        let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
        let length = file.metadata().map_err(|error| wrong(error.to_string()))?.len();
        if length > LARGEST {
            return Err(wrong(format!("it has {length} bytes; at most {LARGEST} are read")));
        }
        serde_json::from_reader(BufReader::new(file.take(LARGEST)))
            .map_err(|error| wrong(format!("not a report of `samebits drift --json`: {error}")))
    }
}

/// Which page of the Runs.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    from: Option<usize>,
}

pub(crate) async fn show(State(desk): State<Arc<Desk>>, Query(wanted): Query<Wanted>) -> Markup {
    let main = desk.drift.as_ref().map_or_else(none, |report| render(report, wanted.from.unwrap_or(0)));
    layout::page("Drift", Place::Drift, &main)
}

fn none() -> Markup {
    html! {
        h1 { "Drift" }
        p { "No report was given. Make one of today's tables and start the server with it:" }
        pre tabindex="0" {
            "samebits drift --prices DIR --actions DIR --json --store STORE > drift.json\n"
            "samebits serve --drift drift.json --store STORE"
        }
    }
}

fn render(report: &Report, from: usize) -> Markup {
    let counts: Vec<Vec<Markup>> = report
        .runs_by_verdict
        .iter()
        .map(|(name, runs)| vec![data(&name.replace('_', " ")), cell(runs)])
        .collect();
    let parts: Vec<Vec<Markup>> = report
        .parts
        .iter()
        .map(|(name, part)| vec![data(name), cell(part.differs), cell(part.moves_trades_alone)])
        .collect();
    let names: Vec<Vec<Markup>> = report
        .names
        .iter()
        .take(LISTED)
        .map(|name| vec![data(&name.ticker), cell(name.runs), cell(name.trades)])
        .collect();
    let faults: Vec<Vec<Markup>> = report.at_fault.iter().take(LISTED).map(fault).collect();
    let runs: Vec<Vec<Markup>> = report.runs.iter().skip(from).take(SHOWN).map(row).collect();
    html! {
        h1 { "Drift" }
        p.lead {
            (chip(mark(&report.verdict))) " What today's tables would have decided, against what was recorded. "
            (report.trades_moved) " trades move; " (report.unexplained) " Runs have a change that no correction explains."
        }
        (table("Runs by verdict", &[("Verdict", Text), ("Runs", Number)], &counts))
        (table("What differs", &[("Part", Text), ("Runs in which it differs", Number), ("In which it alone moves trades", Number)], &parts))
        (table(
            &format!("Corrections that moved trades: {} of {}", faults.len(), report.at_fault.len()),
            &[("Name", Text), ("Cells", Number), ("Days", Text), ("Largest", Prose), ("Runs", Number)], &faults
        ))
        (table(
            &format!("Names whose trades move: {} of {}", names.len(), report.names.len()),
            &[("Name", Text), ("Runs", Number), ("Trades", Number)], &names
        ))
        @if runs.is_empty() { p { "No further Run." } }
        @else {
            (table(&format!("Runs {} to {} of {}", from + 1, from + runs.len(), report.runs.len()),
                &[("Run", Text), ("Day", Text), ("Verdict", Text), ("Trades that move", Number), ("Among them", Prose)], &runs))
        }
        nav.pages aria-label="More Runs" {
            @if from > 0 { a href=(format!("/drift?from={}", from.saturating_sub(SHOWN))) { "Before" } }
            @if from.saturating_add(SHOWN) < report.runs.len() { a href=(format!("/drift?from={}", from + SHOWN)) { "After" } }
        }
    }
}

fn mark(verdict: &str) -> Mark {
    match verdict {
        "NO TRADE MOVES" => Mark { letter: "I", word: "NO TRADE MOVES", class: "good" },
        "DRIFTED" => Mark { letter: "D", word: "DRIFTED", class: "warn" },
        "ENGINE" => Mark { letter: "X", word: "ENGINE", class: "bad" },
        _ => Mark { letter: "-", word: "SEE BELOW", class: "open" },
    }
}

fn fault(fault: &Fault) -> Vec<Markup> {
    let cause = &fault.cause;
    let value = |text: &Option<String>| shown(text.as_deref().unwrap_or("absent"));
    let largest = cause.largest.as_ref().map_or_else(String::new, |cell| {
        format!("{}: {} is {} today", shown(&cell.date), value(&cell.before), value(&cell.today))
    });
    vec![
        data(&cause.ticker),
        cell(cause.cells),
        cell(format!("{} to {}", shown(&cause.first), shown(&cause.last))),
        cell(largest),
        cell(fault.runs),
    ]
}

fn row(run: &Drifted) -> Vec<Markup> {
    let moved = run.decision.as_ref().map_or(&[][..], |decision| &decision.moved);
    let told: Vec<String> = moved.iter().take(3).map(change).collect();
    let hexadecimal = run.run_id.len() == 64 && run.run_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = format!("{}/{}", shown(&run.account), run.sequence);
    vec![
        html! {
            @if hexadecimal { a href=(format!("/run/{}", run.run_id)) { bdi { (name) } } }
            @else { bdi { (name) } }
        },
        data(&run.as_of),
        data(&run.verdict),
        cell(moved.len()),
        data(&told.join("; ")),
    ]
}

fn change(moved: &Moved) -> String {
    let shares = |text: &Option<String>| text.clone().unwrap_or_else(|| "0".to_owned());
    let [recorded, today] = &moved.shares;
    format!("{} {} {} -> {}", moved.side, moved.ticker, shares(recorded), shares(today))
}
