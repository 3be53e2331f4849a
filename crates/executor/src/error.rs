//! What stops an executor.

/// A tape or a message that the executor cannot act on. Nothing that it would have caused is reported, and the engine takes
/// no more events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event} at {time} ns: {problem}")]
pub struct Error {
    /// Number of the market event of its symbol, from 1; 0 before the first.
    pub event: u64,
    /// Venue time of the event or message, ns UTC.
    pub time: i64,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The event's time lies before that of the event before it.
    #[error("its time lies before {before} ns, that of the event before it; a tape is sorted by venue time")]
    OutOfOrder {
        /// Time of the event before.
        before: i64,
    },
    /// A price or quantity beyond the limits of this crate.
    #[error("{what} {found} is beyond {limit}")]
    TooLarge {
        /// The field.
        what: &'static str,
        /// Its value.
        found: i64,
        /// Largest size allowed.
        limit: i64,
    },
    /// A quantity that must not be negative, or must be positive.
    #[error("{what} {found}: expected {expected}")]
    BadQuantity {
        /// The field.
        what: &'static str,
        /// Its value.
        found: i64,
        /// What was expected.
        expected: &'static str,
    },
    /// A side is needed and missing.
    #[error("{what} without a side")]
    NoSide {
        /// The kind of event.
        what: &'static str,
    },
    /// An event of another kind of market data than this symbol's.
    #[error("{what} on a symbol whose market is `{market}`")]
    WrongMarket {
        /// The kind of event.
        what: &'static str,
        /// The market of the symbol.
        market: &'static str,
    },
    /// Bid at or above ask after an update that should leave a book.
    #[error("crossed book: bid {bid} at or above ask {ask}")]
    Crossed {
        /// Best bid in ticks.
        bid: i64,
        /// Best ask in ticks.
        ask: i64,
    },
    /// An order of the tape that the book does not hold.
    #[error("order {id} is not in the book")]
    UnknownOrder {
        /// Its id.
        id: u64,
    },
    /// An order of the tape that the book holds already.
    #[error("order {id} is in the book already")]
    DuplicateOrder {
        /// Its id.
        id: u64,
    },
    /// A symbol that the executor was not told of.
    #[error("symbol number {symbol} is unknown; {known} are known")]
    UnknownSymbol {
        /// Its number.
        symbol: u16,
        /// How many there are.
        known: usize,
    },
    /// A code without a meaning.
    #[error("{what} code {found} is unknown")]
    BadCode {
        /// The field.
        what: &'static str,
        /// Its value.
        found: i64,
    },
    /// Conditional orders that trigger each other without end.
    #[error("more than {limit} triggered orders in one cascade")]
    Cascade {
        /// The limit.
        limit: usize,
    },
    /// More price levels than one book may hold.
    #[error("the book spans more than {limit} pages of 64 price levels a side")]
    TooWide {
        /// The limit.
        limit: usize,
    },
    /// A sum that leaves 64 bits.
    #[error("{what} leaves 64 bits")]
    Overflow {
        /// The sum.
        what: &'static str,
    },
    /// A split that leaves a fraction of a lot.
    #[error(
        "a position of {position} lots has no whole number of lots after a split {numerator}:{denominator}"
    )]
    FractionalSplit {
        /// Lots held.
        position: i64,
        /// New lots.
        numerator: i64,
        /// For old lots.
        denominator: i64,
    },
    /// An impact model that finds no depth to divide by.
    #[error("no_depth: the slippage model `{model}` needs displayed size, and there is none")]
    NoDepth {
        /// The model.
        model: &'static str,
    },
}

impl Problem {
    /// With the place where it was found.
    pub(crate) const fn at(self, event: u64, time: i64) -> Error {
        Error { event, time, problem: self }
    }
}
