//! Strings of records: data, whatever they say.

use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use samebits_present::visible;

/// Characters of a string that are shown; the rest is counted.
const SHOWN: usize = 200;
/// Bytes of a string that still makes a link.
const LINKED: usize = 2_000;
/// Every byte of an address but these is written as its number.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A string of a record: in its own direction, without characters that move others or cannot be seen, cut where it is long.
pub(crate) fn said(text: &str) -> Markup {
    html! { bdi { (shown(text)) } }
}

/// The same without markup, for titles and attributes.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}... ({} bytes in all)", visible(&text[..cut]), text.len()),
        None => visible(text),
    }
}

/// A string as a part of an address; `None` where it is too long for one.
pub(crate) fn address(text: &str) -> Option<String> {
    (text.len() <= LINKED).then(|| utf8_percent_encode(text, PLAIN).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_data() {
        for (text, wanted) in [
            ("XOM", "<bdi>XOM</bdi>"),
            ("<script>alert(1)</script>", "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"),
            ("\" onclick=\"x", "<bdi>&quot; onclick=&quot;x</bdi>"),
            ("a\u{202e}b\u{200b}\n", "<bdi>a\\u{202e}b\\u{200b}\\u{a}</bdi>"),
        ] {
            assert_eq!(said(text).into_string(), wanted);
        }
        let long = shown(&"<".repeat(1_000_000));
        assert!(long.len() < 300 && long.ends_with("... (1000000 bytes in all)"), "{long}");
        assert_eq!(address("a/b?c\u{e4}&"), Some("a%2Fb%3Fc%C3%A4%26".to_owned()));
        assert_eq!(address(&"x".repeat(3_000)), None);
    }
}
