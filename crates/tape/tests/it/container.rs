//! The container: what goes in comes out, from anywhere.

use crate::tape;
use proptest::prelude::*;
use samebits_executor::{Event, Kind, Market, Side};
use samebits_tape::{BLOCK_ROWS, Options, Source, Symbol, Tape, Writer, open};
use std::io::Cursor;

pub(crate) fn symbols() -> Vec<Symbol> {
    vec![Symbol::new("A", "0.01", "1", Market::Levels), Symbol::new("B", "0.25", "1", Market::Orders)]
}

pub(crate) fn write(events: &[Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, &symbols(), "a test").unwrap();
    for event in events {
        writer.push(event).unwrap();
    }
    let (count, length) = writer.finish().unwrap();
    assert_eq!((count, length), (events.len() as u64, bytes.len() as u64));
    bytes
}

pub(crate) fn some(count: usize) -> Vec<Event> {
    let event = |at: i64| Event {
        receive: at * 1_000 - 7,
        price: 100 + at % 17,
        qty: at % 31,
        id: at as u64 * 3,
        sequence: at as u64,
        symbol: (at % 2) as u16,
        side: [None, Some(Side::Buy), Some(Side::Sell)][(at % 3) as usize],
        last: at % 5 != 0,
        ..Event::new(at * 1_000, Kind::from_code((at % 17) as u8).unwrap())
    };
    (0..count as i64).map(event).collect()
}

#[test]
fn seek_by_number_and_by_time() {
    let events = some(2 * BLOCK_ROWS + 100);
    let mut tape = Tape::open(Cursor::new(write(&events))).unwrap();
    assert_eq!((tape.len(), tape.blocks(), tape.origin()), (events.len() as u64, 3, "a test"));
    for number in [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, 2 * BLOCK_ROWS + 99] {
        tape.seek(number as u64).unwrap();
        assert_eq!(tape.next_event().unwrap(), Some(events[number]));
        tape.seek_time(events[number].venue - 1).unwrap();
        assert_eq!(tape.next_event().unwrap(), Some(events[number]));
    }
    tape.seek(events.len() as u64).unwrap();
    assert_eq!(tape.next_event().unwrap(), None);
}

#[test]
fn a_capture_comes_back_event_by_event() {
    let path = tape("binance_coinm_btcusd_perp_20240808.gz");
    let mut source = open(&[path], &Options::default()).unwrap();
    let events = source.read_all().unwrap();
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, source.symbols(), "a capture").unwrap();
    for event in &events {
        writer.push(event).unwrap();
    }
    writer.finish().unwrap();
    let mut tape = Tape::open(Cursor::new(&bytes)).unwrap();
    assert_eq!(tape.read_all().unwrap(), events);
    assert!(bytes.len() < 4 * events.len(), "{} bytes for {} events", bytes.len(), events.len());
}

#[test]
fn time_does_not_go_back() {
    let mut writer = Writer::new(Vec::new(), &symbols(), "a test").unwrap();
    writer.push(&Event::new(5, Kind::Trade)).unwrap();
    let error = writer.push(&Event::new(4, Kind::Trade)).unwrap_err().to_string();
    assert!(error.contains("event 2 at 4 ns is 1 ns late"), "{error}");
}

fn event() -> impl Strategy<Value = Event> {
    (any::<[i64; 4]>(), any::<[u64; 2]>(), 0_u16..2, any::<u16>(), 0_u8..17, 0_usize..3, any::<bool>())
        .prop_map(|(numbers, ids, symbol, source, kind, side, last)| Event {
            venue: numbers[0],
            receive: numbers[1],
            price: numbers[2],
            qty: numbers[3],
            id: ids[0],
            sequence: ids[1],
            symbol,
            source,
            kind: Kind::from_code(kind).unwrap(),
            side: [None, Some(Side::Buy), Some(Side::Sell)][side],
            last,
        })
}

proptest! {
    #[test]
    fn any_events_come_back(mut events in prop::collection::vec(event(), 0..60)) {
        events.sort_by_key(|event| event.venue);
        let mut tape = Tape::open(Cursor::new(write(&events))).unwrap();
        prop_assert_eq!(tape.read_all().unwrap(), events);
    }
}
