//! The list of Runs.

use super::{day, given};
use crate::Error;
use crate::desk::{Desk, Reader};
use crate::layout::{self, Place};
use crate::parts::Column;
use crate::parts::Column::Text;
use crate::parts::{cell, chip, data, short, standing, table};
use crate::text::{address, shown};
use axum::extract::{Query, State};
use maud::{Markup, html};
use samebits_present::utc;
use samebits_replay::fleet::Standing;
use samebits_snapshot::Digest;
use samebits_store::{Filter, Mark, RunHead};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs of a page.
const SHOWN: usize = 50;
/// Runs that are looked at for a page of one verdict; the next page goes on from there.
const LOOKED_AT: usize = 2_000;
/// Accounts that are offered by name.
const OFFERED: usize = 200;
/// Verdicts to choose from.
const VERDICTS: [&str; 5] = ["IDENTICAL", "DIVERGED", "DISAGREE", "FAILED", "OPEN"];

/// Which Runs.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    account: Option<String>,
    from: Option<String>,
    to: Option<String>,
    verdict: Option<String>,
    /// The id of the last Run of the page before.
    after: Option<String>,
}

/// What a page lists.
struct Listed {
    runs: Vec<(RunHead, Standing)>,
    /// The last Run that was looked at, where there are more.
    end: Option<Digest>,
    count: u64,
    accounts: Vec<(String, i64)>,
    superseded: BTreeMap<Digest, Digest>,
    place: String,
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Error> {
    let filter = Filter {
        account: wanted.account.clone().filter(|account| !account.is_empty()),
        from: day("from", wanted.from.as_deref())?,
        to: day("to", wanted.to.as_deref())?,
    };
    let verdict = given(wanted.verdict.as_deref()).map(ToOwned::to_owned);
    if let Some(found) = verdict.as_ref().filter(|name| !VERDICTS.contains(&name.as_str())) {
        return Err(Error::Field {
            field: "verdict",
            found: found.clone(),
            expected: "a verdict of the list",
        });
    }
    let after = given(wanted.after.as_deref()).map(ToOwned::to_owned);
    let listed = desk.read(move |reader| list(reader, &filter, verdict.as_deref(), after.as_deref())).await?;
    Ok(layout::page("Runs", Place::Runs, &render(&wanted, &listed)))
}

fn list(
    reader: &Reader<'_>,
    filter: &Filter,
    verdict: Option<&str>,
    after: Option<&str>,
) -> Result<Listed, Error> {
    let (store, answers) = (reader.store, reader.answers()?);
    let mut last = after.map(|id| store.find(id)).transpose()?;
    let (mut runs, mut looked_at) = (Vec::new(), 0);
    // One more than is shown tells whether there are more.
    let together = if verdict.is_some() { 4 * SHOWN } else { SHOWN + 1 };
    let end = 'pages: loop {
        let heads = store.page(filter, last.as_ref().map(Mark::from).as_ref(), together)?;
        let more = heads.len() == together;
        for (head, stands) in heads.iter().zip(answers.standings(&heads)?) {
            looked_at += 1;
            if verdict.is_none_or(|wanted| standing(&stands).word == wanted) {
                if runs.len() == SHOWN {
                    break 'pages last;
                }
                runs.push((head.clone(), stands));
            }
            last = Some(head.clone());
        }
        if !more || looked_at >= LOOKED_AT {
            break last.filter(|_| more);
        }
    };
    let mut superseded = BTreeMap::new();
    for (head, _) in &runs {
        if let Some(first) = store.corrections_of(&head.run_id)?.first() {
            superseded.insert(head.run_id, first.run_id);
        }
    }
    Ok(Listed {
        runs,
        end: end.map(|head: RunHead| head.run_id),
        count: store.count()?,
        accounts: store.accounts()?,
        superseded,
        place: store.place(),
    })
}

fn render(wanted: &Wanted, listed: &Listed) -> Markup {
    let rows: Vec<Vec<Markup>> = listed.runs.iter().map(|(head, stands)| row(head, stands, listed)).collect();
    html! {
        h1 { "Runs" }
        p.soft {
            (listed.count) " Runs of " (listed.accounts.len()) " accounts in " (data(&listed.place))
            ". A Run is one account's rebalance on one day, with every input pinned."
        }
        (filters(wanted, listed))
        @if rows.is_empty() {
            p { "No Run fits." }
        } @else {
            (table("Runs, newest day first", &HEADER, &rows))
        }
        nav.pages aria-label="More Runs" {
            @if wanted.after.is_some() { a href=(link(wanted, None)) { "Newest" } }
            @if let Some(end) = &listed.end { a rel="next" href=(link(wanted, Some(end))) { "Older Runs" } }
        }
    }
}

const HEADER: [(&str, Column); 7] = [
    ("Run", Text),
    ("Day", Text),
    ("Decision", Text),
    ("Replays", Text),
    ("Solver", Text),
    ("Id", Text),
    ("Recorded", Text),
];

fn row(head: &RunHead, stands: &Standing, listed: &Listed) -> Vec<Markup> {
    let name = format!("{}/{}", shown(&head.account), head.sequence);
    vec![
        html! { a href=(format!("/run/{}", head.run_id)) { bdi { (name) } } },
        cell(head.as_of),
        html! {
            (data(&head.status))
            @if let Some(by) = listed.superseded.get(&head.run_id) {
                ", superseded by " a href=(format!("/run/{by}")) { (short(by)) }
            }
        },
        chip(standing(stands)),
        data(&head.solver),
        short(&head.run_id),
        html! { (utc(head.recorded_at)) " by " (data(&head.actor)) },
    ]
}

fn filters(wanted: &Wanted, listed: &Listed) -> Markup {
    let offered = listed.accounts.iter().filter(|(account, _)| account.len() <= 100);
    html! {
        form.row method="get" action="/runs" role="search" aria-label="Which Runs" {
            label { "Account" input name="account" list="accounts" value=[wanted.account.as_deref()]; }
            label { "From" input name="from" type="date" value=[wanted.from.as_deref()]; }
            label { "To" input name="to" type="date" value=[wanted.to.as_deref()]; }
            label {
                "Replays"
                select name="verdict" {
                    option value="" { "any" }
                    @for name in VERDICTS {
                        option value=(name) selected[wanted.verdict.as_deref() == Some(name)] { (name) }
                    }
                }
            }
            button { "Show" }
            @if let Some(account) = wanted.account.as_deref().filter(|account| !account.is_empty()).and_then(address) {
                a href=(format!("/account?name={account}")) { "The account's year" }
            }
            datalist id="accounts" {
                @if listed.accounts.len() <= OFFERED { @for (account, _) in offered { option value=(account) {} } }
            }
        }
    }
}

fn link(wanted: &Wanted, end: Option<&Digest>) -> String {
    let mut fields = Vec::new();
    let own = [
        ("account", &wanted.account),
        ("from", &wanted.from),
        ("to", &wanted.to),
        ("verdict", &wanted.verdict),
    ];
    for (name, value) in own {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()).and_then(address) {
            fields.push(format!("{name}={value}"));
        }
    }
    if let Some(end) = end {
        fields.push(format!("after={end}"));
    }
    format!("/runs?{}", fields.join("&"))
}
