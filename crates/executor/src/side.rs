//! Buy and sell.

/// The side of an order: bids buy, asks sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Bids.
    Buy,
    /// Asks.
    Sell,
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// `price` as a key of this side's book: the better the price, the smaller the key.
    pub const fn key(self, price: i64) -> i64 {
        match self {
            Self::Buy => -price,
            Self::Sell => price,
        }
    }

    /// The price of a key of this side's book; [`key`](Self::key) undoes itself.
    pub const fn price(self, key: i64) -> i64 {
        self.key(key)
    }

    /// `price` made worse by `ticks` for someone who trades on this side: a buyer pays more, a seller gets less.
    pub const fn worse(self, price: i64, ticks: i64) -> i64 {
        match self {
            Self::Buy => price + ticks,
            Self::Sell => price - ticks,
        }
    }

    /// 1 for a buy, -1 for a sell.
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }

    /// Position in a pair of books: 0 for bids.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Buy => 0,
            Self::Sell => 1,
        }
    }
}
