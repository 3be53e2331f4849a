//! Many Runs, in parallel. The order of the work never changes a result.

use crate::record::Clock;
use crate::{Backend, Error, Helpers, Replayed, replay};
use rayon::prelude::*;
use samebits_snapshot::{Digest, Shared};
use samebits_store::{Opener, Store, StoredRun};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A Run of a fleet, and what came of it.
#[derive(Debug)]
pub struct Item<T = Replayed> {
    /// Its id.
    pub run_id: Digest,
    /// The result; an error when the Run is damaged or cannot be decided.
    pub result: Result<T, Error>,
}

/// Replays `ids` from a store (a path, or an [`Opener`]) on `threads` threads, see [`each_run`]. A `backend` with a device gathers the
/// solves of all threads into batches: give it many more threads than processors.
///
/// # Errors
/// A store that cannot be opened; what goes wrong with one Run is that Run's result.
pub fn replay_all(
    store: impl Into<Opener>,
    ids: &[Digest],
    threads: usize,
    backend: &Backend,
    clock: Clock<'_>,
    done: &(dyn Fn(&Item) + Sync),
) -> Result<Vec<Item>, Error> {
    each_run(store, ids, threads, &|stored| replay(&stored.run, &stored.ids, backend, clock), done)
}

/// Does `work` for every Run of `ids` from a store (a path, or an [`Opener`]) on `threads` threads, each with a reading
/// handle of its own; `done` is called after each Run. The result is in the order of `ids`.
///
/// Runs of a day are done one after another, days and Runs of a day in the order of `ids`: they share the day's market and
/// risk model, which are read and verified once and kept, up to 256 MiB, for all threads (`docs/store.md`).
///
/// # Errors
/// A store that cannot be opened; what goes wrong with one Run is that Run's result.
pub fn each_run<T: Send>(
    store: impl Into<Opener>,
    ids: &[Digest],
    threads: usize,
    work: &(dyn Fn(&StoredRun) -> Result<T, Error> + Sync),
    done: &(dyn Fn(&Item<T>) + Sync),
) -> Result<Vec<Item<T>>, Error> {
    let opener = store.into();
    let days = by_day(&opener.read()?, ids)?;
    let shared = Arc::new(Shared::default());
    let helpers = Helpers::new();
    let open = || Ok(helpers.give(opener.read()?).sharing(Arc::clone(&shared)));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Threads(error.to_string()))?;
    let in_store = |store: &Store, run_id: &Digest| work(&store.get(run_id)?);
    let one = |store: &mut Result<Store, Error>, at: &usize| {
        let run_id = &ids[*at];
        let result = match store {
            Ok(store) => in_store(store, run_id),
            Err(_) => open().and_then(|store| in_store(&store, run_id)),
        };
        let item = Item { run_id: *run_id, result };
        done(&item);
        (*at, item)
    };
    let mut items: Vec<(usize, Item<T>)> = pool.install(|| days.par_iter().map_init(open, one).collect());
    items.sort_unstable_by_key(|(at, _)| *at);
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

/// Positions of `ids`, those of a day together; days by their first position.
fn by_day(store: &Store, ids: &[Digest]) -> Result<Vec<usize>, Error> {
    let mut first: BTreeMap<i64, usize> = BTreeMap::new();
    let mut order = Vec::with_capacity(ids.len());
    for (at, day) in store.days(ids)?.into_iter().enumerate() {
        // What there is no Run of is that item's error, not the fleet's.
        let day = day.unwrap_or(i64::MAX);
        order.push((*first.entry(day).or_insert(at), at));
    }
    order.sort_unstable();
    Ok(order.into_iter().map(|(_, at)| at).collect())
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
