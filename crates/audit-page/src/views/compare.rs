//! Two Runs side by side.

use crate::Error;
use crate::desk::Desk;
use crate::layout::{self, Place};
use crate::parts::Column::{Number, Text};
use crate::parts::{Mark, cell, chip, data, place, short, table};
use crate::text::shown;
use axum::extract::{Query, State};
use maud::{Markup, html};
use samebits_present::Shown;
use samebits_snapshot::record::Run;
use samebits_units::Qty;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which Runs: an id, a prefix of one, `ACCOUNT/SEQUENCE`, or `latest`.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    a: Option<String>,
    b: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Error> {
    let (Some(a), Some(b)) = (wanted.a.clone(), wanted.b.clone()) else {
        return Ok(layout::page(
            "Compare",
            Place::Runs,
            &html! { h1 { "Compare two Runs" } (form(&wanted)) },
        ));
    };
    desk.read(move |reader| {
        let (a, b) = (Shown::find(reader.store, a.trim())?, Shown::find(reader.store, b.trim())?);
        let main = html! { h1 { "Two Runs side by side" } (form(&wanted)) (beside(&a, &b)?) };
        Ok(layout::page("Compare", Place::Runs, &main))
    })
    .await
}

fn form(wanted: &Wanted) -> Markup {
    html! {
        form.row method="get" action="/compare" {
            label { "One Run" input name="a" required value=[wanted.a.as_deref()]; }
            label { "The other" input name="b" required value=[wanted.b.as_deref()]; }
            button { "Compare" }
        }
        p.soft { "An id or its first digits, ACCOUNT/SEQUENCE, or `latest`." }
    }
}

fn beside(a: &Shown, b: &Shown) -> Result<Markup, Error> {
    let name = |subject: &Shown| {
        html! { a href=(place(subject)) { bdi { (shown(&subject.name)) } } " of " (subject.manifest.question.as_of) }
    };
    let figure =
        |what: &str, of: &dyn Fn(&Run) -> String| vec![cell(what), cell(of(&a.run)), cell(of(&b.run))];
    let figures = [
        vec![cell("Run"), name(a), name(b)],
        figure("Status", &|run| run.outcome.status.name().to_owned()),
        figure("Net asset value", &|run| run.outcome.totals.nav_before.to_string()),
        figure("Bought", &|run| run.outcome.totals.bought.to_string()),
        figure("Sold", &|run| run.outcome.totals.sold.to_string()),
        figure("Trading costs", &|run| run.outcome.totals.costs.to_string()),
        figure("Final tracking error, bp", &|run| {
            format!("{:.3}", 1e4 * run.outcome.totals.final_tracking_error)
        }),
        figure("Losses harvested", &|run| run.outcome.tax.harvested.to_string()),
        figure("Change of the year's tax", &|run| run.outcome.tax.change.to_string()),
        figure("Objective, bp", &|run| format!("{:.4}", 1e4 * run.outcome.objective.total)),
    ];
    let stages: Vec<Vec<Markup>> = a
        .run
        .outcome
        .stages
        .list()
        .into_iter()
        .zip(b.run.outcome.stages.list())
        .map(|((stage, one), (_, other))| {
            vec![cell(stage), cell(if one == other { "same" } else { "differs" }), short(&one), short(&other)]
        })
        .collect();
    let question = if a.manifest.inputs_id == b.manifest.inputs_id {
        Mark { letter: "I", word: "SAME QUESTION", class: "good" }
    } else {
        Mark { letter: "-", word: "TWO QUESTIONS", class: "open" }
    };
    let answer = if a.manifest.result_id == b.manifest.result_id {
        Mark { letter: "I", word: "SAME ANSWER", class: "good" }
    } else {
        Mark { letter: "D", word: "TWO ANSWERS", class: "warn" }
    };
    let trades = trades(&a.run, &b.run)?;
    Ok(html! {
        p { (chip(question)) " " (chip(answer)) }
        (table("What each came to", &[("Figure", Text), ("One Run", Text), ("The other", Text)], &figures))
        (table("Parts and stages by their digests", &[("Stage", Text), ("Equal", Text), ("One Run", Text), ("The other", Text)], &stages))
        (table(
            &format!("Shares traded, purchases positive: {} names, those that differ first", trades.len()),
            &[("Name", Text), ("One Run", Number), ("The other", Number), ("Equal", Text)],
            &trades
        ))
    })
}

/// Shares by name, purchases positive; names that differ come first.
fn trades(a: &Run, b: &Run) -> Result<Vec<Vec<Markup>>, Error> {
    let mut names: BTreeMap<&str, [Qty; 2]> = BTreeMap::new();
    for (at, run) in [a, b].into_iter().enumerate() {
        for trade in &run.outcome.trades {
            let ticker = &run.inputs.market.securities[trade.security as usize].ticker;
            let own = &mut names.entry(ticker).or_default()[at];
            let sum = if trade.side.pays() { own.plus(trade.quantity) } else { own.minus(trade.quantity) };
            *own = sum.map_err(samebits_replay::Error::from)?;
        }
    }
    let mut all: Vec<_> = names.into_iter().collect();
    all.sort_by_key(|(_, [one, other])| one == other);
    Ok(all
        .into_iter()
        .map(|(ticker, [one, other])| {
            vec![data(ticker), cell(one), cell(other), cell(if one == other { "same" } else { "differs" })]
        })
        .collect())
}
