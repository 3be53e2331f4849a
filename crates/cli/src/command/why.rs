//! `samebits why`

use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_replay::why::{TradeAnswer, Why, why};
use std::path::Path;

pub(crate) fn run(store: &Path, id: &str, ticker: Option<&str>, output: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let head = store.find(id)?;
    let stored = store.get(&head.run_id)?;
    let answer = why(&stored.run, ticker)?;
    output.json(&serde_json::to_value(&answer)?);
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
    for trade in &answer.trades {
        print_trade(trade, ticker.is_some() || answer.trades.len() <= 5, output);
    }
    output.line("\n2. What constraints applied?");
    output.line(super::show::rows(&stored.run));
    print_parameters(&answer, output);
    print_barred(&answer, output);
    output.line("\n3. What was the risk model that day?");
    print_risk(&answer, output);
    let name = format!("{}/{}", head.account, head.sequence);
    output.verdict(format!("{} names explained; next: samebits replay {name} --verify", answer.trades.len()));
    Ok(Exit::Same)
}

fn print_trade(trade: &TradeAnswer, full: bool, output: Output) {
    let [before, optimum, after, benchmark] = trade.weights_percent;
    output.line(format!(
        "\n{} {} {} at {} ({}, cost {}, gain {}). {}",
        trade.action,
        trade.shares,
        trade.ticker,
        trade.price,
        trade.notional,
        trade.cost,
        trade.gain,
        trade.sentence
    ));
    output.line(format!(
        "   weight {before:.3} % -> optimum {optimum:.3} % -> final {after:.3} %, benchmark {benchmark:.3} %; tracking error {:+.3} bp",
        trade.tracking_error_change_bp
    ));
    let terms: Vec<String> =
        trade.terms.iter().map(|term| format!("{} {:+.4}", term.what, term.bp)).collect();
    let terms = terms.join(", ");
    output.line(format!("   bp per 1 % traded: {terms}; sum {:+.4}", trade.terms_sum_bp));
    if trade.lots.is_empty() || (!full && trade.action == "buy") {
        return;
    }
    let header =
        ["lot", "held", "sold", "acquired", "term", "days", "to long", "gain %", "tax bp per 1 %", "why"];
    let mut lots = table(&header, &[0, 1, 2, 5, 6, 7, 8]);
    for lot in trade.lots.iter().filter(|lot| full || lot.sold != "0") {
        lots.add_row([
            lot.lot.to_string(),
            lot.held.clone(),
            lot.sold.clone(),
            lot.acquired.clone(),
            lot.term.to_owned(),
            lot.held_days.to_string(),
            lot.days_to_long_term.to_string(),
            format!("{:.2}", lot.gain_percent),
            format!("{:.3}", lot.tax_bp),
            lot.reason.clone(),
        ]);
    }
    output.line(lots);
}

fn print_parameters(answer: &Why, output: Output) {
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

fn print_barred(answer: &Why, output: Output) {
    if answer.barred.is_empty() {
        return;
    }
    let mut list = table(&["not bought", "why", "price, bp per 1 %"], &[2]);
    for barred in &answer.barred {
        list.add_row([barred.ticker.clone(), barred.why.clone(), format!("{:.4}", barred.price_bp)]);
    }
    output.line(list);
}

fn print_risk(answer: &Why, output: Output) {
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
