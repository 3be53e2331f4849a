//! Damaged and malicious input: a typed error, never a panic, never memory beyond the limits.

use crate::container::{some, write};
use proptest::prelude::*;
use samebits_tape::{Error, Options, Source, Tape, binance::Binance, csv::Csv, itch::Itch};
use std::io::Cursor;

fn read(bytes: &[u8]) -> Result<usize, Error> {
    Tape::open(Cursor::new(bytes))?.read_all().map(|events| events.len())
}

#[test]
fn every_flipped_bit_is_seen() {
    let bytes = write(&some(300));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            assert!(read(&flipped).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn every_cut_is_seen() {
    let bytes = write(&some(300));
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
}

/// The frozen tapes of the gate's captures: no bit of them is free. One bit of every byte here, and one cut in every 61.
#[test]
fn every_byte_of_the_frozen_tapes_counts() {
    for name in ["futures-quotes", "spot-quotes"] {
        let path = crate::tape(&format!("../gate/captured/{name}/extract.tape"));
        let good = std::fs::read(path).unwrap();
        assert!(read(&good).unwrap() > 1_000);
        let mut bad = good.clone();
        for at in 0..good.len() {
            let bit = 1 << (at * 5 % 8);
            bad[at] ^= bit;
            assert!(read(&bad).is_err(), "{name}: byte {at}");
            bad[at] ^= bit;
        }
        for length in (0..good.len()).step_by(61) {
            assert!(read(&good[..length]).is_err(), "{name}: {length}");
        }
        assert!(read(&[&good[..], &[0]].concat()).is_err());
    }
}

#[test]
fn sizes_are_limits_before_they_are_memory() {
    // A header that asks for 4 GiB.
    let mut bytes = write(&some(10));
    bytes[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(read(&bytes), Err(Error::TooLarge { .. })));
    // A block that says it holds more rows than a block can.
    let mut bytes = write(&some(10));
    let header = 16 + u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]) as usize;
    bytes[header..header + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(read(&bytes), Err(Error::TooLarge { .. })));
}

const LINES: &str = "1723161253937085768 {\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":5,\
\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"b\":[[\"100.00\",\"1.5\"]],\"a\":[[\"101.00\",\"0\"]]}}\n\
1723161253937085769 {\"lastUpdateId\":1,\"bids\":[[\"99.00\",\"1.0\"]],\"asks\":[[\"102.00\",\"2.0\"]]}\n\
1723161253937085770 {\"stream\":\"btcusdt@trade\",\"data\":{\"T\":6,\"t\":7,\"p\":\"100.00\",\"q\":\"0.5\",\"m\":true}}\n";

fn lines(text: &[u8]) -> Result<usize, Error> {
    Binance::new([text], &Options::default()).read_all().map(|events| events.len())
}

#[test]
fn lines_with_one_fault_each() {
    assert_eq!(lines(LINES.as_bytes()).unwrap(), 3 + 2 + 1);
    for (from, to, part) in [
        ("\"100.00\",\"1.5\"", "\"100.001\",\"1.5\"", "off_tick"),
        ("\"100.00\",\"1.5\"", "\"100.00\",\"-1.5\"", "0 or more"),
        ("\"100.00\",\"1.5\"", "\"100.00\",\"1e5\"", "not a decimal"),
        ("\"100.00\",\"1.5\"", "\"99999999999999999\",\"1.5\"", "out of range"),
        ("1723161253937085770 ", "yesterday ", "receive time"),
        ("\"T\":6", "\"T\":9223372036854775807", "out of range"),
        ("btcusdt@trade", "ethusdt@trade", "second symbol"),
        ("btcusdt@trade", "nothing", "without `@`"),
        ("\"t\":7", "\"t\":-7", "invalid value"),
        ("\"U\":1,\"u\":2", "\"U\":1,\"u\":-2", "invalid value"),
    ] {
        let text = LINES.replace(from, to);
        assert_ne!(text, LINES, "{from}");
        let error = lines(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("line or message"), "{to}: {error}");
    }
}

#[test]
fn ids_at_the_end_of_their_range_do_not_wrap() {
    let last = LINES.replace("\"lastUpdateId\":1", "\"lastUpdateId\":18446744073709551615");
    assert_eq!(lines(last.as_bytes()).unwrap(), 2 + 1 + 1, "the update is covered by the snapshot");
}

#[test]
fn csv_with_one_fault_each() {
    let read = |text: &str| {
        Csv::new(text.as_bytes(), &Options::default())
            .and_then(|mut csv| csv.read_all())
            .map(|events| events.len())
    };
    assert_eq!(read("time,price,qty\n1,1.00,5\n2,1.01,5\n").unwrap(), 2);
    assert_eq!(read("time,open,high,low,close,volume\n0,1.00,1.20,0.90,1.10,8\n").unwrap(), 4);
    for (text, part) in [
        ("a,b\n", "CSV of events"),
        ("time,price,qty\n1,1.005,5\n", "off_tick"),
        ("time,price,qty\n1,1.00,0.5\n", "off_lot"),
        ("time,price,qty\n1,1.00,0\n", "1 or more"),
        ("time,price,qty\n1,1.00\n", "expected 3 columns"),
        ("time,price,qty\nx,1.00,5\n", "not an integer"),
        ("time,price,qty,side\n1,1.00,5,up\n", "expected buy, sell"),
        ("time,open,high,low,close,volume\n0,1.00,1.05,0.90,1.10,8\n", "inside"),
        ("time,kind,symbol,side,price,qty,id\n1,level,X,,1.00,5,\n", "without a side"),
        ("time,kind,symbol,side,price,qty,id\n1,moon,X,,1.00,5,\n", "unknown"),
        ("time,kind,symbol,side,price,qty,id\n1,session,X,,,,lunch\n", "unknown"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn readers_take_or_refuse_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = lines(&bytes);
        let _ = Itch::new(bytes.as_slice(), &Options::default()).read_all();
        let _ = Csv::new(bytes.as_slice(), &Options::default()).and_then(|mut csv| csv.read_all());
    }

    #[test]
    fn readers_take_or_refuse_any_damage(at in 0_usize..600, byte in any::<u8>(), cut in 0_usize..600) {
        let mut text = LINES.as_bytes().to_vec();
        let length = text.len();
        text[at % length] = byte;
        let _ = lines(&text);
        let _ = lines(&text[..cut % length]);
    }

    #[test]
    fn itch_takes_or_refuses_any_damage(
        kinds in prop::collection::vec(prop::sample::select(b"SRHAFECXDUPQ".to_vec()), 1..12),
        noise in prop::collection::vec(any::<u8>(), 50),
    ) {
        let lengths = |kind: u8| match kind {
            b'S' => 12, b'R' => 39, b'H' => 25, b'A' | b'C' => 36, b'F' | b'Q' => 40, b'E' => 31, b'X' => 23,
            b'D' => 19, b'U' => 35, _ => 44,
        };
        let mut bytes = Vec::new();
        for kind in kinds {
            bytes.extend_from_slice(&[0, 0, kind]);
            bytes.extend_from_slice(&noise[..lengths(kind) - 1]);
        }
        let _ = Itch::new(bytes.as_slice(), &Options::default()).read_all();
    }
}
