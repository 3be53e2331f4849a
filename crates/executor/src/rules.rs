//! Everything about matching that is data.

use crate::event::Phase;
use crate::fees::Fees;
use crate::latency::{Latency, Leg};
use crate::queue::{Allocation, QueueModel};
use crate::slippage::Slippage;

/// The version of the matching rules: a fixture made under another one is stale, never silently compared.
pub const VERSION: &str = "match/1";

/// What kind of market data a symbol has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Market {
    /// Trades or bars only: a taker trades at the last print.
    Prints,
    /// Displayed sizes by price.
    Levels,
    /// Every order.
    Orders,
}

impl Market {
    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prints => "prints",
            Self::Levels => "levels",
            Self::Orders => "orders",
        }
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Prints, Self::Levels, Self::Orders].into_iter().find(|market| market.name() == name)
    }
}

/// How much of a resting order trades when the market goes through its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// All of it.
    Certain,
    /// At most the lots that went through.
    Evidence,
}

/// Where a triggered market order trades on a tape of prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triggered {
    /// At the print that triggered it.
    Print,
    /// At its trigger price.
    AtTrigger,
}

/// How much a taker finds at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What is displayed less what own takers have had; a print offers its own lots.
    Displayed,
    /// Everything at the best price: optimistic, and named so.
    BestOnly,
}

/// What happens when a trigger holds as the order arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnArrival {
    /// It fires at once.
    Elect,
    /// The order is rejected.
    Reject,
}

/// What happens before a strategy would trade with itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfTrade {
    /// It trades.
    Allow,
    /// The incoming order is cancelled.
    CancelNewest,
    /// The resting order is cancelled.
    CancelOldest,
    /// Both are cancelled.
    CancelBoth,
    /// Both lose the smaller one's lots.
    Decrement,
}

impl SelfTrade {
    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "allow" => Self::Allow,
            "cancel_newest" => Self::CancelNewest,
            "cancel_oldest" => Self::CancelOldest,
            "cancel_both" => Self::CancelBoth,
            "decrement" => Self::Decrement,
            _ => return None,
        })
    }
}

/// When a strategy sees a market event, before the feed's latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedClock {
    /// At venue time.
    Venue,
    /// At receive time, which may lie before venue time.
    Receive,
    /// At the later of the two.
    Causal,
}

/// What a crossed book of strangers is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossed {
    /// An error of the tape.
    Error,
    /// Data like any other.
    Allow,
}

/// The rules of one symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Its market data.
    pub market: Market,
    /// Who leaves a shrinking level.
    pub queue: QueueModel,
    /// Who gets a trade at a level.
    pub allocation: Allocation,
    /// What a price through an order means.
    pub through: Through,
    /// Where triggered market orders trade on prints.
    pub triggered: Triggered,
    /// How much takers find.
    pub depth: Depth,
    /// A trigger that holds on arrival.
    pub on_arrival: OnArrival,
    /// Self-trade prevention.
    pub self_trade: SelfTrade,
    /// Slippage of takers.
    pub slippage: Slippage,
    /// Fees.
    pub fees: Fees,
    /// Latency of each [`Leg`].
    pub latency: [Latency; 5],
    /// Whether messages of one strategy overtake each other.
    pub in_order: bool,
    /// When strategies see the market.
    pub feed_clock: FeedClock,
    /// Limit prices further than this from the last price are rejected, in basis points.
    pub price_band_bps: Option<i64>,
    /// Market orders stop this far from the best price, in basis points.
    pub protection_bps: Option<i64>,
    /// Largest position either way, in lots.
    pub position_limit: Option<i64>,
    /// Crossed books of strangers.
    pub crossed: Crossed,
    /// How long a shrink waits for the trade that explains it, ns.
    pub join_window_ns: i64,
    /// The phase before the first session event.
    pub phase: Phase,
}

impl Rules {
    /// Plain rules for a kind of market data: first come first served, `back_first`, no costs, no latency.
    pub fn new(market: Market) -> Self {
        Self {
            market,
            queue: QueueModel::BackFirst,
            allocation: Allocation::Fifo,
            through: Through::Certain,
            triggered: Triggered::Print,
            depth: if market == Market::Prints { Depth::BestOnly } else { Depth::Displayed },
            on_arrival: OnArrival::Elect,
            self_trade: SelfTrade::Allow,
            slippage: Slippage::None,
            fees: Fees::default(),
            latency: std::array::from_fn(|_| Latency::default()),
            in_order: true,
            feed_clock: FeedClock::Venue,
            price_band_bps: None,
            protection_bps: None,
            position_limit: None,
            crossed: Crossed::Error,
            join_window_ns: 0,
            phase: Phase::Open,
        }
    }

    pub(crate) const fn leg(&self, leg: Leg) -> &Latency {
        &self.latency[leg as usize]
    }
}
