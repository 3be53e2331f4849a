//! FIX execution reports.
#![no_main]

use samebits_executor::Instrument;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = samebits_live::parse_fix(bytes, &Instrument::new("X"));
});
