//! How large a file may be. Nothing is allocated beyond these, whatever the bytes say.

/// Limits of a reader.
///
/// Reading one part takes at most twice its limit of memory and 256 KiB (heads, tables of decompressors), beside its stored
/// bytes and those of the parts that it builds upon (`file` bounds them); a whole Run at most twice `run` and five times `message`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, bytes.
    pub file: u64,
    /// Largest manifest, bytes.
    pub manifest: u64,
    /// Largest MessagePack section after decoding, bytes; half the memory that it may become.
    pub message: u64,
    /// Most rows or columns of a matrix.
    pub side: u64,
    /// Largest matrix section after decoding, bytes.
    pub matrix: u64,
    /// All sections of a Run together, after decoding, bytes.
    pub run: u64,
    /// Most parts that one part builds upon, one upon the other.
    pub chain: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 1 << 30,
            manifest: 1 << 20,
            message: 1 << 26,
            side: 20_000,
            matrix: 4 * 20_000 * 20_000,
            run: 1 << 31,
            chain: 32,
        }
    }
}

impl Limits {
    pub(crate) fn check(part: &'static str, found: u64, allowed: u64) -> Result<(), crate::Error> {
        if found <= allowed { Ok(()) } else { Err(crate::Error::Limit { part, found, allowed }) }
    }
}
