//! The year of an account after tax, from its recorded Runs alone, and the checks of its accounts.
//!
//! ```text
//! store --year--> Runs of an account in order --recount--> every lot again from the trades alone
//!                                             --identity--> value and tax, to the unit, every day
//!                                             --returns--> account and benchmark, day by day
//! Year --markdown, plots, summary--> text and SVG
//! ```
//!
//! A Run is read, checked, counted and dropped; one is in memory at a time. Checks are integers only; returns are floats
//! with a written order. The first difference is an error that names the account, the day and the amount.
//! `docs/report.md` defines every figure. Nothing here is tax advice.
//!
//! | module | story |
//! |---|---|
//! | `walk` | the Runs in order: [`Walk`], [`year`], [`verify`] |
//! | `posting` | trades against events, events by what they are |
//! | `recount` | share by share: lots, wash sales, shorts, splits, from the trade list |
//! | `identity` | the value and the tax of a day, in exact integers |
//! | `returns` | the benchmark's return and the account's |
//! | `figures` | what a year came to |
//! | `markdown`, `plot`, `pages` | text and SVG |
//!
//! Left out on purpose: solving and simulation. What happened is read, never decided again (`samebits replay` does that).

mod error;
mod exact;
mod figures;
mod identity;
mod markdown;
mod pages;
mod plot;
mod posting;
mod recount;
mod returns;
mod walk;

pub use error::Error;
pub use exact::Exact;
pub use figures::{Checked, DayFigures, Sums, Year};
pub use markdown::{markdown, summary};
pub use pages::{Page, pages};
pub use plot::{Plot, plots};
pub use walk::{Walk, verify, year};
