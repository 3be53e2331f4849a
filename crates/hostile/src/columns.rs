//! Sealed records, and documents by columns.

use crate::memory::within;
use crate::scene::{Closes, LIMITS, bases};
use samebits_snapshot::{Digest, Reader, Sealed};

/// The hash that fits.
fn sign(mut body: Vec<u8>) -> Vec<u8> {
    let hash = Digest::of("samebits 2026 sealed record", &body);
    body.extend_from_slice(hash.as_bytes());
    body
}

/// Columns that a record which says that it has a base is read with.
const BASE: &[u8] = &[9, 1, 1, 1, b'a', 3, 0, 1, 4];

/// Everything that can be asked of columns.
fn open(sealed: &Sealed<'_>, columns: &[u8]) {
    let Ok(unsealed) = sealed.open(columns) else { return };
    let _ = (unsealed.account(), unsealed.decided(), unsealed.status(), unsealed.account_after());
    let reader = Reader { predictor: Some(&Closes), ..Reader::new(&LIMITS, &bases().shelf) };
    if let Ok(found) = unsealed.unpack(&reader) {
        let again = samebits_snapshot::pack(&found.run).expect("what was read can be written");
        assert_eq!(again.manifest, found.manifest);
    }
}

/// A record without its hash.
pub fn sealed(bytes: &[u8]) {
    let _ = Sealed::read(bytes, &LIMITS);
    let record = sign(bytes.to_vec());
    within(crate::records::declared(), || {
        let Ok(sealed) = Sealed::read(&record, &LIMITS) else { return };
        if let Ok(columns) = sealed.columns(Some(BASE)) {
            open(&sealed, &columns);
        }
    });
}

/// Whether the outcome is kept (a byte); six lengths (two bytes each, little-endian); the columns, as they are.
pub fn columns(bytes: &[u8]) {
    let Some((head, columns)) = bytes.split_first_chunk::<13>() else { return };
    let mut body = vec![0x89, b'S', b'B', b'S', 0x0d, 0x0a, 0x1a, 0x0a, 1, 0, head[0] & 1, 0, 0, 0, 0, 0];
    for length in head[1..].chunks_exact(2) {
        body.extend_from_slice(&[length[0], length[1], 0, 0]);
    }
    let record = sign(body);
    within(crate::records::declared(), || {
        if let Ok(sealed) = Sealed::read(&record, &LIMITS) {
            open(&sealed, columns);
        }
    });
}
