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
        Tree::Real(value) => {
            out.push(0xcb);
            out.extend(big(value.to_bits(), 8));
        }
        Tree::Text(text) => {
            put_length(text.len(), out, Some((0xa0, 31)), [Some(0xd9), Some(0xda), Some(0xdb)]);
            out.extend(text.as_bytes());
        }
        Tree::Bytes(bytes) => {
            put_length(bytes.len(), out, None, [Some(0xc4), Some(0xc5), Some(0xc6)]);
            out.extend(bytes);
        }
        Tree::List(items) => {
            put_length(items.len(), out, Some((0x90, 15)), [None, Some(0xdc), Some(0xdd)]);
            for item in items {
                put(item, out);
            }
        }
        Tree::Map(entries) => {
            put_length(entries.len(), out, Some((0x80, 15)), [None, Some(0xde), Some(0xdf)]);
            for (key, value) in entries {
                put(&Tree::Text(key.clone()), out);
                put(value, out);
            }
        }
    }
}

/// The last `count` bytes of `value`, most significant first (the order of MessagePack).
fn big(value: u64, count: usize) -> impl Iterator<Item = u8> {
    (0..count).rev().map(move |k| (value >> (8 * k)) as u8)
}

fn put_int(value: i128, out: &mut Vec<u8>) {
    let bits = value as u64;
    let (tag, count) = match value {
        -32..=127 => {
            out.push(bits as u8);
            return;
        }
        128..=255 => (0xcc, 1),
        256..=65_535 => (0xcd, 2),
        65_536..=4_294_967_295 => (0xce, 4),
        4_294_967_296.. => (0xcf, 8),
        -128..=-33 => (0xd0, 1),
        -32_768..=-129 => (0xd1, 2),
        -2_147_483_648..=-32_769 => (0xd2, 4),
        _ => (0xd3, 8),
    };
    out.push(tag);
    out.extend(big(bits, count));
}

fn put_length(length: usize, out: &mut Vec<u8>, short: Option<(u8, usize)>, tags: [Option<u8>; 3]) {
    if let Some((tag, most)) = short.filter(|(_, most)| length <= *most) {
        out.push(tag | (length.min(most) as u8));
        return;
    }
    let fits = [0xff, 0xffff, 0xffff_ffff];
    let choice = (0..3).find(|&k| tags[k].is_some() && length <= fits[k]).unwrap_or(2);
    out.push(tags[choice].unwrap_or(0xc6));
    out.extend(big(length as u64, 1 << choice));
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
