//! The one byte string of a record: MessagePack with keys in byte order, shortest forms, 64-bit finite floats.

use crate::{Error, Tree, tree};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Deepest nesting of any record.
pub const DEPTH: usize = 32;

/// The canonical bytes of `value`; `part` names it in errors.
///
/// # Errors
/// [`Error::NotStorable`] when the value holds what records cannot, such as a NaN.
pub fn encode<T: Serialize>(part: &'static str, value: &T) -> Result<Vec<u8>, Error> {
    Ok(tree::write(&to_tree(part, value)?))
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
        && encode(part, &value).is_ok_and(|again| again == bytes)
    {
        return Ok(value);
    }
    read(part, bytes)?;
    let value: T =
        rmp_serde::from_slice(bytes).map_err(|error| Error::Schema { part, problem: error.to_string() })?;
    require_same(part, bytes, &encode(part, &value)?)?;
    Ok(value)
}

/// Whether two values have the same canonical bytes, without writing them in that form.
///
/// # Errors
/// [`Error::NotStorable`].
pub fn same<T: Serialize>(part: &'static str, a: &T, b: &T) -> Result<bool, Error> {
    let named = |value: &T| {
        rmp_serde::to_vec_named(value)
            .map_err(|error| Error::NotStorable { part, problem: error.to_string() })
    };
    Ok(named(a)? == named(b)?)
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
