//! Content hashes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A BLAKE3 hash of content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest([u8; 32]);

impl Digest {
    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Hash of `bytes` under a `domain`, so that equal bytes of two kinds have different digests.
    pub fn of(domain: &str, bytes: &[u8]) -> Self {
        Self::of_parts(domain, &[bytes])
    }

    /// Hash of several parts under a `domain`; each part is preceded by its length, so parts cannot flow together.
    pub fn of_parts(domain: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Hasher::new(domain);
        for part in parts {
            hasher.part(part.len(), [*part]);
        }
        hasher.finish()
    }

    /// The first ten hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

/// [`Digest::of_parts`] for parts that are never in memory as a whole.
#[derive(Debug, Clone)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Nothing hashed yet, under a `domain`.
    pub fn new(domain: &str) -> Self {
        Self(blake3::Hasher::new_derive_key(domain))
    }

    /// One part: `length` bytes, in pieces.
    pub fn part<'a>(&mut self, length: usize, pieces: impl IntoIterator<Item = &'a [u8]>) {
        self.0.update(&(length as u64).to_le_bytes());
        for piece in pieces {
            self.0.update(piece);
        }
    }

    /// One part: floats as their bits, little-endian, in the order of the slices.
    pub fn floats(&mut self, slices: &[&[f64]]) {
        let count = slices.iter().fold(0, |count, slice| count + slice.len());
        self.0.update(&(8 * count as u64).to_le_bytes());
        let mut bytes = [0; 8 * FLOATS];
        for values in slices.iter().flat_map(|slice| slice.chunks(FLOATS)) {
            for (place, value) in bytes.chunks_exact_mut(8).zip(values) {
                place.copy_from_slice(&value.to_le_bytes());
            }
            self.0.update(&bytes[..8 * values.len()]);
        }
    }

    /// A part of words, each in its bytes.
    pub(crate) fn words<const WIDTH: usize>(&mut self, words: impl ExactSizeIterator<Item = [u8; WIDTH]>) {
        const AT_ONCE: usize = 8 * FLOATS;
        self.0.update(&((WIDTH * words.len()) as u64).to_le_bytes());
        let mut bytes = vec![0; AT_ONCE + 8];
        // The hash goes by whole groups from its very beginning; what is cut elsewhere costs it twice the time.
        let mut group = AT_ONCE - (self.0.count() % AT_ONCE as u64) as usize;
        let mut words = words.fuse();
        let mut filled = 0;
        loop {
            let before = words.len();
            let places = bytes[filled..].chunks_exact_mut(WIDTH);
            for (place, word) in places.zip(&mut words) {
                place.copy_from_slice(&word);
            }
            filled += WIDTH * (before - words.len());
            if filled < group {
                self.0.update(&bytes[..filled]);
                return;
            }
            self.0.update(&bytes[..group]);
            bytes.copy_within(group..filled, 0);
            filled -= group;
            group = AT_ONCE;
        }
    }

    /// The digest of the parts so far.
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

/// Floats that are turned into bytes at once: as many as the hash takes in parallel.
const FLOATS: usize = 2048;

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // MessagePack has bytes; what people read has none.
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Digest;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("32 bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Digest, E> {
                bytes.try_into().map(Digest).map_err(|_| E::invalid_length(bytes.len(), &self))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_floats_make_the_digest_of_the_whole_parts() {
        let values: Vec<f64> = (0..2 * FLOATS + 7).map(|k| f64::from(k as u32) - 0.1).collect();
        let (first, second) = values.split_at(3000);
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut hasher = Hasher::new("a domain");
        hasher.part(5, [&b"abc"[..], b"de"]);
        hasher.floats(&[first, &[], second]);
        hasher.floats(&[]);
        assert_eq!(hasher.finish(), Digest::of_parts("a domain", &[b"abcde", &bytes, b""]));
        let mut hasher = Hasher::new("a domain");
        hasher.words(values.iter().map(|value| value.to_le_bytes()));
        hasher.words::<4>([[1, 2, 3, 4], [5, 6, 7, 8]].into_iter());
        assert_eq!(hasher.finish(), Digest::of_parts("a domain", &[&bytes, &[1, 2, 3, 4, 5, 6, 7, 8]]));
    }
}
