//! The model against a slow obvious one, its bits on every instruction set, and windows that have no model.

mod characteristics;
mod faults;
mod model;
#[cfg(feature = "openblas")]
mod openblas;
mod oracle;
mod prop_panels;
mod scenes;
