//! The gate's scenarios, with their last result.

use crate::Error;
use crate::desk::{Desk, Judged};
use crate::layout::{self, Place};
use crate::parts::Column::{Prose, Text};
use crate::parts::{Mark, cell, chip, data, facts, table};
use crate::text::address;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use samebits_gate::{Outcome, Scenario, Verdict};
use samebits_present::utc;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Scenarios that are judged before their results are kept.
const TOGETHER: usize = 16;
/// Characters of a text that are shown.
const SHOWN: usize = 20_000;

/// Which scenario; all where it is left out.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    scenario: Option<String>,
}

pub(crate) async fn list(State(desk): State<Arc<Desk>>) -> Result<Markup, Error> {
    desk.read(|reader| {
        let Some(folder) = &reader.desk.options.gate else { return Ok(none()) };
        let all = samebits_gate::load(folder)?;
        let judged = reader.desk.judged();
        Ok(layout::page("Gate", Place::Gate, &render(&all, &judged)))
    })
    .await
}

fn none() -> Markup {
    let main = html! {
        h1 { "Gate" }
        p { "No folder of scenarios was given. Start the server with one:" }
        pre tabindex="0" { "samebits serve --gate fixtures/gate --store STORE" }
    };
    layout::page("Gate", Place::Gate, &main)
}

fn render(all: &[Scenario], judged: &BTreeMap<String, Judged>) -> Markup {
    let red = judged.values().filter(|one| one.outcome.verdict.is_red()).count();
    let rows: Vec<Vec<Markup>> = all
        .iter()
        .map(|scenario| {
            let last = judged.get(&scenario.name);
            vec![
                html! { a href=(place(&scenario.name)) { (data(&scenario.name)) } },
                chip(mark(last.map(|one| &one.outcome.verdict))),
                data(scenario.about()),
            ]
        })
        .collect();
    html! {
        h1 { "Gate" }
        p.soft {
            "Frozen tapes and frozen Runs, replayed five ways and compared byte by byte. Since the server began "
            (judged.len()) " of " (all.len()) " were replayed; " (red) " stop the gate."
        }
        form.row method="post" action="/gate" { button.main data-busy="Replaying all" { "Replay all" } }
        (table("Scenarios and their last result", &[("Scenario", Text), ("Last result", Text), ("About", Prose)], &rows))
    }
}

/// The address of a scenario.
fn place(name: &str) -> String {
    let pieces: Vec<String> = name.split('/').filter_map(address).collect();
    format!("/gate/{}", pieces.join("/"))
}

fn mark(verdict: Option<&Verdict>) -> Mark {
    let Some(verdict) = verdict else { return Mark { letter: "-", word: "NOT REPLAYED", class: "open" } };
    let class = match verdict {
        Verdict::Identical => "good",
        Verdict::Stale { .. } | Verdict::New => "warn",
        _ => "bad",
    };
    Mark { letter: "", word: verdict.name(), class }
}

pub(crate) async fn judge(
    State(desk): State<Arc<Desk>>,
    Form(wanted): Form<Wanted>,
) -> Result<Redirect, Error> {
    let then = wanted.scenario.as_deref().map_or_else(|| "/gate".to_owned(), place);
    desk.decide(move |reader| {
        let Some(folder) = &reader.desk.options.gate else { return Err(Error::NoPage) };
        let mut all = samebits_gate::load(folder)?;
        if let Some(name) = wanted.scenario {
            all.retain(|scenario| scenario.name == name);
            if all.is_empty() {
                return Err(samebits_gate::Error::Unknown { wanted: name }.into());
            }
        }
        for some in all.chunks(TOGETHER) {
            let at = (reader.desk.options.now)();
            let outcomes = samebits_gate::run_all(some);
            let kept = outcomes.into_iter().map(|outcome| (outcome.name.clone(), Judged { outcome, at }));
            reader.desk.judged().extend(kept);
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&then))
}

pub(crate) async fn show(State(desk): State<Arc<Desk>>, Path(name): Path<String>) -> Result<Markup, Error> {
    desk.read(move |reader| {
        let Some(folder) = &reader.desk.options.gate else { return Err(Error::NoPage) };
        let all = samebits_gate::load(folder)?;
        let scenario = all.iter().find(|scenario| scenario.name == name);
        let scenario = scenario.ok_or(samebits_gate::Error::Unknown { wanted: name })?;
        let why = samebits_gate::why(scenario)?;
        let ledger = std::fs::read_to_string(scenario.folder.join("REGEN.log")).unwrap_or_default();
        let last = reader.desk.judged().get(&scenario.name).cloned();
        let main = one(scenario, &why, &ledger, last.as_ref());
        Ok(layout::page(&format!("Scenario {}", crate::text::shown(&scenario.name)), Place::Gate, &main))
    })
    .await
}

fn one(scenario: &Scenario, why: &str, ledger: &str, last: Option<&Judged>) -> Markup {
    html! {
        p { a href="/gate" { "Gate" } }
        h1 { "Scenario " (data(&scenario.name)) }
        p.lead { (data(scenario.about())) }
        section.panel aria-labelledby="result" {
            h2 id="result" { "Last result" }
            @match last {
                None => p { "Not replayed since the server began." },
                Some(judged) => (result(&judged.outcome, judged.at)),
            }
            form.row method="post" action="/gate" {
                input type="hidden" name="scenario" value=(scenario.name);
                button.main data-busy="Replaying" { "Replay five ways" }
            }
        }
        h2 { "What it protects" }
        (lines("What it protects", why))
        h2 { "When and why its expectation changed" }
        @if ledger.trim().is_empty() { p { "There is no ledger." } } @else { (lines("Ledger", ledger)) }
    }
}

fn result(outcome: &Outcome, at: i64) -> Markup {
    html! {
        div role="status" {
            (facts([
                ("Verdict", chip(mark(Some(&outcome.verdict)))),
                ("Replayed", cell(utc(at))),
                ("Events, or answers", cell(outcome.events)),
            ]))
        }
        @if outcome.verdict.is_red() { (lines("Difference", &outcome.explain())) }
        @if !outcome.text.is_empty() {
            details { summary { "What comes out" } (lines("What comes out", &outcome.text)) }
        }
    }
}

/// A text of a file, as it is, and how much of it is not shown.
fn lines(name: &str, text: &str) -> Markup {
    let cut = text.char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| at);
    let visible: String = text[..cut]
        .split_inclusive('\n')
        .flat_map(|line| {
            let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
            [samebits_present::visible(text), end.to_owned()]
        })
        .collect();
    html! {
        pre tabindex="0" role="region" aria-label=(name) { (visible) }
        @if cut < text.len() { p.soft { (text.len() - cut) " more bytes; `samebits gate --show` prints all." } }
    }
}
