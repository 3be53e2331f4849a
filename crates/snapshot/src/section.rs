//! A section: one part of a Run, encoded, with its content id.

use crate::record::Matrix32;
use crate::sigma::{self, PricePanel};
use crate::{Blob, Codec, Digest, Error, Hasher, Limits, Reader, canonical};
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
    /// The closes that a covariance was made of: a blob of a store, not a section of a file.
    Panel = 11,
}

impl Kind {
    /// Every kind of a file, in its order.
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
        Self::ALL.into_iter().chain([Self::Panel]).find(|kind| *kind as u16 == id)
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
            Self::Panel => "panel",
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

/// Bytes that a form which readers of format 1.0 do not know must save.
const WORTH_A_LATER_READER: usize = 32;

/// Domain of content ids.
const CONTENT: &str = "samebits 2026 section content";

/// The content id of raw bytes.
pub(crate) fn content_id(kind: Kind, rows: u32, cols: u32, raw: &[u8]) -> Digest {
    Digest::of_parts(CONTENT, &[&id_head(kind, rows, cols), raw])
}

/// What a content id covers before the raw bytes.
fn id_head(kind: Kind, rows: u32, cols: u32) -> Vec<u8> {
    [&(kind as u16).to_le_bytes()[..], &rows.to_le_bytes()[..], &cols.to_le_bytes()[..]].concat()
}

/// The content id of the closes of a panel.
pub(crate) fn panel_id(panel: &PricePanel) -> Digest {
    let head = id_head(Kind::Panel, panel.sessions as u32, panel.names as u32);
    let mut hasher = Hasher::new(CONTENT);
    hasher.part(head.len(), [&head[..]]);
    hasher.words(panel.closes.iter().map(|close| close.e8().to_le_bytes()));
    hasher.finish()
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
        matrix.check(kind)?;
        let (rows, cols) = sides(kind, matrix.rows, matrix.cols)?;
        let raw: Vec<u8> = matrix.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::new(kind, codec, (rows, cols), &raw)
    }

    /// A covariance by itself, in the smaller of the two forms that there are.
    ///
    /// # Errors
    /// As [`matrix`](Self::matrix).
    pub(crate) fn sigma_alone(matrix: &Matrix32) -> Result<Self, Error> {
        matrix.check(Kind::Sigma)?;
        if matrix.rows != matrix.cols {
            return Self::matrix(Kind::Sigma, matrix, Codec::ShuffleZstd);
        }
        let words = sigma::write_alone(&matrix.values, matrix.rows)?;
        let triangle = Self::matrix(Kind::Sigma, matrix, Codec::TriangleShuffleZstd);
        match triangle {
            Ok(triangle) if triangle.bytes.len() <= words.len() + WORTH_A_LATER_READER => Ok(triangle),
            _ => Self::sigma(matrix, Codec::SigmaWords, words),
        }
    }

    /// A covariance whose stored bytes are made already.
    pub(crate) fn sigma(matrix: &Matrix32, codec: Codec, bytes: Vec<u8>) -> Result<Self, Error> {
        let sides = sides(Kind::Sigma, matrix.rows, matrix.cols)?;
        let raw_length = 4 * matrix.values.len() as u64;
        Ok(Self::stored(Kind::Sigma, codec, sides, raw_length, matrix.id(Kind::Sigma), bytes))
    }

    /// A panel whose stored bytes are made already.
    pub(crate) fn panel(panel: &PricePanel, bytes: Vec<u8>) -> Result<Self, Error> {
        let sides = sides(Kind::Panel, panel.sessions, panel.names)?;
        let raw_length = 8 * panel.closes.len() as u64;
        Ok(Self::stored(Kind::Panel, Codec::SigmaPanel, sides, raw_length, panel.id(), bytes))
    }

    fn new(kind: Kind, codec: Codec, (rows, cols): (u32, u32), raw: &[u8]) -> Result<Self, Error> {
        let bytes = codec.encode(kind.name(), raw, rows as usize)?;
        let id = content_id(kind, rows, cols, raw);
        Ok(Self::stored(kind, codec, (rows, cols), raw.len() as u64, id, bytes))
    }

    fn stored(
        kind: Kind,
        codec: Codec,
        (rows, cols): (u32, u32),
        raw_length: u64,
        id: Digest,
        bytes: Vec<u8>,
    ) -> Self {
        let (stored_length, crc) = (bytes.len() as u64, crc32c::crc32c(&bytes));
        Self { section: Section { kind, codec, rows, cols, raw_length, stored_length, crc, id }, bytes }
    }

    /// As a blob: head, then stored bytes.
    pub(crate) fn blob(&self) -> Blob {
        let mut bytes = self.section.to_head(false).to_vec();
        bytes.extend_from_slice(&self.bytes);
        Blob { id: self.section.id, bytes }
    }
}

fn sides(kind: Kind, rows: usize, cols: usize) -> Result<(u32, u32), Error> {
    let side = |length: usize| {
        u32::try_from(length)
            .map_err(|_| Error::NotStorable { part: kind.name(), problem: format!("a side of {length}") })
    };
    Ok((side(rows)?, side(cols)?))
}

impl Matrix32 {
    /// As many entries as the sides say, all finite.
    fn check(&self, kind: Kind) -> Result<(), Error> {
        let matrix = self;
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
        Ok(())
    }

    /// The content id of a section of this kind.
    pub(crate) fn id(&self, kind: Kind) -> Digest {
        let head = id_head(kind, self.rows as u32, self.cols as u32);
        let mut hasher = Hasher::new(CONTENT);
        hasher.part(head.len(), [&head[..]]);
        hasher.words(self.values.iter().map(|value| value.to_le_bytes()));
        hasher.finish()
    }

    /// The same matrix, when every entry is finite.
    pub(crate) fn finite(self, part: &'static str) -> Result<Self, Error> {
        // Without a way out in between it takes several entries at once.
        if self.values.iter().fold(true, |all, value| all & value.is_finite()) {
            return Ok(self);
        }
        match self.values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(Error::Schema { part, problem: format!("entry {at} is {}", self.values[at]) }),
            None => Ok(self),
        }
    }
}

impl Section {
    /// The head: kind, codec, placement, zero (2 bytes each), rows, cols, crc, zero (4 each), raw length, stored length (8
    /// each), content id (32). A reference has neither stored bytes nor a checksum of them, and says nothing of how the
    /// blob is stored: a later codec is not named.
    pub(crate) fn to_head(&self, reference: bool) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        let (stored_length, crc) = if reference { (0, 0) } else { (self.stored_length, self.crc) };
        let later = reference && !self.codec.is_first();
        let codec = if later { Codec::TriangleShuffleZstd } else { self.codec };
        head[0..2].copy_from_slice(&(self.kind as u16).to_le_bytes());
        head[2..4].copy_from_slice(&(codec as u16).to_le_bytes());
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
        if self.kind == Kind::Panel {
            return self.check_panel(limits);
        }
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
        let square = self.rows == self.cols;
        let suits = match self.codec {
            Codec::TriangleShuffleZstd => square,
            codec if codec.is_first() => true,
            _ => square && self.kind == Kind::Sigma,
        };
        if !suits {
            return Err(Error::damaged(part, "a codec for its kind and sides", self.codec.name()));
        }
        self.check_length(4)
    }

    fn check_panel(&self, limits: &Limits) -> Result<(), Error> {
        let part = self.kind.name();
        if self.codec != Codec::SigmaPanel {
            return Err(Error::damaged(part, "a codec for its kind", self.codec.name()));
        }
        Limits::check(part, u64::from(self.rows), limits.side)?;
        Limits::check(part, u64::from(self.cols), limits.side)?;
        Limits::check(part, self.raw_length, limits.matrix)?;
        self.check_length(8)
    }

    /// As many raw bytes as the sides say, `width` an entry.
    fn check_length(&self, width: u64) -> Result<(), Error> {
        let length = width * u64::from(self.rows) * u64::from(self.cols);
        if self.raw_length == length {
            return Ok(());
        }
        let found = format!("{} raw bytes", self.raw_length);
        Err(Error::damaged(self.kind.name(), format!("{length} raw bytes"), found))
    }

    /// Whether it can be decoded from its own bytes by [`decode`](Self::decode).
    pub(crate) const fn is_bytes(&self) -> bool {
        self.codec.is_first()
    }

    /// What can be said of the stored bytes without any other: all of a codec of format 1.0, otherwise length and checksum.
    pub(crate) fn damage(&self, stored: &[u8]) -> Result<(), Error> {
        if self.is_bytes() { self.decode(stored).map(drop) } else { self.check_stored(stored) }
    }

    /// Length and checksum of the stored bytes.
    pub(crate) fn check_stored(&self, stored: &[u8]) -> Result<(), Error> {
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
        Ok(())
    }

    /// The raw bytes behind `stored` under a codec of format 1.0: length, checksum, decoding, content id, in this order.
    pub(crate) fn decode(&self, stored: &[u8]) -> Result<Vec<u8>, Error> {
        self.check_stored(stored)?;
        let part = self.kind.name();
        let raw = self.codec.decode(part, stored, self.raw_length as usize, self.rows as usize)?;
        let id = content_id(self.kind, self.rows, self.cols, &raw);
        if id != self.id {
            return Err(Error::damaged(part, self.id, id));
        }
        Ok(raw)
    }

    /// Reads a blob that stands alone: head and stored bytes; returns the raw bytes, fully checked. One that builds upon
    /// others is read by [`Reader::read_blob`].
    ///
    /// # Errors
    /// What is damaged; [`Error::MissingBlob`] and [`Error::NeedsPredictor`] for one that does not stand alone.
    pub fn read_blob(blob: &[u8], limits: &Limits) -> Result<(Self, Vec<u8>), Error> {
        Reader::alone(limits).read_blob(blob)
    }

    /// What the head of a blob says; its bytes are not looked at.
    ///
    /// # Errors
    /// A head that is none.
    pub fn read_head(blob: &[u8], limits: &Limits) -> Result<Self, Error> {
        Self::open_blob(blob, limits).map(|(section, _)| section)
    }

    /// Head and stored bytes of a blob; only the head is checked.
    pub(crate) fn open_blob<'a>(blob: &'a [u8], limits: &Limits) -> Result<(Self, &'a [u8]), Error> {
        let Some((head, stored)) = blob.split_first_chunk::<HEAD>() else {
            return Err(Error::damaged("blob", "a head of 72 bytes", format!("{} bytes", blob.len())));
        };
        let (section, reference) = Self::from_head(head, limits)?;
        if reference {
            return Err(Error::damaged(section.kind.name(), "an inline section", "a reference"));
        }
        Ok((section, stored))
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
