//! The answer for a terminal.

use crate::output::{Output, table};
use samebits_replay::why::{CounterfactualAnswer, Held, Reason, TradeAnswer, Why};
use samebits_store::StoredRun;

/// Traded names up to which every lot is listed.
const FULL: usize = 5;
/// Names of a basket that are listed.
const BASKET: usize = 6;

pub(super) fn print(stored: &StoredRun, answer: &Why, one: bool, output: Output) {
    let head = &stored.head;
    output.line(format!(
        "Run {}/{} of {} ({})",
        head.account,
        head.sequence,
        head.as_of,
        head.run_id.short()
    ));
    output.line("\n1. Why was this trade made?");
    if answer.trades.is_empty() {
        output.line("   Nothing was traded: no trade was worth its cost, or none was admissible.");
    }
    for answered in &answer.trades {
        trade(answered, one || answer.trades.len() <= FULL, output);
    }
    baskets(answer, output);
    output.line("\n2. What constraints applied?");
    output.line(crate::command::show::rows(&stored.run));
    parameters(answer, output);
    barred(answer, output);
    held(answer, output);
    output.line("\n3. What was the risk model that day?");
    risk(answer, output);
    for one in &answer.counterfactuals {
        counterfactual(one, output);
    }
}

pub(super) fn code(reason: Option<&Reason>) -> String {
    reason.map_or_else(String::new, Reason::text)
}

fn trade(trade: &TradeAnswer, full: bool, output: Output) {
    let [before, optimum, after, benchmark] = trade.weights_percent;
    output.line(format!(
        "\n{} {} {} at {} ({}, cost {}, gain {}) {}. {}",
        trade.action,
        trade.shares,
        trade.ticker,
        trade.price,
        trade.notional,
        trade.cost,
        trade.gain,
        code(trade.code.as_ref()),
        trade.sentence
    ));
    output.line(format!(
        "   weight {before:.3} % -> optimum {optimum:.3} % -> final {after:.3} %, benchmark {benchmark:.3} %; tracking error {:+.3} bp",
        trade.tracking_error_change_bp
    ));
    let terms: Vec<String> =
        trade.terms.iter().map(|term| format!("{} {:+.4}", term.what, term.bp)).collect();
    let terms = terms.join(", ");
    output.line(format!("   bp per 1 % traded: {terms}; sum {:+.4}", sum(trade)));
    for line in details(trade) {
        output.line(format!("   {line}"));
    }
    if full || trade.action != "buy" {
        lots(trade, full, output);
    }
}

/// The sum of the terms, without the sign of what is nothing.
pub(super) fn sum(trade: &TradeAnswer) -> f64 {
    let sum = trade.terms_sum_bp;
    if samebits_canon::abs(sum) < 5e-7 { 0.0 } else { sum }
}

/// What else there is to say of a trade, one sentence a line.
pub(super) fn details(trade: &TradeAnswer) -> Vec<String> {
    let mut lines = Vec::new();
    let largest: Vec<String> = trade.risk.largest.iter().map(|name| source(trade, name)).collect();
    lines.push(format!("risk {:+.4} bp per 1 %, largest: {}", trade.risk.total_bp, largest.join(", ")));
    if let Some(side) = &trade.side {
        let names = side.names.join(", ");
        lines.push(match side.difference_bp {
            Some(bp) => {
                format!("conflict of {names}: on the {} side; the other side costs {bp:+.4} bp", side.side)
            }
            None => format!("conflict of {names}: on the {} side; the other side has no optimum", side.side),
        });
    }
    if let Some(through) = &trade.lock_through {
        lines.push(format!("this trade opens a lock through {through}"));
    }
    if let Some(next) = &trade.next_lot {
        lines.push(format!("next lot, not used: {} at {:+.4} bp per 1 %", next.lot, next.key_bp));
    }
    if trade.action != "hold" {
        lines.push(format!(
            "optimum {:.3} shares, ordered {}; given up {:.6} bp",
            trade.rounding.optimum_shares, trade.rounding.ordered_shares, trade.rounding.given_up_bp
        ));
    }
    lines
}

fn source(trade: &TradeAnswer, name: &str) -> String {
    let risk = &trade.risk;
    let factor = risk.factors.iter().find(|part| part.factor == name);
    let bp = match name {
        "specific" => risk.specific_bp,
        "not in the factor model" => risk.rest_bp,
        _ => factor.map_or(0.0, |part| part.bp),
    };
    format!("{name} {bp:+.4}")
}

fn lots(trade: &TradeAnswer, full: bool, output: Output) {
    let header = [
        "lot", "held", "sold", "acquired", "term", "days", "to long", "gain %", "rate bp", "key", "code",
        "why",
    ];
    let mut list = table(&header, &[0, 1, 2, 5, 6, 7, 8, 9]);
    let longs = trade.lots.iter().filter(|lot| full || lot.code.is_some());
    let mut any = false;
    for lot in longs {
        any = true;
        list.add_row([
            lot.lot.to_string(),
            lot.held.clone(),
            lot.sold.clone(),
            lot.acquired.clone(),
            lot.term.to_owned(),
            lot.held_days.to_string(),
            lot.days_to_long_term.to_string(),
            format!("{:.2}", lot.gain_percent),
            format!("{:.0}", lot.rate_bp),
            format!("{:.3}", lot.key_bp),
            code(lot.code.as_ref()),
            lot.reason.clone(),
        ]);
    }
    for lot in trade.shorts.iter().filter(|lot| full || lot.code.is_some()) {
        any = true;
        list.add_row([
            lot.lot.to_string(),
            format!("-{}", lot.owed),
            format!("-{}", lot.covered),
            lot.opened.clone(),
            lot.bucket.to_owned(),
            lot.open_days.to_string(),
            String::new(),
            format!("{:.2}", lot.gain_percent),
            format!("{:.0}", lot.rate_bp),
            format!("{:.3}", lot.key_bp),
            code(lot.code.as_ref()),
            lot.reason.clone(),
        ]);
    }
    if any {
        output.line(list);
    }
}

fn baskets(answer: &Why, output: Output) {
    for basket in &answer.baskets {
        let named = basket.substitutes.iter().take(BASKET);
        let names: Vec<String> = named
            .map(|one| {
                format!("{} {:+.3} % (correlation {:.2})", one.ticker, one.weight_percent, one.correlation)
            })
            .collect();
        let rest = basket.substitutes.len().saturating_sub(BASKET);
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        output.line(format!(
            "\nHarvest of {} (loss {}, worth {:+.4} bp): {:+.3} % of it replaced by {}{rest}.",
            basket.of,
            basket.loss,
            basket.worth_bp,
            basket.own_percent,
            if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
        ));
    }
}

fn parameters(answer: &Why, output: Output) {
    let mut list = table(&["parameter", "value", "set by", "meaning"], &[]);
    for parameter in &answer.parameters {
        list.add_row([
            parameter.name.clone(),
            format!("{:?}", parameter.setting.value),
            format!("{:?}", parameter.setting.source),
            parameter.meaning.to_owned(),
        ]);
    }
    output.line(list);
}

fn barred(answer: &Why, output: Output) {
    if !answer.barred.is_empty() {
        let mut list = table(&["barred", "trade", "why", "price, bp per 1 %", "through"], &[3]);
        for barred in &answer.barred {
            list.add_row([
                barred.ticker.clone(),
                barred.trade.to_owned(),
                barred.why.clone(),
                format!("{:.4}", barred.price_bp),
                barred.until.clone().unwrap_or_default(),
            ]);
        }
        output.line(list);
    }
    if !answer.opened.is_empty() {
        let mut list = table(&["lock opened by", "lot", "bars a", "through", "loss"], &[1, 4]);
        for lock in &answer.opened {
            let (lot, bars) = (lock.lot.to_string(), lock.bars.to_owned());
            list.add_row([lock.ticker.clone(), lot, bars, lock.through.clone(), lock.loss.clone()]);
        }
        output.line(list);
    }
}

/// The header of the lots that are held back.
pub(super) const HELD: [&str; 8] =
    ["held back", "lot", "code", "shares", "amount", "tax at the margin", "why", "through"];

/// The lots that are held back, a row each.
pub(super) fn held_rows(answer: &Why) -> Vec<[String; 8]> {
    let row = |held: &Held| {
        [
            held.ticker.clone(),
            held.lot.to_string(),
            held.code.name().to_owned(),
            held.shares.clone(),
            held.amount.clone(),
            format!("{} ({} at {:.0} bp)", held.tax, held.bucket, held.rate_bp),
            held.why.clone(),
            held.until.clone().unwrap_or_default(),
        ]
    };
    answer.held.iter().map(row).collect()
}

fn held(answer: &Why, output: Output) {
    let rows = held_rows(answer);
    if !rows.is_empty() {
        let mut list = table(&HELD, &[1, 3, 4]);
        for row in rows {
            list.add_row(row);
        }
        output.line(list);
    }
}

fn risk(answer: &Why, output: Output) {
    let risk = &answer.risk;
    let settings = risk.recipe.settings.iter();
    let recipe: Vec<String> = settings.map(|(name, setting)| format!("{name} {:?}", setting.value)).collect();
    output.line(format!("   recipe: {}", recipe.join(", ")));
    output.line(format!(
        "   tracking error {:.3} bp ({} form); in the factor form {:.3} bp, of whose variance {:.1} % is specific",
        risk.tracking_error_bp,
        risk.form,
        risk.factor_form_bp,
        risk.specific_share * 100.0
    ));
    let mut list = table(&["factor", "active exposure", "part of variance %"], &[1, 2]);
    for factor in &risk.factors {
        list.add_row([
            factor.name.clone(),
            format!("{:+.5}", factor.exposure),
            format!("{:+.2}", factor.share * 100.0),
        ]);
    }
    output.line(list);
}

/// A counterfactual in one sentence.
pub(super) fn sentence(answer: &CounterfactualAnswer) -> String {
    let tax = answer.tax.as_ref().map_or_else(String::new, |tax| format!(" ({tax} on the day)"));
    format!(
        "{}, {} ({}): objective {:+.4} bp, tax {:+.4} bp{tax}, tracking error {:+.3} bp, {} trades differ",
        answer.question,
        answer.basis,
        answer.status,
        answer.objective_bp,
        answer.tax_bp,
        answer.tracking_error_bp,
        answer.trades.len()
    )
}

fn counterfactual(answer: &CounterfactualAnswer, output: Output) {
    output.line(format!("\nCounterfactual: {}.", sentence(answer)));
    let mut list = table(&["name", "shares then", "shares now"], &[1, 2]);
    for one in &answer.trades {
        list.add_row([one.ticker.clone(), format!("{:+.2}", one.then), format!("{:+.2}", one.now)]);
    }
    output.line(list);
}
