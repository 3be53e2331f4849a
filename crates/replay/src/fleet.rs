//! Many Runs, in parallel. The order of the work never changes a result.

use crate::record::Clock;
use crate::{Error, Replayed, replay};
use rayon::prelude::*;
use samebits_canon::Isa;
use samebits_snapshot::Digest;
use samebits_store::Store;
use std::path::Path;

/// A replayed Run of a fleet.
#[derive(Debug)]
pub struct Item {
    /// Its id.
    pub run_id: Digest,
    /// The result; an error when the Run is damaged or cannot be decided.
    pub result: Result<Replayed, Error>,
}

/// Replays `ids` from the store at `path` on `threads` threads, each with its own read-only connection; `done` is called
/// after each Run. The result is in the order of `ids`.
///
/// # Errors
/// A store that cannot be opened; what goes wrong with one Run is that Run's result.
pub fn replay_all(
    path: &Path,
    ids: &[Digest],
    threads: usize,
    isa: Isa,
    clock: Clock<'_>,
    done: &(dyn Fn(&Item) + Sync),
) -> Result<Vec<Item>, Error> {
    Store::open_read_only(path)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Threads(error.to_string()))?;
    let one = |store: &mut Result<Store, samebits_store::Error>, run_id: &Digest| {
        let result = match store {
            Ok(store) => replay_one(store, run_id, isa, clock),
            Err(_) => Store::open_read_only(path)
                .map_err(Error::from)
                .and_then(|store| replay_one(&store, run_id, isa, clock)),
        };
        let item = Item { run_id: *run_id, result };
        done(&item);
        item
    };
    Ok(pool.install(|| ids.par_iter().map_init(|| Store::open_read_only(path), one).collect()))
}

fn replay_one(store: &Store, run_id: &Digest, isa: Isa, clock: Clock<'_>) -> Result<Replayed, Error> {
    let stored = store.get(run_id)?;
    replay(&stored.run, &stored.ids, isa, clock)
}

/// `items` in an order that only `seed` decides.
#[must_use]
pub fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    let mut state = seed | 1;
    for at in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(at, (state % (at as u64 + 1)) as usize);
    }
    items
}
