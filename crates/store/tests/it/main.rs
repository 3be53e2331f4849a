//! The store in a file: the suite of all databases, and what is a file's own.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[macro_use]
mod suite;

mod crash;
mod file;
mod first_schema;
mod frozen_file;
mod scene;
mod seal;
mod sharing;
mod sqlite;

#[allow(dead_code, reason = "shared with another crate's tests")]
#[path = "../../../snapshot/tests/it/sample.rs"]
mod sample;
