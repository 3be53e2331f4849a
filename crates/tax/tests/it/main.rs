//! The tax systems against statute examples, hand-computed rates and a slow, obvious reference.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod laws;
mod prop_former;
mod prop_pieces;
mod rates;
mod reference;
mod rules;
mod scene;
mod settlement;
mod shorts;
mod terms;
mod year;
