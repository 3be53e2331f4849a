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

/// Reads a file of either form, compressed or not: JSON begins with a brace.
///
/// # Errors
/// [`Error`] with what is wrong.
pub fn read(bytes: &[u8]) -> Result<Instance, Error> {
    let plain = unpack(bytes)?;
    let first = plain.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{') => Ok(Instance::Portfolio(Box::new(portfolio(&plain)?))),
        _ => Ok(Instance::General(Box::new(general(&plain)?))),
    }
}

/// Most bytes of an unpacked file.
pub const LIMIT: u64 = 1 << 30;

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The bytes of a file, unpacked where they are compressed.
///
/// # Errors
/// [`Error::Compressed`].
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    if !bytes.starts_with(&ZSTD) {
        return Ok(bytes.to_vec());
    }
    let decoder = zstd::Decoder::new(bytes).map_err(Error::Compressed)?;
    let mut plain = Vec::new();
    let read = decoder.take(LIMIT + 1).read_to_end(&mut plain).map_err(Error::Compressed)?;
    if read as u64 > LIMIT {
        let problem = std::io::Error::other(format!("more than {LIMIT} bytes once unpacked"));
        return Err(Error::Compressed(problem));
    }
    Ok(plain)
}
