//! Readers of text: captured lines and CSV.
#![no_main]

use samebits_tape::{Options, Sorted, Source, binance::Binance, check, csv::Csv};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let options = Options::default();
    let _ = check(&mut Sorted::new(Binance::new([bytes], &options), options.window_ns));
    if let Ok(mut csv) = Csv::new(bytes, &options) {
        while let Ok(Some(_)) = csv.next_event() {}
    }
});
