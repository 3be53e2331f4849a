//! The rows of a store.
#![no_main]

#[global_allocator]
static ALLOCATOR: samebits_hostile::Counting = samebits_hostile::Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| samebits_hostile::run::store(bytes));
