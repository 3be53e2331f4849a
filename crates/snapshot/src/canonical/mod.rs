//! The one byte string of a record: MessagePack with keys in byte order, shortest forms, 64-bit finite floats.

mod walk;
mod writer;

use crate::{Error, Limits, Tree, tree};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Deepest nesting of any record.
pub const DEPTH: usize = 32;

/// The canonical bytes of `value`; `part` names it in errors.
///
/// # Errors
/// [`Error::NotStorable`] when the value holds what records cannot, such as a NaN.
pub fn encode<T: Serialize>(part: &'static str, value: &T) -> Result<Vec<u8>, Error> {
    encode_as_long(part, value, 0)
}

/// As [`encode`], with room for `length` bytes from the start: a list that grows may become twice as long as what is in it.
fn encode_as_long<T: Serialize>(part: &'static str, value: &T, length: usize) -> Result<Vec<u8>, Error> {
    let mut writer = writer::Writer::default();
    writer.out.reserve_exact(length);
    match value.serialize(&mut writer) {
        Ok(()) => Ok(writer.out),
        Err(error) => Err(Error::NotStorable { part, problem: error.to_string() }),
    }
}

/// `value` as a tree.
///
/// # Errors
/// As [`encode`].
pub fn to_tree<T: Serialize>(part: &'static str, value: &T) -> Result<Tree, Error> {
    let storable = |problem: String| Error::NotStorable { part, problem };
    let named = rmp_serde::to_vec_named(value).map_err(|error| storable(error.to_string()))?;
    tree::read(part, &named, DEPTH).map_err(|error| storable(error.to_string()))
}

/// The value that `bytes` stand for.
///
/// # Errors
/// [`Error::NotCanonical`] unless writing the value again gives the same bytes; [`Error::Schema`] when the fields are not
/// those of `T`.
pub fn decode<T: Serialize + DeserializeOwned>(part: &'static str, bytes: &[u8]) -> Result<T, Error> {
    let value = rmp_serde::from_slice::<T>(bytes);
    // What is written is canonical, so bytes that are written again are, too; otherwise the first fault is named.
    if let Ok(value) = value
        && encode_as_long(part, &value, bytes.len()).is_ok_and(|again| again == bytes)
    {
        return Ok(value);
    }
    walk::walk(part, bytes)?;
    let value: T =
        rmp_serde::from_slice(bytes).map_err(|error| Error::Schema { part, problem: error.to_string() })?;
    require_same(part, bytes, &encode_as_long(part, &value, bytes.len())?)?;
    Ok(value)
}

/// Memory that one value may come to: an item of the widest list, twice, since lists grow by doubling.
const VALUE: u64 = 96;
/// Memory that one byte may come to: what it stands for, the same written again, which may be longer, and put in order.
const BYTE: u64 = 4;
/// Memory that reading may take whatever the bytes are: lists that announce many items.
const AT_ONCE: u64 = 4 << 20;

/// Refuses bytes that could take more than twice `most` in memory beside themselves: the same written again, and what
/// they stand for.
///
/// # Errors
/// [`Error::Limit`], and [`Error::NotCanonical`] where the bytes have to be looked through to tell.
pub(crate) fn require_small(part: &'static str, bytes: &[u8], most: u64) -> Result<(), Error> {
    let (length, allowed) = (bytes.len() as u64, most.saturating_mul(2));
    Limits::check(part, length, most)?;
    // Each value is at least a byte.
    if (BYTE + VALUE).saturating_mul(length).saturating_add(AT_ONCE) <= allowed {
        return Ok(());
    }
    let memory = VALUE.saturating_mul(walk::walk(part, bytes)?).saturating_add(BYTE * length);
    Limits::check(part, memory, allowed)
}

/// As [`decode`], in at most twice `most` bytes of memory.
///
/// # Errors
/// As [`decode`]; [`Error::Limit`].
pub fn decode_within<T: Serialize + DeserializeOwned>(
    part: &'static str,
    bytes: &[u8],
    most: u64,
) -> Result<T, Error> {
    require_small(part, bytes, most)?;
    decode(part, bytes)
}

/// The value that `bytes` stand for, which are known to be canonical.
///
/// # Errors
/// [`Error::Schema`].
pub(crate) fn decode_canonical<T: DeserializeOwned>(part: &'static str, bytes: &[u8]) -> Result<T, Error> {
    rmp_serde::from_slice(bytes).map_err(|error| Error::Schema { part, problem: error.to_string() })
}

/// Whether two values have the same canonical bytes.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn same<T: Serialize>(part: &'static str, a: &T, b: &T) -> Result<bool, Error> {
    Ok(encode(part, a)? == encode(part, b)?)
}

/// The tree that canonical `bytes` stand for.
///
/// # Errors
/// [`Error::NotCanonical`] for bytes that are not `MessagePack`, and for any form but the canonical one.
pub fn read(part: &'static str, bytes: &[u8]) -> Result<Tree, Error> {
    let read = tree::read(part, bytes, DEPTH)?;
    require_same(part, bytes, &tree::write(&read))?;
    Ok(read)
}

fn require_same(part: &'static str, bytes: &[u8], again: &[u8]) -> Result<(), Error> {
    if bytes == again {
        return Ok(());
    }
    let at = bytes.iter().zip(again).position(|(a, b)| a != b).unwrap_or(bytes.len().min(again.len()));
    Err(Error::NotCanonical { part, at, problem: "another form of the same value would be written" })
}

#[cfg(test)]
mod tests {
    use super::{DEPTH, encode, to_tree};
    use crate::tree;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Each {
        Unit,
        New(Option<u8>),
        Two(i8, &'static str),
        Fields { zebra: u64, ant: i64, mule: Vec<Each> },
    }

    #[derive(Serialize)]
    struct Wrapped(f64);

    #[derive(Serialize)]
    struct Record {
        zulu: Each,
        alpha: BTreeMap<String, (u32, bool)>,
        mike: Vec<Wrapped>,
        #[serde(skip_serializing_if = "Option::is_none")]
        none: Option<u8>,
        deep: Vec<Each>,
        text: String,
        digest: crate::Digest,
        letter: char,
    }

    fn record(k: u64) -> Record {
        let all = |k: u64| {
            let mule = vec![Each::Unit, Each::New(None), Each::New(Some(k as u8))];
            [Each::Two(-1, "two"), Each::Fields { zebra: k << k, ant: -(1_i64 << (k % 60)), mule }]
        };
        Record {
            zulu: Each::New(Some(3)),
            alpha: (0..k)
                .map(|k| (format!("key {}", 97 * k % 31), (k as u32, k.is_multiple_of(2))))
                .collect(),
            mike: (0..k).map(|k| Wrapped(k as f64 / 7.0)).collect(),
            none: k.is_multiple_of(2).then_some(1),
            deep: (0..k).flat_map(all).collect(),
            text: "text ".repeat(k as usize * 9),
            digest: crate::Digest::of("test", &[k as u8]),
            letter: 'x',
        }
    }

    #[test]
    fn what_is_written_at_once_is_the_sorted_tree() {
        for k in 0..20 {
            let record = record(k);
            let bytes = encode("test", &record).unwrap();
            assert_eq!(bytes, tree::write(&to_tree("test", &record).unwrap()), "{k}");
            assert!(super::read("test", &bytes).is_ok());
        }
    }

    #[test]
    fn what_has_no_canonical_form_is_refused() {
        #[derive(Serialize)]
        struct Nested(Option<Box<[Nested; 1]>>);
        let nested =
            |levels: usize| (0..levels).fold(Nested(None), |inner, _| Nested(Some(Box::new([inner]))));
        assert!(encode("test", &nested(DEPTH - 1)).is_ok() && to_tree("test", &nested(DEPTH - 1)).is_ok());
        assert!(encode("test", &nested(DEPTH)).is_err() && to_tree("test", &nested(DEPTH)).is_err());
        assert!(encode("test", &f64::NAN).is_err());
        assert!(encode("test", &1.5_f32).is_err());
        assert!(encode("test", &BTreeMap::from([(1, 2)])).is_err(), "a key that is a number");
    }
}
