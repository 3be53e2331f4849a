//! A record straight to its canonical bytes.
//!
//! The fields of a struct and the entries of a map are written as they come; where their keys are not in byte order, the
//! written entries are put in order at the end.

use super::DEPTH;
use crate::tree;
use serde::ser::{self, Error as _, Serialize};
use std::cmp::Ordering;

/// What cannot be written.
#[derive(Debug)]
pub(super) struct Unwritable(String);

impl std::fmt::Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: std::fmt::Display>(problem: T) -> Self {
        Self(problem.to_string())
    }
}

/// Bytes so far, and memory that is used again.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    /// Where the keys of the entries of the open maps are.
    entries: Vec<Entry>,
    scratch: Vec<u8>,
    level: usize,
}

/// From where its key, with head, is to where it ends; the key's text.
#[derive(Clone, Copy)]
struct Entry {
    start: usize,
    text: (usize, usize),
    end: usize,
    /// The first eight bytes of the key as a number: they decide most comparisons.
    first: u64,
}

impl Entry {
    fn new(start: usize, text: (usize, usize), key: &[u8]) -> Self {
        let first = (0..8).fold(0, |first, k| first << 8 | u64::from(key.get(k).copied().unwrap_or(0)));
        Self { start, text, end: start, first }
    }

    fn key<'a>(&self, out: &'a [u8]) -> &'a [u8] {
        &out[self.text.0..self.text.1]
    }

    fn cmp(&self, other: &Self, out: &[u8]) -> Ordering {
        self.first.cmp(&other.first).then_with(|| self.key(out).cmp(other.key(out)))
    }
}

impl Writer {
    fn enter(&mut self) -> Result<(), Unwritable> {
        self.level += 1;
        if self.level < DEPTH { Ok(()) } else { Err(Unwritable::custom("nested too deeply")) }
    }

    fn length(length: Option<usize>) -> Result<usize, Unwritable> {
        length.ok_or_else(|| Unwritable::custom("a length that is not known beforehand"))
    }

    fn list(&mut self, length: Option<usize>) -> Result<Items<'_>, Unwritable> {
        let length = Self::length(length)?;
        self.enter()?;
        tree::put_list_head(length, &mut self.out);
        Ok(Items { writer: self, left: length })
    }

    fn map(&mut self, length: usize) -> Result<Entries<'_>, Unwritable> {
        self.enter()?;
        tree::put_map_head(length, &mut self.out);
        let first = self.entries.len();
        Ok(Entries { writer: self, first, left: length, sorted: true })
    }

    /// The one entry of a variant with content.
    fn variant(&mut self, name: &str) -> Result<(), Unwritable> {
        self.enter()?;
        tree::put_map_head(1, &mut self.out);
        tree::put_text(name, &mut self.out);
        Ok(())
    }

    /// Puts the entries from `first` on in the order of their keys.
    fn sort(&mut self, first: usize) -> Result<(), Unwritable> {
        let Self { out, entries, scratch, .. } = self;
        let own = &mut entries[first..];
        let start = own.first().map_or(out.len(), |entry| entry.start);
        own.sort_unstable_by(|a, b| a.cmp(b, out));
        if own.windows(2).any(|pair| pair[0].cmp(&pair[1], out).is_eq()) {
            return Err(Unwritable::custom("a key stands twice"));
        }
        scratch.clear();
        scratch.reserve_exact(out.len() - start);
        for entry in own {
            scratch.extend_from_slice(&out[entry.start..entry.end]);
        }
        out[start..].copy_from_slice(scratch);
        Ok(())
    }
}

/// A list that is being written.
pub(super) struct Items<'a> {
    writer: &'a mut Writer,
    left: usize,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.left =
            self.left.checked_sub(1).ok_or_else(|| Unwritable::custom("more items than announced"))?;
        value.serialize(&mut *self.writer)
    }

    fn close(self) -> Result<(), Unwritable> {
        self.writer.level -= 1;
        if self.left == 0 { Ok(()) } else { Err(Unwritable::custom("fewer items than announced")) }
    }
}

/// A map that is being written.
pub(super) struct Entries<'a> {
    writer: &'a mut Writer,
    first: usize,
    left: usize,
    sorted: bool,
}

impl Entries<'_> {
    fn key(&mut self, key: &str) -> Result<(), Unwritable> {
        self.left =
            self.left.checked_sub(1).ok_or_else(|| Unwritable::custom("more fields than announced"))?;
        let writer = &mut *self.writer;
        let start = writer.out.len();
        tree::put_text(key, &mut writer.out);
        let text = (writer.out.len() - key.len(), writer.out.len());
        let entry = Entry::new(start, text, key.as_bytes());
        if let Some(last) = writer.entries[self.first..].last() {
            self.sorted = self.sorted && last.cmp(&entry, &writer.out).is_lt();
        }
        writer.entries.push(entry);
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(&mut *self.writer)?;
        let end = self.writer.out.len();
        if let Some(last) = self.writer.entries.last_mut() {
            last.end = end;
        }
        Ok(())
    }

    fn close(self) -> Result<(), Unwritable> {
        self.writer.level -= 1;
        if self.left > 0 {
            return Err(Unwritable::custom("fewer fields than announced"));
        }
        if !self.sorted {
            self.writer.sort(self.first)?;
        }
        self.writer.entries.truncate(self.first);
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident($type:ty) by $put:ident),*) => {
        $(fn $method(self, value: $type) -> Result<(), Unwritable> {
            tree::$put(value.into(), &mut self.out);
            Ok(())
        })*
    };
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = InVariant<Items<'a>>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = InVariant<Entries<'a>>;

    integers!(
        serialize_i8(i8) by put_i64,
        serialize_i16(i16) by put_i64,
        serialize_i32(i32) by put_i64,
        serialize_i64(i64) by put_i64,
        serialize_u8(u8) by put_u64,
        serialize_u16(u16) by put_u64,
        serialize_u32(u32) by put_u64,
        serialize_u64(u64) by put_u64
    );

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.out.push(if value { 0xc3 } else { 0xc2 });
        Ok(())
    }

    fn serialize_f32(self, _value: f32) -> Result<(), Unwritable> {
        Err(Unwritable::custom("a float of 32 bits"))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        if !value.is_finite() {
            return Err(Unwritable::custom("a float that is not finite"));
        }
        tree::put_real(value.to_bits(), &mut self.out);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        tree::put_text(value, &mut self.out);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unwritable> {
        tree::put_bytes_head(value.len(), &mut self.out);
        self.out.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.out.push(0xc0);
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unwritable> {
        Err(Unwritable::custom("a struct without fields"))
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.level -= 1;
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'a>, Unwritable> {
        self.list(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'a>, Unwritable> {
        self.list(Some(length))
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<Items<'a>, Unwritable> {
        self.list(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<InVariant<Items<'a>>, Unwritable> {
        self.variant(variant)?;
        self.list(Some(length)).map(InVariant)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries<'a>, Unwritable> {
        self.map(Writer::length(length)?)
    }

    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<Entries<'a>, Unwritable> {
        self.map(length)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<InVariant<Entries<'a>>, Unwritable> {
        self.variant(variant)?;
        self.map(length).map(InVariant)
    }
}

/// The content of a variant, in the map whose only key is the variant's name.
pub(super) struct InVariant<T>(T);

macro_rules! lists {
    ($($of:ident::$item:ident),*) => {
        $(impl ser::$of for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close()
            }
        })*
    };
}

lists!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field
);

impl ser::SerializeTupleVariant for InVariant<Items<'_>> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.0.item(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.0.writer.level -= 1;
        self.0.close()
    }
}

impl ser::SerializeStruct for Entries<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

impl ser::SerializeStructVariant for InVariant<Entries<'_>> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.0.key(key)?;
        self.0.value(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.0.writer.level -= 1;
        self.0.close()
    }
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        let mut name = Writer::default();
        key.serialize(&mut name)?;
        match tree::read("key", &name.out, 1) {
            Ok(crate::Tree::Text(text)) => self.key(&text),
            _ => Err(Unwritable::custom("a key that is not text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.value(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}
