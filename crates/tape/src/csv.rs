//! CSV of events, of trades, or of bars.
//!
//! | header | a row |
//! |---|---|
//! | `time,kind,symbol,side,price,qty,id,last` (any order; `receive`, `source`, `sequence` may follow) | an event |
//! | `time,price,qty` (`side`, `id` may follow) | a trade |
//! | `time,open,high,low,close,volume` | a bar that begins at `time` and lasts as long as the options say |
//!
//! Times are ns UTC as integers. Prices and quantities are decimal text, a whole number of ticks and lots.

use crate::source::{Notes, Source, Symbol};
use crate::{Error, open::Options};
use samebits_executor::{Event, Instrument, Kind, Market, SessionChange, Side, mutant};
use std::collections::VecDeque;
use std::io::BufRead;

/// Longest line of a text tape, in bytes.
pub(crate) const LINE_LIMIT: u64 = 1 << 22;
/// Most columns.
const COLUMN_LIMIT: usize = 64;
/// Longest name of a symbol, in bytes; most symbols.
const NAME_LIMIT: usize = 256;
const SYMBOL_LIMIT: usize = 1 << 12;

enum Shape {
    Events,
    Trades,
    Bars,
}

/// Reads CSV.
pub struct Csv<R> {
    input: R,
    shape: Shape,
    columns: Vec<String>,
    symbols: Vec<Symbol>,
    instruments: Vec<Instrument>,
    options: Options,
    queue: VecDeque<Event>,
    line: u64,
    offset: u64,
    events: u64,
    text: String,
}

impl<R: BufRead> Csv<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// A header that is none of those above.
    pub fn new(mut input: R, options: &Options) -> Result<Self, Error> {
        let mut text = String::new();
        let length = read_line(&mut input, &mut text, 0)?;
        let columns: Vec<String> =
            text.trim_end().split(',').take(COLUMN_LIMIT + 1).map(str::to_owned).collect();
        if columns.len() > COLUMN_LIMIT {
            let (what, limit) = ("the header", COLUMN_LIMIT as u64);
            return Err(Error::TooLarge { what, offset: 0, found: limit + 1, limit });
        }
        let has = |name: &str| columns.iter().any(|column| column == name);
        let (shape, market) = if has("kind") && has("time") {
            (Shape::Events, options.market)
        } else if ["time", "open", "high", "low", "close", "volume"].into_iter().all(has) {
            (Shape::Bars, Market::Prints)
        } else if ["time", "price", "qty"].into_iter().all(has) {
            (Shape::Trades, Market::Prints)
        } else {
            let found: String = text.trim_end().chars().take(60).collect();
            return Err(Error::NotTape { expected: "CSV of events, trades or bars", found });
        };
        let symbols = match shape {
            Shape::Events => Vec::new(),
            _ => vec![Symbol::new(&options.symbol, &options.tick, &options.lot, market)],
        };
        let mut reader = Self {
            input,
            shape,
            columns,
            symbols,
            instruments: Vec::new(),
            options: options.clone(),
            queue: VecDeque::new(),
            line: 1,
            offset: length,
            events: 0,
            text,
        };
        for symbol in reader.symbols.clone() {
            let instrument = symbol.instrument().map_err(|error| reader.bad(&error.to_string()))?;
            reader.instruments.push(instrument);
        }
        Ok(reader)
    }

    fn bad(&self, problem: &str) -> Error {
        Error::BadLine {
            event: self.events,
            line: self.line,
            offset: self.offset,
            problem: problem.to_owned(),
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        let at = self.columns.iter().position(|column| column == name)?;
        self.text.trim_end_matches(['\n', '\r']).split(',').nth(at).filter(|text| !text.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, Error> {
        self.field(name).ok_or_else(|| self.bad(&format!("column `{name}` is empty")))
    }

    fn integer<T: std::str::FromStr>(&self, name: &str, text: &str) -> Result<T, Error> {
        let shown: String = text.chars().take(40).collect();
        text.parse().map_err(|_| self.bad(&format!("{name} `{shown}` is not an integer of its type")))
    }

    fn integer_or<T: std::str::FromStr>(&self, name: &str, default: T) -> Result<T, Error> {
        self.field(name).map_or(Ok(default), |text| self.integer(name, text))
    }

    fn side(&self) -> Result<Option<Side>, Error> {
        match self.field("side") {
            None => Ok(None),
            Some("buy" | "bid") => Ok(Some(Side::Buy)),
            Some("sell" | "ask") => Ok(Some(Side::Sell)),
            Some(other) => Err(self.bad(&format!("side `{other}`: expected buy, sell, bid or ask"))),
        }
    }

    /// The number of a symbol, made when it is first named.
    fn symbol(&mut self) -> Result<u16, Error> {
        let name = self.field("symbol").unwrap_or(&self.options.symbol);
        if name.len() > NAME_LIMIT {
            return Err(self.bad(&format!("a symbol of {} bytes, at most {NAME_LIMIT}", name.len())));
        }
        let name = name.to_owned();
        if let Some(at) = self.symbols.iter().position(|symbol| symbol.name == name) {
            return Ok(at as u16);
        }
        if self.symbols.len() >= SYMBOL_LIMIT {
            return Err(self.bad("more than 4,096 symbols"));
        }
        let symbol = Symbol::new(&name, &self.options.tick, &self.options.lot, self.options.market);
        let instrument = symbol.instrument().map_err(|error| self.bad(&error.to_string()))?;
        self.symbols.push(symbol);
        self.instruments.push(instrument);
        Ok((self.symbols.len() - 1) as u16)
    }

    fn price(&self, symbol: u16, name: &str) -> Result<i64, Error> {
        let text = self.needed(name)?;
        self.instruments[usize::from(symbol)].price(text).map_err(|error| self.bad(&error.to_string()))
    }

    fn qty(&self, symbol: u16, name: &str) -> Result<i64, Error> {
        let text = self.needed(name)?;
        self.instruments[usize::from(symbol)].qty(text).map_err(|error| self.bad(&error.to_string()))
    }

    fn row(&mut self) -> Result<(), Error> {
        if self.text.trim_end_matches(['\n', '\r']).split(',').count() != self.columns.len() {
            return Err(self.bad(&format!("expected {} columns", self.columns.len())));
        }
        let time: i64 = self.integer("time", self.needed("time")?)?;
        match self.shape {
            Shape::Events => self.event(time),
            Shape::Trades => {
                let event = Event {
                    price: self.price(0, "price")?,
                    qty: self.qty(0, "qty")?,
                    side: self.side()?,
                    id: self.integer_or("id", 0)?,
                    sequence: self.line,
                    ..Event::new(time, Kind::Trade)
                };
                self.checked(event)
            }
            Shape::Bars => self.bar(time),
        }
    }

    fn checked(&mut self, event: Event) -> Result<(), Error> {
        event.check().map_err(|problem| self.bad(&problem.to_string()))?;
        self.queue.push_back(event);
        Ok(())
    }

    fn event(&mut self, time: i64) -> Result<(), Error> {
        let symbol = self.symbol()?;
        let name = self.needed("kind")?;
        let kind = Kind::from_name(name).ok_or_else(|| self.bad(&format!("kind `{name}` is unknown")))?;
        let id = match kind {
            Kind::Session => {
                let name = self.needed("id")?;
                let change = SessionChange::from_name(name);
                change.ok_or_else(|| self.bad(&format!("session `{name}` is unknown")))? as u64
            }
            _ => self.integer_or("id", 0)?,
        };
        let price = if self.field("price").is_some() { self.price(symbol, "price")? } else { 0 };
        let qty = if self.field("qty").is_some() { self.qty(symbol, "qty")? } else { 0 };
        let event = Event {
            receive: self.integer_or("receive", time)?,
            price,
            qty,
            id,
            sequence: self.integer_or("sequence", self.line)?,
            symbol,
            source: self.integer_or("source", 0)?,
            side: self.side()?,
            last: self.field("last") != Some("0"),
            ..Event::new(time, kind)
        };
        self.checked(event)
    }

    /// Four rows: the open, the nearer extreme, the other one, the close, at quarters of the bar's time (`bar-path/1`).
    fn bar(&mut self, time: i64) -> Result<(), Error> {
        let [open, high, low, close] = ["open", "high", "low", "close"].map(|name| self.price(0, name));
        let (open, high, low, close) = (open?, high?, low?, close?);
        let volume = self.qty(0, "volume")?;
        if high < open.max(close) || low > open.min(close) {
            return Err(self.bad("high or low lies inside open and close"));
        }
        let up_first = mutant!("tape.bar-path", high - open < open - low, high - open >= open - low);
        let middle = if up_first {
            [(Kind::BarHigh, high), (Kind::BarLow, low)]
        } else {
            [(Kind::BarLow, low), (Kind::BarHigh, high)]
        };
        let path = [(Kind::BarOpen, open), middle[0], middle[1], (Kind::BarClose, close)];
        let last = self.options.bar_ns - 1;
        for ((kind, price), part) in path.into_iter().zip(0..) {
            let at = time.checked_add(last * part / 3).ok_or_else(|| self.bad("time is out of range"))?;
            let event =
                Event { price, qty: volume, id: self.line, sequence: self.line, ..Event::new(at, kind) };
            self.checked(event)?;
        }
        Ok(())
    }
}

impl<R: BufRead> Source for Csv<R> {
    fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                self.events += 1;
                return Ok(Some(event));
            }
            let mut text = std::mem::take(&mut self.text);
            text.clear();
            let length = read_line(&mut self.input, &mut text, self.offset)?;
            self.text = text;
            if length == 0 {
                return Ok(None);
            }
            self.line += 1;
            if !self.text.trim().is_empty() {
                self.row()?;
            }
            self.offset += length;
        }
    }

    fn notes(&self) -> Notes {
        Notes { messages: self.line - 1, ..Notes::default() }
    }

    fn format(&self) -> &'static str {
        "CSV"
    }
}

/// Reads a line of at most [`LINE_LIMIT`] bytes; gives its length with its end.
pub(crate) fn read_line(input: &mut impl BufRead, into: &mut String, offset: u64) -> Result<u64, Error> {
    let length = std::io::Read::take(&mut *input, LINE_LIMIT)
        .read_line(into)
        .map_err(Error::io("a line of text"))? as u64;
    if length == LINE_LIMIT {
        return Err(Error::TooLarge { what: "a line", offset, found: length, limit: LINE_LIMIT - 1 });
    }
    Ok(length)
}
