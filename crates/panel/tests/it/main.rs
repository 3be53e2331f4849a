//! Faults with their places, the real fixtures, the layout of the large files, and hostile bytes.

mod actions;
mod characteristics;
mod faults;
mod fixture;
mod limits;
mod membership;
mod prop_bytes;
mod revisions;
mod scene;
mod sp500;
mod traded;
