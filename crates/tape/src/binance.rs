//! Captured Binance streams: one message a line, `<local receive ns> <JSON>`.
//!
//! A book begins with a snapshot line (`lastUpdateId`, no `stream`). Updates received before it are held back; those that
//! the snapshot covers are dropped, the others are applied after it. Spot updates follow each other by `U` = previous
//! `u` + 1, futures by `pu` = previous `u`. A file without a snapshot continues the book of the file before it.

use crate::Error;
use crate::csv::read_line;
use crate::open::Options;
use crate::source::{Notes, Source, Symbol};
use samebits_executor::{Event, Instrument, Kind, Market, Side, mutant};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::io::BufRead;

/// Most updates held back until a snapshot comes, and most rows of them.
const HELD_LIMIT: usize = 50_000;
const HELD_ROWS_LIMIT: usize = 1 << 20;
const MS: i64 = 1_000_000;
/// Numbers of the feeds: trades of one instant come before the sizes that they left.
const TRADES: u16 = 0;
const DEPTH: u16 = 1;
const TOPS: u16 = 2;

#[derive(Deserialize)]
struct Combined<'a> {
    #[serde(borrow)]
    stream: Option<&'a str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(rename = "lastUpdateId")]
    last_update: Option<u64>,
    #[serde(borrow, default)]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(borrow, default)]
    asks: Vec<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(rename = "E")]
    event_ms: i64,
    #[serde(rename = "T")]
    transaction_ms: Option<i64>,
    #[serde(rename = "U")]
    first: u64,
    #[serde(rename = "u")]
    last: u64,
    #[serde(rename = "pu")]
    previous: Option<u64>,
    #[serde(rename = "b", borrow)]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(rename = "a", borrow)]
    asks: Vec<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
struct Trade<'a> {
    #[serde(rename = "T")]
    time_ms: i64,
    #[serde(rename = "t")]
    id: u64,
    #[serde(rename = "p")]
    price: &'a str,
    #[serde(rename = "q")]
    qty: &'a str,
    #[serde(rename = "m")]
    buyer_is_maker: bool,
}

#[derive(Deserialize)]
struct Top<'a> {
    #[serde(rename = "T")]
    time_ms: Option<i64>,
    #[serde(rename = "u")]
    update: u64,
    #[serde(rename = "b")]
    bid: &'a str,
    #[serde(rename = "B")]
    bid_qty: &'a str,
    #[serde(rename = "a")]
    ask: &'a str,
    #[serde(rename = "A")]
    ask_qty: &'a str,
}

struct Update {
    first: u64,
    last: u64,
    previous: Option<u64>,
    events: Vec<Event>,
}

/// Reads captured lines, file after file.
pub struct Binance<R> {
    inputs: VecDeque<R>,
    options: Options,
    symbols: Vec<Symbol>,
    instrument: Option<Instrument>,
    queue: VecDeque<Event>,
    held: VecDeque<Update>,
    /// Rows of these.
    held_rows: usize,
    /// Last update applied, once there is a book.
    applied: Option<u64>,
    latest: i64,
    notes: Notes,
    line: u64,
    offset: u64,
    events: u64,
    ended: bool,
}

impl<R: BufRead> Binance<R> {
    /// Reads these inputs as one stream.
    pub fn new(inputs: impl IntoIterator<Item = R>, options: &Options) -> Self {
        Self {
            inputs: inputs.into_iter().collect(),
            options: options.clone(),
            symbols: Vec::new(),
            instrument: None,
            queue: VecDeque::new(),
            held: VecDeque::new(),
            held_rows: 0,
            applied: None,
            latest: 0,
            notes: Notes::default(),
            line: 0,
            offset: 0,
            events: 0,
            ended: false,
        }
    }

    fn bad(&self, problem: &str) -> Error {
        Error::BadLine {
            event: self.events,
            line: self.line,
            offset: self.offset,
            problem: problem.to_owned(),
        }
    }

    /// Takes one line.
    fn take(&mut self, text: &str) -> Result<(), Error> {
        let Some((receive, json)) = text.split_once(' ') else {
            return Err(self.bad("expected a receive time, a space and JSON"));
        };
        let receive: i64 = receive.parse().map_err(|_| self.bad("the receive time is not an integer"))?;
        let combined: Combined<'_> =
            serde_json::from_str(json).map_err(|error| self.bad(&error.to_string()))?;
        match (combined.stream, combined.data, combined.last_update) {
            (Some(stream), Some(data), _) => {
                let (name, feed) = stream.split_once('@').ok_or_else(|| self.bad("a stream without `@`"))?;
                self.name(name)?;
                match feed.split('@').next() {
                    Some("depth") => self.depth(receive, data.get()),
                    Some("trade" | "aggTrade") => self.trade(receive, data.get()),
                    Some("bookTicker") if self.options.tops => self.top(receive, data.get()),
                    _ => {
                        self.notes.skipped += 1;
                        Ok(())
                    }
                }
            }
            (_, _, Some(id)) => self.snapshot(receive, id, &combined),
            _ => Err(self.bad("neither a stream nor a snapshot")),
        }
    }

    /// Learns the symbol; a capture has one.
    fn name(&mut self, name: &str) -> Result<(), Error> {
        let name = name.to_uppercase();
        if let Some(symbol) = self.symbols.first() {
            return if symbol.name == name {
                Ok(())
            } else {
                Err(self.bad("a second symbol in one capture"))
            };
        }
        let coin = name.contains("_PERP");
        let (tick, lot) = match (self.options.steps_given, coin) {
            (true, _) => (self.options.tick.as_str(), self.options.lot.as_str()),
            (false, true) => ("0.1", "1"),
            (false, false) => ("0.01", "0.00000001"),
        };
        let symbol = Symbol::new(&name, tick, lot, Market::Levels);
        self.instrument = Some(symbol.instrument().map_err(|error| self.bad(&error.to_string()))?);
        self.symbols.push(symbol);
        Ok(())
    }

    fn row(&self, kind: Kind, side: Option<Side>, (price, qty): (&str, &str)) -> Result<Event, Error> {
        let Some(instrument) = &self.instrument else { return Err(self.bad("prices before any symbol")) };
        let price = instrument.price(price).map_err(|error| self.bad(&error.to_string()))?;
        let qty = instrument.qty(qty).map_err(|error| self.bad(&error.to_string()))?;
        let event = Event { price, qty, side, sequence: self.line, ..Event::new(0, kind) };
        event.check().map_err(|problem| self.bad(&problem.to_string()))?;
        Ok(event)
    }

    fn levels(
        &self,
        bids: &[(&str, &str)],
        asks: &[(&str, &str)],
        (venue, receive): (i64, i64),
    ) -> Result<Vec<Event>, Error> {
        let mut all = Vec::with_capacity(bids.len() + asks.len());
        for (side, levels) in [(Side::Buy, bids), (Side::Sell, asks)] {
            for level in levels {
                let event = self.row(Kind::Level, Some(side), *level)?;
                all.push(Event { venue, receive, source: DEPTH, last: false, ..event });
            }
        }
        Ok(all)
    }

    fn depth(&mut self, receive: i64, json: &str) -> Result<(), Error> {
        let depth: Depth<'_> = serde_json::from_str(json).map_err(|error| self.bad(&error.to_string()))?;
        let venue = self.venue(depth.transaction_ms.unwrap_or(depth.event_ms))?;
        let events = self.levels(&depth.bids, &depth.asks, (venue, receive))?;
        let update = Update { first: depth.first, last: depth.last, previous: depth.previous, events };
        if self.applied.is_some() {
            return self.chain(update);
        }
        if self.held.len() >= HELD_LIMIT {
            return Err(self.bad(&format!("{HELD_LIMIT} updates and no snapshot")));
        }
        self.held_rows += update.events.len();
        if self.held_rows > HELD_ROWS_LIMIT {
            return Err(self.bad(&format!("{HELD_ROWS_LIMIT} rows of updates and no snapshot")));
        }
        mutant!("join.buffer-dropped", self.held.push_back(update), drop(update));
        Ok(())
    }

    /// Applies an update if its ids follow.
    fn chain(&mut self, update: Update) -> Result<(), Error> {
        let applied = self.applied.unwrap_or(0);
        if update.last <= applied {
            self.notes.overlaps += 1;
            return if self.options.strict {
                Err(self
                    .bad(&format!("update {}..{} repeats ids up to {applied}", update.first, update.last)))
            } else {
                Ok(())
            };
        }
        let follows = match update.previous {
            Some(previous) => {
                mutant!(
                    "join.futures-by-first",
                    previous == applied,
                    update.first == applied.saturating_add(1)
                )
            }
            None => {
                mutant!("join.gap-of-one", update.first <= applied.saturating_add(1), update.first <= applied)
            }
        };
        if !follows {
            self.notes.gaps += 1;
            if self.options.strict {
                return Err(
                    self.bad(&format!("update {}..{} does not follow {applied}", update.first, update.last))
                );
            }
        }
        self.applied = Some(update.last);
        self.emit(update.events);
        Ok(())
    }

    fn emit(&mut self, mut events: Vec<Event>) {
        if let Some(last) = events.last_mut() {
            last.last = true;
        }
        self.queue.extend(events);
    }

    fn snapshot(&mut self, receive: i64, id: u64, lines: &Combined<'_>) -> Result<(), Error> {
        // The instant of a snapshot is not stated: it is not before anything seen, nor after what is to be applied.
        let venue = self
            .held
            .iter()
            .filter_map(|update| update.events.first())
            .fold(self.latest, |latest, event| if event.venue < latest { latest } else { event.venue });
        let begin = Event {
            receive,
            sequence: self.line,
            source: DEPTH,
            last: false,
            ..Event::new(venue, Kind::Snapshot)
        };
        let mut events = vec![begin];
        events.extend(self.levels(&lines.bids, &lines.asks, (venue, receive))?);
        self.emit(events);
        self.applied = Some(id);
        let mut first = true;
        self.held_rows = 0;
        for mut update in std::mem::take(&mut self.held) {
            if update.last <= mutant!("join.snapshot-id-late", id, id.saturating_add(1_000)) {
                self.notes.superseded += 1;
                continue;
            }
            // The first one may begin before the snapshot; it needs only to reach it.
            if std::mem::take(&mut first) && update.first <= id.saturating_add(1) {
                update.previous = None;
            }
            for event in &mut update.events {
                event.venue = if event.venue < venue { venue } else { event.venue };
                event.sequence = self.line;
            }
            self.chain(update)?;
        }
        Ok(())
    }

    fn trade(&mut self, receive: i64, json: &str) -> Result<(), Error> {
        let trade: Trade<'_> = serde_json::from_str(json).map_err(|error| self.bad(&error.to_string()))?;
        let side = if trade.buyer_is_maker { Side::Sell } else { Side::Buy };
        let venue = self.venue(trade.time_ms)?;
        let event = self.row(Kind::Trade, Some(side), (trade.price, trade.qty))?;
        self.queue.push_back(Event { venue, receive, id: trade.id, source: TRADES, ..event });
        Ok(())
    }

    fn top(&mut self, receive: i64, json: &str) -> Result<(), Error> {
        let top: Top<'_> = serde_json::from_str(json).map_err(|error| self.bad(&error.to_string()))?;
        if self.applied.is_none_or(|applied| top.update <= applied) {
            self.notes.superseded += 1;
            return Ok(());
        }
        let venue = top.time_ms.map_or(Ok(self.latest), |ms| self.venue(ms))?;
        for (side, level, last) in
            [(Side::Buy, (top.bid, top.bid_qty), false), (Side::Sell, (top.ask, top.ask_qty), true)]
        {
            let event = self.row(Kind::Top, Some(side), level)?;
            self.queue.push_back(Event { venue, receive, source: TOPS, last, ..event });
        }
        Ok(())
    }

    fn venue(&mut self, ms: i64) -> Result<i64, Error> {
        let venue = ms.checked_mul(MS).ok_or_else(|| self.bad("a time out of range"))?;
        self.latest = if venue > self.latest { venue } else { self.latest };
        Ok(venue)
    }
}

impl<R: BufRead> Source for Binance<R> {
    fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        let mut text = String::new();
        loop {
            if let Some(event) = self.queue.pop_front() {
                self.events += 1;
                return Ok(Some(event));
            }
            let Some(input) = self.inputs.front_mut() else {
                if !std::mem::replace(&mut self.ended, true) {
                    self.notes.unanchored = self.held.len() as u64;
                }
                return Ok(None);
            };
            text.clear();
            let length = read_line(input, &mut text, self.offset)?;
            if length == 0 {
                self.inputs.pop_front();
                continue;
            }
            self.line += 1;
            self.notes.messages += 1;
            let line = text.trim_end();
            if !line.is_empty() {
                self.take(line)?;
            }
            self.offset += length;
        }
    }

    fn notes(&self) -> Notes {
        self.notes
    }

    fn format(&self) -> &'static str {
        "captured Binance lines"
    }
}
