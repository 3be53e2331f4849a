//! Kernels with faults, made in the text of the shipped PTX: the problems of these tests have to notice each.
//!
//! All sites of all faults: `cargo run --release -p samebits-solver-gpu --example kernel-mutants`.

pub(crate) mod court;
pub(crate) mod fault;
pub(crate) mod trials;

#[cfg(test)]
mod sample;
