//! Market events and the total order of everything that happens.

use crate::{Problem, Side, mutant};

/// Largest size of a price, in ticks.
pub const PRICE_LIMIT: i64 = 1 << 52;
/// Largest quantity of one event or order, in lots.
pub const QTY_LIMIT: i64 = 1 << 52;

/// Largest size of a time, ns from 1970: the years 1678 to 2261, with room for latencies.
pub const TIME_LIMIT: i64 = 9_200_000_000_000_000_000;

/// What a market event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A trade of `qty` at `price`; `side` is the aggressor's.
    Trade = 0,
    /// The displayed size at `price` is now `qty`; 0 takes the level away.
    Level = 1,
    /// The best price of `side` is `price`, with `qty` displayed: better levels are gone.
    Top = 2,
    /// A snapshot of the whole book begins: what was known is void.
    Snapshot = 3,
    /// Order `id` of `qty` joins the back of its level.
    Add = 4,
    /// Order `id` now has this price and quantity.
    Modify = 5,
    /// `qty` of order `id` is taken back; 0 takes all of it.
    Cancel = 6,
    /// `qty` of order `id` traded and leaves the book.
    Fill = 7,
    /// `qty` of order `id` traded; the book changes with a later event.
    Hit = 8,
    /// The mark price is `price`.
    Mark = 9,
    /// The open of a bar; all four rows of a bar carry its volume in `qty` and its number in `id`.
    BarOpen = 10,
    /// The highest price of a bar.
    BarHigh = 11,
    /// The lowest price of a bar.
    BarLow = 12,
    /// The close of a bar.
    BarClose = 13,
    /// The session changes to the [`Phase`] with the number `id`.
    Session = 14,
    /// `price` new lots for `qty` old ones.
    Split = 15,
    /// `price` minor units of the currency for each lot held.
    Dividend = 16,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::Trade,
        Self::Level,
        Self::Top,
        Self::Snapshot,
        Self::Add,
        Self::Modify,
        Self::Cancel,
        Self::Fill,
        Self::Hit,
        Self::Mark,
        Self::BarOpen,
        Self::BarHigh,
        Self::BarLow,
        Self::BarClose,
        Self::Session,
        Self::Split,
        Self::Dividend,
    ];
    const NAMES: [&'static str; 17] = [
        "trade",
        "level",
        "top",
        "snapshot",
        "add",
        "modify",
        "cancel",
        "fill",
        "hit",
        "mark",
        "bar_open",
        "bar_high",
        "bar_low",
        "bar_close",
        "session",
        "split",
        "dividend",
    ];

    /// From its number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).map(|at| Self::ALL[at])
    }

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// The phase of a trading session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Phase {
    /// Continuous trading.
    Open = 0,
    /// No trading; day orders have expired.
    Closed = 1,
    /// No trading and no new orders; cancels are taken.
    Halted = 2,
    /// Orders are collected and do not match.
    Auction = 3,
}

/// What a [`Kind::Session`] event says, by the number in its `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SessionChange {
    /// The session opens.
    Open = 0,
    /// The session closes; day orders expire.
    Close = 1,
    /// Trading halts.
    Halt = 2,
    /// Trading resumes.
    Resume = 3,
    /// An auction begins: orders are collected.
    AuctionBegin = 4,
    /// The auction ends: the book uncrosses.
    AuctionEnd = 5,
}

impl SessionChange {
    const NAMES: [(&'static str, Self); 6] = [
        ("open", Self::Open),
        ("close", Self::Close),
        ("halt", Self::Halt),
        ("resume", Self::Resume),
        ("auction_begin", Self::AuctionBegin),
        ("auction_end", Self::AuctionEnd),
    ];

    /// From the number in an event.
    pub fn from_code(code: u64) -> Option<Self> {
        usize::try_from(code).ok().and_then(|at| Self::NAMES.get(at)).map(|(_, change)| *change)
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, change)| *change)
    }

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// One row of a tape.
///
/// Rows of one `group` (an update of several levels, a snapshot, the rows of one bar) apply together: nothing matches
/// until the row with `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When the venue made it, ns UTC.
    pub venue: i64,
    /// When it was received, ns UTC by the receiver's clock, which may be behind.
    pub receive: i64,
    /// Ticks; see [`Kind`].
    pub price: i64,
    /// Lots; see [`Kind`].
    pub qty: i64,
    /// Order, trade or bar number; see [`Kind`].
    pub id: u64,
    /// The venue's own number of the message, or the line number.
    pub sequence: u64,
    /// Number of the symbol.
    pub symbol: u16,
    /// Number of the feed.
    pub source: u16,
    /// What it says.
    pub kind: Kind,
    /// The side it speaks of; of a trade, the aggressor's, if known.
    pub side: Option<Side>,
    /// Whether its group ends here.
    pub last: bool,
}

impl Event {
    /// An event with nothing but a time and a kind.
    pub const fn new(venue: i64, kind: Kind) -> Self {
        Self {
            venue,
            receive: venue,
            price: 0,
            qty: 0,
            id: 0,
            sequence: 0,
            symbol: 0,
            source: 0,
            kind,
            side: None,
            last: true,
        }
    }

    /// Its class in the total order.
    pub const fn class(&self) -> Class {
        match self.kind {
            Kind::Session => Class::Session,
            _ => Class::Market,
        }
    }

    /// Its place in the total order.
    pub fn key(&self) -> SortKey {
        SortKey {
            time: mutant!("order.by-receive-time", self.venue, self.receive),
            class: self.class(),
            source: self.source,
            sequence: self.sequence,
            submission: 0,
        }
    }

    /// Checks the numbers against the limits of this crate.
    ///
    /// # Errors
    /// [`Problem::TooLarge`], [`Problem::BadQuantity`], [`Problem::NoSide`].
    pub fn check(&self) -> Result<(), Problem> {
        for (what, time) in [("venue time", self.venue), ("receive time", self.receive)] {
            if time.unsigned_abs() > TIME_LIMIT.unsigned_abs() {
                return Err(Problem::TooLarge { what, found: time, limit: TIME_LIMIT });
            }
        }
        if self.price.unsigned_abs() > PRICE_LIMIT.unsigned_abs() {
            return Err(Problem::TooLarge { what: "price", found: self.price, limit: PRICE_LIMIT });
        }
        if self.qty.unsigned_abs() > QTY_LIMIT.unsigned_abs() {
            return Err(Problem::TooLarge { what: "quantity", found: self.qty, limit: QTY_LIMIT });
        }
        let (needs_side, least) = match self.kind {
            Kind::Level | Kind::Top => (true, 0),
            Kind::Add | Kind::Modify => (true, 1),
            Kind::Fill | Kind::Hit | Kind::Trade | Kind::Split => (false, 1),
            _ => (false, 0),
        };
        if self.qty < least {
            let expected = if least == 0 { "0 or more" } else { "1 or more" };
            return Err(Problem::BadQuantity { what: self.kind.name(), found: self.qty, expected });
        }
        if needs_side && self.side.is_none() {
            return Err(Problem::NoSide { what: self.kind.name() });
        }
        Ok(())
    }
}

/// What happens first at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// The session changes.
    Session = 0,
    /// Orders reach their time limit.
    Expiry = 1,
    /// Market data.
    Market = 2,
    /// Messages of strategies arrive at the venue.
    Arrival = 3,
    /// Reports and delayed market data reach strategies.
    Delivery = 4,
    /// Timers of strategies.
    Timer = 5,
}

/// The place of an event in the total order; compared field by field from the top.
///
/// No field depends on the order in which symbols or strategies were named, nor on an address or a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortKey {
    /// ns UTC at the place where it happens.
    pub time: i64,
    /// Its class.
    pub class: Class,
    /// The feed, or the strategy by the order of names.
    pub source: u16,
    /// The source's own number.
    pub sequence: u64,
    /// Order of submission within one number.
    pub submission: u64,
}
