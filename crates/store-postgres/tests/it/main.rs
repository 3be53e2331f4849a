//! A store in PostgreSQL: the suite of all databases, on a real server.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[macro_use]
#[path = "../../../store/tests/it/suite/mod.rs"]
mod suite;

mod own;
mod place;
mod queue;
#[path = "../../../store/tests/it/scene.rs"]
mod scene;
mod server;

#[allow(dead_code, reason = "shared with another crate's tests")]
#[path = "../../../snapshot/tests/it/sample.rs"]
mod sample;
