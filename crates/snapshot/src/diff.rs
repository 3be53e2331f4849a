//! Two records, field by field.

use crate::Tree;

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Path of the field, for instance `trades[3].quantity`.
    pub field: String,
    /// The recorded value; `None` when the field is only in the other record.
    pub recorded: Option<Tree>,
    /// The other value.
    pub replayed: Option<Tree>,
    /// Floats between the two values, when both are floats.
    pub ulps: Option<u64>,
}

/// Every field in which two trees differ, in the order of the record; floats are compared bit by bit.
pub fn diff(recorded: &Tree, replayed: &Tree) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(String::new(), Some(recorded), Some(replayed), &mut found);
    found
}

fn walk(field: String, recorded: Option<&Tree>, replayed: Option<&Tree>, found: &mut Vec<Difference>) {
    match (recorded, replayed) {
        (Some(Tree::Map(a)), Some(Tree::Map(b))) => {
            let get =
                |entries: &[(String, Tree)], key: &str| entries.iter().position(|(known, _)| known == key);
            for (key, value) in a {
                let other = get(b, key).map(|at| &b[at].1);
                walk(join(&field, key), Some(value), other, found);
            }
            for (key, value) in b.iter().filter(|(key, _)| get(a, key).is_none()) {
                walk(join(&field, key), None, Some(value), found);
            }
        }
        (Some(Tree::List(a)), Some(Tree::List(b))) => {
            for at in 0..a.len().max(b.len()) {
                walk(format!("{field}[{at}]"), a.get(at), b.get(at), found);
            }
        }
        (Some(Tree::Real(a)), Some(Tree::Real(b))) if a.to_bits() != b.to_bits() => {
            let ulps = Some(ulps(*a, *b));
            found.push(Difference { field, recorded: recorded.cloned(), replayed: replayed.cloned(), ulps });
        }
        (a, b) if a != b => {
            found.push(Difference { field, recorded: a.cloned(), replayed: b.cloned(), ulps: None });
        }
        _ => {}
    }
}

fn join(field: &str, key: &str) -> String {
    if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") }
}

/// Representable floats between `a` and `b`; -0 and +0 are one apart.
fn ulps(a: f64, b: f64) -> u64 {
    let rank = |value: f64| {
        let bits = value.to_bits();
        if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
    };
    rank(a).abs_diff(rank(b))
}

impl std::fmt::Display for Tree {
    /// One line; long parts are cut.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nil => f.write_str("nothing"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:e}"),
            Self::Text(text) => write!(f, "`{}`", text.chars().take(60).collect::<String>()),
            Self::Bytes(bytes) => {
                bytes.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))?;
                if bytes.len() > 8 { f.write_str("...") } else { Ok(()) }
            }
            Self::List(items) => write!(f, "a list of {}", items.len()),
            Self::Map(entries) => {
                let keys: Vec<&str> = entries.iter().take(4).map(|(key, _)| key.as_str()).collect();
                write!(f, "{{{}}}", keys.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Tree)]) -> Tree {
        Tree::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    #[test]
    fn fields_are_named() {
        let lot = |quantity| map(&[("lot", Tree::Int(7)), ("quantity", Tree::Int(quantity))]);
        let a = map(&[
            ("trades", Tree::List(vec![lot(1), lot(2)])),
            ("weights", Tree::List(vec![Tree::Real(0.0)])),
        ]);
        let b = map(&[
            ("trades", Tree::List(vec![lot(1), lot(3), lot(4)])),
            ("weights", Tree::List(vec![Tree::Real(-0.0)])),
        ]);
        let fields: Vec<String> = diff(&a, &b).into_iter().map(|difference| difference.field).collect();
        assert_eq!(fields, ["trades[1].quantity", "trades[2]", "weights[0]"]);
        assert_eq!(diff(&a, &b)[2].ulps, Some(1));
        assert!(diff(&a, &a).is_empty());
        assert_eq!(ulps(1.0, 1.0 + 2.0 * f64::EPSILON), 2);
    }
}
