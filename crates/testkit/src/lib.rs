//! Problems from a seed, for tests and measurements only.
//!
//! [`Tracking`] draws a tax-aware tracking problem whose parts have the sizes of real ones: a covariance estimated from a
//! panel of six factors, a skewed benchmark, holdings that have drifted from it, up to five lots a name. Every number is
//! built from `+ - * /` and square roots in a written order, so a seed means the same bits everywhere.

mod draw;
mod hostile;
mod tracking;

pub use draw::Draw;
pub use hostile::hostile;
pub use tracking::{Form, Tracking};

/// A digest of weights by their bits (FNV-1a, 64 bits): equal digests stand for equal weights in all bits.
pub fn weights_hash(weights: &[f64]) -> u64 {
    weights
        .iter()
        .flat_map(|w| w.to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
