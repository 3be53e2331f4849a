//! Where events come from.

use crate::Error;
use samebits_executor::{Event, Instrument, Market, Step, TextError};
use serde::{Deserialize, Serialize};

/// A symbol of a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// Price of a tick, as decimal text.
    pub tick: String,
    /// Size of a lot, as decimal text.
    pub lot: String,
    /// What kind of market data it has: `prints`, `levels` or `orders`.
    pub market: String,
}

impl Symbol {
    /// A symbol.
    pub fn new(name: &str, tick: &str, lot: &str, market: Market) -> Self {
        Self {
            name: name.to_owned(),
            tick: tick.to_owned(),
            lot: lot.to_owned(),
            market: market.name().to_owned(),
        }
    }

    /// As an instrument of the executor.
    ///
    /// # Errors
    /// A tick or lot that is no positive decimal number.
    pub fn instrument(&self) -> Result<Instrument, TextError> {
        let mut instrument = Instrument::new(&self.name);
        instrument.tick = Step::parse(&self.tick)?;
        instrument.lot = Step::parse(&self.lot)?;
        Ok(instrument)
    }

    /// Its kind of market data.
    pub fn market(&self) -> Market {
        Market::from_name(&self.market).unwrap_or(Market::Prints)
    }
}

/// What a reader noticed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notes {
    /// Lines or messages read.
    pub messages: u64,
    /// Of these, messages of kinds that carry nothing for a tape.
    pub skipped: u64,
    /// Updates whose id does not follow the one before.
    pub gaps: u64,
    /// Updates that repeat ids which were applied already.
    pub overlaps: u64,
    /// Updates that a snapshot made superfluous.
    pub superseded: u64,
    /// Updates that came before any snapshot.
    pub unanchored: u64,
    /// Messages that name orders which are not there.
    pub unknown_orders: u64,
}

/// A stream of events, sorted by venue time.
pub trait Source {
    /// Symbols seen so far; an event's symbol is an index of this list. Complete at the end.
    fn symbols(&self) -> &[Symbol];

    /// The next event.
    ///
    /// # Errors
    /// Input that cannot be read; nothing of the message at fault comes out.
    fn next_event(&mut self) -> Result<Option<Event>, Error>;

    /// What was noticed so far.
    fn notes(&self) -> Notes {
        Notes::default()
    }

    /// The name of the format.
    fn format(&self) -> &'static str;

    /// Every event that is left.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    fn read_all(&mut self) -> Result<Vec<Event>, Error> {
        let mut all = Vec::new();
        while let Some(event) = self.next_event()? {
            all.push(event);
        }
        Ok(all)
    }
}
