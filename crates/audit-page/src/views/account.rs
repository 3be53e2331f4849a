//! The year of an account in pictures.

use crate::Error;
use crate::desk::{Desk, Reader};
use crate::layout::{self, Place};
use crate::parts::{cell, data, facts};
use crate::text::{address, shown};
use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use samebits_report::Plot;
use samebits_store::{Filter, RunHead};
use serde::Deserialize;
use std::sync::Arc;

/// Pictures of an account, and what each shows.
const PICTURES: [(&str, &str, &str); 4] = [
    (
        "tracking-error.svg",
        "Tracking error",
        "Predicted tracking error of every day's final holdings, basis points a year",
    ),
    (
        "harvest.svg",
        "Losses harvested and tax",
        "Cumulative losses harvested and the tax accrued, thousands of the currency",
    ),
    ("value.svg", "Value", "Value of 100 put into the account and into its benchmark, before and after tax"),
    ("exposure.svg", "Exposure", "Long, short, gross and net positions, percent of value"),
];
/// Which account.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    name: String,
}

/// Which picture.
#[derive(Debug, Deserialize)]
pub(crate) struct Picture {
    account: String,
    of: String,
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Error> {
    desk.read(move |reader| {
        let last = last(reader, &wanted.name)?;
        let shorts = !reader.store.asked(&last.run_id)?.inputs.account.shorts.is_empty();
        let main = render(&last, shorts);
        Ok(layout::page(&format!("Account {}", shown(&wanted.name)), Place::Runs, &main))
    })
    .await
}

/// The newest Run of an account.
fn last(reader: &Reader<'_>, account: &str) -> Result<RunHead, Error> {
    let filter = Filter { account: Some(account.to_owned()), ..Filter::default() };
    let newest = reader.store.page(&filter, None, 1)?.into_iter().next();
    Ok(newest.ok_or_else(|| samebits_store::Error::NotFound { wanted: account.to_owned() })?)
}

fn render(last: &RunHead, shorts: bool) -> Markup {
    let account = address(&last.account).unwrap_or_default();
    let pictures = PICTURES.iter().filter(|(file, ..)| shorts || *file != "exposure.svg");
    html! {
        h1 { "Account " (data(&last.account)) }
        (facts([
            ("Runs", cell(last.sequence + 1)),
            ("Last day", cell(last.as_of)),
            ("Link of the chain", html! { code { (last.link.short()) } }),
        ]))
        p {
            a href=(format!("/run/{}", last.run_id)) { "The last Run" } ", "
            a href=(format!("/runs?account={account}")) { "all Runs of the account" }
        }
        @for (file, title, about) in pictures {
            figure {
                figcaption { strong { (title) } ". " (about) "." }
                img src=(format!("/account/picture?account={account}&of={file}&at={}", last.link.short()))
                    alt=(about) width="900" height="420" loading="lazy";
            }
        }
        p.soft { "Every figure of the year, and the checks of its accounting: " code { "samebits report ACCOUNT" } "." }
    }
}

pub(crate) async fn picture(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Picture>,
) -> Result<Response, Error> {
    let svg = desk
        .draw(move |reader| {
            let plots = plots(reader, &wanted.account)?;
            let plot = plots.iter().find(|plot| plot.name == wanted.of);
            plot.map(|plot| plot.svg.clone()).ok_or(Error::NoPage)
        })
        .await?;
    Ok(super::picture(svg))
}

/// The pictures of an account's year: every Run of it is read for the first of them.
fn plots(reader: &Reader<'_>, account: &str) -> Result<Arc<Vec<Plot>>, Error> {
    let link = last(reader, account)?.link;
    let kept = reader.desk.year(&link);
    let mut kept = kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(plots) = &*kept {
        return Ok(Arc::clone(plots));
    }
    let plots = Arc::new(samebits_report::plots(&samebits_report::year(reader.store, account)?)?);
    *kept = Some(Arc::clone(&plots));
    Ok(plots)
}
