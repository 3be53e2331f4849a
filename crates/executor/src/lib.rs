//! A tape of market events in, fills out: a matching simulator whose behaviour is frozen by a version.
//!
//! ```text
//! tape --Event--> Engine: one total order of events, expiries, messages, reports, timers
//!                   |  Lane (one symbol): book, queues, orders, triggers, phase
//!                   v
//!                 Report, one for each thing that happens to an order, with its rule and its evidence
//! ```
//!
//! Prices are `i64` ticks, quantities `i64` lots, times `i64` ns UTC, products `i128`. There is no float in this crate,
//! no clock, no hash order; a division names its rounding ([`Rounding`]). [`VERSION`] names the rules of matching, which
//! `docs/tape.md` states.
//!
//! ```
//! use samebits_executor::{Engine, Event, Instrument, Kind, Market, Message, NewOrder, Rules, Side, Strategy};
//! use samebits_executor::{Context, Report, run};
//!
//! #[derive(Clone)]
//! struct BuyOnce { done: bool }
//! impl Strategy for BuyOnce {
//!     fn name(&self) -> &str { "buyer" }
//!     fn on_event(&mut self, _: &Event, context: &mut Context<'_>) {
//!         if !std::mem::replace(&mut self.done, true) {
//!             context.send(Message::New(NewOrder::market(1, Side::Buy, 25)));
//!         }
//!     }
//!     fn fork(&self) -> Box<dyn Strategy> { Box::new(self.clone()) }
//! }
//!
//! let trade = |time, price| Event { price, qty: 100, ..Event::new(time, Kind::Trade) };
//! let tape = [trade(1, 10_000), trade(2, 10_050)];
//! let symbol = (Instrument::new("X"), Rules::new(Market::Prints));
//! let mut engine = Engine::new(vec![symbol], vec![Box::new(BuyOnce { done: false })]);
//! let mut reports: Vec<Report> = Vec::new();
//! run(&mut engine, &tape, &mut reports)?;
//! let fill = reports.last().expect("accepted, then filled");
//! assert_eq!((fill.price, fill.qty, fill.evidence), (10_000, 25, 1));
//! # Ok::<(), samebits_executor::Error>(())
//! ```
//!
//! Left out on purpose: files and formats of tapes (`samebits-tape`), where expectations come from (`samebits-gate`).
#![deny(clippy::float_arithmetic)]
#![allow(clippy::match_same_arms, reason = "arms that are the same carry seeded faults that are not")]

mod account;
mod auction;
mod book;
mod digest;
mod drive;
mod engine;
mod error;
mod event;
mod fees;
mod instrument;
mod lane;
mod latency;
mod market_book;
mod matcher;
pub mod mutant;
mod num;
mod order;
mod queue;
mod report;
mod rules;
mod script;
mod side;
mod slippage;
mod strategy;

pub use account::Account;
pub use auction::{Interest, uncross};
pub use digest::{Digest, Stream};
pub use drive::{run, run_by, run_by_receive_time};
pub use engine::{Counts, Discard, Engine, OrderSummary, Sink};
pub use error::{Error, Problem};
pub use event::{Class, Event, Kind, PRICE_LIMIT, Phase, QTY_LIMIT, SessionChange, SortKey, TIME_LIMIT};
pub use fees::{Fees, Tier};
pub use instrument::{Instrument, Step, TextError};
pub use latency::{Latency, Leg, Reading};
pub use market_book::{Finding, MarketBook};
pub use matcher::{Match, Matcher};
pub use num::Rounding;
pub use order::{
    Arm, Condition, Message, NewOrder, Offset, PostOnly, Pricing, Reason, Reference, State, TimeInForce,
    Trail, Trigger,
};
pub use queue::{Allocation, QueueModel, Segment};
pub use report::{Liquidity, REPORT_BYTES, Report, Rule, What};
pub use rules::{
    Crossed, Depth, FeedClock, Market, OnArrival, Rules, SelfTrade, Through, Triggered, VERSION,
};
pub use script::{Script, ScriptError};
pub use side::Side;
pub use slippage::Slippage;
pub use strategy::{Context, Strategy};
