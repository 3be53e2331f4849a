//! Price-time matching and nothing else: the book under the executor, on its own.

use crate::book::{Book, NO_KEY, NONE};
use crate::digest::{Digest, Stream};
use crate::event::{PRICE_LIMIT, QTY_LIMIT};
use crate::{Problem, Side};

/// One match of two orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The order that rested.
    pub maker: u64,
    /// The order that came in.
    pub taker: u64,
    /// The maker's price, in ticks.
    pub price: i64,
    /// Lots.
    pub qty: i64,
}

/// An order book of a venue: limit orders match in price-time priority; every match goes into a digest.
///
/// ```
/// use samebits_executor::{Matcher, Side};
/// let mut matcher = Matcher::new();
/// matcher.limit(1, Side::Sell, 101, 5)?;
/// matcher.limit(2, Side::Sell, 100, 5)?;
/// assert_eq!(matcher.limit(3, Side::Buy, 101, 7)?, 0, "nothing is left to rest");
/// assert_eq!((matcher.trades(), matcher.volume()), (2, 7));
/// assert_eq!(matcher.cancel(1)?, 3, "two of order 1 have traded");
/// # Ok::<(), samebits_executor::Problem>(())
/// ```
#[derive(Debug, Clone)]
pub struct Matcher {
    book: Book,
    stream: Stream,
    volume: i128,
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Matcher {
    /// An empty book.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty book that takes this many resting orders before it asks for memory.
    pub fn with_capacity(orders: usize) -> Self {
        Self { book: Book::with_capacity(orders), stream: Stream::default(), volume: 0 }
    }

    /// Matches an order and rests what is left of it; gives the lots that rest.
    ///
    /// # Errors
    /// [`Problem::DuplicateOrder`], numbers beyond the limits. Nothing has changed then.
    pub fn limit(&mut self, id: u64, side: Side, price: i64, qty: i64) -> Result<i64, Problem> {
        self.limit_with(id, side, price, qty, |_| {})
    }

    /// As [`limit`](Self::limit), and hands every match to `each`.
    ///
    /// # Errors
    /// As [`limit`](Self::limit).
    pub fn limit_with(
        &mut self,
        id: u64,
        side: Side,
        price: i64,
        qty: i64,
        mut each: impl FnMut(Match),
    ) -> Result<i64, Problem> {
        if price.unsigned_abs() > PRICE_LIMIT.unsigned_abs() {
            return Err(Problem::TooLarge { what: "price", found: price, limit: PRICE_LIMIT });
        }
        if !(1..=QTY_LIMIT).contains(&qty) {
            return Err(Problem::BadQuantity { what: "quantity", found: qty, expected: "from 1 to 2^52" });
        }
        if self.book.stranger(id) != NONE {
            return Err(Problem::DuplicateOrder { id });
        }
        // The level is made before anything matches, so that an error leaves the book as it was.
        let key = side.key(price);
        let own = self.book.side_mut(side).reach(key)?;
        let makers = side.opposite();
        let worst = makers.key(price);
        let mut left = qty;
        while left > 0 {
            let best = self.book.side(makers).best_shown();
            if best == NO_KEY || best > worst {
                break;
            }
            let at = self.book.side_mut(makers).find(best).unwrap_or_default();
            let price = makers.price(best);
            while left > 0 {
                let Some((maker, traded)) = self.book.take_first(makers, at, best, left) else { break };
                left -= traded;
                self.volume += i128::from(traded);
                let found = Match { maker, taker: id, price, qty: traded };
                self.stream.push(&found.bytes());
                each(found);
            }
        }
        if left > 0 {
            self.book.add_stranger_at(side, own, key, left, id)?;
        }
        Ok(left)
    }

    /// Takes an order out of the book; gives the lots that it had left.
    ///
    /// # Errors
    /// [`Problem::UnknownOrder`].
    pub fn cancel(&mut self, id: u64) -> Result<i64, Problem> {
        let place = self.book.stranger(id);
        if place == NONE {
            return Err(Problem::UnknownOrder { id });
        }
        let left = self.book.node(place).qty;
        self.book.reduce_stranger(place, left);
        Ok(left)
    }

    /// Best price of a side, in ticks.
    pub fn best(&self, side: Side) -> Option<i64> {
        self.book.best_shown(side)
    }

    /// Matches so far.
    pub const fn trades(&self) -> u64 {
        self.stream.records()
    }

    /// Lots matched so far.
    pub const fn volume(&self) -> i128 {
        self.volume
    }

    /// BLAKE3 over all matches so far.
    pub fn digest(&self) -> Digest {
        self.stream.digest()
    }
}

impl Match {
    /// 32 bytes: maker, taker, price, quantity, little-endian.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.maker.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.taker.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.price.to_le_bytes());
        bytes[24..].copy_from_slice(&self.qty.to_le_bytes());
        bytes
    }
}
