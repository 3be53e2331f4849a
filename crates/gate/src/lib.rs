//! The replay-equivalence gate: frozen tapes with frozen strategies, and frozen Runs, replayed and compared byte by byte.
//!
//! ```text
//! fixtures/gate/<group>/<scenario>/
//!   scenario.toml   tape, rules, strategies as data, the faults that it must see
//!   tape.*          a small text, or an extract of a capture
//!   expected.txt    what comes out: one event a line, then orders, positions, books, totals
//!   README.md       what it protects, what it has caught
//!   REGEN.log       when and why the expectation changed
//! ```
//!
//! [`load`] finds scenarios, [`run`] replays one five ways and compares it with its expectation, [`accept`] takes a new
//! expectation with a reason, the module `mutants` (a feature) proves what the gate catches. Nothing here prints or reads a clock.
#![deny(clippy::float_arithmetic)]

mod accept;
mod compare;
mod config;
mod error;
mod lines;
mod long;
#[cfg(feature = "mutants")]
pub mod mutants;
mod outcome;
mod play;
mod present;
mod render;
mod runs;
mod scenario;
mod strategies;
mod ways;

pub use accept::{Acceptance, accept, review};
pub use compare::{Class, Divergence, compare};
pub use error::Error;
pub use long::{Bisected, LongReport, bisect, long_tape};
pub use outcome::{Outcome, Verdict, run, run_all, why};
pub use play::{Played, play};
pub use present::{annotations, junit};
pub use scenario::{Scenario, load, load_one};
pub use strategies::QuoteMaker;
