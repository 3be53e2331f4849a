//! The canonical text of an execution: one event a line, fixed columns, integers with a decimal gloss.

use crate::ways::NOISE;
use samebits_executor::{Engine, Instrument, Report, Side, VERSION, What};
use std::fmt::Write;

/// Whether a replay came to its end.
pub(crate) enum Stopped {
    /// It did.
    No,
    /// The tape could not be read on.
    Tape(String),
    /// An event could not be applied.
    Engine(String),
}

/// Renders what came out of an engine, without what the noise did.
pub(crate) fn render(engine: &Engine, reports: &[Report], events: usize, stopped: &Stopped) -> String {
    let mut text = String::new();
    let own = |report: &&Report| engine.strategy(report.owner) != NOISE;
    let mut count = 0_u64;
    for report in reports.iter().filter(own) {
        count += 1;
        line(&mut text, engine, report, count);
    }
    match stopped {
        Stopped::No => {}
        Stopped::Tape(problem) | Stopped::Engine(problem) => {
            push(&mut text, format_args!("stopped {problem}"));
        }
    }
    orders(&mut text, engine);
    positions(&mut text, engine);
    // An engine that has stopped has no book to speak of.
    if !matches!(stopped, Stopped::Engine(_)) {
        books(&mut text, engine);
    }
    let digest = engine.digest(|name| name != NOISE).short();
    push(&mut text, format_args!("total events={events} reports={count} digest={digest} {VERSION}"));
    text
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = text.write_fmt(line);
    text.push('\n');
}

fn gloss(instrument: Option<&Instrument>, price: i64) -> String {
    instrument.map_or_else(|| "?".to_owned(), |instrument| instrument.tick.text(price))
}

fn line(text: &mut String, engine: &Engine, report: &Report, number: u64) {
    let instrument = engine.instrument(report.symbol);
    let symbol = instrument.map_or("?", |instrument| &instrument.symbol);
    let strategy = engine.strategy(report.owner);
    let price = report.price;
    let head = format!(
        "{number:06} t={} {symbol} {strategy}.{} {} {} px={price} ({}) qty={}",
        report.time,
        report.order,
        report.what.name(),
        report.side.name(),
        gloss(instrument, price),
        report.qty
    );
    let tail = if report.what == What::Filled {
        let against =
            report.counterparty.map_or_else(String::new, |other| format!(" vs={}", engine.strategy(other)));
        format!(
            "liq={} rule={} ev={} q={}/{} fee={}{against}",
            report.liquidity.name(),
            report.rule.name(),
            report.evidence,
            report.queue.0,
            report.queue.1,
            report.fee
        )
    } else {
        format!("rule={} ev={} reason={}", report.rule.name(), report.evidence, report.reason.name())
    };
    push(text, format_args!("{head} {tail}"));
}

fn orders(text: &mut String, engine: &Engine) {
    for order in engine.orders().iter().filter(|order| order.strategy != NOISE) {
        let symbol = engine.symbol(&order.symbol).and_then(|number| engine.instrument(number));
        let average = order.average.map_or_else(|| "-".to_owned(), |price| gloss(symbol, price));
        push(
            text,
            format_args!(
                "order {} {}.{} {} {} reason={} filled={} open={} avg={}/{} ({average}) fees={}",
                order.symbol,
                order.strategy,
                order.id,
                order.side.name(),
                order.state.name(),
                order.reason.name(),
                order.filled,
                order.open,
                order.paid,
                order.filled,
                order.fees
            ),
        );
    }
}

fn positions(text: &mut String, engine: &Engine) {
    for (strategy, symbol, account) in engine.accounts().iter().filter(|account| account.0 != NOISE) {
        push(
            text,
            format_args!(
                "position {symbol} {strategy} lots={} cash={} fees={} dividends={} traded={} fills={}",
                account.position,
                account.cash,
                account.fees,
                account.dividends,
                account.traded,
                account.fills
            ),
        );
    }
}

fn books(text: &mut String, engine: &Engine) {
    for (number, symbol) in (0_u16..).zip(engine.symbols()).filter(|(_, symbol)| *symbol != NOISE) {
        let digest = engine.book_digest(number).map_or_else(String::new, |digest| digest.short());
        let top = engine.top(number);
        let side = |side: Side| {
            let at = usize::from(side == Side::Sell);
            top[at].map_or_else(|| "-".to_owned(), |(price, lots)| format!("{price}x{lots}"))
        };
        push(
            text,
            format_args!("book {symbol} bid={} ask={} digest={digest}", side(Side::Buy), side(Side::Sell)),
        );
    }
}
