//! NASDAQ TotalView-ITCH 5.0: every order of every stock.
//!
//! Each message is preceded by two bytes, its length or zero, depending on who wrote the file; lengths are taken from the
//! type of message. Prices have four decimals; times are ns since midnight.

use crate::Error;
use crate::open::Options;
use crate::source::{Notes, Source, Symbol};
use samebits_executor::{Event, Kind, Market, SessionChange, Side};
use std::collections::{BTreeMap, VecDeque};
use std::io::BufRead;

/// Bytes of the longest message.
const LONGEST: usize = 50;

/// Bytes of a message by its type.
#[allow(clippy::match_same_arms, reason = "in the order of the specification")]
const fn length(kind: u8) -> Option<usize> {
    Some(match kind {
        b'S' => 12,
        b'R' => 39,
        b'H' => 25,
        b'Y' => 20,
        b'L' => 26,
        b'V' | b'U' => 35,
        b'W' => 12,
        b'K' => 28,
        b'J' => 35,
        b'h' => 21,
        b'A' | b'C' => 36,
        b'F' | b'Q' => 40,
        b'E' => 31,
        b'X' => 23,
        b'D' | b'B' => 19,
        b'P' => 44,
        b'I' => 50,
        b'N' => 20,
        b'O' => 48,
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy)]
struct Live {
    side: Side,
    symbol: u16,
    left: i64,
}

/// Reads ITCH messages.
pub struct Itch<R> {
    input: R,
    midnight: i64,
    symbols: Vec<Symbol>,
    /// Stock numbers, to symbols.
    stocks: BTreeMap<u16, u16>,
    live: BTreeMap<u64, Live>,
    queue: VecDeque<Event>,
    notes: Notes,
    offset: u64,
    events: u64,
    done: bool,
}

impl<R: BufRead> Itch<R> {
    /// Reads messages from here.
    pub fn new(input: R, options: &Options) -> Self {
        Self {
            input,
            midnight: options.midnight_ns,
            symbols: Vec::new(),
            stocks: BTreeMap::new(),
            live: BTreeMap::new(),
            queue: VecDeque::new(),
            notes: Notes::default(),
            offset: 0,
            events: 0,
            done: false,
        }
    }

    fn bad(&self, problem: String) -> Error {
        Error::BadLine { event: self.events, line: self.notes.messages, offset: self.offset, problem }
    }

    /// Reads one message; `false` at the end.
    fn message(&mut self) -> Result<bool, Error> {
        let mut frame = [0; 3];
        let what = "an ITCH message";
        let first = self.input.read(&mut frame[..1]).map_err(Error::io(what))?;
        if first == 0 {
            return Ok(false);
        }
        let cut = |_| Error::Truncated { what, offset: self.offset };
        self.input.read_exact(&mut frame[1..]).map_err(cut)?;
        let kind = frame[2];
        self.notes.messages += 1;
        let Some(length) = length(kind) else {
            return Err(self.bad(format!(
                "message type {:?} is unknown",
                char::from(kind).escape_default().to_string()
            )));
        };
        let stated = usize::from(frame[0]) << 8 | usize::from(frame[1]);
        if stated != 0 && stated != length {
            return Err(
                self.bad(format!("the frame says {stated} bytes, a message of its type has {length}"))
            );
        }
        let mut bytes = [0; LONGEST];
        bytes[0] = kind;
        self.input.read_exact(&mut bytes[1..length]).map_err(cut)?;
        self.act(kind, &bytes)?;
        self.offset += 2 + length as u64;
        Ok(true)
    }

    fn act(&mut self, kind: u8, bytes: &[u8; LONGEST]) -> Result<(), Error> {
        let stock = number(bytes, 1, 2) as u16;
        let time = self.midnight.saturating_add(number(bytes, 5, 6) as i64);
        let event = |kind| Event { sequence: self.notes.messages, ..Event::new(time, kind) };
        match kind {
            b'R' => {
                let name: String = bytes[11..19].iter().map(|byte| char::from(*byte)).collect();
                if !self.stocks.contains_key(&stock) {
                    self.stocks.insert(stock, self.symbols.len() as u16);
                    self.symbols.push(Symbol::new(name.trim(), "0.0001", "1", Market::Orders));
                }
            }
            b'A' | b'F' => self.add(stock, bytes, event(Kind::Add))?,
            b'E' | b'C' => {
                let qty = number(bytes, 19, 4) as i64;
                self.reduce(number(bytes, 11, 8), qty, event(Kind::Fill))?;
            }
            b'X' => {
                let qty = number(bytes, 19, 4) as i64;
                self.reduce(number(bytes, 11, 8), qty, event(Kind::Cancel))?;
            }
            b'D' => self.reduce(number(bytes, 11, 8), 0, event(Kind::Cancel))?,
            b'U' => {
                let (old, new) = (number(bytes, 11, 8), number(bytes, 19, 8));
                let Some(live) = self.live.remove(&old) else {
                    self.notes.unknown_orders += 1;
                    return Ok(());
                };
                let cancel = Event { id: old, symbol: live.symbol, last: false, ..event(Kind::Cancel) };
                let add = Event {
                    id: new,
                    symbol: live.symbol,
                    side: Some(live.side),
                    qty: number(bytes, 27, 4) as i64,
                    price: number(bytes, 31, 4) as i64,
                    ..event(Kind::Add)
                };
                self.live.insert(new, Live { left: add.qty, ..live });
                self.checked(cancel)?;
                self.checked(add)?;
            }
            b'P' => {
                let symbol = self.symbol(stock)?;
                let qty = number(bytes, 20, 4) as i64;
                let price = number(bytes, 32, 4) as i64;
                // Since 2014 the side of a hidden order's trade is always given as buy: it says nothing.
                self.checked(Event { symbol, qty, price, ..event(Kind::Trade) })?;
            }
            b'S' => self.system(bytes[11], event(Kind::Session))?,
            b'H' => {
                let change = match bytes[19] {
                    b'H' | b'P' => SessionChange::Halt,
                    b'T' => SessionChange::Resume,
                    _ => {
                        self.notes.skipped += 1;
                        return Ok(());
                    }
                };
                let symbol = self.symbol(stock)?;
                self.checked(Event { symbol, id: change as u64, ..event(Kind::Session) })?;
            }
            _ => self.notes.skipped += 1,
        }
        Ok(())
    }

    fn symbol(&self, stock: u16) -> Result<u16, Error> {
        self.stocks
            .get(&stock)
            .copied()
            .ok_or_else(|| self.bad(format!("stock number {stock} has no directory entry")))
    }

    fn checked(&mut self, event: Event) -> Result<(), Error> {
        event.check().map_err(|problem| self.bad(problem.to_string()))?;
        self.queue.push_back(event);
        Ok(())
    }

    fn add(&mut self, stock: u16, bytes: &[u8], event: Event) -> Result<(), Error> {
        let side = match bytes[19] {
            b'B' => Side::Buy,
            b'S' => Side::Sell,
            other => return Err(self.bad(format!("side {other}: expected B or S"))),
        };
        let symbol = self.symbol(stock)?;
        let id = number(bytes, 11, 8);
        let (qty, price) = (number(bytes, 20, 4) as i64, number(bytes, 32, 4) as i64);
        self.checked(Event { id, symbol, qty, price, side: Some(side), ..event })?;
        self.live.insert(id, Live { side, symbol, left: qty });
        Ok(())
    }

    /// A fill or cancel of an order; 0 lots are all of it.
    fn reduce(&mut self, id: u64, qty: i64, event: Event) -> Result<(), Error> {
        let Some(live) = self.live.get_mut(&id) else {
            self.notes.unknown_orders += 1;
            return Ok(());
        };
        let (symbol, side) = (live.symbol, live.side);
        live.left -= qty;
        if qty == 0 || live.left <= 0 {
            self.live.remove(&id);
        }
        self.checked(Event { id, symbol, qty, side: Some(side), ..event })
    }

    /// Start and end of market hours open and close every stock.
    fn system(&mut self, code: u8, event: Event) -> Result<(), Error> {
        let change = match code {
            b'Q' => SessionChange::Open,
            b'M' => SessionChange::Close,
            _ => {
                self.notes.skipped += 1;
                return Ok(());
            }
        };
        for symbol in 0..self.symbols.len() as u16 {
            self.checked(Event { symbol, id: change as u64, ..event })?;
        }
        Ok(())
    }
}

/// A big-endian number of `length` bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes.iter().skip(at).take(length).fold(0, |value, byte| value << 8 | u64::from(*byte))
}

impl<R: BufRead> Source for Itch<R> {
    fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                self.events += 1;
                return Ok(Some(event));
            }
            if self.done {
                return Ok(None);
            }
            self.done = !self.message()?;
        }
    }

    fn notes(&self) -> Notes {
        self.notes
    }

    fn format(&self) -> &'static str {
        "ITCH 5.0"
    }
}
