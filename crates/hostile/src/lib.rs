//! What every reader of foreign bytes has to survive.
//!
//! A [`Target`] takes any bytes to one reader and asserts what has to hold whatever they are: no panic, a bound on memory,
//! and where a reader accepts bytes, that they are the ones which are written again. `fuzz/` runs these functions under
//! libFuzzer (`cargo xtask fuzz`); the tests of this crate run them on every file of `fuzz/corpus`, so that a fault that
//! was found once stays found.
//!
//! Memory is measured by [`Counting`], an allocator that counts per thread; a program that does not install it measures 0.
//!
//! Left out on purpose: where bytes come from. `docs/hostile.md` says what is covered and how to run it for long.
#![allow(
    clippy::missing_panics_doc,
    clippy::panic_in_result_fn,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a target stops with the fault that it found"
)]

mod blob;
mod codecs;
mod columns;
mod files;
mod memory;
mod messages;
mod records;
mod rows;
mod scene;
mod store;
mod tables;
mod tapes;

pub use blob::{Piece, found_id};
pub use memory::{Counting, SLACK, count, peak, within};
pub use scene::{Closes, LIMITS, Shelf, days, golden};

/// What the targets run.
pub mod run {
    pub use crate::blob::chain;
    pub use crate::codecs::{closes, factor, gather, matrix, panel, previous, words};
    pub use crate::columns::{columns, sealed};
    pub use crate::files::{attest, instance, scenario};
    pub use crate::messages::message;
    pub use crate::records::{container, inspect};
    pub use crate::store::store;
    pub use crate::tables::csv;
    pub use crate::tapes::{binary, fix, lines, matcher, tape};
}

/// A reader that is given any bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: that of the fuzz target and of the folder of its corpus.
    pub name: &'static str,
    /// What is read, for people.
    pub about: &'static str,
    /// Reads `bytes`; panics when something does not hold that has to.
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, about: &'static str, run: fn(&[u8])) -> Target {
    Target { name, about, run }
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("container", "a `.run` file", run::container),
    target("inspect", "a `.run` file, damaged", run::inspect),
    target("message", "canonical MessagePack, and every type of record", run::message),
    target("blob", "blobs that build upon one another", run::chain),
    target("matrix", "codecs 0 to 4: a matrix", run::matrix),
    target("words", "codec 16: a covariance by itself", run::words),
    target("factor", "codec 17: beside a factor model", run::factor),
    target("previous", "codec 18: beside an earlier day", run::previous),
    target("closes", "codec 19: the closes it was made of", run::closes),
    target("gather", "codec 20: part of a larger universe", run::gather),
    target("panel", "panels of closes", run::panel),
    target("sealed", "a sealed record", run::sealed),
    target("columns", "documents by columns", run::columns),
    target("store", "the rows of a store", run::store),
    target("attest", "attestations, proofs, keys", run::attest),
    target("csv", "tables of prices, volumes, members, actions", run::csv),
    target("instance", "problem files", run::instance),
    target("scenario", "scenarios of the gate", run::scenario),
    target("tape", "tapes", run::tape),
    target("lines", "captured lines and CSV of events", run::lines),
    target("binary", "ITCH and DBN, and the books they describe", run::binary),
    target("fix", "FIX execution reports", run::fix),
    target("matcher", "sequences of operations on a book", run::matcher),
];

/// The target of a name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
