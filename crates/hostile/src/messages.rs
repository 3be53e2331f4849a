//! Canonical MessagePack.

use crate::memory::within;
use crate::scene::LIMITS;
use samebits_snapshot::record::{Account, Info, Kept, Market, Method, Outcome, Params, Question};
use samebits_snapshot::{Manifest, canonical, tree};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Accepted bytes are the ones that are written again.
fn record<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let found = within(LIMITS.message, || canonical::decode_within::<T>("record", bytes, LIMITS.message));
    if let Ok(value) = found {
        assert_eq!(canonical::encode("record", &value).as_deref(), Ok(bytes));
    }
}

/// The first byte says which type; the rest is the message.
pub fn message(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 10 {
        0 => record::<Manifest>(bytes),
        1 => record::<Question>(bytes),
        2 => record::<Method>(bytes),
        3 => record::<Market>(bytes),
        4 => record::<Params>(bytes),
        5 => record::<Account>(bytes),
        6 => record::<Outcome>(bytes),
        7 => record::<Info>(bytes),
        8 => record::<Kept>(bytes),
        _ => {
            if let Ok(value) = canonical::read("message", bytes) {
                assert_eq!(tree::write(&value), bytes);
            }
        }
    }
}
