//! Bytes of records: round trips, hostile bytes, frozen files.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod golden;
mod hostile;
mod prop_canonical;
mod round_trip;
mod sample;
mod sealed;
