//! Tapes and what they are made of; the matcher.

use samebits_executor::{Discard, Engine, Event, Instrument, Kind, Market, Matcher, Rules, Side};
use samebits_tape::{Options, Sorted, Source, Tape, binance::Binance, check, csv::Csv, itch::Itch};
use samebits_tape_import::Dbn;
use std::io::Cursor;

/// The container: any bytes are read or refused.
pub fn tape(bytes: &[u8]) {
    if let Ok(mut tape) = Tape::open(Cursor::new(bytes)) {
        while let Ok(Some(_)) = tape.next_event() {}
    }
}

/// Readers of text: captured lines and CSV.
pub fn lines(bytes: &[u8]) {
    let options = Options::default();
    let _ = check(&mut Sorted::new(Binance::new([bytes], &options), options.window_ns));
    if let Ok(mut csv) = Csv::new(bytes, &options) {
        while let Ok(Some(_)) = csv.next_event() {}
    }
}

/// Readers of binary formats, and the book that they describe.
pub fn binary(bytes: &[u8]) {
    let options = Options::default();
    let _ = check(&mut Itch::new(bytes, &options));
    if let Ok(mut dbn) = Dbn::new(bytes, &options) {
        let _ = check(&mut dbn);
    }
}

/// FIX execution reports.
pub fn fix(bytes: &[u8]) {
    let _ = samebits_live::parse_fix(bytes, &Instrument::new("X"));
    let _ = samebits_live::read(&mut &*bytes, &Instrument::new("X"));
}

/// The matcher and the executor: any sequence of operations keeps the book whole.
pub fn matcher(bytes: &[u8]) {
    let mut matcher = Matcher::new();
    let mut rested = 0_i128;
    let mut sent = 0_i128;
    let mut cancelled = 0_i128;
    let rules = Rules::new(Market::Orders);
    let mut engine = Engine::new(vec![(Instrument::new("X"), rules)], Vec::new());
    for (number, step) in (1_u64..).zip(bytes.chunks_exact(5)) {
        let side = if step[0] & 1 == 0 { Side::Buy } else { Side::Sell };
        let (price, qty) = (i64::from(step[1]) - 128, i64::from(step[2]));
        let id = u64::from(step[3]);
        if step[0] & 2 == 0 {
            if let Ok(rest) = matcher.limit(number, side, price, qty) {
                sent += i128::from(qty);
                rested += i128::from(rest);
            }
        } else if let Ok(left) = matcher.cancel(number.saturating_sub(id)) {
            cancelled += i128::from(left);
        }
        let Some(kind) = Kind::from_code(step[4] % 17) else { continue };
        let event =
            Event { price, qty, id, sequence: number, side: Some(side), ..Event::new(number as i64, kind) };
        let _ = engine.step(&event, &mut Discard);
        assert_eq!(sent, rested + matcher.volume(), "what does not rest has traded");
        assert!(cancelled <= rested);
    }
}
