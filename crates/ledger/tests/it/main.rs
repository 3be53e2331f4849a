//! The ledger against statute examples and against a slow, obvious reference.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod actions;
mod actions_reference;
mod actions_scene;
mod cases;
mod flows;
mod pools;
mod prop_actions;
mod prop_ledger;
mod prop_positions;
mod rates;
mod reference;
mod scene;
mod shorts;
mod statute;
mod systems;
