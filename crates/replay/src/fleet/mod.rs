//! A store's Runs decided again by many machines, and what their answers come to.
//!
//! ```text
//! Runs --units--> (day, block of accounts) --shard i/n, or a queue--> worker --answers--> AnswerStore --standing--> verdicts
//! ```
//!
//! Work is cut into units: Runs of one day, which share its market and risk model. A worker takes a unit, decides its Runs and
//! adds the answers in one transaction, so whoever dies at whatever moment leaves whole units only. Answers are kept by
//! question and solver: whoever decides a question again, on whatever machine, has to find the same bytes. `docs/fleet.md`.

mod standing;
mod unit;
mod worker;

pub use standing::{By, Place, Standing, standing};
pub use unit::{Shard, units};
pub use worker::{Source, Worked, Worker, answer, unanswered, work};
