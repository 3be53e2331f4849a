//! Many Runs, in parallel. The order of the work never changes a result.

use crate::record::Clock;
use crate::{Backend, Error, Replayed, replay};
use rayon::prelude::*;
use samebits_snapshot::Digest;
use samebits_store::{Store, StoredRun};
use std::path::Path;

/// A Run of a fleet, and what came of it.
#[derive(Debug)]
pub struct Item<T = Replayed> {
    /// Its id.
    pub run_id: Digest,
    /// The result; an error when the Run is damaged or cannot be decided.
    pub result: Result<T, Error>,
}

/// Replays `ids` from the store at `path` on `threads` threads, see [`each_run`]. A `backend` with a device gathers the
/// solves of all threads into batches: give it many more threads than processors.
///
/// # Errors
/// A store that cannot be opened; what goes wrong with one Run is that Run's result.
pub fn replay_all(
    path: &Path,
    ids: &[Digest],
    threads: usize,
    backend: &Backend,
    clock: Clock<'_>,
    done: &(dyn Fn(&Item) + Sync),
) -> Result<Vec<Item>, Error> {
    each_run(path, ids, threads, &|stored| replay(&stored.run, &stored.ids, backend, clock), done)
}

/// Does `work` for every Run of `ids` from the store at `path` on `threads` threads, each with its own read-only
/// connection; `done` is called after each Run. The result is in the order of `ids`.
///
/// # Errors
/// A store that cannot be opened; what goes wrong with one Run is that Run's result.
pub fn each_run<T: Send>(
    path: &Path,
    ids: &[Digest],
    threads: usize,
    work: &(dyn Fn(&StoredRun) -> Result<T, Error> + Sync),
    done: &(dyn Fn(&Item<T>) + Sync),
) -> Result<Vec<Item<T>>, Error> {
    Store::open_read_only(path)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Threads(error.to_string()))?;
    let in_store = |store: &Store, run_id: &Digest| work(&store.get(run_id)?);
    let one = |store: &mut Result<Store, samebits_store::Error>, run_id: &Digest| {
        let result = match store {
            Ok(store) => in_store(store, run_id),
            Err(_) => {
                Store::open_read_only(path).map_err(Error::from).and_then(|store| in_store(&store, run_id))
            }
        };
        let item = Item { run_id: *run_id, result };
        done(&item);
        item
    };
    Ok(pool.install(|| ids.par_iter().map_init(|| Store::open_read_only(path), one).collect()))
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
