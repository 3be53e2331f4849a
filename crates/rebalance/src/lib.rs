//! From a pinned question to exact lot-level trades.
//!
//! ```text
//! record --(params, book, problem)--> optimisation problem --(a backend)--> solution --(plan, finish)--> whole shares
//!        --(ledger)--> trades, events, the account after trading --(outcome)--> record
//! ```
//!
//! [`decide`] is the whole of it and depends on nothing but its arguments. Which backend solves is the caller's choice.
//! [`restore`] rebuilds the problem and the state of a recorded outcome, so that its optimality can be checked without a
//! search.
//! The convex problem, the harvest sides and the integer finish are described in `docs/rebalance.md`.
//!
//! Left out on purpose: corporate actions and short positions.

mod book;
mod decide;
mod error;
mod finish;
mod harvest;
mod outcome;
mod params;
mod plan;
mod problem;
mod restore;
mod solve;

pub use book::{Book, GroupConflict, LotView, NoBuy};
pub use decide::{Decision, KNOWN_RULES, RULES, decide};
pub use error::Error;
pub use params::{Layer, Parameter, Policy, catalogue, merge};
pub use problem::{Model, RowTag, Variable};
pub use restore::restore;
pub use samebits_execution::RULES as MATCHING_RULES;
