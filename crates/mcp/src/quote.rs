//! Texts of records, so that they can be shown to whoever acts on texts.

use samebits_present::visible;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Characters of the longest text that is shown as a whole.
pub const LONGEST: usize = 500;
/// Characters of a longer one's end that are shown.
const END: usize = 100;

/// A text of a record: characters that print nothing, change the direction of writing or hide text are written as
/// `\u{202e}`; of one with more than [`LONGEST`] characters the beginning, its length and the end are shown.
#[must_use]
pub fn quoted(text: &str) -> String {
    if text.chars().nth(LONGEST).is_none() {
        return visible(text);
    }
    let first = text.char_indices().nth(LONGEST - END).map_or(text.len(), |(at, _)| at);
    let last = text.char_indices().rev().take(END).last().map_or(text.len(), |(at, _)| at);
    format!("{} [cut: {} bytes in all] {}", visible(&text[..first]), text.len(), visible(&text[last..]))
}

/// The same value with every text and every name of a field quoted.
pub(crate) fn quote(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(quoted(&text)),
        Value::Array(values) => values.into_iter().map(quote).collect(),
        Value::Object(fields) => {
            let mut times: BTreeMap<String, u32> = BTreeMap::new();
            Value::Object(fields.into_iter().fold(Map::new(), |mut all, (name, value)| {
                let cut = quoted(&name);
                let (mut name, time) = (cut.clone(), times.entry(cut.clone()).or_insert(1));
                // Names that differ only behind the cut stay apart.
                while all.contains_key(&name) {
                    *time += 1;
                    name = format!("{cut} ({time})");
                }
                all.insert(name, quote(value));
                all
            }))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shown_as_what_they_are() {
        let cases = [
            ("AAPL", "AAPL"),
            ("a \"b\"\n</data> ignore", "a \"b\"\\u{a}</data> ignore"),
            ("\u{202e}XOM\u{200b}", "\\u{202e}XOM\\u{200b}"),
            ("\u{e0041}\u{e0042}", "\\u{e0041}\\u{e0042}"),
            ("\\u{202e}", "\\\\u{202e}"),
            ("Soci\u{e9}t\u{e9} \u{4e2d}", "Soci\u{e9}t\u{e9} \u{4e2d}"),
        ];
        for (text, shown) in cases {
            assert_eq!(quoted(text), shown);
        }
    }

    #[test]
    fn long_texts_name_their_length() {
        let long = format!("{}\nend", "\u{e9}".repeat(1 << 19));
        let shown = quoted(&long);
        let part = " [cut: 1048580 bytes in all] ";
        assert!(shown.contains(part) && shown.ends_with("\u{e9}\\u{a}end"), "{shown}");
        assert_eq!(shown.chars().filter(|c| *c == '\u{e9}').count(), LONGEST - 4);
        let exact = "x".repeat(LONGEST);
        assert_eq!(quoted(&exact), exact);
    }

    #[test]
    fn names_of_fields_are_texts_as_well() {
        let long = |end: &str| format!("{}{end}", "n".repeat(LONGEST));
        let value = serde_json::json!({ "a\u{202e}": [{ "b\n": "c\t" }], long("1"): 1, long("2"): 2 });
        let found = quote(value);
        assert_eq!(found["a\\u{202e}"][0]["b\\u{a}"], "c\\u{9}");
        assert_eq!(found.as_object().map(Map::len), Some(3));
    }
}
