//! `.run` files.

use crate::memory::within;
use crate::scene::{Closes, LIMITS, bases};
use samebits_snapshot::{Digest, Reader, pack, unpack_shared};

/// What a Run may come to under [`LIMITS`].
pub(crate) fn declared() -> u64 {
    LIMITS.run + 5 * LIMITS.message
}

/// The bytes with the hash and the length that fit them, so that what lies behind those is reached.
fn mended(bytes: &[u8]) -> Vec<u8> {
    let body = &bytes[..bytes.len().saturating_sub(40)];
    let hash = Digest::of("samebits 2026 run file", body);
    let length = body.len() as u64 + 40;
    [body, hash.as_bytes(), &length.to_le_bytes()].concat()
}

/// Reads the bytes as they are, then with a trailer that fits them. What is read is what is written again.
pub fn container(bytes: &[u8]) {
    let reader = Reader { predictor: Some(&Closes), ..Reader::new(&LIMITS, &bases().shelf) };
    for bytes in [bytes, &mended(bytes)] {
        if let Ok(found) = within(declared(), || unpack_shared(bytes, &reader)) {
            let again = pack(&found.run).expect("what was read can be written");
            assert_eq!(again.manifest, found.manifest);
        }
    }
}

/// Looks at the bytes; a file without a problem is one that is read.
pub fn inspect(bytes: &[u8]) {
    let shelf = &bases().shelf;
    for bytes in [bytes, &mended(bytes)] {
        let found = within(2 * declared(), || samebits_snapshot::inspect(bytes, &LIMITS, shelf));
        let read = samebits_snapshot::unpack(bytes, &LIMITS, shelf);
        assert_eq!(found.problems.is_empty(), read.is_ok(), "{:?}", found.problems);
    }
}
