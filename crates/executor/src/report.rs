//! What comes out: one record for each thing that happens to an order.

use crate::Side;
use crate::order::Reason;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum What {
    /// The venue took the order.
    Accepted,
    /// The venue did not take an order, a cancel or a replace.
    Rejected,
    /// Some or all of it traded.
    Filled,
    /// It was taken back, in whole or what was left.
    Cancelled,
    /// It changed.
    Replaced,
    /// Its trigger fired.
    Triggered,
    /// Its time was up.
    Expired,
    /// Less of it can trade than before, because a linked order filled.
    Reduced,
    /// It lost lots to a fill of orders behind it in the real queue: the tape and our place disagree.
    PriorityViolation,
}

impl What {
    const NAMES: [&'static str; 9] = [
        "accepted",
        "rejected",
        "fill",
        "cancelled",
        "replaced",
        "triggered",
        "expired",
        "reduced",
        "priority_violation",
    ];

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// Who was on the other side of a fill, and which of the two waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Liquidity {
    /// No fill.
    None,
    /// It rested and was taken.
    Maker,
    /// It took.
    Taker,
    /// It traded in an auction.
    Auction,
}

impl Liquidity {
    /// As it is printed.
    pub const fn name(self) -> &'static str {
        ["-", "maker", "taker", "auction"][self as usize]
    }
}

/// The rule that made a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rule {
    /// Validation and the life of an order.
    Life,
    /// A taker walked the displayed book.
    Walk,
    /// A taker met an own order.
    Cross,
    /// A taker on a tape without a book traded at the last print.
    Print,
    /// A triggered order traded at its trigger price.
    AtTrigger,
    /// A trade at the price reached the order in its queue.
    Queue,
    /// A trade went through the price.
    TradeThrough,
    /// The opposite best price reached or passed the price.
    BookThrough,
    /// Real orders behind ours traded.
    Behind,
    /// Auction.
    Uncross,
    /// `sell: reference <= trigger`.
    StopSell,
    /// `buy: reference >= trigger`.
    StopBuy,
    /// `sell: reference >= trigger`.
    TakeSell,
    /// `buy: reference <= trigger`.
    TakeBuy,
    /// Links between orders.
    Link,
    /// Self-trade prevention.
    SelfTrade,
    /// Session changes and time limits.
    Clock,
    /// Splits and dividends.
    Corporate,
}

impl Rule {
    const NAMES: [&'static str; 18] = [
        "life",
        "match.walk",
        "match.cross",
        "match.print",
        "match.at_trigger",
        "queue.trade",
        "through.trade",
        "through.book",
        "queue.behind",
        "auction.uncross",
        "stop.sell.le",
        "stop.buy.ge",
        "take.sell.ge",
        "take.buy.le",
        "link",
        "stp",
        "clock",
        "corporate",
    ];

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<&'static str> {
        Self::NAMES.iter().find(|known| **known == name).copied()
    }
}

/// One record of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Venue time, ns UTC.
    pub time: i64,
    /// The strategy's own number of the order.
    pub order: u64,
    /// Number of the market event that it rests on, counted in its symbol from 1; 0 before the first.
    pub evidence: u64,
    /// Price of a fill, else of the order, in ticks.
    pub price: i64,
    /// Lots of a fill, else lots that are open.
    pub qty: i64,
    /// Strangers' lots ahead of a resting order before and after a fill.
    pub queue: (i64, i64),
    /// Its fee in minor units; negative for a rebate.
    pub fee: i64,
    /// The symbol's number.
    pub symbol: u16,
    /// The strategy's number.
    pub owner: u16,
    /// The strategy on the other side, if it was one of ours.
    pub counterparty: Option<u16>,
    /// What happened.
    pub what: What,
    /// The order's side.
    pub side: Side,
    /// Who waited.
    pub liquidity: Liquidity,
    /// Which rule.
    pub rule: Rule,
    /// Why.
    pub reason: Reason,
}

/// Bytes of a report's canonical encoding.
pub const REPORT_BYTES: usize = 72;

impl Report {
    /// The canonical encoding: every field but the numbers of symbol and strategies, which depend on who else is there;
    /// those are part of the digest through the stream that the report belongs to.
    pub fn bytes(&self) -> [u8; REPORT_BYTES] {
        let mut bytes = [0; REPORT_BYTES];
        let words = [
            self.time,
            self.order as i64,
            self.evidence as i64,
            self.price,
            self.qty,
            self.queue.0,
            self.queue.1,
            self.fee,
        ];
        for (slot, word) in bytes.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        let codes = [
            self.what as u8,
            self.side.index() as u8,
            self.liquidity as u8,
            self.rule as u8,
            self.reason as u8,
            u8::from(self.counterparty.is_some()),
        ];
        bytes[64..70].copy_from_slice(&codes);
        bytes
    }
}
