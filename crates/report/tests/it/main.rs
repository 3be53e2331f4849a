//! The accounts of a simulated year, hand-computed days, and records that were tampered with.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod by_hand;
mod catalogue;
mod desk;
mod random;
mod scene;
mod tampered;
