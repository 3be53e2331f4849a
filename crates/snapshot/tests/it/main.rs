//! Bytes of records: round trips, hostile bytes, frozen files.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod frozen_files;
mod golden;
mod hostile;
mod prop_canonical;
mod prop_sigma;
mod round_trip;
mod sample;
mod sealed;
mod sigma_golden;
mod sigma_hostile;
mod sigma_scene;
