//! The problem, its values and the certificate, without a solver.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod certificate;
mod evaluate;
mod refute;
mod scene;
mod state;
mod validate;
