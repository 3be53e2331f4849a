//! One scenario, five ways: whatever must not matter is changed, and nothing may move.

use crate::render::{Stopped, render};
use crate::scenario::{Loaded, Scenario};
use crate::{Error, QuoteMaker};
use samebits_executor::{
    Digest, Engine, Event, FeedClock, Instrument, Kind, Market, Report, Rules, Sink, Strategy, run_by,
};

/// Name of the symbol and the strategy that must not matter.
pub(crate) const NOISE: &str = "!noise";

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Plain,
    Again,
    Reversed,
    Noise,
    Split,
}

impl Way {
    pub(crate) const ALL: [Self; 5] = [Self::Plain, Self::Again, Self::Reversed, Self::Noise, Self::Split];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Again => "a second time in the process",
            Self::Reversed => "symbols and strategies named in reverse",
            Self::Noise => "with another symbol and strategy beside it",
            Self::Split => "split at a checkpoint",
        }
    }
}

/// Replays a tape scenario one way; gives its canonical text.
pub(crate) fn replay(scenario: &Scenario, tape: &Loaded, way: Way) -> Result<String, Error> {
    let mut markets = scenario.markets()?;
    let mut strategies = scenario.strategies()?;
    if way == Way::Reversed {
        markets.reverse();
        strategies.reverse();
    }
    if way == Way::Noise {
        add_noise(&mut markets, &mut strategies);
    }
    let mut engine = Engine::new(markets, strategies);
    let events = number(scenario, &engine, tape)?;
    let count = events.len();
    let events = if way == Way::Noise { with_noise(&engine, &events) } else { events };
    let mut reports: Vec<Report> = Vec::new();
    let clock = scenario.feed_clock()?;
    let result = if way == Way::Split && clock != FeedClock::Receive {
        split(scenario, &mut engine, &events, &mut reports)
    } else {
        run_by(clock, &mut engine, &events, scenario.skew(), &mut reports)
    };
    let stopped = match (result, &tape.failed) {
        (Err(error), _) => Stopped::Engine(error.to_string()),
        (Ok(()), Some(error)) => Stopped::Tape(error.to_string()),
        (Ok(()), None) => Stopped::No,
    };
    Ok(render(&engine, &reports, count, &stopped))
}

/// Goes on from a checkpoint that depends on the name alone; the engine that made it is dropped.
fn split(
    scenario: &Scenario,
    engine: &mut Engine,
    events: &[Event],
    sink: &mut dyn Sink,
) -> Result<(), samebits_executor::Error> {
    let key = Digest::of(scenario.name.as_bytes()).0;
    let place = u64::from_le_bytes([key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7]]);
    let cut = if events.is_empty() { 0 } else { (place % events.len() as u64) as usize };
    let (before, after) = events.split_at(cut);
    for event in before {
        engine.step(event, sink)?;
    }
    *engine = engine.clone();
    for event in after {
        engine.step(event, sink)?;
    }
    engine.finish(sink)
}

/// Gives events the engine's numbers of their symbols.
fn number(scenario: &Scenario, engine: &Engine, tape: &Loaded) -> Result<Vec<Event>, Error> {
    let find = |(name, event): &(String, Event)| {
        let symbol = engine
            .symbol(name)
            .ok_or_else(|| scenario.bad(format!("its tape has symbol `{name}`, it has not")))?;
        Ok(Event { symbol, ..*event })
    };
    tape.events.iter().map(find).collect()
}

fn add_noise(markets: &mut Vec<(Instrument, Rules)>, strategies: &mut Vec<Box<dyn Strategy>>) {
    markets.push((Instrument::new(NOISE), Rules::new(Market::Levels)));
    strategies.push(Box::new(QuoteMaker::new(NOISE, NOISE, 3, 1, 1, 50)));
}

/// After every event one of the noise symbol: trades both ways and a book around them.
fn with_noise(engine: &Engine, events: &[Event]) -> Vec<Event> {
    let Some(symbol) = engine.symbol(NOISE) else { return events.to_vec() };
    let mut all = Vec::with_capacity(2 * events.len());
    for (number, event) in (0_i64..).zip(events) {
        all.push(*event);
        // Rows of one update stay together; a session change comes before all market data of its instant.
        if event.last && event.kind != Kind::Session {
            let side =
                if number % 2 == 0 { samebits_executor::Side::Buy } else { samebits_executor::Side::Sell };
            let price = side.worse(1_000, 1) + number % 3;
            let noise = Event {
                price,
                qty: 1 + number % 5,
                symbol,
                side: Some(side),
                ..Event::new(event.venue, Kind::Trade)
            };
            all.push(Event {
                receive: event.receive,
                source: event.source,
                sequence: event.sequence,
                ..noise
            });
        }
    }
    all
}
