//! The store: chains, tampering, crashes.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod append;
mod corrections;
mod crash;
mod first_schema;
mod replace;
mod scene;
mod seal;
mod sharing;
mod tamper;

#[allow(dead_code, reason = "shared with another crate's tests")]
#[path = "../../../snapshot/tests/it/sample.rs"]
mod sample;
