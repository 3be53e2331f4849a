//! One Run: the three questions, and a button that decides it again.

use super::picture;
use super::reasons::{self, Scope};
use crate::Error;
use crate::desk::{Desk, Reader};
use crate::layout::{self, Place};
use crate::parts::Column;
use crate::parts::Column::{Number, Text};
use crate::parts::{cell, chip, data, digest, facts, milliseconds, place, short, standing, table, verdict};
use crate::text::{address, shown};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use samebits_canon::Isa;
use samebits_charts::Form;
use samebits_present::{Shown, pictures, utc};
use samebits_replay::fleet::Standing;
use samebits_replay::why::{Why, explain};
use samebits_replay::{Backend, Replayed};
use samebits_snapshot::record::Status;
use samebits_store::{CorrectionHead, RunHead};
use serde::Deserialize;
use std::sync::Arc;

/// Fields of a difference that are listed.
const FIELDS: usize = 20;

/// Which part of the Run.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// The first trade that is listed, from 0.
    trades: Option<usize>,
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Error> {
    desk.read(move |reader| page(reader, &id, false, wanted.trades.unwrap_or(0))).await
}

pub(crate) async fn replay(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Markup, Error> {
    desk.decide(move |reader| page(reader, &id, true, 0)).await
}

/// The picture of the frontier of a Run.
pub(crate) async fn frontier(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let svg = desk
        .draw(move |reader| {
            let subject = Shown::find(reader.store, &id)?;
            let found = samebits_replay::frontier::frontier(&subject.run, Isa::detect())?;
            Ok(pictures::frontier(&found, &subject.name, Form::File)?)
        })
        .await?;
    Ok(picture(svg))
}

/// The page of a Run, decided again or not; its trades from this one on.
fn page(reader: &Reader<'_>, id: &str, again: bool, from: usize) -> Result<Markup, Error> {
    let subject = Shown::find(reader.store, id)?;
    let runs = Beside::of(reader, &subject)?;
    let stands = reader.answers()?.standings(subject.head.as_slice())?.pop().unwrap_or(Standing::Open);
    let replayed = again.then(|| replayed(reader, &subject)).transpose()?;
    let why = explain(&subject.run, None, &[], Isa::detect())?;
    let name = shown(&subject.name);
    let main = html! {
        h1 { "Run " bdi { (name) } }
        (lead(&subject, &why))
        (beside(&subject, &runs))
        (replay_panel(&subject, &stands, replayed.as_ref()))
        (questions(&why, Scope::Page { run: &place(&subject), from }))
        @if has_frontier(&subject) {
            figure {
                figcaption { strong { "What less tracking error would have cost" } ", and more saved: the recorded problem at other prices of tax and costs." }
                img src=(format!("{}/frontier.svg", place(&subject))) width="900" height="420" loading="lazy"
                    alt="Tax and costs against tracking error along the frontier of the Run, with the recorded optimum marked";
            }
        }
        (record(&subject, &why))
    };
    Ok(layout::page(&format!("Run {name}"), Place::Runs, &main))
}

/// Whether the Run has one: its optimum is stored as a state.
fn has_frontier(subject: &Shown) -> bool {
    let outcome = &subject.run.outcome;
    outcome.finish.is_some() && outcome.status == Status::Solved
}

fn replayed(reader: &Reader<'_>, subject: &Shown) -> Result<Replayed, Error> {
    let backend = Backend::cpu(Isa::detect());
    let clock = reader.desk.options.clock;
    Ok(samebits_replay::replay(&subject.run, &subject.ids, &backend, &clock)?)
}

/// What was decided, in a sentence and in figures.
pub(crate) fn lead(subject: &Shown, why: &Why) -> Markup {
    let (outcome, totals) = (&subject.run.outcome, &subject.run.outcome.totals);
    let te = |fraction: f64| format!("{:.2} bp", fraction * 1e4);
    html! {
        p.lead {
            "Decision of " (subject.manifest.question.as_of) ": "
            @match &outcome.status {
                Status::Solved => "solved",
                Status::Relaxed(text) => { "relaxed (" (data(text)) ")" },
                Status::Unsolved(text) => { "unsolved (" (data(text)) ")" },
            }
            ", " (why.trades.len()) " names traded. "
            @if let Some(last) = subject.superseded.last() {
                strong { "Superseded by " a href=(format!("/run/{}", last.run_id)) { (short(&last.run_id)) } ": " (data(&last.reason)) }
            }
        }
        (facts([
            ("Net asset value", cell(&why.day.nav)),
            ("Bought, sold", cell(format!("{}, {}", totals.bought, totals.sold))),
            ("Trading costs", cell(totals.costs)),
            ("Tracking error, optimum and final", cell(format!("{}, {}", te(totals.tracking_error), te(totals.final_tracking_error)))),
            ("Losses harvested", cell(outcome.tax.harvested)),
            ("Losses disallowed", cell(outcome.tax.disallowed)),
            ("Change of the year's tax", cell(outcome.tax.change)),
            ("Law", data(&why.day.law)),
        ]))
    }
}

/// The Runs of the account before and after one; a correction has none.
#[derive(Default)]
struct Beside {
    before: Option<RunHead>,
    after: Option<RunHead>,
}

impl Beside {
    fn of(reader: &Reader<'_>, subject: &Shown) -> Result<Self, Error> {
        let Some(head) = &subject.head else { return Ok(Self::default()) };
        let at = |sequence: i64| match reader.store.find(&format!("{}/{sequence}", head.account)) {
            Ok(head) => Ok(Some(head)),
            Err(samebits_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        Ok(Self { before: at(head.sequence - 1)?, after: at(head.sequence.saturating_add(1))? })
    }
}

fn beside(subject: &Shown, runs: &Beside) -> Markup {
    let account = address(&subject.manifest.question.account);
    html! {
        nav.pages aria-label="Beside this Run" {
            @if let Some(before) = &runs.before {
                a rel="prev" href=(format!("/run/{}", before.run_id)) { "Run before, " (before.as_of) }
                a href=(format!("/compare?a={}&b={}", before.run_id, subject.manifest.run_id)) { "Compare with it" }
            }
            @if let Some(after) = &runs.after {
                a rel="next" href=(format!("/run/{}", after.run_id)) { "Run after, " (after.as_of) }
            }
            @if let Some(account) = account { a href=(format!("/account?name={account}")) { "The account's year" } }
        }
    }
}

fn replay_panel(subject: &Shown, stands: &Standing, replayed: Option<&Replayed>) -> Markup {
    html! {
        section.panel id="replay" aria-labelledby="replay-title" {
            h2 id="replay-title" { "Replay" }
            @match replayed {
                None => p {
                    "Decides the pinned inputs again by the recorded method and compares every bit. Replays on record: "
                    (chip(standing(stands))) (more(stands))
                },
                Some(replayed) => (found(subject, replayed)),
            }
            div.actions {
                form.row method="post" action=(format!("{}/replay#replay", place(subject))) {
                    button.main data-busy="Replaying" { @if replayed.is_some() { "Replay again" } @else { "Replay" } }
                }
                form.row method="post" action=(format!("{}/solvers", place(subject))) {
                    button data-busy="Solving" { "Put it to three solvers" }
                }
            }
        }
    }
}

fn more(standing: &Standing) -> Markup {
    html! {
        @match standing {
            Standing::Diverged { stage } => { ", first stage that differs: " (data(stage)) },
            Standing::Failed { problem } => { ": " (data(problem)) },
            Standing::Disagree { answers } => { ", " (answers.len()) " answers" },
            Standing::Open | Standing::Identical => {},
        }
    }
}

const STAGES: [(&str, Column); 3] = [("Stage", Text), ("Recorded digest", Text), ("Replayed", Text)];

fn found(subject: &Shown, replayed: &Replayed) -> Markup {
    let first = replayed.first_stage;
    let rows: Vec<Vec<Markup>> = subject
        .run
        .outcome
        .stages
        .list()
        .into_iter()
        .zip(replayed.stages.list())
        .map(|((name, recorded), (_, found))| {
            let again = html! { @if recorded == found { "same" } @else { "DIFFERS: " (digest(&found)) } };
            vec![cell(name), digest(&recorded), again]
        })
        .collect();
    html! {
        div role="status" {
            p { (chip(verdict(replayed.verdict))) " decided again in " (milliseconds(replayed.replay_ns)) }
            p {
                "Weights: " (if replayed.weights_equal { "the same bits" } else { "other bits" })
                ". Trades, ledger and taxes: " (if replayed.trades_equal { "the same" } else { "not the same" }) "."
                @if let Some(first) = first { " First stage that differs: " strong { (first) } "." }
            }
        }
        (table("Stages of the decision", &STAGES, &rows))
        @if !replayed.differences.is_empty() { (differences(replayed)) }
    }
}

fn differences(replayed: &Replayed) -> Markup {
    let text = |value: &Option<samebits_snapshot::Tree>| {
        value.as_ref().map_or_else(|| cell("absent"), |value| data(&value.to_string()))
    };
    let rows: Vec<Vec<Markup>> = replayed
        .differences
        .iter()
        .take(FIELDS)
        .map(|one| {
            let ulps = one.ulps.map_or_else(String::new, |ulps| ulps.to_string());
            vec![data(&one.field), text(&one.recorded), text(&one.replayed), cell(ulps)]
        })
        .collect();
    let header =
        [("Field", Text), ("Recorded", Text), ("Replayed", Text), ("Representable numbers between", Number)];
    html! {
        (table(&format!("Fields that differ: {} of {}", rows.len(), replayed.differences.len()), &header, &rows))
    }
}

/// The three questions of an audit.
pub(crate) fn questions(why: &Why, scope: Scope<'_>) -> Markup {
    html! {
        section aria-labelledby="q1" {
            h2 id="q1" { "1. Why were these trades made?" }
            (reasons::trades(why, scope))
            (reasons::substitutes(why))
        }
        section aria-labelledby="q2" {
            h2 id="q2" { "2. What constraints applied?" }
            (reasons::constraints(why))
            (reasons::locks(why, scope))
            (reasons::parameters(why))
        }
        section aria-labelledby="q3" {
            h2 id="q3" { "3. What was the risk model that day?" }
            (reasons::risk(why))
        }
    }
}

/// Digests, method, and who recorded the Run: what an auditor cites.
pub(crate) fn record(subject: &Shown, why: &Why) -> Markup {
    let (manifest, run, certificate) = (&subject.manifest, &subject.run, &subject.run.outcome.certificate);
    let identity = &why.identity;
    html! {
        section aria-labelledby="record" {
            h2 id="record" { "The record" }
            (facts([
                ("Run", digest(&manifest.run_id)),
                ("Question", digest(&manifest.inputs_id)),
                ("Method", digest(&manifest.method_id)),
                ("Answer", digest(&manifest.result_id)),
                ("Link of the account's chain", digest(&subject.link)),
                ("Solver and rules", html! { (data(&run.method.solver)) ", " (data(&run.method.rules)) }),
                ("Recorded", html! { (utc(subject.recorded_at)) " by " (data(&subject.actor)) }),
                ("Code and machine", html! { (data(&run.info.code)) ", " (data(&run.info.machine)) }),
                ("Residuals: primal, dual, complementarity, gap", cell(format!(
                    "{:.1e}, {:.1e}, {:.1e}, {:.1e}",
                    certificate.primal, certificate.dual, certificate.complementarity, certificate.gap
                ))),
                ("The terms of every trade add up to zero", cell(format!(
                    "{}, largest residual {:.1e} over {} names",
                    if identity.holds { "yes" } else { "NO" }, identity.found.largest_residual, identity.found.names
                ))),
            ]))
            @if let Some(head) = &subject.corrects { p { "It corrects " (digest(&head.supersedes)) ": " (data(&head.reason)) } }
            @if !subject.superseded.is_empty() { ol { @for head in &subject.superseded { li { (correction(head)) } } } }
        }
    }
}

fn correction(head: &CorrectionHead) -> Markup {
    html! {
        "Superseded by " a href=(format!("/run/{}", head.run_id)) { (short(&head.run_id)) } " on " (utc(head.recorded_at))
        " by " (data(&head.actor)) ": " (data(&head.reason))
    }
}
