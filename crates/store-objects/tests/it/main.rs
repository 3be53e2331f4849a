//! Blobs outside of the database: the suite of all databases with them in a folder, and what is a folder's own.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod folder;

#[path = "../../../store/tests/it/scene.rs"]
mod scene;

#[allow(dead_code, reason = "shared with another crate's tests")]
#[path = "../../../snapshot/tests/it/sample.rs"]
mod sample;
