//! Tapes: market events in a file, and readers that make them from the formats of others.
//!
//! | what | where |
//! |---|---|
//! | the container `.tape`: columns, zstd, checksums, an index | [`Writer`], [`Tape`], `docs/tape.md` |
//! | CSV of events, trades or bars | [`csv`] |
//! | captured Binance streams | [`binance`] |
//! | NASDAQ ITCH 5.0 | [`itch`] |
//! | any of them by its content | [`open`] |
//! | the book that a tape describes, and what is wrong with it | [`check`] |
//!
//! Readers stream: memory follows the book and a bounded window, not the length of a file. A text becomes a number
//! exactly or is an error that names the field, the line and the byte.
#![deny(clippy::float_arithmetic)]

pub mod binance;
mod check;
mod column;
mod container;
pub mod csv;
mod error;
pub mod itch;
mod open;
mod sorted;
mod source;

pub use check::{Checked, SymbolCheck, check};
pub use container::{BLOCK_ROWS, Tape, Writer};
pub use error::Error;
pub use open::{Options, decompressed, open};
pub use sorted::Sorted;
pub use source::{Notes, Source, Symbol};
