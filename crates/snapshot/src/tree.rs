//! MessagePack as a tree: read from any valid form, written in the canonical one.

use crate::Error;

/// A MessagePack value.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// Nothing.
    Nil,
    /// A switch.
    Bool(bool),
    /// An integer of up to 64 bits, signed or not.
    Int(i128),
    /// A float of 64 bits, finite.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Tree>),
    /// A map with text keys, in byte order of the keys.
    Map(Vec<(String, Tree)>),
}

/// Writes the canonical form: shortest integers and lengths, 64-bit floats, keys in byte order.
pub fn write(tree: &Tree) -> Vec<u8> {
    let mut out = Vec::new();
    put(tree, &mut out);
    out
}

fn put(tree: &Tree, out: &mut Vec<u8>) {
    match tree {
        Tree::Nil => out.push(0xc0),
        Tree::Bool(value) => out.push(if *value { 0xc3 } else { 0xc2 }),
        Tree::Int(value) => put_int(*value, out),
        Tree::Real(value) => put_real(value.to_bits(), out),
        Tree::Text(text) => put_text(text, out),
        Tree::Bytes(bytes) => {
            put_bytes_head(bytes.len(), out);
            out.extend_from_slice(bytes);
        }
        Tree::List(items) => {
            put_list_head(items.len(), out);
            for item in items {
                put(item, out);
            }
        }
        Tree::Map(entries) => {
            put_map_head(entries.len(), out);
            for (key, value) in entries {
                put_text(key, out);
                put(value, out);
            }
        }
    }
}

/// Where canonical bytes go.
pub(crate) trait Out {
    fn push(&mut self, byte: u8);
    /// The first `count` of nine bytes.
    fn head(&mut self, bytes: [u8; 9], count: usize);
}

impl Out for Vec<u8> {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.push(byte);
    }

    #[inline]
    fn head(&mut self, bytes: [u8; 9], count: usize) {
        self.extend_from_slice(&bytes[..count]);
    }
}

/// A tag and the last `count` bytes of `value`, most significant first (the order of MessagePack).
#[inline]
fn put_big(tag: u8, value: u64, count: usize, out: &mut impl Out) {
    let bytes = (value << (64 - 8 * count)).swap_bytes().to_le_bytes();
    let mut all = [tag; 9];
    all[1..].copy_from_slice(&bytes);
    out.head(all, 1 + count);
}

fn put_int(value: i128, out: &mut Vec<u8>) {
    match i64::try_from(value) {
        Ok(value) => put_i64(value, out),
        Err(_) => put_u64(value as u64, out),
    }
}

#[inline]
pub(crate) fn put_i64(value: i64, out: &mut impl Out) {
    if value >= 0 {
        return put_u64(value as u64, out);
    }
    match value {
        -32.. => out.push(value as u8),
        -128.. => put_big(0xd0, value as u64, 1, out),
        -32_768.. => put_big(0xd1, value as u64, 2, out),
        -2_147_483_648.. => put_big(0xd2, value as u64, 4, out),
        _ => put_big(0xd3, value as u64, 8, out),
    }
}

#[inline]
pub(crate) fn put_u64(value: u64, out: &mut impl Out) {
    match value {
        0..=0x7f => out.push(value as u8),
        0x80..=0xff => put_big(0xcc, value, 1, out),
        0x100..=0xffff => put_big(0xcd, value, 2, out),
        0x1_0000..=0xffff_ffff => put_big(0xce, value, 4, out),
        _ => put_big(0xcf, value, 8, out),
    }
}

/// A float by its bits.
pub(crate) fn put_real(bits: u64, out: &mut impl Out) {
    put_big(0xcb, bits, 8, out);
}

pub(crate) fn put_text(text: &str, out: &mut Vec<u8>) {
    put_text_head(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

#[inline]
pub(crate) fn put_text_head(length: usize, out: &mut impl Out) {
    put_length(length, out, Some((0xa0, 31)), [Some(0xd9), Some(0xda), Some(0xdb)]);
}

#[inline]
pub(crate) fn put_bytes_head(length: usize, out: &mut impl Out) {
    put_length(length, out, None, [Some(0xc4), Some(0xc5), Some(0xc6)]);
}

#[inline]
pub(crate) fn put_list_head(length: usize, out: &mut impl Out) {
    put_length(length, out, Some((0x90, 15)), [None, Some(0xdc), Some(0xdd)]);
}

#[inline]
pub(crate) fn put_map_head(length: usize, out: &mut impl Out) {
    put_length(length, out, Some((0x80, 15)), [None, Some(0xde), Some(0xdf)]);
}

#[inline]
fn put_length(length: usize, out: &mut impl Out, short: Option<(u8, usize)>, tags: [Option<u8>; 3]) {
    match short {
        Some((tag, most)) if length <= most => out.push(tag | length as u8),
        _ => put_long_length(length, out, tags),
    }
}

fn put_long_length(length: usize, out: &mut impl Out, tags: [Option<u8>; 3]) {
    let fits = [0xff, 0xffff, 0xffff_ffff];
    let choice = (0..3).find(|&k| tags[k].is_some() && length <= fits[k]).unwrap_or(2);
    put_big(tags[choice].unwrap_or(0xc6), length as u64, 1 << choice, out);
}

/// Reads one value that fills `bytes`; `part` names them in errors.
///
/// # Errors
/// [`Error::NotCanonical`] for what is not MessagePack of these types, duplicate keys, floats that are not finite, values
/// nested deeper than `depth`, and bytes after the value. Lengths are believed only as far as bytes are there.
pub fn read(part: &'static str, bytes: &[u8], depth: usize) -> Result<Tree, Error> {
    let mut reader = Reader { part, bytes, at: 0 };
    let tree = reader.value(depth)?;
    if reader.at == bytes.len() { Ok(tree) } else { Err(reader.wrong("bytes after the value")) }
}

struct Reader<'a> {
    part: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn wrong(&self, problem: &'static str) -> Error {
        Error::NotCanonical { part: self.part, at: self.at, problem }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.wrong("the value is cut off"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn number(&mut self, count: usize) -> Result<u64, Error> {
        Ok(self.take(count)?.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    fn signed(&mut self, count: usize) -> Result<Tree, Error> {
        let shift = 64 - 8 * count as u32;
        Ok(Tree::Int(i128::from(((self.number(count)? << shift) as i64) >> shift)))
    }

    fn value(&mut self, depth: usize) -> Result<Tree, Error> {
        let Some(depth) = depth.checked_sub(1) else { return Err(self.wrong("nested too deeply")) };
        let tag = self.take(1)?[0];
        match tag {
            0x00..=0x7f => Ok(Tree::Int(i128::from(tag))),
            0xe0..=0xff => Ok(Tree::Int(i128::from(tag as i8))),
            0x80..=0x8f => self.map(u64::from(tag & 0x0f), depth),
            0x90..=0x9f => self.list(u64::from(tag & 0x0f), depth),
            0xa0..=0xbf => self.text(u64::from(tag & 0x1f)).map(Tree::Text),
            0xc0 => Ok(Tree::Nil),
            0xc2 | 0xc3 => Ok(Tree::Bool(tag == 0xc3)),
            0xc4..=0xc6 => {
                let length = self.number(1 << (tag - 0xc4))?;
                Ok(Tree::Bytes(self.take(usize::try_from(length).unwrap_or(usize::MAX))?.to_vec()))
            }
            0xcb => self.real(),
            0xcc..=0xcf => Ok(Tree::Int(i128::from(self.number(1 << (tag - 0xcc))?))),
            0xd0..=0xd3 => self.signed(1 << (tag - 0xd0)),
            0xd9..=0xdb => {
                let length = self.number(1 << (tag - 0xd9))?;
                self.text(length).map(Tree::Text)
            }
            0xdc | 0xdd => {
                let length = self.number(2 << (tag - 0xdc))?;
                self.list(length, depth)
            }
            0xde | 0xdf => {
                let length = self.number(2 << (tag - 0xde))?;
                self.map(length, depth)
            }
            _ => Err(self.wrong("a type that records do not use")),
        }
    }

    fn real(&mut self) -> Result<Tree, Error> {
        let value = f64::from_bits(self.number(8)?);
        if value.is_finite() { Ok(Tree::Real(value)) } else { Err(self.wrong("a float that is not finite")) }
    }

    fn text(&mut self, length: u64) -> Result<String, Error> {
        let bytes = self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.wrong("text that is not UTF-8"))?;
        Ok(text.to_owned())
    }

    /// A count of items of at least `least` bytes each, checked against the bytes that are left.
    fn count(&self, length: u64, least: usize) -> Result<usize, Error> {
        let most = (self.bytes.len() - self.at) / least;
        let count = usize::try_from(length).ok().filter(|count| *count <= most);
        count.ok_or_else(|| self.wrong("more items than bytes"))
    }

    fn list(&mut self, length: u64, depth: usize) -> Result<Tree, Error> {
        (0..self.count(length, 1)?).map(|_| self.value(depth)).collect::<Result<_, _>>().map(Tree::List)
    }

    fn map(&mut self, length: u64, depth: usize) -> Result<Tree, Error> {
        let mut entries = Vec::new();
        for _ in 0..self.count(length, 2)? {
            let Tree::Text(key) = self.value(1)? else { return Err(self.wrong("a key that is not text")) };
            entries.push((key, self.value(depth)?));
        }
        entries.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        if entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(self.wrong("a key stands twice"));
        }
        Ok(Tree::Map(entries))
    }
}
