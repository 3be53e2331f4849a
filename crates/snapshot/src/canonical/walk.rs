//! Canonical bytes looked through without making anything of them.

use super::DEPTH;
use crate::Error;

/// How many values there are in `bytes`, which must be one value in canonical form; keys of maps do not count.
///
/// # Errors
/// [`Error::NotCanonical`] with the first fault.
pub(super) fn walk(part: &'static str, bytes: &[u8]) -> Result<u64, Error> {
    let mut walk = Walk { part, bytes, at: 0, values: 0 };
    walk.value(DEPTH)?;
    if walk.at == bytes.len() { Ok(walk.values) } else { Err(walk.wrong("bytes after the value")) }
}

struct Walk<'a> {
    part: &'static str,
    bytes: &'a [u8],
    at: usize,
    values: u64,
}

impl<'a> Walk<'a> {
    fn wrong(&self, problem: &'static str) -> Error {
        Error::NotCanonical { part: self.part, at: self.at, problem }
    }

    /// Bytes that say the same in another form than the one that is written.
    fn shortest(&self, is: bool) -> Result<(), Error> {
        if is { Ok(()) } else { Err(self.wrong("another form of the same value would be written")) }
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Error> {
        let end = usize::try_from(count).ok().and_then(|count| self.at.checked_add(count));
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| self.wrong("the value is cut off"))?;
        self.at += taken.len();
        Ok(taken)
    }

    /// A number of `count` bytes that needs all of them: it is at least `least`.
    fn number(&mut self, count: u64, least: u64) -> Result<u64, Error> {
        let value = self.take(count)?.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte));
        self.shortest(value >= least)?;
        Ok(value)
    }

    /// A negative integer of `count` bytes, at most `most`.
    fn negative(&mut self, count: u64, most: i64) -> Result<(), Error> {
        let shift = 64 - 8 * count as u32;
        let value = ((self.number(count, 0)? << shift) as i64) >> shift;
        self.shortest(value <= most)
    }

    fn value(&mut self, depth: usize) -> Result<(), Error> {
        let Some(depth) = depth.checked_sub(1) else { return Err(self.wrong("nested too deeply")) };
        self.values += 1;
        let tag = self.take(1)?[0];
        match tag {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Ok(()),
            0x80..=0x8f => self.map(u64::from(tag & 0x0f), depth),
            0x90..=0x9f => self.list(u64::from(tag & 0x0f), depth),
            0xa0..=0xbf | 0xd9..=0xdb => self.text(tag).map(drop),
            0xc4..=0xc6 => {
                let length = self.number(1 << (tag - 0xc4), [0, 0x100, 0x1_0000][usize::from(tag - 0xc4)])?;
                self.take(length).map(drop)
            }
            0xcb => {
                let finite = f64::from_bits(self.number(8, 0)?).is_finite();
                if finite { Ok(()) } else { Err(self.wrong("a float that is not finite")) }
            }
            0xcc => self.number(1, 0x80).map(drop),
            0xcd => self.number(2, 0x100).map(drop),
            0xce => self.number(4, 0x1_0000).map(drop),
            0xcf => self.number(8, 0x1_0000_0000).map(drop),
            0xd0 => self.negative(1, -33),
            0xd1 => self.negative(2, -129),
            0xd2 => self.negative(4, -32_769),
            0xd3 => self.negative(8, -2_147_483_649),
            0xdc | 0xdd => {
                let length = self.number(2 << (tag - 0xdc), if tag == 0xdc { 16 } else { 0x1_0000 })?;
                self.list(length, depth)
            }
            0xde | 0xdf => {
                let length = self.number(2 << (tag - 0xde), if tag == 0xde { 16 } else { 0x1_0000 })?;
                self.map(length, depth)
            }
            _ => Err(self.wrong("a type that records do not use")),
        }
    }

    /// A text whose head begins with `tag`.
    fn text(&mut self, tag: u8) -> Result<&'a [u8], Error> {
        let length = match tag {
            0xa0..=0xbf => u64::from(tag & 0x1f),
            0xd9 => self.number(1, 32)?,
            0xda => self.number(2, 0x100)?,
            0xdb => self.number(4, 0x1_0000)?,
            _ => return Err(self.wrong("a key that is not text")),
        };
        let bytes = self.take(length)?;
        match std::str::from_utf8(bytes) {
            Ok(_) => Ok(bytes),
            Err(_) => Err(self.wrong("text that is not UTF-8")),
        }
    }

    /// A count of items of at least `least` bytes each, checked against the bytes that are left.
    fn count(&self, count: u64, least: usize) -> Result<u64, Error> {
        let most = (self.bytes.len() - self.at) / least;
        if count <= most as u64 { Ok(count) } else { Err(self.wrong("more items than bytes")) }
    }

    fn list(&mut self, count: u64, depth: usize) -> Result<(), Error> {
        (0..self.count(count, 1)?).try_for_each(|_| self.value(depth))
    }

    fn map(&mut self, count: u64, depth: usize) -> Result<(), Error> {
        let mut before: Option<&[u8]> = None;
        for _ in 0..self.count(count, 2)? {
            let tag = self.take(1)?[0];
            let key = self.text(tag)?;
            if before == Some(key) {
                return Err(self.wrong("a key stands twice"));
            }
            self.shortest(before.is_none_or(|before| before < key))?;
            before = Some(key);
            self.value(depth)?;
        }
        Ok(())
    }
}
