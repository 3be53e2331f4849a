//! Texts of records, for whoever looks at them.

/// All of a text, with what cannot be seen, or changes how the rest is seen, as its number (`\u{202e}`); a backslash is doubled,
/// so that no text looks like another one.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\\' {
            shown.push_str("\\\\");
        } else if hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control and format characters, variation selectors, tags, private use, and blanks that look like none.
fn hidden(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0xAD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
            | 0xFFF0..=0xFFFC | 0x1D173..=0x1D17A | 0xE0000..=0x10_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shown_as_what_they_are() {
        for (text, wanted) in [
            ("XOM", "XOM"),
            ("a\u{202e}b\u{200b}\n", "a\\u{202e}b\\u{200b}\\u{a}"),
            ("A1\u{3164}", "A1\\u{3164}"),
            ("\\u{202e}", "\\\\u{202e}"),
            ("Soci\u{e9}t\u{e9} \u{4e2d}", "Soci\u{e9}t\u{e9} \u{4e2d}"),
        ] {
            assert_eq!(visible(text), wanted);
        }
    }
}
