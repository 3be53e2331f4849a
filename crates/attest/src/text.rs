//! Lines of words, hexadecimal digits and names: what an attestation and a proof are written in.
//!
//! Reading is lenient about what has two spellings (leading zeros, capitals); the files' readers write what they read
//! again and compare, which leaves one spelling.

use crate::{Error, MAX_BYTES};
use samebits_snapshot::Digest;
use std::fmt::Write;

/// The lines of a file, each a word and fields with single spaces between.
pub(crate) struct Lines<'a> {
    what: &'static str,
    rest: &'a str,
    line: usize,
}

impl<'a> Lines<'a> {
    /// The lines after the first one, which is `title` and the format's version.
    pub(crate) fn of(bytes: &'a [u8], what: &'static str, title: &'static str) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLong { what, found: bytes.len(), allowed: MAX_BYTES });
        }
        let good = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
        let ascii = std::str::from_utf8(&bytes[..good]).unwrap_or_default();
        let mut lines = Self { what, rest: ascii, line: 0 };
        let first = lines.next();
        let version = first.strip_prefix(title).and_then(|rest| rest.strip_prefix(' '));
        match version.map(str::parse::<u32>) {
            Some(Ok(1)) => {}
            Some(Ok(found)) if found > 1 => return Err(Error::TooNew { what, found, supported: 1 }),
            _ => return Err(lines.malformed(title, first)),
        }
        if good < bytes.len() {
            let line = ascii.split('\n').count();
            let found = format!("byte 0x{:02x}", bytes[good]);
            return Err(Error::Malformed { what, line, expected: "ASCII", found });
        }
        Ok(lines)
    }

    /// Whether the next line begins with `word`.
    pub(crate) fn begins(&self, word: &str) -> bool {
        self.rest.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '))
    }

    /// The next line's fields after its `word`, read by `read`; `form` is how the line should look.
    pub(crate) fn fields<const N: usize, T>(
        &mut self,
        form: &'static str,
        read: impl FnOnce([&'a str; N]) -> Option<T>,
    ) -> Result<T, Error> {
        let line = self.next();
        let mut words = line.split(' ');
        let named = words.next() == form.split(' ').next();
        let mut fields = [""; N];
        let complete = fields.iter_mut().all(|field| words.next().map(|word| *field = word).is_some());
        if !named || !complete || words.next().is_some() {
            return Err(self.malformed(form, line));
        }
        read(fields).ok_or_else(|| self.malformed(form, line))
    }

    /// Nothing follows, and `written`, the content written again, is `bytes`.
    pub(crate) fn end(&self, bytes: &[u8], written: &str) -> Result<(), Error> {
        if bytes == written.as_bytes() {
            return Ok(());
        }
        let at = bytes.iter().zip(written.as_bytes()).take_while(|(a, b)| a == b).count();
        Err(Error::NotCanonical { what: self.what, at })
    }

    fn next(&mut self) -> &'a str {
        self.line += 1;
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        line
    }

    fn malformed(&self, expected: &'static str, found: &str) -> Error {
        let found = found.chars().take(80).collect();
        Error::Malformed { what: self.what, line: self.line, expected, found }
    }
}

/// Exactly `N` bytes of hexadecimal digits.
pub(crate) fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// A digest in 64 hexadecimal digits.
pub(crate) fn digest(text: &str) -> Option<Digest> {
    hex(text).map(Digest::from_bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// `name` in printable ASCII without spaces: every other byte, and `%`, as `%` and two hexadecimal digits.
pub(crate) fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            // A String takes everything.
            let _ = write!(text, "%{byte:02x}");
        }
    }
    text
}

/// The name that [`escaped`] wrote.
pub(crate) fn name(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => nibble(rest.next()?)? << 4 | nibble(rest.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for (plain, text) in [
            ("01-di-us/A", "01-di-us/A"),
            ("", ""),
            ("two words", "two%20words"),
            ("100%", "100%25"),
            ("a\nb", "a%0ab"),
            ("Z\u{fc}rich", "Z%c3%bcrich"),
        ] {
            assert_eq!(escaped(plain), text);
            assert_eq!(name(text).as_deref(), Some(plain));
        }
        for bad in ["%", "%4", "%zz", "%ff", "a%c3"] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }

    #[test]
    fn digits() {
        assert_eq!(hex::<2>("0aF1"), Some([0x0a, 0xf1]));
        for bad in ["", "0a", "0a1", "0a1g", "0a 1", "0a1\u{e9}", "+a11"] {
            assert_eq!(hex::<2>(bad), None, "{bad}");
        }
    }
}
