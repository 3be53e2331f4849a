//! How the bytes of a section are stored. Every decoder fills a buffer of exactly the declared size.

use crate::Error;

/// A lossless transformation of a section's raw bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Codec {
    /// As they are.
    Raw = 0,
    /// One zstd frame.
    Zstd = 1,
    /// One LZ4 block: with `f32` matrices the interchange form, "flat f32 LZ4".
    Lz4 = 2,
    /// Symmetric `f32` matrices: packed lower triangle, bytes shuffled by fours, zstd.
    TriangleShuffleZstd = 3,
    /// `f32` matrices: bytes shuffled by fours, zstd.
    ShuffleZstd = 4,
    /// A covariance by itself: its words through pco.
    SigmaWords = 16,
    /// A covariance predicted by the factor model of its day.
    SigmaFactor = 17,
    /// A covariance predicted by that of an earlier day.
    SigmaPrevious = 18,
    /// A covariance predicted by the closes it was made of; and the closes.
    SigmaPanel = 19,
    /// A covariance predicted by that of a larger universe.
    SigmaGather = 20,
}

/// Level of zstd for matrices, whose mantissas do not compress better at a higher one.
const MATRIX_LEVEL: i32 = 1;
/// Level of zstd for MessagePack.
const MESSAGE_LEVEL: i32 = 9;

impl Codec {
    pub(crate) fn from_id(id: u16) -> Option<Self> {
        let all = [
            Self::Raw,
            Self::Zstd,
            Self::Lz4,
            Self::TriangleShuffleZstd,
            Self::ShuffleZstd,
            Self::SigmaWords,
            Self::SigmaFactor,
            Self::SigmaPrevious,
            Self::SigmaPanel,
            Self::SigmaGather,
        ];
        all.into_iter().find(|codec| *codec as u16 == id)
    }

    /// Name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Zstd => "zstd",
            Self::Lz4 => "flat LZ4",
            Self::TriangleShuffleZstd => "triangle, byte shuffle, zstd",
            Self::ShuffleZstd => "byte shuffle, zstd",
            Self::SigmaWords => "words, pco",
            Self::SigmaFactor => "beside its factor model",
            Self::SigmaPrevious => "beside an earlier day",
            Self::SigmaPanel => "closes",
            Self::SigmaGather => "part of a larger universe",
        }
    }

    /// Whether files of format 1.0 have it.
    pub(crate) const fn is_first(self) -> bool {
        (self as u16) < Self::SigmaWords as u16
    }

    /// The stored form of `raw`, under a codec of format 1.0; `side` is the order of the matrix for the triangle codec.
    pub(crate) fn encode(self, part: &'static str, raw: &[u8], side: usize) -> Result<Vec<u8>, Error> {
        let zstd = |bytes: &[u8], level| {
            zstd::bulk::compress(bytes, level)
                .map_err(|error| Error::NotStorable { part, problem: error.to_string() })
        };
        match self {
            Self::Raw => Ok(raw.to_vec()),
            Self::Zstd => zstd(raw, MESSAGE_LEVEL),
            Self::Lz4 => Ok(lz4_flex::block::compress(raw)),
            Self::ShuffleZstd => zstd(&shuffle(raw), MATRIX_LEVEL),
            Self::TriangleShuffleZstd => zstd(&shuffle(&pack_triangle(part, raw, side)?), MATRIX_LEVEL),
            _ => Err(Error::NotStorable { part, problem: format!("not by itself as {}", self.name()) }),
        }
    }

    /// The raw form of `stored` under a codec of format 1.0, of exactly `length` bytes. The caller has checked `length` against its limits.
    pub(crate) fn decode(
        self,
        part: &'static str,
        stored: &[u8],
        length: usize,
        side: usize,
    ) -> Result<Vec<u8>, Error> {
        match self {
            Self::Raw if stored.len() == length => Ok(stored.to_vec()),
            Self::Raw => {
                Err(Error::damaged(part, format!("{length} bytes"), format!("{} bytes", stored.len())))
            }
            Self::Zstd => unzstd(part, stored, length),
            Self::Lz4 => {
                let mut raw = vec![0; length];
                match lz4_flex::block::decompress_into(stored, &mut raw) {
                    Ok(count) if count == length => Ok(raw),
                    Ok(count) => {
                        Err(Error::damaged(part, format!("{length} bytes"), format!("{count} bytes")))
                    }
                    Err(error) => Err(Error::damaged(part, "an LZ4 block", error)),
                }
            }
            Self::ShuffleZstd => {
                let planes = unzstd(part, stored, length)?;
                Ok(unshuffle(&planes))
            }
            Self::TriangleShuffleZstd => {
                if side * side * 4 != length {
                    return Err(Error::damaged(
                        part,
                        format!("{} bytes", side * side * 4),
                        format!("{length} bytes"),
                    ));
                }
                let planes = unzstd(part, stored, side * (side + 1) * 2)?;
                let packed = unshuffle(&planes);
                drop(planes);
                Ok(unpack_triangle(&packed, side))
            }
            _ => Err(Error::damaged(part, "bytes that stand alone", self.name())),
        }
    }
}

pub(crate) fn unzstd(part: &'static str, stored: &[u8], length: usize) -> Result<Vec<u8>, Error> {
    let raw = zstd::bulk::decompress(stored, length)
        .map_err(|error| Error::damaged(part, "a zstd frame", error))?;
    if raw.len() == length {
        Ok(raw)
    } else {
        Err(Error::damaged(part, format!("{length} bytes"), format!("{} bytes", raw.len())))
    }
}

/// All first bytes of the four-byte words, then all second bytes, and so on.
pub(crate) fn shuffle(bytes: &[u8]) -> Vec<u8> {
    (0..4).flat_map(|k| bytes.iter().skip(k).step_by(4).copied()).collect()
}

fn unshuffle(bytes: &[u8]) -> Vec<u8> {
    let words = bytes.len() / 4;
    // Its length is known: a list that grows would be longer than that for a while.
    let mut whole = Vec::with_capacity(4 * words);
    for word in 0..words {
        whole.extend([0, 1, 2, 3].map(|k| bytes[k * words + word]));
    }
    whole
}

/// The lower triangle by rows, diagonal included.
fn pack_triangle(part: &'static str, raw: &[u8], side: usize) -> Result<Vec<u8>, Error> {
    let word = |i: usize, j: usize| &raw[4 * (i * side + j)..4 * (i * side + j) + 4];
    let mut packed = Vec::with_capacity(side * (side + 1) * 2);
    for i in 0..side {
        for j in 0..=i {
            if word(i, j) != word(j, i) {
                let problem = format!("entry ({i}, {j}) differs from entry ({j}, {i})");
                return Err(Error::NotStorable { part, problem });
            }
            packed.extend_from_slice(word(i, j));
        }
    }
    Ok(packed)
}

fn unpack_triangle(packed: &[u8], side: usize) -> Vec<u8> {
    let mut raw = vec![0; side * side * 4];
    let mut words = packed.chunks_exact(4);
    for i in 0..side {
        for (j, word) in (0..=i).zip(&mut words) {
            for at in [i * side + j, j * side + i] {
                raw[4 * at..4 * at + 4].copy_from_slice(word);
            }
        }
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symmetric(side: usize) -> Vec<u8> {
        let entry = |i: usize, j: usize| 1.0 / (1.0 + (i * j) as f32) + (i + j) as f32;
        (0..side * side).flat_map(|at| entry(at / side, at % side).to_le_bytes()).collect()
    }

    #[test]
    fn every_codec_gives_back_the_bytes() {
        for side in [0, 1, 2, 7, 100] {
            let raw = symmetric(side);
            for id in 0..5 {
                let codec = Codec::from_id(id).unwrap();
                let stored = codec.encode("sigma", &raw, side).unwrap();
                assert_eq!(codec.decode("sigma", &stored, raw.len(), side).unwrap(), raw, "{codec:?} {side}");
                assert!(codec.decode("sigma", &stored, raw.len() + 4, side).is_err(), "{codec:?} {side}");
                let mut longer = stored.clone();
                longer.push(0);
                assert!(codec.decode("sigma", &longer, raw.len(), side).is_err(), "{codec:?} {side}");
            }
        }
        assert!(Codec::from_id(5).is_none() && Codec::from_id(21).is_none());
    }

    #[test]
    fn the_triangle_codec_refuses_an_asymmetric_matrix() {
        let mut raw = symmetric(3);
        raw[4] ^= 1;
        let error = Codec::TriangleShuffleZstd.encode("sigma", &raw, 3).unwrap_err();
        assert!(error.to_string().contains("entry (1, 0)"), "{error}");
    }
}
