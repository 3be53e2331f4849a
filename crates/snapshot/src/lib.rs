//! Bytes of a Run, and the record types they stand for.

mod digest;
pub mod record;
mod wire;

pub use digest::Digest;
