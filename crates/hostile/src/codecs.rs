//! Each codec of a matrix by itself, behind a head that fits.

use crate::blob::{Piece, read, with_ids};
use crate::scene::{MANY, NAMES, bases};
use samebits_snapshot::{Codec, Kind};

fn sigma(codec: Codec, side: u32, short: &[u8]) {
    let (kind, codec) = (Kind::Sigma as u16, codec as u16);
    let stored = with_ids(kind, codec, short, &[], bases());
    let piece = Piece { kind, codec, rows: side, cols: side, raw: 0, stored: &stored };
    read(&piece, &bases().shelf);
}

/// Ids of the bases by the byte that names them, before the rest of a payload.
fn named(names: &[u8], rest: &[u8]) -> Vec<u8> {
    [names, rest].concat()
}

/// Kind, codec, rows, columns (a byte each), stored bytes.
pub fn matrix(bytes: &[u8]) {
    let Some((&[kind, codec, rows, cols], stored)) = bytes.split_first_chunk() else { return };
    let kind = Kind::Sigma as u16 + u16::from(kind % 4);
    let codec = u16::from(codec % 5);
    let piece = Piece { kind, codec, rows: rows.into(), cols: cols.into(), raw: 0, stored };
    read(&piece, &bases().shelf);
}

/// Side (a byte), stored bytes.
pub fn words(bytes: &[u8]) {
    let Some((&side, stored)) = bytes.split_first() else { return };
    sigma(Codec::SigmaWords, side.into(), stored);
}

/// What stands after the ids.
pub fn factor(bytes: &[u8]) {
    sigma(Codec::SigmaFactor, NAMES as u32, &named(&[130, 131, 132], bytes));
}

/// Which base (a byte), what stands after its id.
pub fn previous(bytes: &[u8]) {
    let Some((&base, rest)) = bytes.split_first() else { return };
    let (base, side) = [(129, NAMES), (134, MANY), (135, NAMES), (136, MANY)][usize::from(base % 4)];
    sigma(Codec::SigmaPrevious, side as u32, &named(&[base], rest));
}

/// What stands after the ids.
pub fn closes(bytes: &[u8]) {
    sigma(Codec::SigmaPanel, MANY as u32, &named(&[128, 133], bytes));
}

/// Side (a byte), which base (a byte), what stands after its id.
pub fn gather(bytes: &[u8]) {
    let Some((&[side, base], rest)) = bytes.split_first_chunk() else { return };
    let base = [129, 134, 135, 136][usize::from(base % 4)];
    sigma(Codec::SigmaGather, side.into(), &named(&[base], rest));
}

/// Sessions, names (a byte each), stored bytes; an append is one of the panel of the bases.
pub fn panel(bytes: &[u8]) {
    let Some((&[sessions, names], short)) = bytes.split_first_chunk() else { return };
    let (kind, codec) = (Kind::Panel as u16, Codec::SigmaPanel as u16);
    let short = match short.split_first() {
        Some((1, rest)) => named(&[1, 133], rest),
        _ => short.to_vec(),
    };
    let stored = with_ids(kind, codec, &short, &[], bases());
    let piece = Piece { kind, codec, rows: sessions.into(), cols: names.into(), raw: 0, stored: &stored };
    read(&piece, &bases().shelf);
}
