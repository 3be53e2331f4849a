//! The book that a tape describes, without orders of our own: what `tape check` rebuilds.

use crate::book::{Book, NO_KEY, NONE};
use crate::event::{Event, Kind};
use crate::{Problem, Side};

/// What an event was found to be, beside its effect on the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// As expected.
    Fine,
    /// It names an order that the book does not hold.
    UnknownOrder,
    /// It adds an order that the book holds.
    DuplicateOrder,
    /// It takes more from an order than the order has.
    TooMuch,
    /// It fills an order behind another one of the same level, which is `front`.
    MissesFront {
        /// The first order of the level.
        front: u64,
    },
}

/// A book of strangers that takes whatever a tape says and tells what was wrong with it.
#[derive(Debug, Clone)]
pub struct MarketBook {
    book: Book,
}

impl Default for MarketBook {
    fn default() -> Self {
        Self { book: Book::new() }
    }
}

impl MarketBook {
    /// Applies an event; one that makes no sense changes nothing.
    ///
    /// # Errors
    /// Numbers beyond the limits.
    pub fn apply(&mut self, event: &Event) -> Result<Finding, Problem> {
        event.check()?;
        match (event.kind, event.side) {
            (Kind::Level, Some(side)) => self.set(side, event.price, event.qty)?,
            (Kind::Top, Some(side)) => {
                let key = side.key(event.price);
                loop {
                    let best = self.book.side(side).best_shown();
                    if best == NO_KEY || best >= key {
                        break;
                    }
                    self.set(side, side.price(best), 0)?;
                }
                self.set(side, event.price, event.qty)?;
            }
            (Kind::Snapshot, _) => self.book.clear_strangers(),
            (Kind::Add, Some(side)) => {
                if self.book.stranger(event.id) != NONE {
                    return Ok(Finding::DuplicateOrder);
                }
                self.book.add_stranger(side, side.key(event.price), event.qty, event.id)?;
            }
            (Kind::Modify, Some(side)) => return self.modify(side, event),
            (Kind::Cancel | Kind::Fill | Kind::Hit, _) => return Ok(self.reduce(event)),
            _ => {}
        }
        Ok(Finding::Fine)
    }

    fn set(&mut self, side: Side, price: i64, qty: i64) -> Result<(), Problem> {
        let key = side.key(price);
        let ladder = self.book.side_mut(side);
        let at = ladder.reach(key)?;
        ladder.level_mut(at).shown = qty;
        ladder.refresh(at, key);
        Ok(())
    }

    fn modify(&mut self, side: Side, event: &Event) -> Result<Finding, Problem> {
        let place = self.book.stranger(event.id);
        if place == NONE {
            return Ok(Finding::UnknownOrder);
        }
        let held = *self.book.node(place);
        let key = side.key(event.price);
        if held.side == side && held.key == key && event.qty <= held.qty {
            if event.qty < held.qty {
                self.book.reduce_stranger(place, held.qty - event.qty);
            }
            return Ok(Finding::Fine);
        }
        self.book.side_mut(side).reach(key)?;
        self.book.reduce_stranger(place, held.qty);
        self.book.add_stranger(side, key, event.qty, event.id)?;
        Ok(Finding::Fine)
    }

    fn reduce(&mut self, event: &Event) -> Finding {
        let place = self.book.stranger(event.id);
        if place == NONE {
            return Finding::UnknownOrder;
        }
        let held = *self.book.node(place);
        let qty = if event.kind == Kind::Cancel && event.qty == 0 { held.qty } else { event.qty };
        if qty > held.qty {
            return Finding::TooMuch;
        }
        let front = self.book.side(held.side).level(held.at as usize).head;
        let front = self.book.node(front).id;
        if event.kind != Kind::Hit {
            self.book.reduce_stranger(place, qty);
        }
        if event.kind != Kind::Cancel && front != event.id {
            Finding::MissesFront { front }
        } else {
            Finding::Fine
        }
    }

    /// Best price of a side and the lots displayed there.
    pub fn top(&self, side: Side) -> Option<(i64, i64)> {
        self.book.best_shown(side).map(|price| (price, self.book.shown_at(side, price)))
    }

    /// Whether the best bid is at or above the best ask.
    pub fn is_crossed(&self) -> bool {
        let best = |side| self.book.best_shown(side);
        best(Side::Buy).zip(best(Side::Sell)).is_some_and(|(bid, ask)| bid >= ask)
    }

    /// Price levels of a side.
    pub fn levels(&self, side: Side) -> usize {
        let mut count = 0;
        self.book.side(side).each(|_, _| count += 1);
        count
    }
}
