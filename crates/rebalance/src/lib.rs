//! From a pinned question to exact lot-level trades.
//!
//! ```text
//! record --(params, book, problem)--> optimisation problem --(a backend)--> solution --(plan, finish)--> whole shares
//!        --(ledger)--> trades, events, the account after trading --(outcome)--> record
//! ```
//!
//! [`decide`] is the whole of it and depends on nothing but its arguments. Which backend solves is the caller's choice.
//! [`restore`] rebuilds the problem and the state of a recorded outcome, so that its optimality can be checked without a
//! search; [`derive()`] makes the whole outcome again from that state.
//! The convex problem, the harvest sides and the integer finish are described in `docs/rebalance.md`.

mod book;
mod decide;
mod derive;
mod error;
mod finish;
mod harvest;
mod identity;
mod netting;
mod outcome;
mod params;
mod plan;
mod problem;
mod restore;
mod risk;
mod rules;
mod soft;
mod solve;
mod strategies;

pub use book::{
    Book, Deferral, GroupConflict, LotView, Marginal, NoBuy, Place, ShortView, Terms, UsedBudget,
};
pub use decide::{Decision, decide};
pub use derive::{AtState, derive, tightened_cap};
pub use error::Error;
pub use harvest::carried;
pub use identity::{Optimum, Part, Slopes, optimum, optimum_from};
pub use netting::GainRow;
pub use params::{BenchmarkOf, Layer, Parameter, Policy, Tilt, catalogue, merge};
pub use problem::{Model, RowTag, Variable};
pub use restore::{Seen, restore, see};
pub use rules::Rules;
pub use samebits_execution::RULES as MATCHING_RULES;
pub use strategies::{ClientFlow, Strategy, strategies, strategy};
