//! A section: one part of a Run, encoded, with its content id.

use crate::record::Matrix32;
use crate::{Codec, Digest, Error, Limits, canonical};
use serde::Serialize;

/// What a section holds. Sections stand in a file in this order, each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum Kind {
    /// The market of the day.
    Market = 1,
    /// How the risk model was made, and the names of its factors.
    RiskRecipe = 2,
    /// Covariance.
    Sigma = 3,
    /// Factor exposures.
    Loadings = 4,
    /// Covariance of the factors.
    FactorCovariance = 5,
    /// Specific variances.
    Specific = 6,
    /// Parameters.
    Params = 7,
    /// The account before trading.
    Account = 8,
    /// What was decided.
    Outcome = 9,
    /// About the machine and the clock.
    Info = 10,
}

impl Kind {
    /// Every kind, in the order of a file.
    pub const ALL: [Self; 10] = [
        Self::Market,
        Self::RiskRecipe,
        Self::Sigma,
        Self::Loadings,
        Self::FactorCovariance,
        Self::Specific,
        Self::Params,
        Self::Account,
        Self::Outcome,
        Self::Info,
    ];

    pub(crate) fn from_id(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u16 == id)
    }

    /// Name of the part, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::RiskRecipe => "risk recipe",
            Self::Sigma => "sigma",
            Self::Loadings => "loadings",
            Self::FactorCovariance => "factor covariance",
            Self::Specific => "specific variances",
            Self::Params => "params",
            Self::Account => "account",
            Self::Outcome => "outcome",
            Self::Info => "info",
        }
    }

    /// Whether Runs of a day have it in common, so that a store keeps it once.
    pub const fn is_shared(self) -> bool {
        (self as u16) <= Self::Params as u16
    }

    pub(crate) const fn is_matrix(self) -> bool {
        matches!(self, Self::Sigma | Self::Loadings | Self::FactorCovariance | Self::Specific)
    }
}

/// Length of a section's head.
pub(crate) const HEAD: usize = 72;

/// A section, encoded. Its head of 72 bytes says all that is needed to decode and check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it holds.
    pub kind: Kind,
    /// How its bytes are stored.
    pub codec: Codec,
    /// Rows of a matrix; 0 for MessagePack.
    pub rows: u32,
    /// Columns of a matrix; 0 for MessagePack.
    pub cols: u32,
    /// Length of the raw bytes.
    pub raw_length: u64,
    /// Length of the stored bytes.
    pub stored_length: u64,
    /// CRC-32C of the stored bytes.
    pub crc: u32,
    /// Content id: depends on the raw bytes, the kind and the dimensions, not on the codec.
    pub id: Digest,
}

/// A section with its stored bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// The head.
    pub(crate) section: Section,
    /// The stored bytes.
    pub(crate) bytes: Vec<u8>,
}

/// The content id of raw bytes.
pub(crate) fn content_id(kind: Kind, rows: u32, cols: u32, raw: &[u8]) -> Digest {
    let head =
        [(kind as u16).to_le_bytes().to_vec(), rows.to_le_bytes().to_vec(), cols.to_le_bytes().to_vec()];
    Digest::of_parts("samebits 2026 section content", &[&head.concat(), raw])
}

impl Encoded {
    /// A MessagePack section.
    ///
    /// # Errors
    /// [`Error::NotStorable`].
    pub(crate) fn message<T: Serialize>(kind: Kind, value: &T) -> Result<Self, Error> {
        let raw = canonical::encode(kind.name(), value)?;
        Self::new(kind, Codec::Zstd, (0, 0), &raw)
    }

    /// A matrix section.
    ///
    /// # Errors
    /// [`Error::NotStorable`] for a matrix with the wrong number of entries, one that is not finite, or one that does not
    /// suit the codec.
    pub(crate) fn matrix(kind: Kind, matrix: &Matrix32, codec: Codec) -> Result<Self, Error> {
        let wrong = |problem: String| Error::NotStorable { part: kind.name(), problem };
        if matrix.values.len() != matrix.rows * matrix.cols {
            return Err(wrong(format!(
                "{} entries for {} x {}",
                matrix.values.len(),
                matrix.rows,
                matrix.cols
            )));
        }
        if let Some(at) = matrix.values.iter().position(|value| !value.is_finite()) {
            return Err(wrong(format!("entry {at} is {}", matrix.values[at])));
        }
        let side = |length: usize| u32::try_from(length).map_err(|_| wrong(format!("a side of {length}")));
        let raw: Vec<u8> = matrix.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::new(kind, codec, (side(matrix.rows)?, side(matrix.cols)?), &raw)
    }

    fn new(kind: Kind, codec: Codec, (rows, cols): (u32, u32), raw: &[u8]) -> Result<Self, Error> {
        let bytes = codec.encode(kind.name(), raw, rows as usize)?;
        let section = Section {
            kind,
            codec,
            rows,
            cols,
            raw_length: raw.len() as u64,
            stored_length: bytes.len() as u64,
            crc: crc32c::crc32c(&bytes),
            id: content_id(kind, rows, cols, raw),
        };
        Ok(Self { section, bytes })
    }

    /// As a blob: head, then stored bytes.
    pub(crate) fn to_blob(&self) -> Vec<u8> {
        let mut blob = self.section.to_head(false).to_vec();
        blob.extend_from_slice(&self.bytes);
        blob
    }
}

impl Section {
    /// The head: kind, codec, placement, zero (2 bytes each), rows, cols, crc, zero (4 each), raw length, stored length (8
    /// each), content id (32). A reference has neither stored bytes nor a checksum of them.
    pub(crate) fn to_head(&self, reference: bool) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        let (stored_length, crc) = if reference { (0, 0) } else { (self.stored_length, self.crc) };
        head[0..2].copy_from_slice(&(self.kind as u16).to_le_bytes());
        head[2..4].copy_from_slice(&(self.codec as u16).to_le_bytes());
        head[4..6].copy_from_slice(&u16::from(reference).to_le_bytes());
        head[8..12].copy_from_slice(&self.rows.to_le_bytes());
        head[12..16].copy_from_slice(&self.cols.to_le_bytes());
        head[16..20].copy_from_slice(&crc.to_le_bytes());
        head[24..32].copy_from_slice(&self.raw_length.to_le_bytes());
        head[32..40].copy_from_slice(&stored_length.to_le_bytes());
        head[40..72].copy_from_slice(self.id.as_bytes());
        head
    }

    /// A reference to a part that is known by its content id and the length of its raw bytes.
    pub(crate) fn reference(kind: Kind, id: Digest, raw_length: u64) -> Self {
        Self { kind, codec: Codec::Raw, rows: 0, cols: 0, raw_length, stored_length: 0, crc: 0, id }
    }

    /// Reads a head; `true` beside it when the section is a reference.
    pub(crate) fn from_head(head: &[u8; HEAD], limits: &Limits) -> Result<(Self, bool), Error> {
        let u16_at = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let u64_at = |at: usize| u64::from(u32_at(at)) | u64::from(u32_at(at + 4)) << 32;
        let part = "section table";
        let kind = Kind::from_id(u16_at(0)).ok_or_else(|| Error::damaged(part, "a known kind", u16_at(0)))?;
        let codec = Codec::from_id(u16_at(2))
            .ok_or_else(|| Error::damaged(kind.name(), "a known codec", u16_at(2)))?;
        let zeros = u16_at(6) == 0 && u32_at(20) == 0 && u16_at(4) <= 1;
        if !zeros {
            return Err(Error::damaged(kind.name(), "zeros in the head", "other bytes"));
        }
        let mut id = [0; 32];
        id.copy_from_slice(&head[40..72]);
        let section = Self {
            kind,
            codec,
            rows: u32_at(8),
            cols: u32_at(12),
            raw_length: u64_at(24),
            stored_length: u64_at(32),
            crc: u32_at(16),
            id: Digest::from_bytes(id),
        };
        section.check(limits)?;
        Ok((section, u16_at(4) == 1))
    }

    fn check(&self, limits: &Limits) -> Result<(), Error> {
        let part = self.kind.name();
        Limits::check(part, self.stored_length, limits.file)?;
        if !self.kind.is_matrix() {
            let fits = self.rows == 0
                && self.cols == 0
                && matches!(self.codec, Codec::Raw | Codec::Zstd | Codec::Lz4);
            if !fits {
                return Err(Error::damaged(part, "a MessagePack section", "a matrix"));
            }
            return Limits::check(part, self.raw_length, limits.message);
        }
        Limits::check(part, u64::from(self.rows), limits.side)?;
        Limits::check(part, u64::from(self.cols), limits.side)?;
        Limits::check(part, self.raw_length, limits.matrix)?;
        let length = 4 * u64::from(self.rows) * u64::from(self.cols);
        if self.raw_length != length || (self.codec == Codec::TriangleShuffleZstd && self.rows != self.cols) {
            return Err(Error::damaged(
                part,
                format!("{length} raw bytes"),
                format!("{} raw bytes", self.raw_length),
            ));
        }
        Ok(())
    }

    /// The raw bytes behind `stored`: length, checksum, decoding, content id, in this order.
    pub(crate) fn decode(&self, stored: &[u8]) -> Result<Vec<u8>, Error> {
        let part = self.kind.name();
        if stored.len() as u64 != self.stored_length {
            return Err(Error::damaged(
                part,
                format!("{} bytes", self.stored_length),
                format!("{} bytes", stored.len()),
            ));
        }
        let crc = crc32c::crc32c(stored);
        if crc != self.crc {
            return Err(Error::damaged(part, format!("crc {:08x}", self.crc), format!("crc {crc:08x}")));
        }
        let raw = self.codec.decode(part, stored, self.raw_length as usize, self.rows as usize)?;
        let id = content_id(self.kind, self.rows, self.cols, &raw);
        if id != self.id {
            return Err(Error::damaged(part, self.id, id));
        }
        Ok(raw)
    }

    /// Reads a blob: head and stored bytes; returns the raw bytes, fully checked.
    ///
    /// # Errors
    /// What is damaged.
    pub fn read_blob(blob: &[u8], limits: &Limits) -> Result<(Self, Vec<u8>), Error> {
        let Some((head, stored)) = blob.split_first_chunk::<HEAD>() else {
            return Err(Error::damaged("blob", "a head of 72 bytes", format!("{} bytes", blob.len())));
        };
        let (section, reference) = Self::from_head(head, limits)?;
        if reference {
            return Err(Error::damaged(section.kind.name(), "an inline section", "a reference"));
        }
        let raw = section.decode(stored)?;
        Ok((section, raw))
    }
}

/// The matrix of raw bytes.
pub(crate) fn matrix_of(section: &Section, raw: &[u8]) -> Result<Matrix32, Error> {
    let values: Vec<f32> =
        raw.chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect();
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        let problem = format!("entry {at} is {}", values[at]);
        return Err(Error::Schema { part: section.kind.name(), problem });
    }
    Ok(Matrix32 { rows: section.rows as usize, cols: section.cols as usize, values })
}
