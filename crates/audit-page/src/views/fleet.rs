//! The fleet: accounts by days, a letter and a colour a Run.

use super::{day, given};
use crate::Error;
use crate::desk::{Desk, Reader};
use crate::layout::{self, Place};
use crate::parts::standing;
use crate::text::shown;
use axum::extract::{Query, State};
use maud::{Markup, html};
use samebits_replay::fleet::Standing;
use samebits_snapshot::Digest;
use samebits_store::{Filter, RunHead};
use samebits_units::Date;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Days of a board.
const DAYS: usize = 21;
/// Accounts of a board.
const ACCOUNTS: usize = 40;

/// Which part of the board.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// The last day.
    until: Option<String>,
    /// Id of a Run of the account before the first one.
    after: Option<String>,
}

/// The Runs of an account by day.
type Days = BTreeMap<Date, (RunHead, Standing)>;

struct Board {
    days: Vec<Date>,
    accounts: Vec<(String, Days)>,
    /// A Run of the last account, where there are more.
    next: Option<Digest>,
    /// As it was asked for.
    until: Option<Date>,
    after: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Error> {
    let until = day("until", wanted.until.as_deref())?;
    let after = given(wanted.after.as_deref()).map(ToOwned::to_owned);
    let board = desk.read(move |reader| board(reader, until, after.as_deref())).await?;
    Ok(layout::page("Fleet", Place::Fleet, &render(&board)))
}

fn board(reader: &Reader<'_>, until: Option<Date>, after: Option<&str>) -> Result<Board, Error> {
    let all = reader.store.accounts()?;
    let before = after.map(|id| reader.store.find(id)).transpose()?;
    let behind = |account: &String| before.as_ref().is_none_or(|head| *account > head.account);
    let mut accounts: Vec<String> = all.into_iter().map(|(account, _)| account).filter(behind).collect();
    let more = accounts.len() > ACCOUNTS;
    accounts.truncate(ACCOUNTS);
    let mut heads: Vec<RunHead> = Vec::new();
    for account in &accounts {
        let filter = Filter { account: Some(account.clone()), from: None, to: until };
        heads.extend(reader.store.page(&filter, None, DAYS)?);
    }
    let days: BTreeSet<Date> = heads.iter().map(|head| head.as_of).collect();
    let mut days: Vec<Date> = days.into_iter().rev().take(DAYS).collect();
    days.reverse();
    heads.retain(|head| days.contains(&head.as_of));
    let standings = reader.answers()?.standings(&heads)?;
    let next = match accounts.last().filter(|_| more) {
        Some(account) => {
            let filter = Filter { account: Some(account.clone()), ..Filter::default() };
            reader.store.page(&filter, None, 1)?.first().map(|head| head.run_id)
        }
        None => None,
    };
    let mut rows: BTreeMap<String, Days> =
        accounts.into_iter().map(|account| (account, BTreeMap::new())).collect();
    for (head, stands) in heads.into_iter().zip(standings) {
        if let Some(row) = rows.get_mut(&head.account) {
            row.insert(head.as_of, (head, stands));
        }
    }
    Ok(Board { days, accounts: rows.into_iter().collect(), next, until, after: after.map(ToOwned::to_owned) })
}

fn render(board: &Board) -> Markup {
    let link = |until: Option<Date>, after: Option<&str>| {
        let until = until.map(|day| format!("until={day}"));
        let after = after.map(|id| format!("after={id}"));
        let fields: Vec<String> = until.into_iter().chain(after).collect();
        format!("/fleet?{}", fields.join("&"))
    };
    let earlier = board.days.first().and_then(|day| day.plus_days(-1).ok());
    let after = board.after.as_deref();
    html! {
        h1 { "Fleet" }
        p.soft {
            "Every Run by account and day, and what came of deciding it again (" code { "samebits fleet" } "): "
            "I identical, D diverged, X the answers disagree, F failed, - open: not decided again."
        }
        @if board.accounts.is_empty() { p { "The store has no Runs." } }
        @else { (grid(board)) }
        nav.pages aria-label="Other parts of the board" {
            @if let Some(day) = earlier { a href=(link(Some(day), after)) { "Earlier days" } }
            @if board.until.is_some() { a href=(link(None, after)) { "Newest days" } }
            @if let Some(next) = &board.next { a href=(link(board.until, Some(&next.to_string()))) { "More accounts" } }
            @if after.is_some() { a href=(link(board.until, None)) { "First accounts" } }
        }
    }
}

fn grid(board: &Board) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Accounts by days" {
            table.board {
                thead {
                    tr {
                        td {}
                        @for day in &board.days { th scope="col" { (day) } }
                    }
                }
                tbody {
                    @for (account, runs) in &board.accounts {
                        tr {
                            th scope="row" { bdi { (shown(account)) } }
                            @for day in &board.days {
                                @match runs.get(day) {
                                    Some((head, stands)) => (lettered(head, stands)),
                                    None => td {},
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn lettered(head: &RunHead, stands: &Standing) -> Markup {
    let mark = standing(stands);
    html! {
        td class=(mark.class) {
            // The first half of an id finds the Run.
            a href=(format!("/run/{}", &head.run_id.to_string()[..32])) { (mark.letter) }
        }
    }
}
