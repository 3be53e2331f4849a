//! Codecs 0 to 4: a matrix.
#![no_main]

#[global_allocator]
static ALLOCATOR: samebits_hostile::Counting = samebits_hostile::Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| samebits_hostile::run::matrix(bytes));
