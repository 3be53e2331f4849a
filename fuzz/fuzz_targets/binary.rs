//! Readers of binary formats: ITCH and DBN, and the book that they describe.
#![no_main]

use samebits_tape::{Options, check, itch::Itch};
use samebits_tape_import::Dbn;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let options = Options::default();
    let _ = check(&mut Itch::new(bytes, &options));
    if let Ok(mut dbn) = Dbn::new(bytes, &options) {
        let _ = check(&mut dbn);
    }
});
