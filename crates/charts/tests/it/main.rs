//! Pictures from outside.

mod contrast;
mod frozen;
mod hostile;
mod refused;
mod scenes;
