//! Faults with their places, the real fixture, and hostile bytes.

mod faults;
mod fixture;
mod prop_bytes;
