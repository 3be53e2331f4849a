//! Readers of real captures and of broken ones, and the container.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod captures;
mod container;
mod hostile;

use std::path::PathBuf;

/// A file of the committed tapes.
pub(crate) fn tape(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tapes").join(name)
}
