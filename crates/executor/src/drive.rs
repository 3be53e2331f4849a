//! A whole tape through an engine.

use crate::Error;
use crate::engine::{Engine, Sink};
use crate::event::Event;
use crate::rules::FeedClock;
use std::collections::VecDeque;

/// Runs `events` through the engine, in their order, and does what is due at the last instant.
///
/// # Errors
/// The first event that cannot be applied.
pub fn run<'a>(
    engine: &mut Engine,
    events: impl IntoIterator<Item = &'a Event>,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    for event in events {
        engine.step(event, sink)?;
    }
    engine.finish(sink)
}

/// As [`run`], for strategies that see events at their receive time ([`FeedClock::Receive`]): events are read ahead by
/// `skew` ns, the most by which a receiver's clock is behind the venue's.
///
/// # Errors
/// The first event that cannot be applied, or that was received more than `skew` before the venue made it.
pub fn run_by_receive_time<'a>(
    engine: &mut Engine,
    events: impl IntoIterator<Item = &'a Event>,
    skew: i64,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let mut ahead: VecDeque<&Event> = VecDeque::new();
    for event in events {
        engine.feed(event)?;
        ahead.push_back(event);
        while let Some(first) = ahead.front().filter(|first| event.venue.saturating_sub(first.venue) > skew) {
            engine.step(first, sink)?;
            ahead.pop_front();
        }
    }
    for event in ahead {
        engine.step(event, sink)?;
    }
    engine.finish(sink)
}

/// [`run`] or [`run_by_receive_time`], whichever the clock asks for.
///
/// # Errors
/// As those.
pub fn run_by(
    clock: FeedClock,
    engine: &mut Engine,
    events: &[Event],
    skew: i64,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    match clock {
        FeedClock::Receive => run_by_receive_time(engine, events, skew, sink),
        FeedClock::Venue | FeedClock::Causal => run(engine, events, sink),
    }
}
