//! Databento's own conformance files, whole and damaged.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use samebits_executor::{Event, Kind, Market};
use samebits_tape::{Options, Source};
use samebits_tape_import::{Dbn, is_dbn, open};
use std::path::PathBuf;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tapes/dbn").join(name)
}

fn read(name: &str) -> (Vec<Event>, Vec<Market>, u64) {
    let mut source = open(&[file(name)], &Options::default()).unwrap();
    let events = source.read_all().unwrap();
    let markets = source.symbols().iter().map(samebits_tape::Symbol::market).collect();
    (events, markets, source.notes().messages)
}

#[test]
fn every_version_of_mbo_gives_the_same_events() {
    let (first, markets, messages) = read("test_data.mbo.v3.dbn");
    assert_eq!((first.len(), messages, markets), (2, 2, vec![Market::Orders]));
    for name in ["test_data.mbo.v1.dbn.zst", "test_data.mbo.v2.dbn.zst", "test_data.mbo.v3.dbn.zst"] {
        assert_eq!(read(name).0, first, "{name}");
    }
    assert!(first.iter().all(|event| event.kind == Kind::Cancel && event.side.is_some()));
    assert_eq!(first[0].price, 3_722_750_000_000, "3,722.75 in 1e-9");
}

#[test]
fn other_schemas() {
    let kinds = |name: &str| -> Vec<Kind> { read(name).0.iter().map(|event| event.kind).collect() };
    assert_eq!(kinds("test_data.trades.v3.dbn.zst"), [Kind::Trade; 2]);
    assert_eq!(kinds("test_data.tbbo.v3.dbn.zst"), [Kind::Trade, Kind::Top, Kind::Top].repeat(2));
    assert_eq!(kinds("test_data.mbp-1.v3.dbn.zst").len(), 4);
    assert_eq!(kinds("test_data.mbp-10.v3.dbn.zst").iter().filter(|kind| **kind == Kind::Level).count(), 40);
    let bar = [Kind::BarOpen, Kind::BarHigh, Kind::BarLow, Kind::BarClose];
    assert_eq!(kinds("test_data.ohlcv-1m.v3.dbn.zst"), bar.repeat(2));
    assert!(kinds("test_data.imbalance.v3.dbn.zst").is_empty(), "nothing of it belongs on a tape");
}

#[test]
fn ticks_of_the_caller_are_exact_or_an_error() {
    let mut quarter = Options { tick: "0.25".to_owned(), steps_given: true, ..Options::default() };
    let events = open(&[file("test_data.mbo.v3.dbn")], &quarter).unwrap().read_all().unwrap();
    assert_eq!(events[0].price, 14_891);
    quarter.tick = "0.5".to_owned();
    let error = open(&[file("test_data.mbo.v3.dbn")], &quarter).unwrap().read_all().unwrap_err().to_string();
    assert!(error.contains("off_tick"), "{error}");
}

#[test]
fn cuts_and_flips_are_errors_or_other_numbers_never_panics() {
    let bytes = std::fs::read(file("test_data.mbo.v3.dbn")).unwrap();
    let read = |bytes: &[u8]| Dbn::new(bytes, &Options::default()).and_then(|mut dbn| dbn.read_all());
    assert_eq!(read(&bytes).unwrap().len(), 2);
    for length in 0..bytes.len() {
        // The length of the file is not stored: a file that ends between two records is a shorter file.
        let between = bytes.len() - length == 56 || bytes.len() - length == 112;
        assert_eq!(read(&bytes[..length]).is_ok(), between, "{length} of {}", bytes.len());
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x11;
        let _ = read(&flipped);
    }
}

#[test]
fn a_record_off_the_grid_of_eight_bytes_never_reaches_the_decoder() {
    let bytes = std::fs::read(file("test_data.mbo.v3.dbn")).unwrap();
    let first = bytes.len() - 2 * 56;
    for words in [0, 1, 3, 5, 13] {
        let mut damaged = bytes.clone();
        damaged[first] = words;
        let error = Dbn::new(damaged.as_slice(), &Options::default()).and_then(|mut dbn| dbn.read_all());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&format!("a record of {} bytes", 4 * u32::from(words))), "{error}");
    }
}

#[test]
fn what_is_no_dbn_goes_to_the_other_readers() {
    let itch =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tapes/itch50_simulated_3stocks.gz");
    assert!(!is_dbn(&itch).unwrap());
    assert_eq!(open(&[itch], &Options::default()).unwrap().format(), "ITCH 5.0");
}
