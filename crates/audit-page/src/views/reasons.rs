//! What `why` says, laid out: the same in pages and in exported files.

use crate::parts::Column;
use crate::parts::Column::{Number, Prose, Text};
use crate::parts::{bp, cell, data, table};
use crate::text::address;
use maud::{Markup, html};
use samebits_replay::why::{
    CounterfactualAnswer, LotAnswer, Reason, ShortAnswer, Substitute, Term, TradeAnswer, Why,
};
use samebits_snapshot::record::{RowKind, Setting, Source, Value};

/// Trades of a page.
pub(crate) const TRADES: usize = 100;
/// Rows of a folded list on a page.
const FOLDED: usize = 40;
/// Half the width of a term's bar, in the unit of the picture.
const HALF: f64 = 50.0;

/// Where reasons are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// On the page of the Run of this address, its trades from this one on: what is long is cut.
    Page { run: &'a str, from: usize },
    /// In a file: all of it.
    File,
}

/// Every trade in a line.
pub(crate) fn trades(why: &Why, scope: Scope<'_>) -> Markup {
    if why.trades.is_empty() {
        return html! { p { "Nothing was traded." } };
    }
    let header = [
        ("Name", Text),
        ("Trade", Text),
        ("Shares", Number),
        ("Notional", Number),
        ("Gain", Number),
        ("Tracking error, bp", Number),
        ("Reason", Text),
        ("In a sentence", Prose),
    ];
    let row = |trade: &TradeAnswer| {
        let ticker = address(&trade.ticker).unwrap_or_default();
        let place = match scope {
            Scope::Page { run, .. } => format!("{run}/trade/{ticker}"),
            Scope::File => format!("#trade-{ticker}"),
        };
        vec![
            html! { a href=(place) { (data(&trade.ticker)) } },
            cell(trade.action),
            cell(&trade.shares),
            cell(&trade.notional),
            cell(&trade.gain),
            cell(bp(trade.tracking_error_change_bp)),
            html! { @if let Some(code) = &trade.code { code { (data(&code.text())) } } },
            data(&trade.sentence),
        ]
    };
    let all = why.trades.len();
    let shown = match scope {
        Scope::Page { from, .. } => {
            let from = if from < all { from } else { 0 };
            from..from.saturating_add(TRADES).min(all)
        }
        Scope::File => 0..all,
    };
    let rows: Vec<Vec<Markup>> = why.trades[shown.clone()].iter().map(row).collect();
    html! {
        (table("Trades, one line a name; the name leads to the whole reason", &header, &rows))
        @if let Scope::Page { run, .. } = scope && shown.len() < all {
            nav.pages aria-label="More trades" {
                span { "Trades " (shown.start + 1) " to " (shown.end) " of " (all) }
                @if shown.start > 0 { a href=(format!("{run}?trades={}", shown.start.saturating_sub(TRADES))) { "Trades before" } }
                @if shown.end < all { a href=(format!("{run}?trades={}", shown.end)) { "Trades after" } }
            }
        }
    }
}

/// How deep the headings of a part are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Level {
    /// On a page of its own.
    Page,
    /// Below the heading of a trade, below that of all trades.
    Trade,
}

impl Level {
    fn heading(self, text: &str) -> Markup {
        match self {
            Self::Page => html! { h2 { (text) } },
            Self::Trade => html! { h4 { (text) } },
        }
    }
}

/// Why one name was traded, or was not: the terms that add up, the lots, the rest.
pub(crate) fn trade(trade: &TradeAnswer, level: Level) -> Markup {
    let [before, optimum, after, benchmark] = trade.weights_percent;
    html! {
        p.lead { (data(&trade.sentence)) }
        (crate::parts::facts([
            ("Trade", cell(format!("{} {} at {}", trade.action, trade.shares, trade.price))),
            ("Notional, cost", cell(format!("{}, {}", trade.notional, trade.cost))),
            ("Gain", cell(&trade.gain)),
            ("Reason", reason(trade.code.as_ref())),
            ("Weight before, optimum, final", cell(format!("{before:.3} %, {optimum:.3} %, {after:.3} %"))),
            ("Weight in the benchmark", cell(format!("{benchmark:.3} %"))),
            ("Tracking error by the trade", cell(format!("{} bp", bp(trade.tracking_error_change_bp)))),
            ("Shares at the optimum, ordered", cell(format!(
                "{:.3}, {}; given up {:.6} bp",
                trade.rounding.optimum_shares, trade.rounding.ordered_shares, trade.rounding.given_up_bp
            ))),
        ]))
        (decomposition(&trade.terms, trade.terms_sum_bp, level))
        (sources(trade))
        (lots(trade, level))
    }
}

fn reason(reason: Option<&Reason>) -> Markup {
    match reason {
        None => cell("none: not traded"),
        Some(reason) => html! {
            code { (data(&reason.text())) }
            @if !reason.term.is_empty() { ", " (data(&reason.term)) " " (bp(reason.bp)) " bp per 1 %" }
        },
    }
}

/// The terms of the marginal condition, and their sum.
fn decomposition(terms: &[Term], sum: f64, level: Level) -> Markup {
    let most = terms.iter().fold(0.0, |most, term| samebits_canon::max(most, samebits_canon::abs(term.bp)));
    html! {
        (level.heading("What spoke for it and against it"))
        div.wide tabindex="0" role="region" aria-label="Terms of the decision" {
            table {
                caption { "Basis points of net asset value per 1 % traded; negative speaks for the trade. At the optimum they add up to zero." }
                thead { tr { th scope="col" { "Term" } th.n scope="col" { "bp per 1 %" } th scope="col" { "For or against" } } }
                tbody {
                    @for term in terms {
                        tr {
                            th scope="row" { (data(&term.what)) }
                            td.n { (bp(term.bp)) }
                            td { (bar(term.bp, most)) }
                        }
                    }
                    tr.sum { th scope="row" { "Sum" } td.n { (bp(sum)) } td {} }
                }
            }
        }
    }
}

/// A bar to the left for what speaks for a trade, to the right for what speaks against it.
fn bar(value: f64, most: f64) -> Markup {
    let length = if most > 0.0 { HALF * samebits_canon::abs(value) / most } else { 0.0 };
    let (from, class, word) =
        if value < 0.0 { (HALF - length, "for", "for") } else { (HALF, "against", "against") };
    html! {
        svg.bars viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=(word) {
            rect class=(class) x=(format!("{from:.2}")) y="1" width=(format!("{length:.2}")) height="8" {}
            line x1="50" x2="50" y1="0" y2="10" {}
        }
    }
}

fn sources(trade: &TradeAnswer) -> Markup {
    let risk = &trade.risk;
    let mut rows: Vec<Vec<Markup>> =
        risk.factors.iter().map(|part| vec![data(&part.factor), cell(bp(part.bp))]).collect();
    rows.push(vec![cell("specific"), cell(bp(risk.specific_bp))]);
    rows.push(vec![cell("not in the factor model"), cell(bp(risk.rest_bp))]);
    html! {
        ul {
            @if let Some(side) = &trade.side {
                li {
                    "In a conflict of " (data(&side.names.join(", "))) " on the " (side.side) " side; "
                    @match side.difference_bp {
                        Some(difference) => { "the other side costs " (bp(difference)) " bp" },
                        None => { "the other side has no optimum" },
                    }
                }
            }
            @if let Some(bar) = &trade.no_buy { li { "It may not be bought: " (data(bar)) } }
            @if let Some(through) = &trade.lock_through { li { "The trade opens a wash-sale lock through " (through) } }
            @if let Some(next) = &trade.next_lot {
                li { "Next lot, not used: " (next.lot) " at " (bp(next.key_bp)) " bp per 1 %" }
            }
        }
        details {
            summary { "Risk term by source: " (bp(risk.total_bp)) " bp per 1 %" }
            (table("Risk of the trade by source", &[("Source", Text), ("bp per 1 %", Number)], &rows))
        }
    }
}

fn lots(trade: &TradeAnswer, level: Level) -> Markup {
    let header = [
        ("Lot", Number),
        ("Held", Number),
        ("Sold", Number),
        ("Acquired", Text),
        ("Term", Text),
        ("Days", Number),
        ("To long-term", Number),
        ("Gain, %", Number),
        ("Rate, bp", Number),
        ("Key, bp per 1 %", Number),
        ("Why", Prose),
    ];
    let long = |lot: &LotAnswer| {
        vec![
            cell(lot.lot),
            cell(&lot.held),
            cell(&lot.sold),
            cell(&lot.acquired),
            cell(lot.term),
            cell(lot.held_days),
            cell(lot.days_to_long_term),
            cell(format!("{:.2}", lot.gain_percent)),
            cell(format!("{:.0}", lot.rate_bp)),
            cell(bp(lot.key_bp)),
            html! { @if let Some(code) = &lot.code { code { (data(&code.text())) } " " } (data(&lot.reason)) },
        ]
    };
    let short = |lot: &ShortAnswer| {
        vec![
            cell(lot.lot),
            cell(format!("-{}", lot.owed)),
            cell(format!("-{}", lot.covered)),
            cell(&lot.opened),
            cell(lot.bucket),
            cell(lot.open_days),
            cell(""),
            cell(format!("{:.2}", lot.gain_percent)),
            cell(format!("{:.0}", lot.rate_bp)),
            cell(bp(lot.key_bp)),
            html! { @if let Some(code) = &lot.code { code { (data(&code.text())) } " " } (data(&lot.reason)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = trade.lots.iter().map(long).chain(trade.shorts.iter().map(short)).collect();
    html! {
        (level.heading("Tax lots, and the alternatives"))
        @if rows.is_empty() { p { "No lot of it was held." } }
        @else { (table("Lots in the order of disposal; short lots are negative", &header, &rows)) }
    }
}

/// Every constraint with its value, limits and price.
pub(crate) fn constraints(why: &Why) -> Markup {
    let limit = |limit: Option<f64>| limit.map_or_else(|| cell(""), |limit| cell(format!("{limit:.5}")));
    let rows: Vec<Vec<Markup>> = why
        .constraints
        .iter()
        .map(|row| {
            vec![
                html! { (kind(row.kind)) @if !row.name.is_empty() { " " (data(&row.name)) } },
                limit(row.lower),
                cell(format!("{:.5}", row.value)),
                limit(row.upper),
                cell(format!("{:.5}", row.final_value)),
                cell(if row.multiplier == 0.0 { String::new() } else { format!("{:+.4e}", row.multiplier) }),
                cell(if row.relaxed_by == 0.0 { String::new() } else { format!("{:.3e}", row.relaxed_by) }),
            ]
        })
        .collect();
    let header = [
        ("Constraint", Text),
        ("Lower", Number),
        ("Optimum", Number),
        ("Upper", Number),
        ("Final", Number),
        ("Price", Number),
        ("Gave", Number),
    ];
    table("Constraints; a price is the change of the objective per unit of the limit", &header, &rows)
}

const fn kind(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Budget => "budget",
        RowKind::Factor => "factor",
        RowKind::Sector => "sector",
        RowKind::Turnover => "turnover",
        RowKind::GainBudget => "gain budget",
        RowKind::TrackingError => "tracking error",
        RowKind::LongGross => "long positions",
        RowKind::ShortGross => "short positions",
        RowKind::Netting => "gains of the year",
    }
}

/// What was barred, what the day's trades bar, what is held back.
pub(crate) fn locks(why: &Why, scope: Scope<'_>) -> Markup {
    let barred = why.barred.iter().map(|one| {
        let until = one.until.clone().unwrap_or_default();
        vec![data(&one.ticker), cell(one.trade), data(&one.why), cell(bp(one.price_bp)), cell(until)]
    });
    let opened = why.opened.iter().map(|one| {
        vec![data(&one.ticker), cell(one.lot), cell(one.bars), cell(&one.through), cell(&one.loss)]
    });
    let held = why.held.iter().map(|one| {
        let tax = format!("{} ({} at {:.0} bp)", one.tax, one.bucket, one.rate_bp);
        vec![data(&one.ticker), cell(one.lot), cell(&one.amount), cell(tax), data(&one.why)]
    });
    let (barred, opened, held): (Vec<_>, Vec<_>, Vec<_>) =
        (barred.collect(), opened.collect(), held.collect());
    let folded = |name: &str, header: &[(&str, Column)], rows: &[Vec<Markup>]| {
        let most = if matches!(scope, Scope::File) { rows.len() } else { FOLDED };
        let shown = &rows[..rows.len().min(most)];
        html! {
            @if !rows.is_empty() {
                details {
                    summary { (name) ": " (rows.len()) }
                    (table(name, header, shown))
                    @if shown.len() < rows.len() { p.soft { "The first " (shown.len()) "; `samebits why` and the exported page have all." } }
                }
            }
        }
    };
    html! {
        (folded("Trades that were barred", &[("Name", Text), ("Trade", Text), ("Why", Prose), ("Price, bp per 1 %", Number), ("Through", Text)], &barred))
        (folded("Wash-sale locks that the trades open", &[("Name", Text), ("Lot", Number), ("Bars a", Text), ("Through", Text), ("Loss", Number)], &opened))
        (folded("Losses and gains held back", &[("Name", Text), ("Lot", Number), ("Amount", Number), ("Tax at the margin", Text), ("Why", Prose)], &held))
    }
}

/// What replaced the harvested names.
pub(crate) fn substitutes(why: &Why) -> Markup {
    let list = |some: &[Substitute]| {
        let named = some.iter().take(5);
        let names: Vec<String> = named
            .map(|one| {
                format!("{} {:+.3} % (correlation {:.2})", one.ticker, one.weight_percent, one.correlation)
            })
            .collect();
        let rest = some.len().saturating_sub(names.len());
        html! { (data(&names.join(", "))) @if rest > 0 { " and " (rest) " more" } }
    };
    let rows: Vec<Vec<Markup>> = why
        .baskets
        .iter()
        .map(|one| {
            let own = format!("{:+.3} %", one.own_percent);
            vec![data(&one.of), cell(&one.loss), cell(bp(one.worth_bp)), cell(own), list(&one.substitutes)]
        })
        .collect();
    let header = [
        ("Harvested", Text),
        ("Loss", Number),
        ("Worth, bp", Number),
        ("Its own weight", Number),
        ("What is held instead", Prose),
    ];
    html! {
        @if !rows.is_empty() { (table("Harvested names and what replaced them, against the same day without the harvest", &header, &rows)) }
    }
}

/// Every parameter with its source.
pub(crate) fn parameters(why: &Why) -> Markup {
    let rows: Vec<Vec<Markup>> = why
        .parameters
        .iter()
        .map(|one| {
            vec![data(&one.name), setting(&one.setting), source(&one.setting.source), cell(one.meaning)]
        })
        .collect();
    let header = [("Parameter", Text), ("Value", Text), ("Set by", Text), ("Meaning", Prose)];
    html! { details { summary { "Parameters: " (rows.len()) } (table("Parameters", &header, &rows)) } }
}

fn setting(setting: &Setting) -> Markup {
    match &setting.value {
        Value::Off => cell("off"),
        Value::Flag(value) => cell(value),
        Value::Integer(value) => cell(value),
        Value::Real(value) => cell(value),
        Value::Text(value) => data(value),
        Value::List(values) => data(&values.join(", ")),
    }
}

fn source(source: &Source) -> Markup {
    match source {
        Source::Default => cell("default"),
        Source::Strategy(name) => html! { "strategy " (data(name)) },
        Source::Account(why) => html! { "account: " (data(why)) },
        Source::Override(why) => html! { "override of the day: " (data(why)) },
    }
}

/// Tracking error by factor, and how the model was made.
pub(crate) fn risk(why: &Why) -> Markup {
    let risk = &why.risk;
    let factors: Vec<Vec<Markup>> = risk
        .factors
        .iter()
        .map(|one| {
            vec![
                data(&one.name),
                cell(format!("{:+.5}", one.exposure)),
                cell(format!("{:+.2}", 100.0 * one.share)),
            ]
        })
        .collect();
    let recipe: Vec<Vec<Markup>> = risk
        .recipe
        .settings
        .iter()
        .map(|(name, one)| vec![data(name), setting(one), source(&one.source)])
        .collect();
    html! {
        p {
            "Tracking error of the final holdings " (format!("{:.3}", risk.tracking_error_bp)) " bp in the " (risk.form)
            " form; " (format!("{:.3}", risk.factor_form_bp)) " bp in the factor form, of whose variance "
            (format!("{:.1}", 100.0 * risk.specific_share)) " % is specific."
        }
        (table("Active exposures and their part of the variance",
            &[("Factor", Text), ("Active exposure", Number), ("Part of the variance, %", Number)], &factors))
        details {
            summary { "Recipe of the model" }
            (table("Recipe", &[("Setting", Text), ("Value", Text), ("Set by", Text)], &recipe))
        }
    }
}

/// The decision with one thing changed.
pub(crate) fn counterfactual(answer: &CounterfactualAnswer) -> Markup {
    let rows: Vec<Vec<Markup>> = answer
        .trades
        .iter()
        .map(|one| {
            vec![data(&one.ticker), cell(format!("{:+.2}", one.then)), cell(format!("{:+.2}", one.now))]
        })
        .collect();
    html! {
        section.panel {
            h3 { "The decision " (data(&answer.question)) }
            p {
                (answer.basis) " (" (answer.status) "): objective " (bp(answer.objective_bp)) " bp, tax " (bp(answer.tax_bp)) " bp"
                @if let Some(tax) = &answer.tax { " (" (tax) " on the day)" }
                ", tracking error " (bp(answer.tracking_error_bp)) " bp. " (rows.len()) " trades differ."
            }
            @if !rows.is_empty() {
                (table("Trades that differ", &[("Name", Text), ("Shares as recorded", Number), ("Shares then", Number)], &rows))
            }
        }
    }
}
