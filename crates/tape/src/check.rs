//! The book that a tape describes, and what is wrong with it.

use crate::Error;
use crate::source::{Notes, Source, Symbol};
use samebits_executor::{Event, Finding, Kind, MarketBook, Side};

/// What was found of one symbol.
#[derive(Debug, Clone)]
pub struct SymbolCheck {
    /// The symbol.
    pub symbol: Symbol,
    /// Its events.
    pub events: u64,
    /// Trades.
    pub trades: u64,
    /// States of the book at the end of a group.
    pub states: u64,
    /// Of these, crossed.
    pub crossed: u64,
    /// Events that name an order which the book does not hold.
    pub unknown_orders: u64,
    /// Events that add an order which the book holds.
    pub duplicate_orders: u64,
    /// Events that take more from an order than it has.
    pub too_much: u64,
    /// Fills of orders.
    pub fills: u64,
    /// Of these, fills of an order behind another one of its level.
    pub missed_front: u64,
    /// Of those, with the front order's own cancel published at the same instant.
    pub missed_front_explained: u64,
    /// Best bid and ask at the end, with lots, in ticks.
    pub top: [Option<(i64, i64)>; 2],
    /// Levels of bids and asks at the end.
    pub levels: [usize; 2],
}

/// What was found of a tape.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The format.
    pub format: &'static str,
    /// Events.
    pub events: u64,
    /// First and last venue time.
    pub span: Option<(i64, i64)>,
    /// Events received before the venue made them, by the clocks as they are.
    pub early: u64,
    /// The most by which receive time lies before venue time, ns.
    pub skew: i64,
    /// What the reader noticed.
    pub notes: Notes,
    /// By symbol.
    pub symbols: Vec<SymbolCheck>,
}

impl Checked {
    /// Whether the tape describes a consistent book.
    pub fn is_consistent(&self) -> bool {
        let fine = |symbol: &SymbolCheck| {
            let missed = symbol.missed_front - symbol.missed_front_explained;
            symbol.crossed + symbol.unknown_orders + symbol.duplicate_orders + symbol.too_much + missed == 0
        };
        let notes = self.notes;
        notes.gaps + notes.overlaps + notes.unanchored + notes.unknown_orders == 0
            && self.symbols.iter().all(fine)
    }
}

struct State {
    found: SymbolCheck,
    book: MarketBook,
    /// A fill that missed the front: the front order and the instant.
    passed: Option<(u64, i64)>,
}

/// Reads a source to its end and rebuilds the book of every symbol.
///
/// # Errors
/// Input that cannot be read.
pub fn check(source: &mut dyn Source) -> Result<Checked, Error> {
    let mut states: Vec<State> = Vec::new();
    let (mut events, mut span, mut early, mut skew) = (0, None, 0, 0);
    while let Some(event) = source.next_event()? {
        events += 1;
        span = Some((span.map_or(event.venue, |(first, _)| first), event.venue));
        let behind = event.venue.saturating_sub(event.receive);
        early += u64::from(behind > 0);
        skew = if behind > skew { behind } else { skew };
        while states.len() <= usize::from(event.symbol) {
            let symbol = source.symbols().get(states.len()).cloned();
            states.push(State::new(
                symbol.unwrap_or_else(|| Symbol::new("?", "1", "1", samebits_executor::Market::Prints)),
            ));
        }
        states[usize::from(event.symbol)].take(&event).map_err(|problem| Error::BadLine {
            event: events,
            line: event.sequence,
            offset: 0,
            problem,
        })?;
    }
    for symbol in source.symbols().iter().skip(states.len()) {
        states.push(State::new(symbol.clone()));
    }
    let symbols = states.into_iter().map(State::finish).collect();
    Ok(Checked { format: source.format(), events, span, early, skew, notes: source.notes(), symbols })
}

impl State {
    fn new(symbol: Symbol) -> Self {
        let found = SymbolCheck {
            symbol,
            events: 0,
            trades: 0,
            states: 0,
            crossed: 0,
            unknown_orders: 0,
            duplicate_orders: 0,
            too_much: 0,
            fills: 0,
            missed_front: 0,
            missed_front_explained: 0,
            top: [None; 2],
            levels: [0; 2],
        };
        Self { found, book: MarketBook::default(), passed: None }
    }

    fn take(&mut self, event: &Event) -> Result<(), String> {
        let found = &mut self.found;
        found.events += 1;
        found.trades += u64::from(event.kind == Kind::Trade);
        found.fills += u64::from(matches!(event.kind, Kind::Fill | Kind::Hit));
        if let Some((front, time)) = self.passed {
            let gone = matches!(event.kind, Kind::Cancel | Kind::Modify) && event.id == front;
            if gone && event.venue == time {
                found.missed_front_explained += 1;
                self.passed = None;
            }
        }
        match self.book.apply(event).map_err(|problem| problem.to_string())? {
            Finding::Fine => {}
            Finding::UnknownOrder => found.unknown_orders += 1,
            Finding::DuplicateOrder => found.duplicate_orders += 1,
            Finding::TooMuch => found.too_much += 1,
            Finding::MissesFront { front } => {
                found.missed_front += 1;
                self.passed = Some((front, event.venue));
            }
        }
        let book = !matches!(event.kind, Kind::Trade | Kind::Mark | Kind::Session | Kind::Hit);
        if event.last && book {
            found.states += 1;
            found.crossed += u64::from(self.book.is_crossed());
        }
        Ok(())
    }

    fn finish(self) -> SymbolCheck {
        let sides = [Side::Buy, Side::Sell];
        SymbolCheck {
            top: sides.map(|side| self.book.top(side)),
            levels: sides.map(|side| self.book.levels(side)),
            ..self.found
        }
    }
}
