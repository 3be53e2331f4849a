//! Record a decision, replay it, compare, explain.
//!
//! ```text
//! Inputs --record--> Run --store--> ... --replay--> the same function on the same inputs --> Verdict
//! ```
//!
//! [`record`] decides a question and packs everything into a Run; [`replay`] takes a Run's inputs, decides them again and
//! compares every field of the answer. [`replay_all`] does so for many Runs in parallel, [`fleet`] on many machines; [`simulate`] records a year of
//! daily rebalances; [`compare`] puts one Run to several solvers; [`confirm`]
//! checks a Run's optimum from its stored state without solving; [`Deriver`] makes its outcome again from what was kept of
//! it; [`why`] explains a Run; [`frontier`](frontier::frontier) trades its tracking error off against tax; [`drift`](drift::drift) says what today's tables would have made of it. Clocks and progress are passed in: nothing here reads the time or prints.

mod backend;
mod compare;
mod confirm;
mod derive;
pub mod drift;
mod each;
mod error;
pub mod fleet;
pub mod frontier;
mod gather;
mod journal;
mod open;
mod predict;
mod record;
mod reexecute;
mod replay;
mod seal;
pub mod simulate;
mod timed;
pub mod why;

pub use backend::{Backend, Deciding};
pub use compare::{Compared, Contender, compare};
pub use confirm::{Confirmed, confirm};
pub use derive::{Deriver, compact};
pub use each::{Item, each_run, replay_all, shuffled};
pub use error::Error;
pub use journal::Journal;
pub(crate) use open::Helpers;
pub use open::{equipped, open};
pub use predict::RiskPredictor;
pub use record::{Clock, Machine, record};
pub use reexecute::{LotChange, Reexecuted, reexecute};
pub use replay::{Replayed, Verdict, replay};
pub use seal::{Sealing, seal};
