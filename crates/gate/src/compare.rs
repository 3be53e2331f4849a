//! Where two expectations part, and what kind of difference it is.

use crate::lines::Lines;
use serde::Serialize;
use std::collections::BTreeMap;

/// Lines of context on either side of the first difference.
const CONTEXT: usize = 3;

/// What kind of difference it is, from the mildest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The same lines in another order.
    OrderOnly,
    /// Only places in queues, fees or labels.
    Labels,
    /// Times.
    Time,
    /// Prices.
    Price,
    /// Quantities.
    Quantity,
    /// Lines that are not there any more.
    Missing,
    /// Lines that were not there before.
    Extra,
    /// The same events, but another state at the end.
    State,
}

impl Class {
    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderOnly => "order only",
            Self::Labels => "labels",
            Self::Time => "time",
            Self::Price => "price",
            Self::Quantity => "quantity",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::State => "state",
        }
    }
}

/// A difference between what was expected and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// Line of the first difference, from 1.
    pub line: usize,
    /// The line expected; none if there is one too many.
    pub expected: Option<String>,
    /// The line found; none if there is one too few.
    pub found: Option<String>,
    /// The lines before, which are equal.
    pub before: Vec<String>,
    /// The lines expected after it.
    pub expected_after: Vec<String>,
    /// The lines found after it.
    pub found_after: Vec<String>,
    /// What kind of difference.
    pub class: Class,
    /// The rules of the first lines that differ.
    pub rules: Vec<String>,
    /// The column that differs first, with both values.
    pub field: Option<(String, String, String)>,
    /// Lines changed, missing and extra in all.
    pub counts: (usize, usize, usize),
    /// Cash found less cash expected, over all positions, in ticks times lots.
    pub cash: i128,
    /// Fees found less fees expected, in minor units.
    pub fees: i128,
}

/// The first difference of two texts and what it amounts to; `None` if they are equal byte by byte.
pub fn compare(expected: &str, found: &str) -> Option<Divergence> {
    if expected == found {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let first = old.iter().zip(&new).position(|(old, new)| old != new).unwrap_or(old.len().min(new.len()));
    let (line, other) = (old.get(first).copied(), new.get(first).copied());
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let after = |lines: &[&str]| {
        owned(
            lines
                .get(first + 1..)
                .unwrap_or_default()
                .get(..CONTEXT.min(lines.len().saturating_sub(first + 1)))
                .unwrap_or_default(),
        )
    };
    let mut rules: Vec<String> =
        [line, other].iter().flatten().filter_map(|line| value(line, "rule")).collect();
    rules.dedup();
    Some(Divergence {
        line: first + 1,
        expected: line.map(str::to_owned),
        found: other.map(str::to_owned),
        before: owned(&old[first.saturating_sub(CONTEXT)..first]),
        expected_after: after(&old),
        found_after: after(&new),
        class: classify(&old, &new, line, other),
        rules,
        field: line.zip(other).and_then(|(old, new)| first_field(old, new)),
        counts: counts(expected, found),
        cash: total(&new, "cash") - total(&old, "cash"),
        fees: total(&new, "fees") - total(&old, "fees"),
    })
}

/// The value of `key=value` in a line.
fn value(line: &str, key: &str) -> Option<String> {
    let find =
        |word: &str| word.split_once('=').filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned());
    line.split_whitespace().find_map(find)
}

fn total(lines: &[&str], key: &str) -> i128 {
    let positions = lines.iter().filter(|line| line.starts_with("position "));
    positions.filter_map(|line| value(line, key)).filter_map(|text| text.parse::<i128>().ok()).sum()
}

/// An event line without its number.
fn event(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once(' ')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
}

fn classify(old: &[&str], new: &[&str], line: Option<&str>, other: Option<&str>) -> Class {
    let events = |lines: &[&str]| {
        let mut counted = BTreeMap::new();
        for event in lines.iter().filter_map(|line| event(line)) {
            *counted.entry(event.to_owned()).or_insert(0_usize) += 1;
        }
        counted
    };
    let (before, after) = (events(old), events(new));
    let number = |counted: &BTreeMap<String, usize>| counted.values().sum::<usize>();
    if before == after {
        return if line.and_then(event).is_some() { Class::OrderOnly } else { Class::State };
    }
    if number(&before) > number(&after) {
        return Class::Missing;
    }
    if number(&before) < number(&after) {
        return Class::Extra;
    }
    match line.zip(other).and_then(|(old, new)| first_field(old, new)) {
        Some((field, _, _)) => match field.as_str() {
            "t" => Class::Time,
            "px" => Class::Price,
            "qty" => Class::Quantity,
            _ => Class::Labels,
        },
        None => Class::State,
    }
}

fn first_field(old: &str, new: &str) -> Option<(String, String, String)> {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split_whitespace().collect(), new.split_whitespace().collect());
    let at =
        a.iter().zip(&b).position(|(a, b)| a != b).or((a.len() != b.len()).then(|| a.len().min(b.len())))?;
    let word = |words: &[&str]| words.get(at).copied().unwrap_or("(nothing)").to_owned();
    let (old, new) = (word(&a), word(&b));
    match (old.split_once('='), new.split_once('=')) {
        (Some((name, old)), Some((other, new))) if name == other => {
            Some((name.to_owned(), old.to_owned(), new.to_owned()))
        }
        _ => Some(("word".to_owned(), old, new)),
    }
}

/// Lines changed, missing, extra.
fn counts(expected: &str, found: &str) -> (usize, usize, usize) {
    let lines = Lines::between(expected, found);
    let (missing, extra) = (lines.missing.len(), lines.extra.len());
    let changed = if missing < extra { missing } else { extra };
    (changed, missing - changed, extra - changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "000001 t=1 X a.1 fill buy px=5 qty=2 rule=match.walk ev=1\n\
                       000002 t=2 X a.2 fill buy px=6 qty=2 rule=queue.trade ev=2\n\
                       position X a lots=4 cash=-22 fees=0\n";

    fn check(new: &str, class: Class, line: usize) -> Divergence {
        let found = compare(OLD, new).expect("they differ");
        assert_eq!((found.class, found.line), (class, line), "{found:?}");
        found
    }

    #[test]
    fn classes() {
        assert_eq!(compare(OLD, OLD), None);
        let dearer = check(&OLD.replace("px=6", "px=7").replace("-22", "-24"), Class::Price, 2);
        assert_eq!(dearer.field, Some(("px".to_owned(), "6".to_owned(), "7".to_owned())));
        assert_eq!((dearer.cash, dearer.rules.as_slice()), (-2, &["queue.trade".to_owned()][..]));
        check(&OLD.replace("t=2", "t=3"), Class::Time, 2);
        check(&OLD.replacen("qty=2", "qty=1", 1), Class::Quantity, 1);
        check(&OLD.replace("ev=2", "ev=3"), Class::Labels, 2);
        check(&OLD.replace("fees=0", "fees=1"), Class::State, 3);
        let lines: Vec<&str> = OLD.lines().collect();
        check(&format!("{}\n{}\n", lines[0], lines[2]), Class::Missing, 2);
        check(&format!("{OLD}000003 t=9 extra\n"), Class::Extra, 4);
        let swapped = OLD.replace("000001", "#").replace("000002", "000001").replace('#', "000002");
        let swapped: Vec<&str> = swapped.lines().collect();
        check(&format!("{}\n{}\n{}\n", swapped[1], swapped[0], swapped[2]), Class::OrderOnly, 1);
    }

    #[test]
    fn a_missing_line_end_is_a_difference() {
        assert!(compare("a\n", "a").is_some());
    }
}
