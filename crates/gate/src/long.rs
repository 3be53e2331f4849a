//! The long tape: millions of events, checked at checkpoints, bisected to the first record that differs.

use crate::render::{Stopped, render};
use crate::{Acceptance, Error, QuoteMaker};
use samebits_executor::{
    Engine, Event, Instrument, Kind, Market, Message, NewOrder, Report, Rules, Script, Side, Strategy,
};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Events between two checkpoints.
const EVERY: u64 = 100_000;
/// Records shown around the first one that differs.
const SHOWN: usize = 3;

/// A market from a seed: a walking price, a book around it, trades at its best prices.
pub struct LongTape {
    state: u64,
    left: u64,
    number: u64,
    mid: i64,
}

/// `events` events of the long tape.
pub const fn long_tape(events: u64) -> LongTape {
    LongTape { state: 0x9E37_79B9_7F4A_7C15, left: events, number: 0, mid: 100_000 }
}

impl LongTape {
    fn draw(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

impl Iterator for LongTape {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.left = self.left.checked_sub(1)?;
        self.number += 1;
        let draw = self.draw();
        let side = if draw & 1 == 0 { Side::Buy } else { Side::Sell };
        let time = (self.number * 1_000_000) as i64;
        let row = |kind, price, qty| Event {
            price,
            qty,
            sequence: self.number,
            side: Some(side),
            ..Event::new(time, kind)
        };
        // Now and then the market moves by a tick, and the side that it moves into gives up that price.
        if (draw >> 8).is_multiple_of(4_096) {
            let up = (draw >> 20) & 1 == 0;
            self.mid += if up { 1 } else { -1 };
            let gone = if up { Side::Sell } else { Side::Buy };
            return Some(Event { side: Some(gone), ..row(Kind::Level, self.mid, 0) });
        }
        // Every 64th event trades at the best price.
        Some(if (draw >> 1).is_multiple_of(64) {
            row(Kind::Trade, side.worse(self.mid, 1), 1 + (draw >> 24 & 7) as i64)
        } else {
            let depth = 1 + (draw >> 32 & 15) as i64;
            let price = side.opposite().worse(self.mid, depth);
            row(Kind::Level, price, (draw >> 40 & 63) as i64)
        })
    }
}

/// The engine of the long tape: a quote maker, and a script of a few orders of every kind.
fn engine() -> Result<Engine, Error> {
    let text = "
        on event 1000 -> buy 5 limit 99950
        on event 2000 -> sell 40 trail 25 id=2
        on event 3000 -> buy 60 limit 100040 show=7 id=3
        on fill 3 -> sell 60 take 100080 oco=1 id=4
        on fill 3 -> sell 60 stop 99900 oco=1 id=5";
    let symbols = ["LONG".to_owned()];
    let script = Script::parse("script", &symbols, text)
        .map_err(|error| Error::Scenario { path: "the long tape".into(), problem: error.to_string() })?;
    let mut rules = Rules::new(Market::Levels);
    rules.queue = samebits_executor::QueueModel::Proportional;
    let maker: Box<dyn Strategy> = Box::new(QuoteMaker::new("maker", "LONG", 4, 500_000_000, 1, 100));
    let resting: Box<dyn Strategy> = Box::new(Resting { done: false });
    Ok(Engine::new(vec![(Instrument::new("LONG"), rules)], vec![maker, Box::new(script), resting]))
}

/// A thousand orders that rest far from the market.
#[derive(Debug, Clone)]
struct Resting {
    done: bool,
}

impl Strategy for Resting {
    fn name(&self) -> &'static str {
        "resting"
    }

    fn on_event(&mut self, event: &Event, context: &mut samebits_executor::Context<'_>) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        for number in 0..1_000 {
            let side = if number % 2 == 0 { Side::Buy } else { Side::Sell };
            let price = side.opposite().worse(100_000, 20_000 + number);
            let order = NewOrder::limit(1 + number as u64, side, 1, price);
            context.send(Message::New(NewOrder { symbol: event.symbol, ..order }));
        }
    }

    fn fork(&self) -> Box<dyn Strategy> {
        Box::new(self.clone())
    }
}

/// Two bytes of a record's digest: enough to find the first one that differs.
fn print(report: &Report) -> [u8; 2] {
    let bytes = samebits_executor::Digest::of(&report.bytes()).0;
    [bytes[0], bytes[1]]
}

/// What a long run gave.
#[derive(Debug, Clone)]
pub struct LongReport {
    /// One line for each checkpoint.
    pub checkpoints: String,
    /// Two bytes for each record.
    pub prints: Vec<u8>,
    /// Events replayed.
    pub events: u64,
}

impl LongReport {
    /// Replays `events` events of the long tape.
    ///
    /// # Errors
    /// An event that the engine cannot apply.
    pub fn replay(events: u64) -> Result<Self, Error> {
        let mut engine = engine()?;
        let mut reports = Vec::new();
        let mut report = Self { checkpoints: String::new(), prints: Vec::new(), events };
        for (number, event) in (1..).zip(long_tape(events)) {
            engine.step(&event, &mut reports).map_err(|error| stopped(&error))?;
            report.prints.extend(reports.drain(..).flat_map(|record| print(&record)));
            if number % EVERY == 0 || number == events {
                report.checkpoint(&engine, number);
            }
        }
        Ok(report)
    }

    fn checkpoint(&mut self, engine: &Engine, number: u64) {
        let book = engine.book_digest(0).map_or_else(String::new, |digest| digest.short());
        let digest = engine.digest(|_| true).short();
        // Writing into a string cannot fail.
        let _ = writeln!(
            self.checkpoints,
            "{number} records={} digest={digest} book={book}",
            self.prints.len() / 2
        );
    }

    /// Takes this report as the expectation and notes it in the ledger; gives the line of the ledger.
    ///
    /// # Errors
    /// [`Error::Refused`] when unattended or without a reason, files that cannot be written.
    pub fn accept(&self, folder: &Path, acceptance: &Acceptance) -> Result<String, Error> {
        acceptance.check("long")?;
        std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let old = std::fs::read_to_string(folder.join("checkpoints.txt")).ok();
        let line = acceptance.line(old.as_deref(), &self.checkpoints);
        self.freeze(folder)?;
        let ledger = folder.join("REGEN.log");
        let opened = std::fs::OpenOptions::new().create(true).append(true).open(&ledger);
        opened.and_then(|mut file| file.write_all(line.as_bytes())).map_err(Error::io(&ledger))?;
        Ok(line)
    }

    /// Writes the expectation.
    fn freeze(&self, folder: &Path) -> Result<(), Error> {
        for (name, bytes) in [("checkpoints.txt", self.checkpoints.as_bytes()), ("prints.bin", &self.prints)]
        {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(Error::io(&path))?;
        }
        Ok(())
    }
}

fn stopped(error: &samebits_executor::Error) -> Error {
    Error::Scenario { path: "the long tape".into(), problem: error.to_string() }
}

/// Where a long run parts from its expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bisected {
    /// The last checkpoint that is equal, in events.
    pub equal_until: u64,
    /// The first checkpoint that differs.
    pub differs_at: u64,
    /// The first record that differs, from 1; none if only the book does.
    pub record: Option<usize>,
    /// That record and the ones around it, as they come out now.
    pub context: Vec<String>,
    /// Digests of checkpoints looked at.
    pub steps: usize,
}

/// Compares a long run with its frozen expectation; on a difference, finds the first record that differs: the checkpoints
/// are bisected (digests are chained, so once different they stay so), then the records between two of them are compared.
///
/// # Errors
/// An expectation that cannot be read.
pub fn bisect(found: &LongReport, folder: &Path) -> Result<Option<Bisected>, Error> {
    let path = folder.join("checkpoints.txt");
    let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
    let path = folder.join("prints.bin");
    let prints = std::fs::read(&path).map_err(Error::io(&path))?;
    if text == found.checkpoints && prints == found.prints {
        return Ok(None);
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), found.checkpoints.lines().collect());
    let number = |line: Option<&&str>| {
        line.and_then(|line| line.split(' ').next()).and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    let (mut low, mut high, mut steps) = (0, old.len().min(new.len()), 0);
    while low < high {
        let middle = low.midpoint(high);
        steps += 1;
        if old[middle] == new[middle] {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let equal_until = if low == 0 { 0 } else { number(new.get(low - 1)) };
    let (old, now) = (prints.as_chunks::<2>().0, found.prints.as_chunks::<2>().0);
    let record = old.iter().zip(now).position(|(old, new)| old != new);
    let record = record.or((old.len() != now.len()).then(|| old.len().min(now.len())));
    let context = match record {
        Some(record) => around(found.events, record)?,
        None => Vec::new(),
    };
    let differs_at = number(new.get(low));
    Ok(Some(Bisected { equal_until, differs_at, record: record.map(|record| record + 1), context, steps }))
}

/// Replays again and keeps the records around one of them.
fn around(events: u64, record: usize) -> Result<Vec<String>, Error> {
    let mut engine = engine()?;
    let mut kept: Vec<Report> = Vec::new();
    let (mut fresh, mut seen) = (Vec::new(), 0);
    let wanted = record.saturating_sub(SHOWN)..=record + SHOWN;
    for event in long_tape(events) {
        engine.step(&event, &mut fresh).map_err(|error| stopped(&error))?;
        for report in fresh.drain(..) {
            if wanted.contains(&seen) {
                kept.push(report);
            }
            seen += 1;
        }
        if seen > *wanted.end() {
            break;
        }
    }
    let text = render(&engine, &kept, 0, &Stopped::No);
    Ok(text.lines().take(kept.len()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_record_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let events = 250_000;
        let report = LongReport::replay(events).unwrap();
        report.freeze(folder.path()).unwrap();
        assert_eq!(bisect(&report, folder.path()).unwrap(), None);
        // The expectation gets another byte in its 1,500th record, and another digest from its checkpoint on.
        let mut other = report.clone();
        other.prints[2 * 1_499] ^= 1;
        let at = report.checkpoints.lines().position(|line| {
            let records = line.split("records=").nth(1).and_then(|text| text.split(' ').next());
            records.and_then(|text| text.parse::<usize>().ok()).is_some_and(|records| records >= 1_500)
        });
        let at = at.expect("the record lies before a checkpoint");
        let lines: Vec<String> = (0..)
            .zip(report.checkpoints.lines())
            .map(
                |(number, line)| {
                    if number < at { line.to_owned() } else { line.replace("digest=", "digest=x") }
                },
            )
            .collect();
        other.checkpoints = lines.join("\n") + "\n";
        other.freeze(folder.path()).unwrap();
        let found = bisect(&report, folder.path()).unwrap().expect("a difference");
        assert_eq!(found.record, Some(1_500));
        assert_eq!(found.equal_until, at as u64 * EVERY);
        assert_eq!(found.context.len(), 2 * SHOWN + 1);
    }
}
