//! The ledger against statute examples and against a slow, obvious reference.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod cases;
mod prop_ledger;
mod reference;
mod scene;
