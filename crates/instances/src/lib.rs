//! Problem files.
//!
//! [`read`] takes the bytes of a file and tells by their beginning what they are: zstd or plain; JSON (a [`Portfolio`]) or
//! MessagePack. The fields are listed in `docs/qp.md`.
//!
//! Left out on purpose: solving, files and folders.

mod error;
mod general;
mod portfolio;

pub use error::Error;
pub use general::{GeneralFile, general};
pub use portfolio::{Portfolio, Reference, portfolio};

use std::io::Read;

/// A problem of a file.
#[derive(Debug, Clone)]
pub enum Instance {
    /// The JSON form.
    Portfolio(Box<Portfolio>),
    /// The general form.
    General(Box<GeneralFile>),
}

/// How large a problem of a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of an unpacked file, and how far back (rounded up to a power of two) its compressed form may look.
    pub unpacked: u64,
    /// Most assets: a covariance of 2 GiB once widened.
    pub assets: usize,
    /// Bytes that the numbers of a problem may take. Reading takes at most twice as many, so that a file has at most an
    /// eighth of them: its smallest number is two bytes long and sixteen in a list that grows.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked: LIMIT, assets: 16_384, memory: 1 << 33 }
    }
}

/// Reads a file of either form, compressed or not: JSON begins with a brace.
///
/// # Errors
/// [`Error`] with what is wrong.
pub fn read(bytes: &[u8]) -> Result<Instance, Error> {
    read_within(bytes, &Limits::default())
}

/// As [`read`], within limits.
///
/// # Errors
/// [`Error`] with what is wrong.
pub fn read_within(bytes: &[u8], limits: &Limits) -> Result<Instance, Error> {
    let plain = unpack_within(bytes, limits.unpacked.min(limits.memory / 8))?;
    let first = plain.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{') => Ok(Instance::Portfolio(Box::new(portfolio::within(&plain, limits)?))),
        _ => Ok(Instance::General(Box::new(general(&plain)?))),
    }
}

/// Most bytes of an unpacked file, by default.
pub const LIMIT: u64 = 1 << 30;

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The bytes of a file, unpacked where they are compressed.
///
/// # Errors
/// [`Error::Compressed`].
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    unpack_within(bytes, LIMIT)
}

fn unpack_within(bytes: &[u8], most: u64) -> Result<Vec<u8>, Error> {
    let too_long = || Error::TooLarge { what: "bytes once unpacked", most };
    if !bytes.starts_with(&ZSTD) {
        return if bytes.len() as u64 <= most { Ok(bytes.to_vec()) } else { Err(too_long()) };
    }
    let mut decoder = zstd::Decoder::new(bytes).map_err(Error::Compressed)?;
    decoder.window_log_max(window_log(most)).map_err(Error::Compressed)?;
    let mut plain = Vec::new();
    let read = decoder.take(most.saturating_add(1)).read_to_end(&mut plain).map_err(Error::Compressed)?;
    if read as u64 > most { Err(too_long()) } else { Ok(plain) }
}

/// Logarithm of the longest way that a zstd frame may look back: as many bytes as it may have, within what zstd has.
fn window_log(most: u64) -> u32 {
    let up = u64::BITS - most.saturating_sub(1).leading_zeros();
    up.clamp(10, 27)
}
