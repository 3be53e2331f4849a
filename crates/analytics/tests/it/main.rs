//! Files are read back with Parquet's own reader and compared with the store's Runs, field by field.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod columns;
mod contents;
mod desk;
mod documented;
mod files;
mod refused;
#[allow(dead_code, reason = "tests of other crates use more of it")]
#[path = "../../../snapshot/tests/it/sample.rs"]
mod sample;
mod simulated;
