//! Columns to the canonical document.

use super::place::{Place, Scan};
use super::tag;
use crate::canonical::DEPTH;
use crate::{Error, tree};

/// The canonical document of exactly `length` bytes behind `columns`. Memory: that many bytes and the heads of the places.
pub(crate) fn rebuild(part: &'static str, columns: &[u8], length: usize) -> Result<Vec<u8>, Error> {
    let places = Scan::new(part, columns, length as u64).places()?;
    // A value's head is written before it is known whether it has room.
    let out = Vec::with_capacity(length + HEAD);
    let mut writer = Writer { part, places, out, length };
    writer.value(0, DEPTH)?;
    if writer.out.len() == length { Ok(writer.out) } else { Err(writer.wrong("another length")) }
}

/// Bytes of the longest head of a value.
const HEAD: usize = 9;

struct Writer<'a> {
    part: &'static str,
    places: Vec<Place<'a>>,
    out: Vec<u8>,
    length: usize,
}

impl Writer<'_> {
    fn wrong(&self, found: &str) -> Error {
        Error::damaged(self.part, format!("columns of a document of {} bytes", self.length), found)
    }

    /// Writes the next value of the place `at` and what is below it.
    fn value(&mut self, at: usize, depth: usize) -> Result<(), Error> {
        let Some(depth) = depth.checked_sub(1) else { return Err(self.wrong("deeper nesting")) };
        let Self { places, out, .. } = self;
        let place = &mut places[at];
        match place.tag() {
            tag::NIL => out.push(0xc0),
            tag::FALSE => out.push(0xc2),
            tag::TRUE => out.push(0xc3),
            tag::INT => tree::put_i64(place.integer(), out),
            tag::LARGE => tree::put_u64(place.integer() as u64, out),
            tag::REAL => {
                let bits = place.real();
                if !f64::from_bits(bits).is_finite() {
                    return Err(self.wrong("a float that is not finite"));
                }
                tree::put_real(bits, out);
            }
            tag::TEXT => {
                let bytes = place.bytes();
                tree::put_text_head(bytes.len(), out);
                if std::str::from_utf8(bytes).is_err() {
                    return Err(self.wrong("text that is not UTF-8"));
                }
                self.append(bytes)?;
            }
            tag::BYTES => {
                let bytes = place.bytes();
                tree::put_bytes_head(bytes.len(), out);
                self.append(bytes)?;
            }
            tag::LIST => {
                let (count, items) = (place.length(), place.items());
                tree::put_list_head(count as usize, out);
                for _ in 0..count {
                    self.value(items, depth)?;
                }
            }
            _ => return self.map(at, depth),
        }
        self.fits()
    }

    fn map(&mut self, at: usize, depth: usize) -> Result<(), Error> {
        let shape = self.places[at].shape();
        let keys = self.places[at].shapes[shape].len();
        tree::put_map_head(keys, &mut self.out);
        for k in 0..keys {
            let Self { places, out, .. } = self;
            let key = &places[at].shapes[shape][k];
            out.extend_from_slice(&key.text);
            let below = places[at].below(key.slot);
            self.fits()?;
            self.value(below, depth)?;
        }
        self.fits()
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.length.saturating_sub(self.out.len()) {
            return Err(self.wrong("more bytes"));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn fits(&self) -> Result<(), Error> {
        if self.out.len() <= self.length { Ok(()) } else { Err(self.wrong("more bytes")) }
    }
}
