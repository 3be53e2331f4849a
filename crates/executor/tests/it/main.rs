//! The executor against a naive book, and the properties that any matching must have.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod naive;
mod properties;
mod scene;
