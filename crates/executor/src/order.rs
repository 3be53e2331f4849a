//! Orders and the messages that carry them.

use crate::Side;

/// How long an order lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeInForce {
    /// Good till cancelled.
    Gtc,
    /// Good till this time, ns UTC; it expires before anything else of that instant but a session change.
    Gtd(i64),
    /// Till the session closes.
    Day,
    /// What does not trade at once is cancelled.
    Ioc,
    /// All at once at any price within the limit, or not at all.
    FokAny,
    /// All at once at the limit price alone, or not at all.
    FokSingle,
}

/// What happens to an order that must not take liquidity and would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostOnly {
    /// It is rejected.
    Reject,
    /// It rests one step behind the opposite best price.
    Slide,
}

/// The price at which a triggered or incoming order trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pricing {
    /// At whatever there is.
    Market,
    /// At this price or better, in ticks.
    Limit(i64),
    /// At the opposite best; what is left rests at the price of the last fill.
    MarketToLimit,
}

/// The price that a trigger watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The last execution.
    Last,
    /// The bid for a sell, the ask for a buy.
    BidAsk,
    /// The middle of bid and ask.
    Mid,
    /// The mark price.
    Mark,
}

/// What a conditional order is called; the last three trade when the price moves in favour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Sells when the reference falls to the trigger, buys when it rises to it.
    Stop,
    /// Sells when the reference rises to the trigger, buys when it falls to it.
    TakeProfit,
    /// As a take-profit, to open a position.
    IfTouched,
}

/// How far a trailing trigger stays behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    /// Ticks.
    Ticks(i64),
    /// Basis points of the reference, rounded up to a tick.
    Bps(i64),
}

/// A trigger that follows the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trail {
    /// How far behind.
    pub offset: Offset,
    /// The reference price from which on it follows.
    pub activation: Option<i64>,
}

/// What must happen before an order trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// Which way.
    pub condition: Condition,
    /// Which price.
    pub reference: Reference,
    /// At which price, in ticks; a trailing trigger finds its own.
    pub price: i64,
    /// Whether and how it follows the reference.
    pub trail: Option<Trail>,
}

/// When the children of an order come to life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// With its last fill.
    Full,
    /// With each fill, for what has filled.
    Partial,
}

/// A new order as a strategy sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewOrder {
    /// The strategy's own number for it, below 2^48.
    pub id: u64,
    /// The symbol's number.
    pub symbol: u16,
    /// Buy or sell.
    pub side: Side,
    /// Lots.
    pub qty: i64,
    /// At which price.
    pub pricing: Pricing,
    /// How long.
    pub tif: TimeInForce,
    /// When, if not at once.
    pub trigger: Option<Trigger>,
    /// Never takes liquidity.
    pub post_only: Option<PostOnly>,
    /// Never opens or turns a position.
    pub reduce_only: bool,
    /// Lots shown of an iceberg.
    pub display: Option<i64>,
    /// Orders of one strategy with the same number cancel each other as they fill.
    pub oco: Option<u64>,
    /// The order whose fills bring this one to life.
    pub parent: Option<(u64, Arm)>,
    /// Priority weight in a pro-rata market; 1 for everyone but lead market makers.
    pub weight: u32,
}

impl NewOrder {
    /// A market order, good till cancelled, without conditions.
    pub const fn market(id: u64, side: Side, qty: i64) -> Self {
        Self {
            id,
            symbol: 0,
            side,
            qty,
            pricing: Pricing::Market,
            tif: TimeInForce::Gtc,
            trigger: None,
            post_only: None,
            reduce_only: false,
            display: None,
            oco: None,
            parent: None,
            weight: 1,
        }
    }

    /// A limit order, good till cancelled, without conditions.
    pub const fn limit(id: u64, side: Side, qty: i64, price: i64) -> Self {
        Self { pricing: Pricing::Limit(price), ..Self::market(id, side, qty) }
    }
}

/// What a strategy sends to the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A new order.
    New(NewOrder),
    /// Take an order back.
    Cancel {
        /// The symbol's number.
        symbol: u16,
        /// The order.
        id: u64,
    },
    /// Change an order. Less quantity at the same price keeps its place; anything else loses it.
    Replace {
        /// The symbol's number.
        symbol: u16,
        /// The order.
        id: u64,
        /// New total quantity in lots, what has filled included.
        qty: i64,
        /// New limit price, or trigger price of an order that waits for one.
        price: i64,
    },
    /// Take all orders of this symbol back.
    CancelAll {
        /// The symbol's number.
        symbol: u16,
    },
}

impl Message {
    /// The symbol that it is for.
    pub const fn symbol(&self) -> u16 {
        match self {
            Self::New(order) => order.symbol,
            Self::Cancel { symbol, .. } | Self::Replace { symbol, .. } | Self::CancelAll { symbol } => {
                *symbol
            }
        }
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// Waits for its parent.
    Held = 0,
    /// Waits for its trigger.
    Waiting = 1,
    /// Rests in the book.
    Open = 2,
    /// Has traded in full.
    Filled = 3,
    /// Was taken back, by its owner or by a rule.
    Cancelled = 4,
    /// Was not taken.
    Rejected = 5,
    /// Reached its time limit.
    Expired = 6,
}

impl State {
    /// Whether nothing can happen to it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Filled | Self::Cancelled | Self::Rejected | Self::Expired)
    }

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Filled => "filled",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }
}

/// An order at the venue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) new: NewOrder,
    pub(crate) owner: u16,
    /// Order of submission at this symbol.
    pub(crate) submitted: u64,
    pub(crate) state: State,
    pub(crate) reason: Reason,
    /// Lots that can still trade.
    pub(crate) open: i64,
    pub(crate) filled: i64,
    /// Sum of price times lots of its fills, in ticks times lots.
    pub(crate) paid: i128,
    /// Sum of its fees in minor units.
    pub(crate) fees: i128,
    /// Its node in the book.
    pub(crate) node: u32,
    /// The price at which it rests.
    pub(crate) price: i64,
    /// Trigger price now, in ticks (twice that for the mid).
    pub(crate) trigger: i64,
    /// Whether a trailing trigger follows already.
    pub(crate) follows: bool,
}

impl Order {
    /// Lots that it shows: all, or a slice of an iceberg.
    pub(crate) fn slice(&self) -> i64 {
        self.new.display.map_or(self.open, |display| self.open.min(display))
    }

    pub(crate) const fn rests(&self) -> bool {
        matches!(self.state, State::Open)
    }
}

/// Why an order was rejected, cancelled or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// No reason is needed.
    None,
    /// Its owner asked for it.
    Requested,
    /// Nothing to trade with at its price.
    NoLiquidity,
    /// The rest of an immediate order.
    ImmediateRest,
    /// Less than all could trade at once.
    NotFillable,
    /// It would have taken liquidity.
    WouldTake,
    /// It would not reduce a position.
    NothingToReduce,
    /// Its owner would have traded with itself.
    SelfTrade,
    /// A linked order filled.
    Oco,
    /// Its parent will not fill any more.
    ParentGone,
    /// Its time is up.
    TimeUp,
    /// The session closed.
    SessionEnd,
    /// The session is closed.
    SessionClosed,
    /// Trading is halted.
    Halted,
    /// The number is taken.
    DuplicateId,
    /// No such order.
    UnknownOrder,
    /// The order is finished.
    AlreadyFinal,
    /// Not a multiple of the price step.
    OffTick,
    /// Not a multiple of the lot step.
    OffLot,
    /// Less or more than an order may have.
    OrderSize,
    /// Too far from the last price.
    PriceBand,
    /// More than a position may have.
    PositionLimit,
    /// Its trigger holds already.
    TriggerHolds,
    /// There is no price for its trigger.
    NoReference,
    /// A split changed the instrument.
    Corporate,
    /// The auction left nothing for a market order.
    AuctionEnd,
    /// Numbers beyond the limits, or fields that do not go together.
    Invalid,
}

impl Reason {
    const NAMES: [&'static str; 27] = [
        "-",
        "requested",
        "no_liquidity",
        "immediate_rest",
        "not_fillable",
        "would_take",
        "nothing_to_reduce",
        "self_trade",
        "oco",
        "parent_gone",
        "time_up",
        "session_end",
        "session_closed",
        "halted",
        "duplicate_id",
        "unknown_order",
        "already_final",
        "off_tick",
        "off_lot",
        "order_size",
        "price_band",
        "position_limit",
        "trigger_holds",
        "no_reference",
        "corporate",
        "auction_end",
        "invalid",
    ];

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}
