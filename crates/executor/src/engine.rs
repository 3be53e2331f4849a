//! The merge of everything that happens, in one total order.

use crate::account::Account;
use crate::digest::{Digest, Stream};
use crate::event::{Class, Event, Phase, SortKey};
use crate::instrument::Instrument;
use crate::lane::Lane;
use crate::latency::Leg;
use crate::mutant;
use crate::order::{Message, Order, Reason, State};
use crate::report::{Report, What};
use crate::rules::{FeedClock, Rules};
use crate::strategy::{Context, Strategy};
use crate::{Error, Problem, Side};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Where reports go.
pub trait Sink {
    /// Takes one report.
    fn report(&mut self, report: &Report);
}

impl Sink for Vec<Report> {
    fn report(&mut self, report: &Report) {
        self.push(*report);
    }
}

/// A sink that keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Discard;

impl Sink for Discard {
    fn report(&mut self, _: &Report) {}
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Message { owner: u16, message: Message },
    Event { owner: u16, event: Event },
    Report { report: Report },
    Timer { owner: u16, token: u64 },
    Expiry { lane: u16, order: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    key: SortKey,
    item: Item,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

struct Seat {
    name: String,
    /// A number that follows from the name alone.
    key: u64,
    strategy: Box<dyn Strategy>,
    messages: u64,
    deliveries: u64,
    last_arrival: i64,
}

impl Clone for Seat {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), strategy: self.strategy.fork(), ..*self }
    }
}

/// Symbols, strategies, and everything under way between them.
///
/// A clone is a checkpoint: it goes on from the same state on its own.
#[derive(Clone)]
pub struct Engine {
    lanes: Vec<Lane>,
    symbols: Vec<String>,
    seats: Vec<Seat>,
    calendar: BinaryHeap<Reverse<Entry>>,
    /// One stream of output for each strategy and symbol.
    streams: Vec<Stream>,
    outbox: Vec<Message>,
    timers: Vec<(i64, u64)>,
    last: Option<SortKey>,
    failed: Option<Error>,
}

impl Engine {
    /// An engine for these symbols and strategies; both are ordered by name, so the order given here never matters.
    pub fn new(symbols: Vec<(Instrument, Rules)>, strategies: Vec<Box<dyn Strategy>>) -> Self {
        let mut symbols = symbols;
        let mut strategies = strategies;
        if mutant!("order.registration", true, false) {
            symbols.sort_by(|a, b| a.0.symbol.cmp(&b.0.symbol));
            strategies.sort_by(|a, b| a.name().cmp(b.name()));
        }
        let owners = strategies.len();
        let names: Vec<String> = symbols.iter().map(|(instrument, _)| instrument.symbol.clone()).collect();
        let lanes: Vec<Lane> = (0_u16..)
            .zip(symbols)
            .map(|(number, (instrument, rules))| Lane::new(number, instrument, rules, owners))
            .collect();
        let seats: Vec<Seat> = strategies
            .into_iter()
            .map(|strategy| Seat {
                name: strategy.name().to_owned(),
                key: name_key(strategy.name()),
                strategy,
                messages: 0,
                deliveries: 0,
                last_arrival: i64::MIN,
            })
            .collect();
        let streams = vec![Stream::default(); lanes.len() * owners];
        let mut engine = Self {
            lanes,
            symbols: names,
            seats,
            calendar: BinaryHeap::new(),
            streams,
            outbox: Vec::new(),
            timers: Vec::new(),
            last: None,
            failed: None,
        };
        for owner in 0..owners as u16 {
            engine.call(owner, i64::MIN, |strategy, context| strategy.on_start(context));
        }
        engine
    }

    /// The number of a symbol.
    pub fn symbol(&self, name: &str) -> Option<u16> {
        self.symbols.iter().position(|known| known == name).map(|at| at as u16)
    }

    /// Names of symbols, by number.
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// The name of a strategy.
    pub fn strategy(&self, owner: u16) -> &str {
        self.seats.get(usize::from(owner)).map_or("?", |seat| &seat.name)
    }

    /// Takes the next market event: what is due before it happens first.
    ///
    /// # Errors
    /// An event that cannot be applied. Nothing that it would have caused is reported, and the engine takes no more.
    pub fn step(&mut self, event: &Event, sink: &mut dyn Sink) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let result = self.advance(event, sink);
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        result
    }

    fn advance(&mut self, event: &Event, sink: &mut dyn Sink) -> Result<(), Error> {
        let key = event.key();
        if let Some(last) = self.last.filter(|last| *last > key) {
            return Err(Problem::OutOfOrder { before: last.time }.at(0, event.venue));
        }
        self.run_before(key, sink)?;
        self.last = Some(key);
        self.known(event)?;
        let lane = &mut self.lanes[usize::from(event.symbol)];
        if let Err(error) = lane.market(event) {
            lane.out.clear();
            return Err(error);
        }
        let quiet = lane.out.is_empty() && lane.deadlines.is_empty();
        let clock = lane.rules.feed_clock;
        if !quiet {
            self.collect(event.symbol, sink);
        }
        if !self.seats.is_empty() && clock != FeedClock::Receive {
            let time = if clock == FeedClock::Causal { event.receive.max(event.venue) } else { event.venue };
            self.show(event, time);
        }
        Ok(())
    }

    fn known(&self, event: &Event) -> Result<(), Error> {
        let known = self.lanes.len();
        if usize::from(event.symbol) < known {
            return Ok(());
        }
        Err(Problem::UnknownSymbol { symbol: event.symbol, known }.at(0, event.venue))
    }

    /// Tells strategies of an event ahead of the venue, under [`FeedClock::Receive`].
    ///
    /// # Errors
    /// An event that was received before what has happened already.
    pub fn feed(&mut self, event: &Event) -> Result<(), Error> {
        if let Some(last) = self.last.filter(|last| event.receive < last.time) {
            return Err(Problem::OutOfOrder { before: last.time }.at(0, event.receive));
        }
        self.known(event)?;
        for owner in 0..self.seats.len() as u16 {
            self.deliver_event(owner, event, event.receive);
        }
        Ok(())
    }

    /// Does everything that is due up to and including the instant of the last event.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Result<(), Error> {
        let Some(last) = self.last else { return Ok(()) };
        let end = SortKey {
            time: last.time,
            class: Class::Timer,
            source: u16::MAX,
            sequence: u64::MAX,
            submission: u64::MAX,
        };
        self.run_before(end, sink)
    }

    fn run_before(&mut self, key: SortKey, sink: &mut dyn Sink) -> Result<(), Error> {
        while self.calendar.peek().is_some_and(|Reverse(entry)| entry.key < key) {
            let Some(Reverse(entry)) = self.calendar.pop() else { break };
            self.happen(&entry, sink)?;
        }
        Ok(())
    }

    fn happen(&mut self, entry: &Entry, sink: &mut dyn Sink) -> Result<(), Error> {
        let time = entry.key.time;
        match &entry.item {
            Item::Message { owner, message } => {
                if let Some(lane) = self.lanes.get_mut(usize::from(message.symbol())) {
                    lane.arrive(time);
                    let events = lane.events;
                    lane.message(*owner, message).map_err(|problem| problem.at(events, time))?;
                    self.collect(message.symbol(), sink);
                }
            }
            Item::Expiry { lane: number, order } => {
                if let Some(lane) = self.lanes.get_mut(usize::from(*number)) {
                    lane.arrive(time);
                    let events = lane.events;
                    lane.expire(*order).map_err(|problem| problem.at(events, time))?;
                    self.collect(*number, sink);
                }
            }
            Item::Event { owner, event } => {
                self.call(*owner, time, |strategy, context| strategy.on_event(event, context));
            }
            Item::Report { report } => {
                self.call(report.owner, time, |strategy, context| strategy.on_report(report, context));
            }
            Item::Timer { owner, token } => {
                self.call(*owner, time, |strategy, context| strategy.on_timer(*token, context));
            }
        }
        Ok(())
    }

    /// Fetches what a symbol has put out: to the digest, the sink, and under way to the strategies.
    fn collect(&mut self, number: u16, sink: &mut dyn Sink) {
        let lane = &mut self.lanes[usize::from(number)];
        let mut out = std::mem::take(&mut lane.out);
        for (time, order) in std::mem::take(&mut lane.deadlines) {
            let sequence = lane.orders.get(order as usize).map_or(0, |order| order.submitted);
            let class = mutant!("order.expiry-after-market", Class::Expiry, Class::Arrival);
            let key = SortKey { time, class, source: number, sequence, submission: 0 };
            self.calendar.push(Reverse(Entry { key, item: Item::Expiry { lane: number, order } }));
        }
        for report in &out {
            self.streams[usize::from(report.owner) * self.symbols.len() + usize::from(number)]
                .push(&report.bytes());
            sink.report(report);
            let lane = &self.lanes[usize::from(number)];
            let seat = &mut self.seats[usize::from(report.owner)];
            let delay = lane.rules.leg(Leg::Report).of(Leg::Report, report.time, seat.key, report.order);
            seat.deliveries += 1;
            let key = SortKey {
                time: report.time.saturating_add(delay),
                class: mutant!("order.reports-before-market", Class::Delivery, Class::Expiry),
                source: report.owner,
                sequence: seat.deliveries,
                submission: 0,
            };
            self.calendar.push(Reverse(Entry { key, item: Item::Report { report: *report } }));
        }
        out.clear();
        self.lanes[usize::from(number)].out = out;
    }

    /// Shows a market event to every strategy: at once without latency, else on its way.
    fn show(&mut self, event: &Event, time: i64) {
        for owner in 0..self.seats.len() as u16 {
            self.deliver_event(owner, event, time);
        }
    }

    fn deliver_event(&mut self, owner: u16, event: &Event, time: i64) {
        let rules = &self.lanes[usize::from(event.symbol)].rules;
        let seat = &mut self.seats[usize::from(owner)];
        let delay = rules.leg(Leg::Feed).of(Leg::Feed, time, seat.key, event.sequence);
        let at = time.saturating_add(delay);
        if at == event.venue && rules.feed_clock != FeedClock::Receive {
            self.call(owner, at, |strategy, context| strategy.on_event(event, context));
            return;
        }
        seat.deliveries += 1;
        let key = SortKey {
            time: at,
            class: Class::Delivery,
            source: owner,
            sequence: seat.deliveries,
            submission: 0,
        };
        self.calendar.push(Reverse(Entry { key, item: Item::Event { owner, event: *event } }));
    }

    /// Calls a strategy and puts what it sends on its way.
    fn call(&mut self, owner: u16, now: i64, what: impl FnOnce(&mut dyn Strategy, &mut Context<'_>)) {
        let Some(seat) = self.seats.get_mut(usize::from(owner)) else { return };
        let mut context =
            Context { now, symbols: &self.symbols, outbox: &mut self.outbox, timers: &mut self.timers };
        what(&mut *seat.strategy, &mut context);
        for (time, token) in self.timers.drain(..) {
            seat.deliveries += 1;
            let time = if time > now { time } else { now };
            let key = SortKey {
                time,
                class: Class::Timer,
                source: owner,
                sequence: seat.deliveries,
                submission: 0,
            };
            self.calendar.push(Reverse(Entry { key, item: Item::Timer { owner, token } }));
        }
        for message in self.outbox.drain(..) {
            let Some(lane) = self.lanes.get(usize::from(message.symbol())) else { continue };
            let (leg, order) = match message {
                Message::New(order) => (Leg::Submit, order.id),
                Message::Replace { id, .. } => (Leg::Replace, id),
                Message::Cancel { id, .. } => (Leg::Cancel, id),
                Message::CancelAll { .. } => (Leg::Cancel, u64::MAX),
            };
            let mut time = now.saturating_add(lane.rules.leg(leg).of(leg, now, seat.key, order));
            if lane.rules.in_order && mutant!("latency.reorders", true, false) {
                time = if seat.last_arrival > time { seat.last_arrival } else { time };
            }
            seat.last_arrival = time;
            seat.messages += 1;
            let class = mutant!("order.messages-before-market", Class::Arrival, Class::Session);
            let key = SortKey { time, class, source: owner, sequence: seat.messages, submission: 0 };
            self.calendar.push(Reverse(Entry { key, item: Item::Message { owner, message } }));
        }
    }

    /// The digest of everything that these strategies have caused, by names of strategy and symbol.
    pub fn digest(&self, counts: impl Fn(&str) -> bool) -> Digest {
        let mut all = Vec::new();
        for (owner, seat) in self.seats.iter().enumerate().filter(|(_, seat)| counts(&seat.name)) {
            for (number, symbol) in self.symbols.iter().enumerate() {
                let stream = &self.streams[owner * self.symbols.len() + number];
                if stream.records() > 0 {
                    for text in [&seat.name, symbol] {
                        all.extend_from_slice(&(text.len() as u64).to_le_bytes());
                        all.extend_from_slice(text.as_bytes());
                    }
                    all.extend_from_slice(&stream.digest().0);
                }
            }
        }
        Digest::of(&all)
    }

    /// Every order, by strategy, symbol and submission.
    pub fn orders(&self) -> Vec<OrderSummary> {
        let mut all = Vec::new();
        for (owner, seat) in self.seats.iter().enumerate() {
            for lane in &self.lanes {
                let own = lane.orders.iter().filter(|order| usize::from(order.owner) == owner);
                all.extend(own.map(|order| OrderSummary::of(order, &seat.name, &lane.instrument.symbol)));
            }
        }
        all
    }

    /// Every strategy's account in every symbol that it has traded.
    pub fn accounts(&self) -> Vec<(String, String, Account)> {
        let mut all = Vec::new();
        for (owner, seat) in self.seats.iter().enumerate() {
            for lane in &self.lanes {
                let account = lane.accounts[owner];
                if account != Account::default() {
                    all.push((seat.name.clone(), lane.instrument.symbol.clone(), account));
                }
            }
        }
        all
    }

    /// Bid and ask of a symbol, with displayed lots.
    pub fn top(&self, symbol: u16) -> [Option<(i64, i64)>; 2] {
        [Side::Buy, Side::Sell].map(|side| {
            let lane = self.lanes.get(usize::from(symbol))?;
            let price = lane.book.best_shown(side)?;
            Some((price, lane.book.shown_at(side, price)))
        })
    }

    /// The phase of a symbol's session.
    pub fn phase(&self, symbol: u16) -> Option<Phase> {
        self.lanes.get(usize::from(symbol)).map(|lane| lane.phase)
    }

    /// A digest of the book of a symbol: every level and every place in every queue.
    pub fn book_digest(&self, symbol: u16) -> Option<Digest> {
        self.lanes.get(usize::from(symbol)).map(|lane| Digest::of(&lane.book.canonical()))
    }

    /// The instrument of a symbol.
    pub fn instrument(&self, symbol: u16) -> Option<&Instrument> {
        self.lanes.get(usize::from(symbol)).map(|lane| &*lane.instrument)
    }
}

fn name_key(name: &str) -> u64 {
    let digest = Digest::of(name.as_bytes());
    digest.0.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// An order at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSummary {
    /// Its strategy.
    pub strategy: String,
    /// Its symbol.
    pub symbol: String,
    /// The strategy's number for it.
    pub id: u64,
    /// Buy or sell.
    pub side: Side,
    /// Where it stands.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// The price at which it rests or rested, in ticks.
    pub price: i64,
    /// Lots that filled.
    pub filled: i64,
    /// Lots that are open.
    pub open: i64,
    /// Sum of price times lots, in ticks times lots: over `filled` it is the exact average price.
    pub paid: i128,
    /// The average price in ticks, rounded half to even.
    pub average: Option<i64>,
    /// Fees in minor units.
    pub fees: i128,
}

impl OrderSummary {
    fn of(order: &Order, strategy: &str, symbol: &str) -> Self {
        Self {
            strategy: strategy.to_owned(),
            symbol: symbol.to_owned(),
            id: order.new.id,
            side: order.new.side,
            state: order.state,
            reason: order.reason,
            price: order.price,
            filled: order.filled,
            open: order.open,
            paid: order.paid,
            average: Lane::average(order),
            fees: order.fees,
        }
    }
}

/// A sink that counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reports of any kind.
    pub reports: u64,
    /// Fills.
    pub fills: u64,
    /// Lots filled.
    pub lots: i128,
}

impl Sink for Counts {
    fn report(&mut self, report: &Report) {
        self.reports += 1;
        if report.what == What::Filled {
            self.fills += 1;
            self.lots += i128::from(report.qty);
        }
    }
}
