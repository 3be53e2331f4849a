//! Small integers in few bits: Rice codes.
//!
//! Bit `i` of a stream is bit `i % 8` of byte `i / 8`, the lowest being bit 0. The code of `z` with parameter `k` is
//! `z >> k` zeros, a one, and the `k` low bits of `z`, the lowest first. Where `z >> k` would be [`ESCAPE`] or more, there
//! are [`ESCAPE`] zeros and then 64 bits of another number, the lowest first.

use crate::Error;

/// Zeros that announce a number of 64 bits.
pub(super) const ESCAPE: u32 = 24;
/// Largest parameter.
pub(super) const K_MAX: u32 = 32;

/// What a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// A number coded with the parameter.
    Small(u64),
    /// A number of 64 bits.
    Escaped(u64),
}

/// Writes codes.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits not yet written, the lowest first, and their number (below 8 between calls).
    open: u128,
    count: u32,
}

impl BitWriter {
    /// Whether `z` has a code with parameter `k`.
    pub(super) const fn fits(z: u64, k: u32) -> bool {
        z >> k < ESCAPE as u64
    }

    pub(super) fn put(&mut self, code: Code, k: u32) {
        match code {
            Code::Small(z) => {
                let zeros = (z >> k) as u32;
                let low = u128::from(z & ((1 << k) - 1));
                self.push((low << 1 | 1) << zeros, zeros + 1 + k);
            }
            Code::Escaped(word) => self.push(u128::from(word) << ESCAPE, ESCAPE + 64),
        }
    }

    fn push(&mut self, bits: u128, count: u32) {
        self.open |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.open as u8);
            self.open >>= 8;
            self.count -= 8;
        }
    }

    /// The stream, filled up with zeros to a whole byte.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.open as u8);
        }
        self.bytes
    }
}

/// Reads codes. Beyond the end there are zeros; [`BitReader::check`] and [`BitReader::finish`] notice.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits read.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next 57 bits or more, the next one lowest.
    #[inline]
    fn peek(&self) -> u64 {
        let from = self.at / 8;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let mut word = [0; 8];
        if let Some(whole) = rest.first_chunk() {
            word = *whole;
        } else {
            word[..rest.len()].copy_from_slice(rest);
        }
        u64::from_le_bytes(word) >> (self.at % 8)
    }

    /// The next number, written with parameter `k`, at most [`K_MAX`].
    #[inline]
    pub(super) fn get(&mut self, k: u32) -> Code {
        let bits = self.peek();
        let zeros = bits.trailing_zeros();
        if zeros < ESCAPE {
            self.at += (zeros + 1 + k) as usize;
            let low = (bits >> (zeros + 1)) & ((1 << k) - 1);
            return Code::Small(u64::from(zeros) << k | low);
        }
        self.at += ESCAPE as usize;
        let low = self.peek() & 0xffff_ffff;
        self.at += 32;
        let high = self.peek() & 0xffff_ffff;
        self.at += 32;
        Code::Escaped(high << 32 | low)
    }

    /// # Errors
    /// [`Error::Damaged`] when more was read than there is.
    pub(super) fn check(&self, part: &'static str) -> Result<(), Error> {
        if self.at <= 8 * self.bytes.len() {
            return Ok(());
        }
        Err(Error::damaged(part, "more bits", format!("{} bytes", self.bytes.len())))
    }

    /// # Errors
    /// [`Error::Damaged`] unless all was read, and only zeros fill the last byte.
    pub(super) fn finish(&self, part: &'static str) -> Result<(), Error> {
        self.check(part)?;
        if self.at.div_ceil(8) == self.bytes.len() && self.peek() == 0 {
            return Ok(());
        }
        let read = format!("{} bits and zeros", self.at);
        Err(Error::damaged(part, read, format!("{} bytes", self.bytes.len())))
    }
}

/// `0, -1, 1, -2, ...` as `0, 1, 2, 3, ...`.
pub(super) const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// The inverse of [`zigzag`].
pub(super) const fn unzigzag(code: u64) -> i64 {
    (code >> 1) as i64 ^ -((code & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut writer = BitWriter::default();
        let mut codes = Vec::new();
        for k in 0..=K_MAX {
            for z in [0, 1, 2, 23, 24, 1 << 20, (24 << k) - 1] {
                let code = if BitWriter::fits(z, k) { Code::Small(z) } else { Code::Escaped(!z) };
                codes.push((code, k));
                writer.put(code, k);
            }
        }
        assert!(!BitWriter::fits(24 << 3, 3) && BitWriter::fits((24 << 3) - 1, 3));
        let bytes = writer.finish();
        let mut reader = BitReader::new(&bytes);
        for (code, k) in codes {
            assert_eq!(reader.get(k), code, "{k}");
        }
        reader.finish("test").unwrap();
        assert!(BitReader::new(&bytes[1..]).finish("test").is_err());
        let longer = [&bytes[..], &[0]].concat();
        reader.bytes = &longer;
        assert!(reader.finish("test").is_err());
        reader.bytes = &bytes[..bytes.len() - 1];
        assert!(reader.check("test").is_err());
    }

    #[test]
    fn zigzag_is_one_to_one() {
        for value in [0, -1, 1, 77, -78, i64::MAX, i64::MIN] {
            assert_eq!(unzigzag(zigzag(value)), value);
        }
        assert_eq!([0, -1, 1, -2].map(zigzag), [0, 1, 2, 3]);
    }
}
