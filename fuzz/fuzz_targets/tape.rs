//! The container: any bytes are read or refused.
#![no_main]

use samebits_tape::{Source, Tape};
use std::io::Cursor;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut tape) = Tape::open(Cursor::new(bytes)) {
        while let Ok(Some(_)) = tape.next_event() {}
    }
});
