//! Orders in; lot-level trades, ledger events and the next account state out. Integers only.
//!
//! ```text
//! account --open_day--> account of the day, events --settle(orders)--> trades, events, account after trading
//! account before the day --apply(all events)--> the same account after trading
//! ```
//!
//! [`settle`] changes the account through [`apply`] alone, so the append-only ledger is the account. The rules (terms,
//! wash sales with windows before and after, year-end netting) and the choices made where the law is unclear are in
//! `docs/tax.md`. Nothing here is tax advice.
//!
//! Left out on purpose: which lots to sell (the caller's orders name them), other accounts of a household, options, short
//! sales, corporate actions.
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

mod apply;
mod error;
mod open_day;
mod settle;
mod tax;
mod wash;

pub use apply::apply;
pub use error::Error;
pub use open_day::open_day;
pub use settle::{Costs, Order, Settlement, is_long_term, settle};
pub use tax::{accrued, carry_over};
