//! FIX 4.4 execution reports (`35=8`) as fills.
//!
//! Read are 17 (execution id), 37 and 11 (order ids), 55 or 48 (instrument), 54 (side), 31 and 32 (price and quantity of
//! the fill), 60 (time), 39 and 150 (status), 43 (possible duplicate). Tolerant of order, of unknown fields and of `|` for
//! the separator; not tolerant of a field that is there and makes no sense, nor of a wrong checksum.

use crate::fill::Fill;
use samebits_executor::Instrument;
use std::collections::BTreeMap;

/// Ticks and lots of the log's prices and quantities.
pub type Steps = Instrument;

/// The fill of an execution report; `None` for a message that is none.
///
/// # Errors
/// What is wrong with the message.
pub fn parse(bytes: &[u8], steps: &Steps) -> Result<Option<Fill>, String> {
    let separator = if bytes.contains(&1) { 1 } else { b'|' };
    let mut fields: BTreeMap<u32, &str> = BTreeMap::new();
    for part in bytes.split(|byte| *byte == separator).filter(|part| !part.is_empty()) {
        let text = std::str::from_utf8(part).map_err(|_| "a field that is not UTF-8".to_owned())?;
        let (tag, value) =
            text.split_once('=').ok_or_else(|| format!("field `{}` has no =", shorten(text)))?;
        let tag: u32 = tag.parse().map_err(|_| format!("tag `{}` is not a number", shorten(tag)))?;
        fields.entry(tag).or_insert(value);
    }
    checksum(bytes, separator, fields.get(&10).copied())?;
    if fields.get(&35) != Some(&"8") {
        return Ok(None);
    }
    // 150: F is a trade; older engines say 1 or 2 for partial and full fills. 43=Y repeats what was sent before.
    let kind = fields.get(&150).copied().unwrap_or("F");
    if !matches!(kind, "F" | "1" | "2") || fields.get(&43) == Some(&"Y") {
        return Ok(None);
    }
    let need = |tag: u32, name: &str| -> Result<&str, String> {
        fields.get(&tag).copied().ok_or_else(|| format!("field {tag} ({name}) is missing"))
    };
    let qty = steps.qty(need(32, "LastQty")?).map_err(|error| format!("field 32 (LastQty): {error}"))?;
    if qty == 0 {
        return Ok(None);
    }
    if qty < 0 {
        return Err(format!("field 32 (LastQty): {qty} is negative"));
    }
    let price = steps.price(need(31, "LastPx")?).map_err(|error| format!("field 31 (LastPx): {error}"))?;
    let buy = match need(54, "Side")? {
        "1" => true,
        "2" | "5" | "6" => false,
        other => return Err(format!("field 54 (Side): `{}`: expected 1, 2, 5 or 6", shorten(other))),
    };
    let symbol =
        fields.get(&55).or_else(|| fields.get(&48)).copied().ok_or("fields 55 and 48 are missing")?;
    let order = fields.get(&11).or_else(|| fields.get(&37)).map(|id| (*id).to_owned());
    let time = time(need(60, "TransactTime")?)?;
    Ok(Some(Fill { time, symbol: symbol.to_owned(), order, buy, price, qty, queue: None, rule: None }))
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The sum of all bytes up to the checksum field, modulo 256; a message without the field is taken as it is.
fn checksum(bytes: &[u8], separator: u8, stated: Option<&str>) -> Result<(), String> {
    let Some(stated) = stated else { return Ok(()) };
    let stated: u32 = stated.parse().map_err(|_| "field 10 (CheckSum) is not a number".to_owned())?;
    let mark = [separator, b'1', b'0', b'='];
    let end = bytes.windows(4).rposition(|window| window == mark).map_or(bytes.len(), |at| at + 1);
    let head = bytes.get(..end).unwrap_or(bytes);
    // The sum is defined over the real separator.
    let value = |byte: u8| u32::from(if byte == separator { 1 } else { byte });
    let sum = head.iter().fold(0_u32, |sum, byte| (sum + value(*byte)) % 256);
    if sum == stated {
        Ok(())
    } else {
        Err(format!("field 10 (CheckSum): {stated:03}, the bytes sum to {sum:03}"))
    }
}

/// `YYYYMMDD-HH:MM:SS[.fraction]` as ns UTC; the fraction has up to nine digits.
fn time(text: &str) -> Result<i64, String> {
    let bad = || format!("field 60 (TransactTime): `{}`: expected YYYYMMDD-HH:MM:SS", shorten(text));
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let bytes = clock.as_bytes();
    let shape = bytes.len() == 17 && bytes[8] == b'-' && bytes[11] == b':' && bytes[14] == b':';
    if !shape
        || fraction.is_empty()
        || fraction.len() > 9
        || !fraction.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(bad());
    }
    let number = |from: usize, to: usize| -> Result<i64, String> {
        let part = clock.get(from..to).ok_or_else(bad)?;
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            part.parse().map_err(|_| bad())
        } else {
            Err(bad())
        }
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(12, 14)?, number(15, 17)?);
    if !(1970..=2261).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return Err(bad());
    }
    // Days from civil (H. Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let nanos = format!("{fraction:0<9}").parse::<i64>().map_err(|_| bad())?;
    Ok(((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use samebits_executor::Step;

    fn steps() -> Steps {
        let mut steps = Instrument::new("X");
        steps.tick = Step::parse("0.01").unwrap();
        steps
    }

    const REPORT: &str = "8=FIX.4.4|9=150|35=8|37=9|11=maker.3|17=E1|150=F|39=2|55=BTCUSDT|54=1|32=5|31=61828.01|\
                          60=20240808-23:54:16.112|";

    #[test]
    fn a_report_is_a_fill() {
        let fill = parse(REPORT.as_bytes(), &steps()).unwrap().expect("a fill");
        assert_eq!(
            (fill.price, fill.qty, fill.buy, fill.order.as_deref()),
            (6_182_801, 5, true, Some("maker.3"))
        );
        assert_eq!(fill.time, 1_723_161_256_112_000_000);
    }

    #[test]
    fn what_is_no_fill_is_passed_over() {
        let none = |text: &str| assert_eq!(parse(text.as_bytes(), &steps()), Ok(None), "{text}");
        none("8=FIX.4.4|35=0|");
        none(&REPORT.replace("150=F", "150=0"));
        none(&REPORT.replace("17=E1", "17=E1|43=Y"));
    }

    #[test]
    fn faults_are_named() {
        for (from, to, part) in [
            ("54=1", "54=9", "field 54"),
            ("31=61828.01", "31=61828.015", "off_tick"),
            ("32=5", "32=-5", "negative"),
            ("60=20240808-23:54:16.112", "60=yesterday", "field 60"),
            ("60=2024", "60=9999", "field 60"),
            ("31=61828.01|", "", "field 31"),
            ("11=maker.3", "nonsense", "has no ="),
            ("60=", "10=000|60=", "CheckSum"),
        ] {
            let text = REPORT.replace(from, to);
            let error = parse(text.as_bytes(), &steps()).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes, &steps());
        }

        #[test]
        fn any_flip_of_a_report_is_read_or_refused(at in 0_usize..150, byte in any::<u8>()) {
            let mut bytes = REPORT.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = parse(&bytes, &steps());
        }
    }
}
