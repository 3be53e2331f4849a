//! One name of a Run: why it was traded or not, and what would have been decided otherwise.

use super::given;
use super::reasons::{self, Level};
use crate::Error;
use crate::desk::{Desk, Reader};
use crate::layout::{self, Place};
use crate::parts::{data, digest, place};
use crate::text::{address, shown};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use samebits_canon::Isa;
use samebits_present::Shown;
use samebits_replay::why::{Counterfactual, TradeAnswer, Why, explain};
use samebits_units::Bps;
use serde::Deserialize;
use std::sync::Arc;

/// What is to be changed; nothing where a field is empty.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// A cap on tracking error, basis points.
    cap: Option<String>,
    /// A lot that is kept.
    keep: Option<String>,
    /// A ticker whose lock is lifted.
    without: Option<String>,
    /// A change of the short-term rate, basis points.
    rate: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Path((id, ticker)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Error> {
    let changed = asked.changes()?;
    // What is asked anew is solved anew, and takes the room of a replay.
    let solves = !changed.is_empty();
    let work = move |reader: &Reader<'_>| {
        let subject = Shown::find(reader.store, &id)?;
        let why = explain(&subject.run, Some(&ticker), &changed, Isa::detect())?;
        let address = format!("{}/trade/{}", place(&subject), address(&ticker).unwrap_or_default());
        Ok(page(&subject, &why, &asked, &address))
    };
    if solves { desk.decide(work).await } else { desk.read(work).await }
}

impl Asked {
    fn changes(&self) -> Result<Vec<Counterfactual>, Error> {
        let mut all = Vec::new();
        if let Some(text) = given(self.cap.as_deref()) {
            let cap = text.parse().ok().filter(|bp: &f64| bp.is_finite() && *bp > 0.0);
            all.push(Counterfactual::Cap(cap.ok_or_else(|| wrong("cap", text, "basis points above 0"))?));
        }
        if let Some(text) = given(self.keep.as_deref()) {
            let lot = text.parse().map_err(|_| wrong("keep", text, "the number of a lot"))?;
            all.push(Counterfactual::KeepLot(lot));
        }
        if let Some(ticker) = given(self.without.as_deref()) {
            all.push(Counterfactual::WithoutLock(ticker.to_owned()));
        }
        if let Some(text) = given(self.rate.as_deref()) {
            let change = text.parse().ok().filter(|bp| (-10_000..=10_000).contains(bp));
            let change: i32 = change.ok_or_else(|| wrong("rate", text, "-10000 to 10000 basis points"))?;
            all.push(Counterfactual::Rate(Bps::from_hundredths(change * 100)));
        }
        Ok(all)
    }
}

fn wrong(field: &'static str, found: &str, expected: &'static str) -> Error {
    Error::Field { field, found: found.to_owned(), expected }
}

fn page(subject: &Shown, why: &Why, asked: &Asked, address: &str) -> Markup {
    let Some(trade) = why.trades.first() else { return html! {} };
    let question = &subject.manifest.question;
    let main = html! {
        p { a href=(place(subject)) { "Run " bdi { (shown(&subject.name)) } } " of " (question.as_of) }
        h1 { "Why was " (data(&trade.ticker)) " " (done(trade.action)) "?" }
        (reasons::trade(trade, Level::Page))
        (otherwise(trade, why, asked, address))
        p.soft { "From Run " (digest(&subject.manifest.run_id)) ", question " (digest(&subject.manifest.inputs_id)) "." }
    };
    let title = format!("Why {}, {}", shown(&trade.ticker), shown(&subject.name));
    layout::page(&title, Place::Runs, &main)
}

fn done(action: &str) -> &str {
    match action {
        "buy" => "bought",
        "sell" => "sold",
        "short" => "sold short",
        "cover" => "covered",
        "hold" => "not traded",
        other => other,
    }
}

/// What would have been decided with one thing changed: a form, and the answers to what it asked.
fn otherwise(trade: &TradeAnswer, why: &Why, asked: &Asked, address: &str) -> Markup {
    let sold = trade.lots.iter().filter(|lot| lot.code.is_some()).map(|lot| lot.lot);
    let covered = trade.shorts.iter().filter(|lot| lot.code.is_some()).map(|lot| lot.lot);
    let touched: Vec<u64> = sold.chain(covered).collect();
    let mut locked: Vec<&str> =
        why.barred.iter().filter(|one| one.loss.is_some()).map(|one| one.ticker.as_str()).collect();
    locked.dedup();
    html! {
        section id="otherwise" aria-labelledby="otherwise-title" {
            h2 id="otherwise-title" { "And if one thing had been different?" }
            p.soft { "The pinned inputs with one thing changed, decided again by the Run's own method." }
            form.row method="get" action=(format!("{address}#otherwise")) {
                label { "Cap on tracking error, bp" input name="cap" type="number" min="0" step="any" value=[asked.cap.as_deref()]; }
                label { "Short-term rate changed by, bp" input name="rate" type="number" min="-10000" max="10000" value=[asked.rate.as_deref()]; }
                @if !touched.is_empty() {
                    label {
                        "Lot that is kept"
                        select name="keep" {
                            option value="" { "none" }
                            @for lot in &touched {
                                option value=(lot) selected[asked.keep.as_deref() == Some(&lot.to_string())] { (lot) }
                            }
                        }
                    }
                }
                @if !locked.is_empty() {
                    label {
                        "Wash-sale lock that is lifted"
                        select name="without" {
                            option value="" { "none" }
                            @for ticker in &locked {
                                option value=(ticker) selected[asked.without.as_deref() == Some(ticker)] { (shown(ticker)) }
                            }
                        }
                    }
                }
                button data-busy="Deciding" { "Decide again" }
            }
            @for answer in &why.counterfactuals { (reasons::counterfactual(answer)) }
        }
    }
}
