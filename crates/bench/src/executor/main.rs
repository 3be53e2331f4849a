//! Throughput of the matcher, the executor and the tape, in one thread; `cargo xtask bench-executor [--peers]`.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the top of a program: it prints, and reads the clock"
)]

#[cfg(feature = "peers")]
mod peers;
mod work;

use anyhow::Result;
use clap::Parser;
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use samebits_executor::{Crossed, Discard, Engine, Event, Instrument, Market, Matcher, Rules, run};
use samebits_tape::{Options, Tape, Writer, open};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Instant;
use work::Resting;

#[derive(Parser)]
struct Arguments {
    /// Repetitions; the median counts
    #[arg(long, default_value_t = 7)]
    repeat: usize,
    /// Also run matching engines of others
    #[arg(long)]
    peers: bool,
    /// Write the rows as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One row of the table.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) who: String,
    pub(crate) operations: usize,
    /// Nanoseconds of one repetition.
    pub(crate) ns: f64,
    /// What came out, so that two rows can be told to have done the same.
    pub(crate) check: String,
}

/// Median nanoseconds of `repeat` runs; what is prepared is not counted.
pub(crate) fn median<T>(
    repeat: usize,
    mut prepare: impl FnMut() -> T,
    mut work: impl FnMut(T) -> String,
) -> (f64, String) {
    let mut times = Vec::with_capacity(repeat);
    let mut check = String::new();
    for _ in 0..repeat.max(1) {
        let prepared = prepare();
        let begun = Instant::now();
        check = work(prepared);
        times.push(begun.elapsed().as_nanos() as f64);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], check)
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let repeat = arguments.repeat;
    let mut rows = vec![crossing(repeat), mixed(repeat)];
    #[cfg(feature = "peers")]
    if arguments.peers {
        rows.extend(peers::matching(repeat));
    }
    let tape = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tapes");
    let paths = ["20240808", "20240809"].map(|day| tape.join(format!("binance_coinm_btcusd_perp_{day}.gz")));
    let mut source = open(&paths, &Options::default())?;
    let events = source.read_all()?;
    for resting in [0, 100, 1_000] {
        rows.push(levels(repeat, &events, resting));
    }
    #[cfg(feature = "peers")]
    if arguments.peers {
        rows.extend([0, 100].map(|resting| peers::backtest(repeat, &events, resting)));
    }
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, source.symbols(), "bench")?;
    for event in &events {
        writer.push(event)?;
    }
    writer.finish()?;
    rows.push(decode(repeat, &bytes, events.len()));
    print(&rows);
    println!("tape: {:.2} bytes an event", bytes.len() as f64 / events.len() as f64);
    if let Some(file) = &arguments.json {
        let list: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "what": row.what, "who": row.who, "operations": row.operations,
                    "ns_each": row.ns / row.operations as f64, "check": row.check,
                })
            })
            .collect();
        std::fs::write(file, serde_json::to_string_pretty(&list)?)?;
    }
    Ok(())
}

/// Two million limit orders within 50 ticks of one price.
fn crossing(repeat: usize) -> Row {
    let orders = work::crossing();
    let (ns, check) = median(
        repeat,
        || Matcher::with_capacity(1 << 20),
        |mut matcher| {
            for order in &orders {
                let _ = matcher.limit(order.id, order.side, order.price, order.qty);
            }
            format!("{} trades, {} lots, {}", matcher.trades(), matcher.volume(), matcher.digest().short())
        },
    );
    Row {
        what: "2 M limit orders".into(),
        who: "samebits, digest".into(),
        operations: orders.len(),
        ns,
        check,
    }
}

/// Five million operations: 48 % add, 46 % cancel, 6 % take.
fn mixed(repeat: usize) -> Row {
    let steps = work::mixed();
    let (ns, check) = median(
        repeat,
        || Matcher::with_capacity(1 << 20),
        |mut matcher| {
            for step in &steps {
                match step {
                    work::Step::Limit(order) => {
                        let _ = matcher.limit(order.id, order.side, order.price, order.qty);
                    }
                    work::Step::Cancel(id) => {
                        let _ = matcher.cancel(*id);
                    }
                }
            }
            format!("{} trades, {}", matcher.trades(), matcher.digest().short())
        },
    );
    Row {
        what: "5 M add, cancel, take".into(),
        who: "samebits, digest".into(),
        operations: steps.len(),
        ns,
        check,
    }
}

/// The whole executor on a captured book.
fn levels(repeat: usize, events: &[Event], resting: i64) -> Row {
    let prepare = || {
        let mut rules = Rules::new(Market::Levels);
        rules.crossed = Crossed::Error;
        Engine::new(vec![(Instrument::new("BTCUSD_PERP"), rules)], vec![Box::new(Resting::new(resting))])
    };
    let (ns, check) = median(repeat, prepare, |mut engine| {
        let result = run(&mut engine, events, &mut Discard);
        format!("{result:?} {}", engine.digest(|_| true).short())
    });
    Row {
        what: format!("captured book, {resting} resting"),
        who: "samebits, whole executor".into(),
        operations: events.len(),
        ns,
        check,
    }
}

fn decode(repeat: usize, bytes: &[u8], events: usize) -> Row {
    let (ns, check) = median(
        repeat,
        || (),
        |()| {
            let Ok(mut tape) = Tape::open(Cursor::new(bytes)) else { return "unreadable".into() };
            let (mut block, mut count, mut sum) = (Vec::new(), 0, 0_i64);
            for number in 0..tape.blocks() {
                if tape.block(number, &mut block).is_err() {
                    return "unreadable".into();
                }
                count += block.len();
                sum = block.iter().fold(sum, |sum, event| sum.wrapping_add(event.price));
            }
            format!("{count} events, {sum:x}")
        },
    );
    Row { what: "tape decode".into(), who: "samebits, checksums".into(), operations: events, ns, check }
}

fn print(rows: &[Row]) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "what",
        "who",
        "ns each",
        "million/s",
        "what came out",
    ]);
    for column in [2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in rows {
        let each = row.ns / row.operations as f64;
        table.add_row([
            row.what.clone(),
            row.who.clone(),
            format!("{each:.1}"),
            format!("{:.1}", 1e3 / each),
            row.check.clone(),
        ]);
    }
    println!("{table}");
}
