//! The digest of everything that came out.

/// Bytes collected before they are hashed: BLAKE3 is fastest on many chunks at once.
const BUFFER: usize = 1 << 15;

/// BLAKE3 over the canonical bytes of a stream of records, hashed in large pieces.
#[derive(Debug, Clone)]
pub struct Stream {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
    records: u64,
}

impl Default for Stream {
    fn default() -> Self {
        Self { hasher: blake3::Hasher::new(), buffer: Vec::with_capacity(BUFFER), records: 0 }
    }
}

impl Stream {
    /// Appends one record.
    pub fn push<const N: usize>(&mut self, record: &[u8; N]) {
        if self.buffer.len() + N > BUFFER {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
        self.buffer.extend_from_slice(record);
        self.records += 1;
    }

    /// How many records it has taken.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// The digest of all records so far.
    pub fn digest(&self) -> Digest {
        let mut hasher = self.hasher.clone();
        hasher.update(&self.buffer);
        Digest(*hasher.finalize().as_bytes())
    }
}

/// 32 bytes of BLAKE3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The first 16 hexadecimal digits.
    pub fn short(&self) -> String {
        self.to_string().chars().take(16).collect()
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
