//! Live against backtest: what a strategy filled live, and what a replay of the tape says it would have.
//!
//! [`Fill`] is a line of a fill log; [`read`] takes our own logs and FIX 4.4 execution reports. [`reconcile`] aligns two
//! lists, by order number where both have it, else by a matching of least cost in integers, and says of each fill whether
//! it matched, is missing or is extra, and by how much time, price and quantity it is off. [`rank`] orders queue models by
//! how well they explain the live fills.
#![deny(clippy::float_arithmetic)]

mod align;
mod fill;
mod fix;
mod rank;

pub use align::{Pair, Reconciled, Tolerances, reconcile};
pub use fill::{Error, Fill, read, write_line};
pub use fix::{Steps, parse as parse_fix};
pub use rank::{Ranked, rank};
