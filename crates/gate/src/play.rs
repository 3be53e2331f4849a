//! A scenario's symbols and strategies on any source of events, one event at a time.

use crate::Error;
use crate::scenario::Scenario;
use samebits_executor::{Engine, Event, FeedClock, QueueModel, Report};
use samebits_tape::Source;

/// What a played source gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Played {
    /// Events taken.
    pub events: u64,
    /// Reports made.
    pub reports: u64,
}

/// Plays a source through a scenario; `each` sees every report as it comes out. `queue` replaces the queue model of every
/// symbol.
///
/// # Errors
/// A scenario that cannot be built or sees events by receive time, a source that cannot be read, an event that cannot be
/// applied.
pub fn play(
    scenario: &Scenario,
    source: &mut dyn Source,
    queue: Option<QueueModel>,
    each: &mut dyn FnMut(&Engine, &Report) -> std::io::Result<()>,
) -> Result<Played, Error> {
    let mut markets = scenario.markets()?;
    for (_, rules) in &mut markets {
        rules.queue = queue.unwrap_or(rules.queue);
        if rules.feed_clock == FeedClock::Receive {
            return Err(scenario.bad("feed_clock = receive needs the whole tape ahead of time"));
        }
    }
    let mut engine = Engine::new(markets, scenario.strategies()?);
    let mut numbers: Vec<u16> = Vec::new();
    let mut played = Played::default();
    let mut reports: Vec<Report> = Vec::new();
    let read = |source: samebits_tape::Error| Error::Tape { path: scenario.folder.clone(), source };
    while let Some(event) = source.next_event().map_err(read)? {
        while numbers.len() <= usize::from(event.symbol) {
            let name = source.symbols().get(numbers.len()).map_or("", |symbol| &symbol.name);
            let number = engine.symbol(name);
            numbers.push(
                number.ok_or_else(|| scenario.bad(format!("the source has symbol `{name}`, it has not")))?,
            );
        }
        let event = Event { symbol: numbers[usize::from(event.symbol)], ..event };
        engine.step(&event, &mut reports).map_err(|error| scenario.bad(error.to_string()))?;
        played.events += 1;
        hand_on(&engine, &mut reports, &mut played, each)?;
    }
    engine.finish(&mut reports).map_err(|error| scenario.bad(error.to_string()))?;
    hand_on(&engine, &mut reports, &mut played, each)?;
    Ok(played)
}

fn hand_on(
    engine: &Engine,
    reports: &mut Vec<Report>,
    played: &mut Played,
    each: &mut dyn FnMut(&Engine, &Report) -> std::io::Result<()>,
) -> Result<(), Error> {
    for report in reports.drain(..) {
        played.reports += 1;
        each(engine, &report).map_err(Error::io("the log of fills"))?;
    }
    Ok(())
}
