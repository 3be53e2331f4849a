//! The catalogue of errors against the sources of every error, and the forms against a store of a few real Runs.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod catalogue;
mod forms;
