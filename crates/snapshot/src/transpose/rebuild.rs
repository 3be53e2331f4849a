//! Columns to the canonical document.

use super::place::{Columns, Key, Place, SHORT, Scan};
use super::tag;
use crate::Error;
use crate::canonical::DEPTH;
use crate::tree::{self, Out};

/// The canonical document of exactly `length` bytes behind `columns`. Memory: that many bytes and the heads of the places.
pub(crate) fn rebuild(part: &'static str, columns: &[u8], length: usize) -> Result<Vec<u8>, Error> {
    let Columns { places, keys } = Scan::new(part, columns, length as u64).columns()?;
    let mut writer = Writer { places, page: Page { bytes: vec![0; length + SLACK], at: 0, length } };
    let wrong = |found| Error::damaged(part, format!("columns of a document of {length} bytes"), found);
    writer.value(&keys, 0, DEPTH).map_err(wrong)?;
    let Page { mut bytes, at, .. } = writer.page;
    if at != length {
        return Err(wrong("another length"));
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// What is wrong with the columns, or nothing: small, because it is asked for after every value.
type Written = Result<(), &'static str>;

/// A key and a head are written before it is known whether they have room.
const SLACK: usize = SHORT + 9;

/// The document so far; its bytes are there from the start, so that short pieces are copied without asking how long they are.
struct Page {
    bytes: Vec<u8>,
    /// At most `length` before a key is written, and before a value.
    at: usize,
    length: usize,
}

impl Out for Page {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.bytes[self.at] = byte;
        self.at += 1;
    }

    #[inline]
    fn head(&mut self, bytes: [u8; 9], count: usize) {
        self.bytes[self.at..self.at + 9].copy_from_slice(&bytes);
        self.at += count;
    }
}

impl Page {
    #[inline]
    fn key(&mut self, key: &Key) -> Written {
        if key.length > SHORT {
            return self.append(&key.long);
        }
        self.bytes[self.at..self.at + SHORT].copy_from_slice(&key.short);
        self.at += key.length;
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Written {
        let end = self.at.saturating_add(bytes.len());
        if end > self.length {
            return Err("more bytes");
        }
        self.bytes[self.at..end].copy_from_slice(bytes);
        self.at = end;
        Ok(())
    }

    #[inline]
    const fn fits(&self) -> Written {
        if self.at <= self.length { Ok(()) } else { Err("more bytes") }
    }
}

struct Writer<'a> {
    places: Vec<Place<'a>>,
    page: Page,
}

impl Writer<'_> {
    /// Writes the next value of the place `at` and what is below it.
    fn value(&mut self, keys: &[Key], at: usize, depth: usize) -> Written {
        let Some(depth) = depth.checked_sub(1) else { return Err("deeper nesting") };
        let Self { places, page } = self;
        let place = &mut places[at];
        match place.tag() {
            tag::NIL => page.push(0xc0),
            tag::FALSE => page.push(0xc2),
            tag::TRUE => page.push(0xc3),
            tag::INT => tree::put_i64(integer(place)?, page),
            tag::LARGE => tree::put_u64(integer(place)? as u64, page),
            tag::REAL => {
                let bits = place.real();
                if !f64::from_bits(bits).is_finite() {
                    return Err("a float that is not finite");
                }
                tree::put_real(bits, page);
            }
            tag::TEXT => {
                let bytes = place.bytes();
                tree::put_text_head(bytes.len(), page);
                if std::str::from_utf8(bytes).is_err() {
                    return Err("text that is not UTF-8");
                }
                page.append(bytes)?;
            }
            tag::BYTES => {
                let bytes = place.bytes();
                tree::put_bytes_head(bytes.len(), page);
                page.append(bytes)?;
            }
            tag::LIST => {
                let (count, items) = (place.length(), place.items());
                tree::put_list_head(count as usize, page);
                page.fits()?;
                for _ in 0..count {
                    self.value(keys, items, depth)?;
                }
            }
            _ => return self.map(keys, at, depth),
        }
        self.page.fits()
    }

    fn map(&mut self, keys: &[Key], at: usize, depth: usize) -> Written {
        let place = &mut self.places[at];
        let (shape, first) = (place.shape(), place.first());
        let own = &keys[place.shapes[shape].clone()];
        tree::put_map_head(own.len(), &mut self.page);
        for key in own {
            self.page.fits()?;
            self.page.key(key)?;
            let below = first + key.slot;
            let Self { places, page } = self;
            let place = &mut places[below];
            // Most values are integers beside integers: they are written here.
            if place.common() == tag::INT && depth > 0 {
                tree::put_i64(integer(place)?, page);
            } else {
                self.page.fits()?;
                self.value(keys, below, depth)?;
            }
        }
        self.page.fits()
    }
}

#[inline]
fn integer(place: &mut Place<'_>) -> Result<i64, &'static str> {
    place.integer().ok_or("a number that is not in its shortest form")
}
