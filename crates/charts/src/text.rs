//! Foreign text, made harmless.

/// Characters of a title.
pub(crate) const TITLE: usize = 160;
/// Characters of a name beside a line or a bar.
pub(crate) const NAME: usize = 32;
/// Characters of a description.
pub(crate) const ABOUT: usize = 4000;

/// At most `limit` characters of `text`, cut with three dots; what would break XML, lines or the direction of reading is
/// shown as U+FFFD.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for (k, c) in text.chars().enumerate() {
        if k == limit {
            out.push_str("...");
            break;
        }
        out.push(if harmful(c) { '\u{fffd}' } else { c });
    }
    out
}

/// Controls, direction marks, characters without width, and what XML 1.0 does not allow.
fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{10ffff}')
}

/// `text` between tags or in an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_hostile_text() {
        for (text, wanted) in [
            ("XOM", "XOM"),
            ("a\u{202e}b\0c\n", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("0123456789abcdef", "0123456789..."),
            ("0123456789", "0123456789"),
            ("\u{feff}\u{2066}\u{ffff}", "\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(clean(text, 10), wanted);
        }
        assert_eq!(escape("<a href='x'>&\""), "&lt;a href=&apos;x&apos;&gt;&amp;&quot;");
    }
}
