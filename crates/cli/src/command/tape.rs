//! `samebits tape info|convert|check`

use crate::arguments::{TapeCommand, TapeInput};
use crate::exit::Exit;
use crate::output::{Output, table};
use anyhow::{Context, bail};
use samebits_executor::{Market, Step};
use samebits_present::utc;
use samebits_tape::{Checked, Options, Source, SymbolCheck, Tape, Writer};
use samebits_tape_import::open;
use serde_json::json;
use std::io::BufReader;
use std::path::Path;

pub(crate) fn run(command: &TapeCommand, output: Output) -> anyhow::Result<Exit> {
    match command {
        TapeCommand::Info(input) => info(input, output),
        TapeCommand::Convert { input, output: file } => convert(input, file, output),
        TapeCommand::Check(input) => check(input, output),
    }
}

/// What the arguments say of files that do not say it themselves.
pub(crate) fn options(input: &TapeInput) -> anyhow::Result<Options> {
    let default = Options::default();
    let midnight = match input.date {
        Some(date) => i64::from(date.days()) * 86_400_000_000_000,
        None => 0,
    };
    let Some(market) = Market::from_name(&input.market) else {
        bail!("market `{}`: expected prints, levels or orders", input.market);
    };
    Ok(Options {
        symbol: input.symbol.clone().unwrap_or(default.symbol),
        steps_given: input.tick.is_some() || input.lot.is_some(),
        tick: input.tick.clone().unwrap_or(default.tick),
        lot: input.lot.clone().unwrap_or(default.lot),
        market,
        bar_ns: i64::from(input.bar_seconds) * 1_000_000_000,
        midnight_ns: midnight,
        tops: input.tops,
        strict: input.strict,
        window_ns: default.window_ns,
    })
}

fn source(input: &TapeInput) -> anyhow::Result<Box<dyn Source>> {
    Ok(open(&input.files, &options(input)?)?)
}

fn info(input: &TapeInput, output: Output) -> anyhow::Result<Exit> {
    let mut source = source(input)?;
    let (mut events, mut span) = (0_u64, None);
    let mut kinds = std::collections::BTreeMap::new();
    while let Some(event) = source.next_event()? {
        events += 1;
        *kinds.entry(event.kind.name()).or_insert(0_u64) += 1;
        span = Some((span.map_or(event.venue, |(first, _)| first), event.venue));
    }
    let notes = source.notes();
    let origin = match input.files.as_slice() {
        [file] if source.format() == "samebits tape" => {
            let tape = Tape::open(BufReader::new(std::fs::File::open(file)?))?;
            Some((tape.origin().to_owned(), tape.blocks()))
        }
        _ => None,
    };
    output.json(&json!({
        "format": source.format(), "events": events, "kinds": kinds, "messages": notes.messages,
        "skipped": notes.skipped, "first_ns": span.map(|span| span.0), "last_ns": span.map(|span| span.1),
        "symbols": source.symbols(), "origin": origin.as_ref().map(|origin| &origin.0),
        "blocks": origin.as_ref().map(|origin| origin.1),
    }));
    output.line(format!(
        "{}, {} messages, {} of them skipped",
        source.format(),
        notes.messages,
        notes.skipped
    ));
    if let Some((origin, blocks)) = origin {
        output.line(format!("made from {origin}, {blocks} blocks"));
    }
    if let Some((first, last)) = span {
        output.line(format!("from {} to {}", utc(first), utc(last)));
    }
    for symbol in source.symbols() {
        output.line(format!("{}: tick {}, lot {}, {}", symbol.name, symbol.tick, symbol.lot, symbol.market));
    }
    for (kind, count) in kinds {
        output.line(format!("{count:>12} {kind}"));
    }
    output.verdict(format!("{events} events"));
    Ok(Exit::Same)
}

fn convert(input: &TapeInput, file: &Path, output: Output) -> anyhow::Result<Exit> {
    if file.exists() {
        bail!("{} exists already; it is not overwritten", file.display());
    }
    // The symbols of a text are complete at its end, and they stand at the beginning of a tape: read twice.
    let symbols = {
        let mut source = source(input)?;
        while source.next_event()?.is_some() {}
        source.symbols().to_vec()
    };
    let mut source = source(input)?;
    let names: Vec<String> = input.files.iter().map(|file| base_name(file)).collect();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let part = tempfile::NamedTempFile::new_in(folder).with_context(|| folder.display().to_string())?;
    let mut writer = Writer::new(std::io::BufWriter::new(part.as_file()), &symbols, &names.join(", "))?;
    while let Some(event) = source.next_event()? {
        writer.push(&event)?;
    }
    let (events, bytes) = writer.finish()?;
    part.persist_noclobber(file).with_context(|| file.display().to_string())?;
    output.json(&json!({ "events": events, "bytes": bytes, "file": file }));
    output.verdict(format!("{}: {events} events, {bytes} bytes", file.display()));
    Ok(Exit::Same)
}

fn base_name(file: &Path) -> String {
    file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn check(input: &TapeInput, output: Output) -> anyhow::Result<Exit> {
    let mut source = source(input)?;
    let checked = samebits_tape::check(source.as_mut())?;
    output.json(&to_json(&checked));
    let notes = checked.notes;
    output.line(format!("{}: {} events from {} messages", checked.format, checked.events, notes.messages));
    output.line(format!(
        "ids: {} gaps, {} overlaps, {} superseded by a snapshot, {} before any snapshot, {} unknown orders",
        notes.gaps, notes.overlaps, notes.superseded, notes.unanchored, notes.unknown_orders
    ));
    output.line(format!(
        "clocks: {} events received before the venue made them, by at most {} ms",
        checked.early,
        checked.skew / 1_000_000
    ));
    let header = [
        "symbol",
        "events",
        "trades",
        "book states",
        "crossed",
        "unknown",
        "double",
        "too much",
        "fills",
        "off the front",
        "explained",
        "levels",
        "bid",
        "ask",
    ];
    let mut list = table(&header, &(1..11).collect::<Vec<_>>());
    for symbol in &checked.symbols {
        let [bid, ask] =
            symbol.top.map(|top| top.map_or_else(|| "-".to_owned(), |(price, _)| tick_text(symbol, price)));
        list.add_row([
            symbol.symbol.name.clone(),
            symbol.events.to_string(),
            symbol.trades.to_string(),
            symbol.states.to_string(),
            symbol.crossed.to_string(),
            symbol.unknown_orders.to_string(),
            symbol.duplicate_orders.to_string(),
            symbol.too_much.to_string(),
            symbol.fills.to_string(),
            symbol.missed_front.to_string(),
            symbol.missed_front_explained.to_string(),
            format!("{} / {}", symbol.levels[0], symbol.levels[1]),
            bid,
            ask,
        ]);
    }
    output.line(list);
    if checked.events == 0 {
        output.verdict("NOTHING: no event could be read");
        return Ok(Exit::Nothing);
    }
    if checked.is_consistent() {
        output.verdict("CONSISTENT: the tape describes a book at every event");
        Ok(Exit::Same)
    } else {
        output.verdict("INCONSISTENT: the tape does not describe a book; the counts above say where");
        Ok(Exit::Diverged)
    }
}

fn tick_text(symbol: &SymbolCheck, price: i64) -> String {
    Step::parse(&symbol.symbol.tick).map_or_else(|_| price.to_string(), |tick| tick.text(price))
}

fn to_json(checked: &Checked) -> serde_json::Value {
    let notes = checked.notes;
    let symbols: Vec<_> = checked
        .symbols
        .iter()
        .map(|symbol| {
            let top = symbol.top.map(|top| top.map(|(price, lots)| json!({ "price": tick_text(symbol, price), "lots": lots })));
            json!({
                "symbol": symbol.symbol, "events": symbol.events, "trades": symbol.trades, "states": symbol.states,
                "crossed": symbol.crossed, "unknown_orders": symbol.unknown_orders,
                "duplicate_orders": symbol.duplicate_orders, "too_much": symbol.too_much, "fills": symbol.fills,
                "missed_front": symbol.missed_front, "missed_front_explained": symbol.missed_front_explained,
                "levels": symbol.levels, "bid": top[0], "ask": top[1],
            })
        })
        .collect();
    json!({
        "format": checked.format, "events": checked.events, "consistent": checked.is_consistent(),
        "messages": notes.messages, "skipped": notes.skipped, "gaps": notes.gaps, "overlaps": notes.overlaps,
        "superseded": notes.superseded, "unanchored": notes.unanchored, "unknown_orders": notes.unknown_orders,
        "early": checked.early, "skew_ns": checked.skew, "symbols": symbols,
    })
}
