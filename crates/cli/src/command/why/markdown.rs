//! The answer as one document for an auditor.

use super::text::{HELD, code, details, held_rows, sentence, sum};
use samebits_replay::why::{TradeAnswer, Why};
use samebits_store::StoredRun;
use std::fmt::Write;

/// A table of GitHub's Markdown.
fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let names: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let rule: Vec<String> = header.iter().map(|_| "---".to_owned()).collect();
    let mut text = line(&names) + &line(&rule);
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        text += &line(&cells);
    }
    text
}

pub(super) fn document(stored: &StoredRun, answer: &Why) -> String {
    let head = &stored.head;
    let mut parts = vec![
        format!("# Decision of {} for account {}", head.as_of, head.account),
        decision(stored, answer),
        "## Trades".to_owned(),
        trades(answer),
    ];
    parts.extend(answer.trades.iter().map(section));
    parts.push("## Substitutes of harvested names".to_owned());
    parts.push(baskets(answer));
    parts.push("## Constraints".to_owned());
    parts.push(constraints(answer));
    parts.push("## Locks and bars".to_owned());
    parts.push(locks(answer));
    parts.push("## Losses and gains held back".to_owned());
    parts.push(held(answer));
    parts.push("## Counterfactuals".to_owned());
    parts.push(counterfactuals(answer));
    parts.push("## Parameters that are not defaults".to_owned());
    parts.push(parameters(answer));
    parts.join("\n\n")
}

fn decision(stored: &StoredRun, answer: &Why) -> String {
    let (head, run, day) = (&stored.head, &stored.run, &answer.day);
    let identity = &answer.identity;
    let mut codes: Vec<String> = Vec::new();
    for trade in &answer.trades {
        let name = trade.code.as_ref().map_or("HOLD", |reason| reason.code.name());
        codes.push(name.to_owned());
    }
    codes.sort_unstable();
    let mut counted: Vec<String> = Vec::new();
    for group in codes.chunk_by(|a, b| a == b) {
        counted.push(format!("{} {}", group.len(), group[0]));
    }
    let piece = day.piece.as_ref().map_or_else(String::new, |piece| format!(" on the piece \"{piece}\""));
    let stored_text = match (identity.stored, identity.as_stored) {
        (None, _) => "none is stored",
        (Some(_), true) => "as stored",
        (Some(_), false) => "NOT as stored",
    };
    format!(
        "Run {}/{} (`{}`), question `{}`, answer `{}`. On a net asset value of {} the decision ({}, {}) ended {}. \
         Objective {:.4} bp at the continuous optimum, {:+.4} bp after rounding; tracking error {:.3} bp. \
         Tax under {}{piece}: {:.0} bp short-term and {:.0} bp long-term at the margin; the day changed the year's tax by \
         {}. {}. {} names traded: {}. The terms of every trade add up to zero with a largest residual of {:.1e} \
         ({stored_text}; {}).",
        head.account,
        head.sequence,
        head.run_id,
        stored.manifest.inputs_id,
        stored.manifest.result_id,
        day.nav,
        run.method.rules,
        run.method.solver,
        head.status,
        day.objective_bp,
        day.rounding_bp,
        answer.risk.tracking_error_bp,
        day.law,
        day.rates_bp[0],
        day.rates_bp[1],
        day.tax,
        capital(day.lot_order),
        identity.found.names,
        if counted.is_empty() { "none".to_owned() } else { counted.join(", ") },
        identity.found.largest_residual,
        if identity.holds { "holds" } else { "DOES NOT HOLD" },
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn trades(answer: &Why) -> String {
    if answer.trades.is_empty() {
        return "Nothing was traded.".to_owned();
    }
    let row = |trade: &TradeAnswer| {
        vec![
            trade.ticker.clone(),
            trade.action.to_owned(),
            trade.shares.clone(),
            trade.notional.clone(),
            trade.gain.clone(),
            code(trade.code.as_ref()),
            trade
                .code
                .as_ref()
                .map_or_else(String::new, |reason| format!("{} {:+.4}", reason.term, reason.bp)),
        ]
    };
    let header = ["name", "trade", "shares", "notional", "gain", "code", "deciding term, bp per 1 %"];
    table(&header, answer.trades.iter().map(row))
}

fn section(trade: &TradeAnswer) -> String {
    let mut text = format!("### {} {}\n\n{}\n\n", trade.action, trade.ticker, trade.sentence);
    let terms = trade.terms.iter().map(|term| vec![term.what.clone(), format!("{:+.6}", term.bp)]);
    let total = std::iter::once(vec!["sum".to_owned(), format!("{:+.6}", sum(trade))]);
    text += &table(&["term", "bp per 1 % traded"], terms.chain(total));
    text.push('\n');
    for line in details(trade) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "- {line}");
    }
    let lots = trade.lots.iter().filter(|lot| lot.code.is_some() || trade.action != "buy").map(|lot| {
        vec![
            lot.lot.to_string(),
            lot.held.clone(),
            lot.sold.clone(),
            lot.acquired.clone(),
            format!("{}, {} days, {} to long-term", lot.term, lot.held_days, lot.days_to_long_term),
            format!("{:.2}", lot.gain_percent),
            format!("{} at {:.0} bp", lot.bucket, lot.rate_bp),
            format!("{:.4}", lot.key_bp),
            code(lot.code.as_ref()),
        ]
    });
    let shorts = trade.shorts.iter().map(|lot| {
        vec![
            lot.lot.to_string(),
            format!("-{}", lot.owed),
            format!("-{}", lot.covered),
            lot.opened.clone(),
            format!("{} days open, proceeds {}", lot.open_days, lot.proceeds),
            format!("{:.2}", lot.gain_percent),
            format!("{} at {:.0} bp", lot.bucket, lot.rate_bp),
            format!("{:.4}", lot.key_bp),
            code(lot.code.as_ref()),
        ]
    });
    let rows: Vec<Vec<String>> = lots.chain(shorts).collect();
    if !rows.is_empty() {
        let header =
            ["lot", "held", "traded", "since", "term", "gain %", "bucket", "key, bp per 1 %", "code"];
        text.push('\n');
        text += &table(&header, rows);
    }
    text
}

fn baskets(answer: &Why) -> String {
    let mut rows = Vec::new();
    for basket in &answer.baskets {
        for one in &basket.substitutes {
            rows.push(vec![
                basket.of.clone(),
                one.ticker.clone(),
                format!("{:+.4}", one.weight_percent),
                if one.bought { "bought" } else { "sold less" }.to_owned(),
                format!("{:.3}", one.correlation),
            ]);
        }
    }
    if rows.is_empty() {
        return "No loss was harvested.".to_owned();
    }
    table(&["of", "substitute", "weight %", "how", "correlation"], rows)
}

fn constraints(answer: &Why) -> String {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    let rows = answer.constraints.iter().map(|row| {
        vec![
            format!("{:?}", row.kind),
            row.name.clone(),
            number(row.lower),
            number(row.upper),
            format!("{:.6}", row.value),
            format!("{:.6}", row.final_value),
            format!("{:+.4e}", row.multiplier),
            format!("{:.2e}", row.relaxed_by),
        ]
    });
    let header = ["kind", "name", "lower", "upper", "optimum", "final", "multiplier", "relaxed by"];
    table(&header, rows)
}

fn locks(answer: &Why) -> String {
    let opened = answer.opened.iter().map(|lock| {
        let why = format!("opened today by lot {}, loss {}", lock.lot, lock.loss);
        vec![lock.ticker.clone(), lock.bars.to_owned(), why, String::new(), lock.through.clone()]
    });
    let barred = answer.barred.iter().map(|bar| {
        let loss = bar.loss.as_ref().map_or_else(String::new, |loss| format!(", loss {loss}"));
        vec![
            bar.ticker.clone(),
            bar.trade.to_owned(),
            format!("{}{loss}", bar.why),
            format!("{:.4}", bar.price_bp),
            bar.until.clone().unwrap_or_default(),
        ]
    });
    let rows: Vec<Vec<String>> = opened.chain(barred).collect();
    if rows.is_empty() {
        return "None.".to_owned();
    }
    table(&["name", "barred trade", "why", "price, bp per 1 %", "through"], rows)
}

fn held(answer: &Why) -> String {
    if answer.held.is_empty() {
        return "None.".to_owned();
    }
    table(&HELD, held_rows(answer).into_iter().map(Vec::from))
}

fn counterfactuals(answer: &Why) -> String {
    if answer.counterfactuals.is_empty() {
        return "None was asked for.".to_owned();
    }
    let one = |answer| format!("- {}", sentence(answer));
    answer.counterfactuals.iter().map(one).collect::<Vec<String>>().join("\n")
}

fn parameters(answer: &Why) -> String {
    let set = answer.parameters.iter();
    let set = set.filter(|one| one.setting.source != samebits_snapshot::record::Source::Default);
    let rows = set.map(|one| {
        let (value, source) = (format!("{:?}", one.setting.value), format!("{:?}", one.setting.source));
        vec![one.name.clone(), value, source, one.meaning.to_owned()]
    });
    table(&["parameter", "value", "set by", "meaning"], rows)
}
