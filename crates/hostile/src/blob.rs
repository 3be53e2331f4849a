//! Blobs that build upon one another.

use crate::memory::within;
use crate::scene::{Bases, Closes, LIMITS, Shelf, bases};
use samebits_snapshot::{Blob, Codec, Digest, Error, Kind, Reader};

/// A blob with lengths and a checksum that fit its stored bytes.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// As in the head.
    pub kind: u16,
    /// As in the head.
    pub codec: u16,
    /// Rows of a matrix, sessions of a panel.
    pub rows: u32,
    /// Columns of a matrix, names of a panel.
    pub cols: u32,
    /// Length of the raw bytes of a MessagePack section; of others it follows from the sides.
    pub raw: u64,
    /// The stored bytes.
    pub stored: &'a [u8],
}

impl Piece<'_> {
    /// Head and stored bytes; the content id is `id`.
    pub fn blob(&self, id: Digest) -> Blob {
        let width = if self.kind == Kind::Panel as u16 { 8_u64 } else { 4 };
        let entries = u64::from(self.rows) * u64::from(self.cols);
        let raw = if entries == 0 { self.raw } else { width.saturating_mul(entries) };
        let mut bytes = Vec::with_capacity(72 + self.stored.len());
        bytes.extend_from_slice(&self.kind.to_le_bytes());
        bytes.extend_from_slice(&self.codec.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.rows.to_le_bytes());
        bytes.extend_from_slice(&self.cols.to_le_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(self.stored).to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&raw.to_le_bytes());
        bytes.extend_from_slice(&(self.stored.len() as u64).to_le_bytes());
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(self.stored);
        Blob { id, bytes }
    }
}

/// The id that a reader found where it expected another one.
pub fn found_id(error: &Error) -> Option<Digest> {
    let Error::Damaged { found, .. } = error else { return None };
    let mut id = [0; 32];
    for (place, at) in id.iter_mut().zip((0..).step_by(2)) {
        *place = u8::from_str_radix(found.get(at..at + 2)?, 16).ok()?;
    }
    (found.len() == 64).then(|| Digest::from_bytes(id))
}

/// Reads a piece under a made-up id, and once more under its own when its bytes decode. Returns it as it can be read.
pub(crate) fn read(piece: &Piece<'_>, shelf: &Shelf) -> Option<Blob> {
    let reader = Reader { predictor: Some(&Closes), ..Reader::new(&LIMITS, shelf) };
    let declared = LIMITS.matrix.max(LIMITS.message);
    let open = |blob: &Blob| within(declared, || reader.read_blob(&blob.bytes));
    let error = open(&piece.blob(Digest::default())).err()?;
    let blob = piece.blob(found_id(&error)?);
    let (section, raw) = open(&blob).ok()?;
    assert_eq!(section.raw_length, raw.len() as u64);
    if piece.kind == Kind::Sigma as u16 {
        let _ = within(declared, || reader.read_matrix(&blob.bytes));
    }
    Some(blob)
}

/// How many ids the stored bytes of a codec begin with, and after how many other bytes.
fn references(kind: u16, codec: u16, first: Option<&u8>) -> (usize, usize) {
    let panel = kind == Kind::Panel as u16;
    match codec {
        codec if codec == Codec::SigmaFactor as u16 => (0, 3),
        codec if codec == Codec::SigmaPanel as u16 && panel => (1, usize::from(first == Some(&1))),
        codec if codec == Codec::SigmaPanel as u16 => (0, 2),
        codec if codec == Codec::SigmaPrevious as u16 || codec == Codec::SigmaGather as u16 => (0, 1),
        _ => (0, 0),
    }
}

/// The payload with an id in the place of each byte that names one: below 128 one of `own`, otherwise one of the bases.
pub(crate) fn with_ids(kind: u16, codec: u16, short: &[u8], own: &[Digest], bases: &Bases) -> Vec<u8> {
    let (before, count) = references(kind, codec, short.first());
    let (head, rest) = short.split_at(before.min(short.len()));
    let (names, rest) = rest.split_at(count.min(rest.len()));
    let mut stored = head.to_vec();
    for name in names {
        let known = match name {
            0..128 => own.get(usize::from(*name)),
            _ => bases.ids.get(usize::from(name - 128)),
        };
        stored.extend_from_slice(known.unwrap_or(&Digest::default()).as_bytes());
    }
    stored.extend_from_slice(rest);
    stored
}

/// Pieces one after another: kind, codec, rows, columns (a byte each), length of raw bytes and of stored ones (two bytes
/// each, little-endian), stored bytes. A piece may name those before it.
pub fn chain(bytes: &[u8]) {
    let bases = bases();
    let mut shelf = Shelf(bases.shelf.0.clone());
    let mut own = Vec::new();
    let mut rest = bytes;
    while let Some((&[kind, codec, rows, cols, raw, raw_high, length, length_high], after)) =
        rest.split_first_chunk()
    {
        let length = usize::from(u16::from_le_bytes([length, length_high])).min(after.len());
        let (short, after) = after.split_at(length);
        rest = after;
        let (kind, codec) = (u16::from(kind), u16::from(codec));
        let stored = with_ids(kind, codec, short, &own, bases);
        let raw = u64::from(u16::from_le_bytes([raw, raw_high]));
        let piece = Piece { kind, codec, rows: rows.into(), cols: cols.into(), raw, stored: &stored };
        let Some(blob) = read(&piece, &shelf) else { continue };
        own.push(blob.id);
        shelf.put(blob);
    }
}
