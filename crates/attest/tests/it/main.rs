//! Attestations: frozen files, hostile bytes, and stores that were rewritten with their chains.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod forger;
mod golden;
mod hostile;
mod rules;

#[allow(dead_code, reason = "shared with another crate's tests")]
#[path = "../../../snapshot/tests/it/sample.rs"]
mod sample;
