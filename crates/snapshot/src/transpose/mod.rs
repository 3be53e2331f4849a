//! Canonical MessagePack by columns: all values that stand in the same place of a document, one after another.
//!
//! A list of lots is a list of maps with the same keys; by columns the keys are written once, neighbours are alike, and the
//! bytes of one day's account are those of the day before but for what changed, so that they compress well against them.
//! The form knows no schema: it is made from a document and gives back exactly that document.
//!
//! A *place* is a path of keys and "item of the list". Places stand breadth first: a place, then, later, the places of
//! the keys of its maps, then the place of the items of its lists. How many values a place has follows from its parent,
//! so no lengths are stored and a reader walks the bytes once. `docs/format.md`, "Documents by columns", gives every byte.

mod columns;
mod place;
mod rebuild;
mod varint;

pub(crate) use columns::transpose;
pub(crate) use rebuild::rebuild;

/// What a value is.
pub(crate) mod tag {
    pub(crate) const NIL: u8 = 0;
    pub(crate) const FALSE: u8 = 1;
    pub(crate) const TRUE: u8 = 2;
    /// An integer that an `i64` holds.
    pub(crate) const INT: u8 = 3;
    /// A larger one, as the bits of a `u64`.
    pub(crate) const LARGE: u8 = 4;
    pub(crate) const REAL: u8 = 5;
    pub(crate) const TEXT: u8 = 6;
    pub(crate) const BYTES: u8 = 7;
    pub(crate) const LIST: u8 = 8;
    pub(crate) const MAP: u8 = 9;
    /// In the place of a column's tag: the tags differ and follow one by one.
    pub(crate) const MIXED: u8 = 255;
}

/// How the integers of a place are written.
pub(crate) mod mode {
    /// Each by itself.
    pub(crate) const PLAIN: u8 = 0;
    /// Each as the difference from the one before, the first from 0.
    pub(crate) const DIFFERENCES: u8 = 1;
}

/// How the lengths of a place are written.
pub(crate) mod lengths {
    /// One length for all.
    pub(crate) const EQUAL: u8 = 0;
    /// One by one.
    pub(crate) const EACH: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::{rebuild, transpose};
    use crate::{Tree, tree};

    fn text(text: &str) -> Tree {
        Tree::Text(text.to_owned())
    }

    fn map(entries: &[(&str, Tree)]) -> Tree {
        let mut entries: Vec<(String, Tree)> =
            entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Tree::Map(entries)
    }

    /// Every type, places with several types, maps with several sets of keys, empty lists and maps, deep nesting.
    fn documents() -> Vec<Tree> {
        let lot = |id: i128, basis: i128| {
            map(&[("id", Tree::Int(id)), ("basis", Tree::Int(basis)), ("parent", Tree::Nil)])
        };
        let lots = (0..300).map(|k| lot(k, 1_000_000 * (k * k % 97) - 40_000_000)).collect();
        let extremes = [0, 1, -1, 127, 128, -32, -33, i64::MIN.into(), i64::MAX.into(), u64::MAX.into()];
        vec![
            Tree::Nil,
            Tree::List(Vec::new()),
            Tree::Map(Vec::new()),
            Tree::List(extremes.map(Tree::Int).to_vec()),
            Tree::List(vec![Tree::Real(-0.0), Tree::Real(f64::MAX), Tree::Real(0.1)]),
            Tree::List(vec![Tree::Bool(true), Tree::Nil, text(""), Tree::Bytes(vec![7; 300]), text("a")]),
            map(&[("lots", Tree::List(lots)), ("empty", Tree::List(Vec::new())), ("cash", Tree::Int(7))]),
            Tree::List(vec![map(&[("a", lot(1, 2))]), map(&[("b", text("c")), ("a", Tree::Nil)]), lot(3, 4)]),
            (0..20).fold(text("deep"), |inner, k| match k % 2 {
                0 => Tree::List(vec![inner.clone(), Tree::Int(k), inner]),
                _ => map(&[("x", inner)]),
            }),
        ]
    }

    #[test]
    fn every_document_comes_back() {
        for (at, document) in documents().iter().enumerate() {
            let raw = tree::write(document);
            let columns = transpose(document).unwrap();
            assert_eq!(rebuild("account", &columns, raw.len()).unwrap(), raw, "document {at}");
        }
    }

    #[test]
    fn a_wrong_length_a_cut_or_bytes_after_the_end_are_refused() {
        for document in documents() {
            let (raw, columns) = (tree::write(&document), transpose(&document).unwrap());
            for length in [raw.len() - 1, raw.len() + 1] {
                assert!(rebuild("account", &columns, length).is_err());
            }
            for cut in 0..columns.len().min(3000) {
                assert!(rebuild("account", &columns[..cut], raw.len()).is_err(), "cut at {cut}");
            }
            assert!(rebuild("account", &[&columns[..], &[0]].concat(), raw.len()).is_err());
        }
    }

    /// Whatever the bytes, what comes back is canonical or an error.
    #[test]
    fn changed_bytes_give_a_canonical_document_or_an_error() {
        let mut other = 0;
        for document in documents() {
            let (raw, columns) = (tree::write(&document), transpose(&document).unwrap());
            for at in 0..columns.len().min(600) {
                for change in [1, 0x10, 0x80, 0xff] {
                    let mut bad = columns.clone();
                    bad[at] ^= change;
                    if let Ok(found) = rebuild("account", &bad, raw.len()) {
                        assert!(crate::canonical::read("account", &found).is_ok(), "byte {at}");
                        other += 1;
                    }
                }
            }
        }
        assert!(other > 100, "{other}");
    }
}
