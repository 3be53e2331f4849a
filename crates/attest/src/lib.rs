//! A signed root over the Runs of each day, to be kept where the store's owner cannot reach it.
//!
//! The chain of a store shows a change of what is there, but whoever can rewrite the whole file can compute the chain anew.
//! Against that stands a second copy of very little: for each day a Merkle root over its Runs, the roots of the days
//! chained, the last one signed.
//!
//! ```text
//! leaf     = H("samebits 2026 attest leaf", account, sequence (8 bytes LE), run_id, link)
//! node     = H("samebits 2026 attest node", left, right)       split at the largest power of two below the count
//! day root = H("samebits 2026 day root", day (4 bytes LE), count (8 bytes LE), Merkle root, day root before or 32 zero bytes)
//! ```
//!
//! A [`History`] holds the days of a store; it makes the [`Statement`] that is signed, finds the [`Difference`]s between a
//! statement and what a store has now, and makes the [`Proof`] that one Run is among those of an attested day, which is
//! checked without the store. `docs/attest.md` gives the bytes of the files, and what they prove.
//!
//! ```
//! use samebits_attest::{Attestation, Entry, History, SecretKey, Span};
//! use samebits_snapshot::Digest;
//! let run = |account: &str| Entry {
//!     account: account.into(),
//!     sequence: 0,
//!     run_id: Digest::of("example", account.as_bytes()),
//!     link: Digest::of("example link", account.as_bytes()),
//! };
//! let day = "2017-02-08".parse()?;
//! let history: History = [(day, run("A")), (day, run("B"))].into_iter().collect();
//! let key = SecretKey::from_seed([7; 32]);
//! let file = history.statement("a store", Span::Through(day), false)?.sign(&key)?;
//!
//! let kept = Attestation::read(&file)?;
//! kept.check_key(&key.public())?;
//! assert!(history.differences(&kept.statement).is_empty());
//! let later: History = [(day, run("A"))].into_iter().collect();
//! assert_eq!(later.differences(&kept.statement)[0].to_string(), "2017-02-08: 2 Runs attested, 1 found");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Left out on purpose: stores, files, clocks and random numbers (a key's 32 bytes are an argument).

mod attestation;
mod compare;
mod error;
mod history;
mod key;
mod merkle;
mod proof;
mod text;

pub use attestation::{Attestation, AttestedDay, Listed, Statement};
pub use compare::{Difference, Problem};
pub use error::Error;
pub use history::{Day, Entry, History, Span};
pub use key::{PublicKey, SecretKey};
pub use proof::Proof;

/// Longest attestation or proof that is read or written, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
