//! The places of a document: where their columns lie in the bytes.

use super::{lengths, mode, tag, varint};
use crate::{Error, tree};
use std::ops::Range;

/// Most places, and most keys of all shapes together, of a document. Ours have some hundred.
pub(crate) const MOST_PLACES: usize = 4096;

/// A key of a shape.
pub(crate) struct Key {
    /// Its canonical form, if it fits.
    pub(crate) short: [u8; SHORT],
    pub(crate) length: usize,
    /// Its canonical form where it does not.
    pub(crate) long: Vec<u8>,
    /// Which of the parent's places is its.
    pub(crate) slot: usize,
}

/// Bytes of a key that is copied as a whole.
pub(crate) const SHORT: usize = 32;

impl Key {
    fn new(name: &[u8], slot: usize) -> Self {
        let mut long = Vec::with_capacity(name.len() + 5);
        tree::put_text_head(name.len(), &mut long);
        long.extend_from_slice(name);
        let (mut short, length) = ([0; SHORT], long.len());
        if let Some(start) = short.get_mut(..length) {
            start.copy_from_slice(&long);
            long = Vec::new();
        }
        Self { short, length, long, slot }
    }
}

/// A place: slices of the columns, each read from its front.
#[derive(Default)]
pub(crate) struct Place<'a> {
    count: u64,
    /// One tag for all, or [`tag::MIXED`] and one each.
    common: u8,
    tags: &'a [u8],
    /// Where the keys of each shape are among all keys.
    pub(crate) shapes: Vec<Range<usize>>,
    which: &'a [u8],
    mode: u8,
    divisor: i64,
    integers: &'a [u8],
    before: i64,
    reals: &'a [u8],
    /// One length for all, or one each.
    equal: Option<u64>,
    lengths: &'a [u8],
    bytes: &'a [u8],
    /// Index of the first of its places below; those of the keys, then that of the items.
    first: usize,
    keys: usize,
}

impl<'a> Place<'a> {
    fn of(count: u64) -> Self {
        Self { count, ..Self::default() }
    }

    /// Index of the place of the key in slot 0; those of the others follow.
    pub(crate) const fn first(&self) -> usize {
        self.first
    }

    pub(crate) const fn items(&self) -> usize {
        self.first + self.keys
    }

    /// The tag of all values, if they have one.
    pub(crate) const fn common(&self) -> u8 {
        self.common
    }

    // What follows was walked over by `Scan`, so there is always a next one; the defaults are never taken.

    pub(crate) fn tag(&mut self) -> u8 {
        if self.common != tag::MIXED {
            return self.common;
        }
        let (&first, rest) = self.tags.split_first().unwrap_or((&tag::NIL, &[]));
        self.tags = rest;
        first
    }

    /// `None` for a number that is not in its shortest form: `Scan` has only counted them.
    #[inline]
    pub(crate) fn integer(&mut self) -> Option<i64> {
        let written = varint::unfold(varint::take(&mut self.integers)?);
        let value = written.wrapping_add(self.before);
        if self.mode == mode::DIFFERENCES {
            self.before = value;
        }
        Some(value.wrapping_mul(self.divisor))
    }

    /// The bits of a float.
    pub(crate) fn real(&mut self) -> u64 {
        let (first, rest) = self.reals.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        self.reals = rest;
        u64::from_le_bytes(*first)
    }

    pub(crate) fn length(&mut self) -> u64 {
        self.equal.unwrap_or_else(|| varint::take(&mut self.lengths).unwrap_or_default())
    }

    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let length = self.length() as usize;
        let (first, rest) = self.bytes.split_at_checked(length).unwrap_or((&[], &[]));
        self.bytes = rest;
        first
    }

    pub(crate) fn shape(&mut self) -> usize {
        if self.shapes.len() == 1 { 0 } else { varint::take(&mut self.which).unwrap_or_default() as usize }
    }
}

/// How many values of a place are of which kind.
#[derive(Default, Clone, Copy)]
struct Kinds {
    integers: u64,
    reals: u64,
    strings: u64,
    lists: u64,
    maps: u64,
}

impl Kinds {
    fn add(&mut self, tag: u8, count: u64) -> bool {
        match tag {
            tag::NIL | tag::FALSE | tag::TRUE => {}
            tag::INT | tag::LARGE => self.integers += count,
            tag::REAL => self.reals += count,
            tag::TEXT | tag::BYTES => self.strings += count,
            tag::LIST => self.lists += count,
            tag::MAP => self.maps += count,
            _ => return false,
        }
        true
    }
}

/// Walks over the columns once.
pub(crate) struct Scan<'a> {
    part: &'static str,
    rest: &'a [u8],
    /// Values that the document still has room for: each is at least a byte.
    values: u64,
    /// Keys and shapes so far.
    seen: usize,
    keys: Vec<Key>,
}

/// The columns of a document, walked over.
pub(crate) struct Columns<'a> {
    /// Every place, breadth first.
    pub(crate) places: Vec<Place<'a>>,
    /// The keys of all shapes.
    pub(crate) keys: Vec<Key>,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(part: &'static str, columns: &'a [u8], most_values: u64) -> Self {
        Self { part, rest: columns, values: most_values, seen: 0, keys: Vec::new() }
    }

    pub(crate) fn columns(mut self) -> Result<Columns<'a>, Error> {
        let mut places = vec![Place::of(1)];
        let mut at = 0;
        while at < places.len() {
            if places[at].count > 0 {
                let below = self.column(&mut places[at])?;
                places[at].first = places.len();
                if places.len() + below.len() > MOST_PLACES {
                    return Err(self.wrong("more places"));
                }
                places.extend(below.into_iter().map(Place::of));
            }
            at += 1;
        }
        if self.rest.is_empty() {
            Ok(Columns { places, keys: self.keys })
        } else {
            Err(self.wrong("bytes after the last column"))
        }
    }

    fn wrong(&self, found: &str) -> Error {
        Error::damaged(self.part, "the columns of a document", found)
    }

    /// The column of one place; returns how many values each place below it has.
    fn column(&mut self, place: &mut Place<'a>) -> Result<Vec<u64>, Error> {
        self.values = self.values.checked_sub(place.count).ok_or_else(|| self.wrong("more values"))?;
        let kinds = self.tags(place)?;
        let mut below = self.shapes(place, kinds.maps)?;
        self.integers(place, kinds.integers)?;
        let reals = kinds.reals.checked_mul(8).ok_or_else(|| self.wrong("more floats"))?;
        place.reals = self.take(reals)?;
        below.push(self.lengths(place, kinds)?);
        Ok(below)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Error> {
        let split = usize::try_from(count).ok().and_then(|count| self.rest.split_at_checked(count));
        let (taken, rest) = split.ok_or_else(|| self.wrong("fewer bytes"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Result<u64, Error> {
        varint::take(&mut self.rest).ok_or_else(|| self.wrong("a number that is cut off or too long"))
    }

    fn tags(&mut self, place: &mut Place<'a>) -> Result<Kinds, Error> {
        let mut kinds = Kinds::default();
        place.common = self.byte()?;
        if place.common != tag::MIXED {
            return if kinds.add(place.common, place.count) {
                Ok(kinds)
            } else {
                Err(self.wrong("another tag"))
            };
        }
        place.tags = self.take(place.count)?;
        if place.tags.iter().all(|&tag| kinds.add(tag, 1)) {
            Ok(kinds)
        } else {
            Err(self.wrong("another tag"))
        }
    }

    /// The sets of keys; returns how many values the place of each key has.
    fn shapes(&mut self, place: &mut Place<'a>, maps: u64) -> Result<Vec<u64>, Error> {
        if maps == 0 {
            return Ok(Vec::new());
        }
        let mut names: Vec<&'a [u8]> = Vec::new();
        let shapes = self.number()?;
        if shapes == 0 || shapes > maps {
            return Err(self.wrong("another number of shapes"));
        }
        for _ in 0..shapes {
            let count = self.number()?;
            self.seen =
                self.seen.saturating_add(usize::try_from(count).unwrap_or(usize::MAX)).saturating_add(1);
            if self.seen > MOST_PLACES {
                return Err(self.wrong("more keys"));
            }
            let start = self.keys.len();
            let mut before: Option<&[u8]> = None;
            for _ in 0..count {
                let length = self.number()?;
                let name = self.take(length)?;
                if before.is_some_and(|before| before >= name) || std::str::from_utf8(name).is_err() {
                    return Err(self.wrong("keys out of order"));
                }
                before = Some(name);
                let known = names.iter().position(|known| *known == name);
                let slot = known.unwrap_or(names.len());
                if known.is_none() {
                    names.push(name);
                }
                self.keys.push(Key::new(name, slot));
            }
            place.shapes.push(start..self.keys.len());
        }
        place.keys = names.len();
        self.occurrences(place, maps)
    }

    /// Which shape each map has; returns how many values the place of each key has.
    fn occurrences(&mut self, place: &mut Place<'a>, maps: u64) -> Result<Vec<u64>, Error> {
        let mut uses = vec![0_u64; place.shapes.len()];
        if let [one] = uses.as_mut_slice() {
            *one = maps;
        } else {
            let start = self.rest;
            for _ in 0..maps {
                let shape = usize::try_from(self.number()?).ok().and_then(|shape| uses.get_mut(shape));
                *shape.ok_or_else(|| self.wrong("an unknown shape"))? += 1;
            }
            place.which = &start[..start.len() - self.rest.len()];
        }
        let mut counts = vec![0_u64; place.keys];
        for (shape, uses) in place.shapes.iter().zip(uses) {
            for key in &self.keys[shape.clone()] {
                counts[key.slot] += uses;
            }
        }
        Ok(counts)
    }

    fn integers(&mut self, place: &mut Place<'a>, count: u64) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        place.mode = self.byte()?;
        place.divisor = i64::try_from(self.number()?).unwrap_or(0);
        if place.mode > mode::DIFFERENCES || place.divisor == 0 {
            return Err(self.wrong("another form of integers"));
        }
        place.integers = self.numbers(count)?;
        Ok(())
    }

    /// The bytes of the next `count` numbers: each ends with the first of its bytes below 0x80. Whether they are in their
    /// shortest form shows when they are read.
    fn numbers(&mut self, count: u64) -> Result<&'a [u8], Error> {
        const BLOCK: usize = 64;
        let ends = |bytes: &[u8]| bytes.iter().fold(0_u8, |sum, byte| sum + u8::from(*byte < 0x80));
        let (mut left, mut at) = (count, 0);
        for block in self.rest.chunks_exact(BLOCK) {
            let Some(after) = left.checked_sub(ends(block).into()).filter(|after| *after > 0) else { break };
            (left, at) = (after, at + BLOCK);
        }
        let mut tail = self.rest.iter().skip(at).zip(at as u64 + 1..).filter(|(byte, _)| **byte < 0x80);
        let last = usize::try_from(left - 1).ok().and_then(|skipped| tail.nth(skipped));
        match last {
            Some((_, end)) => self.take(end),
            None => Err(self.wrong("fewer numbers")),
        }
    }

    /// Lengths and bytes of texts, byte strings and lists; returns how many items the lists have.
    fn lengths(&mut self, place: &mut Place<'a>, kinds: Kinds) -> Result<u64, Error> {
        let count = kinds.strings + kinds.lists;
        if count == 0 {
            return Ok(0);
        }
        let form = self.byte()?;
        let (mut items, mut bytes) = (0_u64, 0_u64);
        if form == lengths::EQUAL {
            let length = self.number()?;
            place.equal = Some(length);
            let times = |count: u64| length.checked_mul(count).ok_or_else(|| self.wrong("more bytes"));
            (items, bytes) = (times(kinds.lists)?, times(kinds.strings)?);
        } else if form == lengths::EACH {
            let start = self.rest;
            let own = place.tags.iter().filter(|tag| matches!(**tag, tag::TEXT | tag::BYTES | tag::LIST));
            let mut own = own.copied();
            for _ in 0..count {
                let length = self.number()?;
                let tag =
                    if place.common == tag::MIXED { own.next().unwrap_or(tag::LIST) } else { place.common };
                let sum = if tag == tag::LIST { &mut items } else { &mut bytes };
                *sum = sum.checked_add(length).ok_or_else(|| self.wrong("more bytes"))?;
            }
            place.lengths = &start[..start.len() - self.rest.len()];
        } else {
            return Err(self.wrong("another form of lengths"));
        }
        place.bytes = self.take(bytes)?;
        Ok(items)
    }
}
