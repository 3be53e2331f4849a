//! Orders in; lot-level trades, ledger events and the next account state out. Integers only.
//!
//! ```text
//! account --open_day--> account of the day, events --settle(orders)--> trades, events, account after trading
//! account before the day --apply(all events)--> the same account after trading
//! ```
//!
//! [`settle`] changes the account through [`apply`] alone, so the append-only ledger is the account. The rules (terms,
//! wash sales with windows before and after, shorts, pools, year ends) and the choices made where the law is unclear are in
//! `docs/tax.md`. Nothing here is tax advice.
//!
//! | module | story |
//! |---|---|
//! | `law` | which law an account is under ([`law_of`]), and how settlement reads it |
//! | `open_day`, `year` | windows that ran out, the roll of the tax year |
//! | `actions`, `cash` | corporate actions, borrow fees and client flows, before the day's trades (`docs/actions.md`) |
//! | `settle`, `day` | the orders of a day in their order, each as a trade and events |
//! | `wash`, `shorts`, `superficial` | losses that do not count, by the three rules that know such |
//! | `apply` | events applied to an account, a module for each kind |
//!
//! Left out on purpose: which lots to sell (the caller's orders name them), options, short sales against the box (refused).
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

mod actions;
mod apply;
mod cash;
mod day;
mod day_tax;
mod error;
mod law;
mod open_day;
mod settle;
mod shorts;
mod superficial;
mod wash;
mod year;

pub use actions::reverse;
pub use apply::apply;
use apply::apply_to;
pub use cash::Flows;
pub use day_tax::day_tax;
pub use error::Error;
pub use law::{counted_basis, is_long_term, law_of};
pub use open_day::open_day;
pub use settle::{Costs, Order, Settlement, settle};
pub use year::{accrued, first_day};
