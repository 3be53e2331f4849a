//! The whole chain on real prices.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod characteristics;
mod conservation;
mod derive;
mod drift;
mod each;
mod execution;
mod explain;
mod explain_hand;
mod explain_held;
mod explain_identity;
mod explain_resolved;
mod fleet;
mod frontier;
mod frozen;
mod parity_device;
mod predict;
mod rate_changes;
mod scene;
mod sealed_golden;
mod solvers;
mod verdicts;
