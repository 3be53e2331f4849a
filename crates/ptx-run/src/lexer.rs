//! Text -> tokens, each with its line.

use crate::error::Error;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tok {
    /// A name, opcode with modifiers, directive or register; dots belong to it.
    Word(String),
    Int(u64),
    F32(u32),
    F64(u64),
    Text,
    Mark(u8),
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) line: u32,
    pub(crate) tok: Tok,
}

fn starts_word(c: u8) -> bool {
    c.is_ascii_alphabetic() || matches!(c, b'_' | b'$' | b'%' | b'.')
}

fn in_word(c: u8) -> bool {
    starts_word(c) || c.is_ascii_digit()
}

/// All tokens of `text`; comments are gone.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&c) = bytes.get(at) {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        match c {
            b'\n' => {
                line += 1;
                at += 1;
            }
            _ if c.is_ascii_whitespace() || c == 0 => at += 1,
            b'/' if next == b'/' => {
                while at < bytes.len() && bytes[at] != b'\n' {
                    at += 1;
                }
            }
            b'/' if next == b'*' => {
                at += 2;
                while at < bytes.len() && !(bytes[at] == b'*' && bytes.get(at + 1) == Some(&b'/')) {
                    line += u32::from(bytes[at] == b'\n');
                    at += 1;
                }
                at += 2;
            }
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                at += 1;
                out.push(Token { line, tok: Tok::Text });
            }
            _ if c.is_ascii_digit() => {
                let start = at;
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'.') {
                    at += 1;
                }
                out.push(Token { line, tok: number(&text[start..at], line)? });
            }
            _ if starts_word(c) => {
                let start = at;
                while at < bytes.len() {
                    if in_word(bytes[at]) {
                        at += 1;
                    } else if bytes[at..].starts_with(b"::") {
                        at += 2;
                    } else {
                        break;
                    }
                }
                out.push(Token { line, tok: Tok::Word(text[start..at].to_owned()) });
            }
            _ if c.is_ascii_punctuation() => {
                out.push(Token { line, tok: Tok::Mark(c) });
                at += 1;
            }
            _ => return Err(Error::Syntax { line, what: format!("byte {c:#04x}") }),
        }
    }
    Ok(out)
}

fn number(text: &str, line: u32) -> Result<Tok, Error> {
    let bad = || Error::Syntax { line, what: format!("number {text}") };
    let low = text.to_ascii_lowercase();
    if let Some(hex) = low.strip_prefix("0d").filter(|h| h.len() == 16) {
        return u64::from_str_radix(hex, 16).map(Tok::F64).map_err(|_| bad());
    }
    if let Some(hex) = low.strip_prefix("0f").filter(|h| h.len() == 8) {
        return u32::from_str_radix(hex, 16).map(Tok::F32).map_err(|_| bad());
    }
    if low.contains('.') {
        return low.parse::<f64>().map(|v| Tok::F64(v.to_bits())).map_err(|_| bad());
    }
    let (digits, radix) = if let Some(hex) = low.strip_prefix("0x") {
        (hex, 16)
    } else if let Some(bits) = low.strip_prefix("0b") {
        (bits, 2)
    } else if low.len() > 1 && low.starts_with('0') && !low.ends_with('u') {
        (&low[1..], 8)
    } else {
        (low.as_str(), 10)
    };
    u64::from_str_radix(digits.trim_end_matches('u'), radix).map(Tok::Int).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_lines() {
        let t = tokens("a.b::c.d /* x\n */ 0d3FF0000000000000, 0f3F800000 0x1Fu // z\n[%r1+-4];").unwrap();
        let kinds: Vec<Tok> = t.iter().map(|t| t.tok.clone()).collect();
        assert_eq!(kinds[0], Tok::Word("a.b::c.d".into()));
        assert_eq!(kinds[1], Tok::F64(1.0f64.to_bits()));
        assert_eq!(kinds[3], Tok::F32(1.0f32.to_bits()));
        assert_eq!(kinds[4], Tok::Int(31));
        assert_eq!(t[1].line, 2);
        assert_eq!(t[5].line, 3);
        assert_eq!(kinds[7..11], [Tok::Mark(b'+'), Tok::Mark(b'-'), Tok::Int(4), Tok::Mark(b']')]);
    }
}
