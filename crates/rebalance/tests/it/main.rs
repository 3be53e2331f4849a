//! Decisions on a market of four names, small enough to see why.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod decisions;
mod defects;
mod derive;
mod scene;
mod third;
