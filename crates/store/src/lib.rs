//! Append-only Runs, shared blobs, a hash chain per account, in one SQLite file.
//!
//! The market, the risk model and the parameters of a day are blobs, kept once under their content id; a Run's record
//! refers to them. Each account's Runs form a chain: a link covers the previous link and everything in the row. Appends
//! are durable when they return (WAL, `synchronous = FULL`). `docs/store.md` gives the schema and the link's formula.
//!
//! Reading verifies: [`Store::get`] returns a Run only when every checksum, content id, column and the link agree, and
//! [`Store::verify`] walks all of them. Triggers against UPDATE and DELETE stop accidents; the chain shows tampering with
//! what is there. Whoever can rewrite the whole file can also rewrite the chain: a root kept elsewhere is not here yet.
//!
//! Left out on purpose: solvers, clocks (the time of recording is an argument), other databases.

mod chain;
mod check;
mod error;
mod row;
mod store;
mod verify;

pub use error::Error;
pub use row::RunHead;
pub use store::{Filter, NewRun, Size, Store, StoredRun};
pub use verify::{Problem, Report};

use samebits_snapshot::record::Status;

/// The status as the list shows it.
pub fn status_name(status: &Status) -> &'static str {
    match status {
        Status::Solved => "solved",
        Status::Relaxed(_) => "relaxed",
        Status::Unsolved(_) => "unsolved",
    }
}
