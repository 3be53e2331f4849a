//! The matcher and the executor: any sequence of operations keeps the book whole.
#![no_main]

use samebits_executor::{Discard, Engine, Event, Instrument, Kind, Market, Matcher, Rules, Side};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
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
        let event = Event { price, qty, id, sequence: number, side: Some(side), ..Event::new(number as i64, kind) };
        let _ = engine.step(&event, &mut Discard);
        assert_eq!(sent, rested + matcher.volume(), "what does not rest has traded");
        assert!(cancelled <= rested);
    }
});
