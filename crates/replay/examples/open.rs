//! How long a Run of a store takes to be opened, verified: its question with the covariance, and the outcome beside it.
//!
//! `cargo run --release -p samebits-replay --example open -- STORE`

#![expect(clippy::print_stdout, reason = "an example that prints a table")]
#![expect(clippy::disallowed_methods, reason = "an example that takes times")]

use samebits_replay::{open, shuffled};
use samebits_snapshot::{Digest, Shared};
use samebits_store::{Filter, Store};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Runs that are opened.
const RUNS: usize = 1_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(std::env::args().nth(1).ok_or("a store")?);
    let store = open(&path)?;
    let ids: Vec<Digest> = store.list(&Filter::default())?.iter().map(|head| head.run_id).collect();
    let mut ids = shuffled(ids, 7);
    ids.truncate(RUNS);
    drop(store);
    println!("| {} Runs in an order that jumps | median ms | 99 % ms |", ids.len());
    println!("|---|---|---|");
    let asked = |store: &Store, id: &Digest| store.asked(id).map(drop);
    let whole = |store: &Store, id: &Digest| store.get(id).map(drop);
    for (what, shared) in [("models known", true), ("every model read", false)] {
        for (part, read) in [("question", &asked as &dyn Fn(&Store, &Digest) -> _), ("Run", &whole)] {
            let mut store = open(&path)?;
            if shared {
                store = store.sharing(Arc::new(Shared::new(4 << 30)));
            }
            let mut times = Vec::with_capacity(ids.len());
            for warm in [true, false] {
                for id in &ids {
                    let begun = Instant::now();
                    read(&store, id)?;
                    if !warm {
                        times.push(begun.elapsed().as_secs_f64() * 1e3);
                    }
                }
            }
            times.sort_by(f64::total_cmp);
            let at = |part: usize| times[times.len() * part / 100];
            println!("| {part}, {what} | {:.3} | {:.3} |", at(50), at(99));
        }
    }
    Ok(())
}
