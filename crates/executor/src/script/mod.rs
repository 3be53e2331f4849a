//! Strategies as data: lines of `when -> what`.
//!
//! ```text
//! on trade -> buy 25 market                      the first trade
//! on trade >= 10150 -> sell 25 stop 10120        the first trade at or above a price
//! on event 3 -> buy 5 limit 9990 id=7 tif=day    the third market event that the strategy sees
//! on fill 7 -> sell 5 limit 10010 oco=1          the first fill of its order 7
//! at 2000000000 -> replace 7 3 9990              a time, ns UTC
//! at 2500000000 -> cancel 7                      or: cancel all
//! ```
//!
//! A line acts once. Prices are ticks, quantities lots. Orders without `id=` are numbered from 1 in the order of their
//! lines. After `buy N` or `sell N` comes `market`, `limit P`, `mtl`, `stop T`, `take T`, `touch T` or `trail TICKS` or
//! `trail Nbp`; a trigger may be followed by `limit P`. Options: `id=N`, `symbol=NAME`, `tif=gtc|day|ioc|fok|fok1|gtd:T`,
//! `post=reject|slide`, `reduce`, `show=N`, `oco=N`, `parent=N:full|partial`, `ref=last|bidask|mid|mark`, `from=P`
//! (activation of a trail), `weight=N`.

mod parse;

use crate::event::{Event, Kind};
use crate::order::Message;
use crate::report::{Report, What};
use crate::strategy::{Context, Strategy};

/// A line that is no rule of a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScriptError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// When a line acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    At(i64),
    Event(u64),
    Trade,
    TradeAtLeast(i64),
    TradeAtMost(i64),
    Fill(u64),
}

/// One line; messages have symbol number 0 until the start.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    when: When,
    message: Message,
    symbol: Option<String>,
    done: bool,
}

/// A strategy that does what its lines say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    name: String,
    symbols: Vec<String>,
    numbers: Vec<u16>,
    lines: Vec<Line>,
    seen: u64,
}

impl Script {
    /// Reads a script; it sees and trades `symbols`, the first one where a line names none.
    ///
    /// # Errors
    /// The first line that is no rule.
    pub fn parse(name: &str, symbols: &[String], text: &str) -> Result<Self, ScriptError> {
        let lines = parse::lines(text)?;
        for (number, line) in (1..).zip(&lines) {
            if line.symbol.as_ref().is_some_and(|symbol| !symbols.contains(symbol)) {
                let problem = format!("rule {number} names a symbol that the scenario does not have");
                return Err(ScriptError { line: number, problem });
            }
        }
        Ok(Self { name: name.to_owned(), symbols: symbols.to_vec(), numbers: Vec::new(), lines, seen: 0 })
    }

    fn act(&mut self, context: &mut Context<'_>, due: impl Fn(&When) -> bool) {
        for line in self.lines.iter_mut().filter(|line| !line.done) {
            if due(&line.when) {
                line.done = true;
                context.send(line.message);
            }
        }
    }
}

impl Strategy for Script {
    fn name(&self) -> &str {
        &self.name
    }

    fn on_start(&mut self, context: &mut Context<'_>) {
        self.numbers = self.symbols.iter().filter_map(|symbol| context.symbol(symbol)).collect();
        for line in &mut self.lines {
            let name = line.symbol.as_ref().or(self.symbols.first());
            if let Some(number) = name.and_then(|name| context.symbol(name)) {
                match &mut line.message {
                    Message::New(order) => order.symbol = number,
                    Message::Cancel { symbol, .. }
                    | Message::Replace { symbol, .. }
                    | Message::CancelAll { symbol } => *symbol = number,
                }
            }
            if let When::At(time) = line.when {
                context.wake_at(time, 0);
            }
        }
    }

    fn on_event(&mut self, event: &Event, context: &mut Context<'_>) {
        if !self.numbers.contains(&event.symbol) {
            return;
        }
        self.seen += 1;
        let seen = self.seen;
        let trade = (event.kind == Kind::Trade).then_some(event.price);
        self.act(context, |when| match when {
            When::Event(number) => *number == seen,
            When::Trade => trade.is_some(),
            When::TradeAtLeast(price) => trade.is_some_and(|traded| traded >= *price),
            When::TradeAtMost(price) => trade.is_some_and(|traded| traded <= *price),
            When::At(_) | When::Fill(_) => false,
        });
    }

    fn on_report(&mut self, report: &Report, context: &mut Context<'_>) {
        if report.what == What::Filled {
            self.act(context, |when| *when == When::Fill(report.order));
        }
    }

    fn on_timer(&mut self, _: u64, context: &mut Context<'_>) {
        let now = context.now;
        self.act(context, |when| matches!(when, When::At(time) if *time <= now));
    }

    fn fork(&self) -> Box<dyn Strategy> {
        Box::new(self.clone())
    }
}
