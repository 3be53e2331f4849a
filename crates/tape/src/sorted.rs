//! Events that arrive almost in order, sorted within a window.

use crate::Error;
use crate::source::{Notes, Source, Symbol};
use samebits_executor::{Event, SortKey};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Most events that lie within a window.
const HELD_LIMIT: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    key: SortKey,
    /// Place in the stream: rows of one group stay together.
    place: u64,
    event: Event,
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.key, self.place).cmp(&(other.key, other.place))
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Sorts a source by the total order of events, holding what lies within a window of venue time.
pub struct Sorted<S> {
    inner: S,
    window: i64,
    held: BinaryHeap<Reverse<Held>>,
    latest: i64,
    given: i64,
    place: u64,
    done: bool,
    /// Why the inner source stopped; told when everything before it has come out.
    failed: Option<Error>,
}

impl<S: Source> Sorted<S> {
    /// Sorts within `window` ns.
    pub const fn new(inner: S, window: i64) -> Self {
        let held = BinaryHeap::new();
        Self { inner, window, held, latest: i64::MIN, given: i64::MIN, place: 0, done: false, failed: None }
    }
}

impl<S: Source> Source for Sorted<S> {
    fn symbols(&self) -> &[Symbol] {
        self.inner.symbols()
    }

    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        while !self.done {
            let ripe = self
                .held
                .peek()
                .is_some_and(|Reverse(first)| self.latest.saturating_sub(first.event.venue) > self.window);
            if ripe {
                break;
            }
            let event = match self.inner.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => {
                    self.done = true;
                    break;
                }
                Err(error) => {
                    self.done = true;
                    self.failed = Some(error);
                    break;
                }
            };
            self.place += 1;
            if event.venue < self.given {
                return Err(Error::Late {
                    event: self.place,
                    time: event.venue,
                    late: self.given - event.venue,
                    window: self.window,
                });
            }
            if self.held.len() == HELD_LIMIT {
                let (what, limit) = ("a window of events", HELD_LIMIT as u64);
                return Err(Error::TooLarge { what, offset: self.place, found: limit + 1, limit });
            }
            self.latest = if event.venue > self.latest { event.venue } else { self.latest };
            self.held.push(Reverse(Held { key: event.key(), place: self.place, event }));
        }
        let next = self.held.pop().map(|Reverse(held)| held.event);
        if let (None, Some(error)) = (next, self.failed.take_if(|_| next.is_none())) {
            return Err(error);
        }
        if let Some(event) = next {
            self.given = event.venue;
        }
        Ok(next)
    }

    fn notes(&self) -> Notes {
        self.inner.notes()
    }

    fn format(&self) -> &'static str {
        self.inner.format()
    }
}
