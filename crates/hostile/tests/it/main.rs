//! What was found once stays found; hostile bytes and their memory.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod corpus;
mod mutants;

#[global_allocator]
static ALLOCATOR: samebits_hostile::Counting = samebits_hostile::Counting;
