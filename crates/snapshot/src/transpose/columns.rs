//! A document to columns.

use super::place::MOST_PLACES;
use super::{lengths, mode, tag, varint};
use crate::{Error, Tree};
use std::collections::VecDeque;

/// `tree` by columns.
///
/// # Errors
/// [`Error::NotStorable`] for a document of more than [`MOST_PLACES`] places or keys.
pub(crate) fn transpose(tree: &Tree) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut places = VecDeque::from([vec![tree]]);
    let (mut seen, mut keys) = (1, 0);
    while let Some(values) = places.pop_front() {
        if values.is_empty() {
            continue;
        }
        put_tags(&values, &mut out);
        let shapes = put_shapes(&values, &mut out);
        put_integers(&values, &mut out);
        for value in &values {
            if let Tree::Real(real) = value {
                out.extend_from_slice(&real.to_le_bytes());
            }
        }
        put_lengths(&values, &mut out);
        for value in &values {
            match value {
                Tree::Text(text) => out.extend_from_slice(text.as_bytes()),
                Tree::Bytes(bytes) => out.extend_from_slice(bytes),
                _ => {}
            }
        }
        let below = children(&values, &shapes);
        seen += below.len();
        keys += shapes.iter().fold(shapes.len(), |sum, shape| sum + shape.len());
        if seen > MOST_PLACES || keys > MOST_PLACES {
            let problem = format!("more than {MOST_PLACES} places or keys");
            return Err(Error::NotStorable { part: "columns", problem });
        }
        places.extend(below);
    }
    Ok(out)
}

fn tag_of(value: &Tree) -> u8 {
    match value {
        Tree::Nil => tag::NIL,
        Tree::Bool(false) => tag::FALSE,
        Tree::Bool(true) => tag::TRUE,
        Tree::Int(value) if i64::try_from(*value).is_ok() => tag::INT,
        Tree::Int(_) => tag::LARGE,
        Tree::Real(_) => tag::REAL,
        Tree::Text(_) => tag::TEXT,
        Tree::Bytes(_) => tag::BYTES,
        Tree::List(_) => tag::LIST,
        Tree::Map(_) => tag::MAP,
    }
}

fn put_tags(values: &[&Tree], out: &mut Vec<u8>) {
    let first = tag_of(values[0]);
    if values.iter().all(|value| tag_of(value) == first) {
        out.push(first);
    } else {
        out.push(tag::MIXED);
        out.extend(values.iter().map(|value| tag_of(value)));
    }
}

/// The sets of keys of the maps of a place, in the order in which they first occur.
type Shapes<'a> = Vec<Vec<&'a str>>;

fn keys(value: &Tree) -> Option<Vec<&str>> {
    match value {
        Tree::Map(entries) => Some(entries.iter().map(|(key, _)| key.as_str()).collect()),
        _ => None,
    }
}

fn put_shapes<'a>(values: &[&'a Tree], out: &mut Vec<u8>) -> Shapes<'a> {
    let mut shapes: Shapes<'a> = Vec::new();
    let mut which = Vec::new();
    for keys in values.iter().filter_map(|value| keys(value)) {
        let known = shapes.iter().position(|shape| *shape == keys);
        which.push(known.unwrap_or(shapes.len()) as u64);
        if known.is_none() {
            shapes.push(keys);
        }
    }
    if which.is_empty() {
        return shapes;
    }
    varint::put(shapes.len() as u64, out);
    for shape in &shapes {
        varint::put(shape.len() as u64, out);
        for key in shape {
            varint::put(key.len() as u64, out);
            out.extend_from_slice(key.as_bytes());
        }
    }
    if shapes.len() > 1 {
        for shape in which {
            varint::put(shape, out);
        }
    }
    shapes
}

/// The shorter of two forms; each number is divided by what divides all of them.
fn put_integers(values: &[&Tree], out: &mut Vec<u8>) {
    let integers: Vec<i64> = values
        .iter()
        .filter_map(|value| match value {
            // A larger one than an `i64` holds goes as its bits.
            Tree::Int(value) => Some(*value as u64 as i64),
            _ => None,
        })
        .collect();
    if integers.is_empty() {
        return;
    }
    let divisor = integers.iter().fold(0, |divisor, value| gcd(divisor, value.unsigned_abs()));
    // Beyond the range of an `i64` the quotients would have another sign.
    let divisor = i64::try_from(divisor).ok().filter(|divisor| *divisor > 0).unwrap_or(1);
    let write = |mode: u8| {
        let mut bytes = vec![mode];
        varint::put(divisor as u64, &mut bytes);
        let mut before = 0_i64;
        for value in integers.iter().map(|value| value / divisor) {
            varint::put(varint::fold(value.wrapping_sub(before)), &mut bytes);
            before = if mode == super::mode::DIFFERENCES { value } else { 0 };
        }
        bytes
    };
    let (plain, differences) = (write(mode::PLAIN), write(mode::DIFFERENCES));
    out.extend(if differences.len() < plain.len() { differences } else { plain });
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn put_lengths(values: &[&Tree], out: &mut Vec<u8>) {
    let all: Vec<u64> = values
        .iter()
        .filter_map(|value| match value {
            Tree::Text(text) => Some(text.len() as u64),
            Tree::Bytes(bytes) => Some(bytes.len() as u64),
            Tree::List(items) => Some(items.len() as u64),
            _ => None,
        })
        .collect();
    let Some(&first) = all.first() else { return };
    if all.iter().all(|length| *length == first) {
        out.push(lengths::EQUAL);
        varint::put(first, out);
    } else {
        out.push(lengths::EACH);
        for length in all {
            varint::put(length, out);
        }
    }
}

/// The places below: one a key, keys in the order in which the shapes name them, then the items of the lists.
fn children<'a>(values: &[&'a Tree], shapes: &Shapes<'a>) -> Vec<Vec<&'a Tree>> {
    let mut names: Vec<&str> = Vec::new();
    for key in shapes.iter().flatten() {
        if !names.contains(key) {
            names.push(key);
        }
    }
    let mut places: Vec<Vec<&Tree>> = vec![Vec::new(); names.len()];
    let mut items: Vec<&Tree> = Vec::new();
    for value in values {
        match value {
            Tree::Map(entries) => {
                for (key, value) in entries {
                    if let Some(at) = names.iter().position(|name| name == key) {
                        places[at].push(value);
                    }
                }
            }
            Tree::List(list) => items.extend(list),
            _ => {}
        }
    }
    places.push(items);
    places
}
