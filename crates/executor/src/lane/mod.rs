//! One symbol: its book, its orders, its phase. Symbols know nothing of each other.

mod auction;
mod client;
mod condition;
mod fill;
mod market;
mod matching;
mod orders;
mod session;
mod trigger;

use crate::account::Account;
use crate::book::{Book, IdMap};
use crate::event::{Event, Kind, Phase};
use crate::fees::Rolling;
use crate::instrument::Instrument;
use crate::order::{Order, Reason};
use crate::queue::Segment;
use crate::report::{Liquidity, Report, Rule, What};
use crate::rules::{Market, Rules};
use crate::{Error, Problem, Side, mutant};
use condition::Conditions;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Most triggered orders in one cascade.
const CASCADE_LIMIT: usize = 10_000;

/// An order that waits for its turn: a triggered one, or a child whose parent has traded.
#[derive(Debug, Clone, Copy)]
struct Ready {
    at: u32,
    /// The trigger price that fired, of a triggered order.
    trigger: Option<i64>,
}

/// The state of one symbol.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) symbol: u16,
    pub(crate) instrument: Arc<Instrument>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) book: Book,
    pub(crate) orders: Vec<Order>,
    index: IdMap,
    pub(crate) accounts: Vec<Account>,
    rolling: Vec<Rolling>,
    pub(crate) phase: Phase,
    pub(crate) last: Option<i64>,
    mark: Option<i64>,
    /// Price of the last print of the tape; own executions move `last`, not what the tape offers.
    print: Option<i64>,
    /// Lots of the last print that takers have not had.
    print_left: i64,
    /// Market events so far; the number of the one at hand.
    pub(crate) events: u64,
    pub(crate) now: i64,
    conditions: Conditions,
    ready: VecDeque<Ready>,
    fired: Vec<u32>,
    /// Orders by strategy and OCO number.
    groups: BTreeMap<(u16, u64), Vec<u32>>,
    /// Children by strategy and parent's number.
    children: BTreeMap<(u16, u64), Vec<u32>>,
    any_reduce_only: bool,
    /// Orders of each strategy that were not final when it was last looked through, by submission.
    active: Vec<Vec<u32>>,
    segments: Vec<(Segment, u32)>,
    /// Orders without a limit that wait for the end of an auction.
    market_orders: Vec<u32>,
    /// Levels with a shrink that waits for its trade, and since when.
    shrunk: Vec<(Side, i64)>,
    shrunk_at: i64,
    /// What has come out and not been fetched.
    pub(crate) out: Vec<Report>,
    /// Orders that expire, for the engine's calendar.
    pub(crate) deadlines: Vec<(i64, u32)>,
    /// Orders that rest or wait, to know without looking that there are none.
    live: usize,
}

impl Lane {
    pub(crate) fn new(symbol: u16, instrument: Instrument, rules: Rules, owners: usize) -> Self {
        Self {
            symbol,
            instrument: Arc::new(instrument),
            phase: rules.phase,
            rules: Arc::new(rules),
            book: Book::new(),
            orders: Vec::new(),
            index: IdMap::new(),
            accounts: vec![Account::default(); owners],
            rolling: vec![Rolling::default(); owners],
            last: None,
            mark: None,
            print: None,
            print_left: 0,
            events: 0,
            now: i64::MIN,
            conditions: Conditions::default(),
            ready: VecDeque::new(),
            fired: Vec::new(),
            groups: BTreeMap::new(),
            children: BTreeMap::new(),
            any_reduce_only: false,
            active: vec![Vec::new(); owners],
            segments: Vec::new(),
            market_orders: Vec::new(),
            shrunk: Vec::new(),
            shrunk_at: 0,
            out: Vec::new(),
            deadlines: Vec::new(),
            live: 0,
        }
    }

    /// Applies a market event.
    pub(crate) fn market(&mut self, event: &Event) -> Result<(), Error> {
        let number = self.events + 1;
        event.check().map_err(|problem| problem.at(number, event.venue))?;
        if event.venue < self.now {
            return Err(Problem::OutOfOrder { before: self.now }.at(number, event.venue));
        }
        self.events = number;
        self.now = event.venue;
        if !self.shrunk.is_empty() && event.venue > self.shrunk_at.saturating_add(self.rules.join_window_ns) {
            self.settle_shrinks();
        }
        self.apply(event).map_err(|problem| problem.at(number, event.venue))
    }

    fn apply(&mut self, event: &Event) -> Result<(), Problem> {
        match (event.kind, self.rules.market) {
            (Kind::Trade, _) => self.trade(event),
            (Kind::Level, Market::Levels) => self.level(event),
            (Kind::Top, Market::Levels) => self.top(event),
            (Kind::Snapshot, Market::Levels | Market::Orders) => self.snapshot(event),
            (Kind::Add | Kind::Modify | Kind::Cancel | Kind::Fill | Kind::Hit, Market::Orders) => {
                self.order_event(event)
            }
            (Kind::Mark, _) => {
                self.mark = Some(event.price);
                self.stream_moved(4, event.price)?;
                self.run_ready()
            }
            (Kind::BarOpen | Kind::BarHigh | Kind::BarLow | Kind::BarClose, Market::Prints) => {
                self.bar(event)
            }
            (Kind::Session, _) => self.session(event),
            (Kind::Split, _) => self.split(event),
            (Kind::Dividend, _) => {
                for account in &mut self.accounts {
                    account.dividends += i128::from(account.position) * i128::from(event.price);
                }
                Ok(())
            }
            (kind, market) => Err(Problem::WrongMarket { what: kind.name(), market: market.name() }),
        }
    }

    /// The time of a message or deadline; shrinks of earlier instants have found no trade.
    pub(crate) fn arrive(&mut self, time: i64) {
        if !self.shrunk.is_empty() && time >= self.shrunk_at.saturating_add(self.rules.join_window_ns) {
            self.settle_shrinks();
        }
        self.now = time;
    }

    /// Adds a record to the output.
    fn report(&mut self, at: u32, what: What, rule: Rule, reason: Reason) {
        let order = &self.orders[at as usize];
        let report = Report {
            time: self.now,
            order: order.new.id,
            evidence: self.events,
            price: order.price,
            qty: order.open,
            queue: (0, 0),
            fee: 0,
            symbol: self.symbol,
            owner: order.owner,
            counterparty: None,
            what,
            side: order.new.side,
            liquidity: Liquidity::None,
            rule,
            reason,
        };
        self.out.push(report);
    }

    /// Number of an order of a strategy, if there is one.
    fn find(&self, owner: u16, id: u64) -> Option<u32> {
        let at = self.index.get(order_key(owner, id));
        (at != crate::book::NONE).then_some(at)
    }

    /// Bid and ask as published.
    pub(crate) fn quote(&self) -> (Option<i64>, Option<i64>) {
        (self.book.best_shown(Side::Buy), self.book.best_shown(Side::Sell))
    }

    fn spread(&self) -> Option<i64> {
        let (bid, ask) = self.quote();
        bid.zip(ask).map(|(bid, ask)| ask - bid)
    }

    fn is_continuous(&self) -> bool {
        mutant!("session.always-open", self.phase == Phase::Open, true)
    }
}

const fn order_key(owner: u16, id: u64) -> u64 {
    (owner as u64) << 48 | id
}
