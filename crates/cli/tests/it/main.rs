//! The command as a user meets it: a store of a few real Runs, every command, every exit code.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod attest;
mod commands;
mod damage;
mod drift;
mod explain;
mod fleet;
mod live;
mod manual;
#[cfg(feature = "mcp")]
mod mcp;
mod scene;
mod solve;
mod stores;

#[path = "../../../store-postgres/tests/it/server.rs"]
mod server;
