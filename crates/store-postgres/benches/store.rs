//! Durable appends, reads and verification of a store in a file and in PostgreSQL on the loopback:
//! `cargo bench -p samebits-store-postgres --bench store`. Everything is written through (`fsync`), in the folder for
//! temporary files. `docs/bench.md` has the figures.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the top of a program: it stops, prints and reads the clock"
)]

#[path = "../tests/it/server.rs"]
mod server;

#[allow(dead_code, clippy::wildcard_imports, reason = "shared with another crate's tests")]
#[path = "../../snapshot/tests/it/sample.rs"]
mod sample;

use samebits_snapshot::record::Run;
use samebits_snapshot::{DaySections, Packed, Shared, pack_shared};
use samebits_store::{Drivers, NewRun, Opener};
use samebits_units::Date;
use std::sync::Arc;
use std::time::Instant;

/// Accounts of the store; each has a Run a day.
const ACCOUNTS: usize = 100;
/// The best of so many counts: other programs share the machine and its disk.
const TRIES: usize = 4;
/// Securities of the Runs that are appended, and of the one with the large covariance.
const NAMES: (usize, usize) = (100, 500);

/// Runs of `days` days, all accounts of a day one after another.
fn runs(days: usize, names: usize) -> Vec<(Run, Packed)> {
    let first: Date = "2017-02-08".parse().unwrap();
    let day = |at: usize| {
        let as_of = first.plus_days(at as i32).unwrap();
        let model = sample::run_of("", at as u64, as_of, names);
        let sections = DaySections::new(&model.inputs.market, &model.inputs.risk).unwrap();
        (0..ACCOUNTS).map(move |account| {
            let mut run = model.clone();
            run.inputs.question.account = format!("account-{account:04}");
            let packed = pack_shared(&run, &sections).unwrap();
            (run, packed)
        })
    };
    (0..days).flat_map(day).collect()
}

fn opener(place: &str) -> Opener {
    let drivers = Drivers { postgres: Some(samebits_store_postgres::open), ..Drivers::default() };
    Opener::new(place.parse().unwrap_or_else(|never: std::convert::Infallible| match never {}), drivers)
}

/// Runs a second, appended in transactions of `batch`.
fn append(place: &str, all: &[(Run, Packed)], batch: usize) -> f64 {
    let mut store = opener(place).create(None).unwrap();
    let begun = Instant::now();
    for part in all.chunks(batch) {
        let new: Vec<NewRun<'_>> =
            part.iter().map(|(run, packed)| NewRun { packed, run, actor: "bench", recorded_at: 1 }).collect();
        store.append(&new).unwrap();
    }
    all.len() as f64 / begun.elapsed().as_secs_f64()
}

fn report(what: &str, place: &dyn Fn(&str) -> String, all: &[(Run, Packed)], large: &[(Run, Packed)]) {
    for (batch, count) in [(1, 1_500), (50, all.len()), (400, all.len())] {
        let tries = 0..TRIES;
        let rates: Vec<f64> = tries
            .map(|at| append(&place(&format!("b{batch}_{at}")), &all[..count.min(all.len())], batch))
            .collect();
        let best = rates.iter().copied().fold(0.0, |best, rate| if rate > best { rate } else { best });
        println!("| {what} | durable appends, {batch} a transaction | {best:.0} Runs/s | of {rates:.0?} |");
    }
    let store = opener(&place("b400_0")).read().unwrap();
    for _ in 0..TRIES {
        let begun = Instant::now();
        let found = store.verify(&mut |_| {});
        assert_eq!(found.problems, []);
        println!("| {what} | `verify` | {:.0} Runs/s |", found.runs as f64 / begun.elapsed().as_secs_f64());
    }
    let found = store.count().unwrap();
    println!(
        "| {what} | bytes on the medium a Run, N = {} | {} |",
        NAMES.0,
        store.size().unwrap().file / found
    );
    append(&place("large"), large, 100);
    for shared in [false, true] {
        let mut store = opener(&place("large")).read().unwrap();
        if shared {
            store = store.sharing(Arc::new(Shared::default()));
        }
        let ids: Vec<_> = large.iter().map(|(_, packed)| packed.manifest.run_id).collect();
        store.get(&ids[0]).unwrap();
        let begun = Instant::now();
        for at in 0..ids.len() {
            // In an order that jumps.
            store.get(&ids[at * 37 % ids.len()]).unwrap();
        }
        let mean = begun.elapsed().as_secs_f64() * 1e3 / ids.len() as f64;
        let how = if shared { "the day's model known" } else { "the model read each time" };
        println!("| {what} | open a Run, verified, N = {}, {how} | {mean:.3} ms |", NAMES.1);
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let all = runs(80, NAMES.0);
    let large = runs(1, NAMES.1);
    let record = all[0].1.bytes.len();
    println!("{} Runs of {ACCOUNTS} accounts, N = {}, records of {record} bytes", all.len(), NAMES.0);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(format!("{name}.db")).to_string_lossy().into_owned();
    report("SQLite", &file, &all, &large);
    let Some(server) = server::Server::start(true) else { return };
    for batch in ["b1", "b50", "b400"] {
        for at in 0..TRIES {
            server.database(&format!("{batch}_{at}"));
        }
    }
    server.database("large");
    report("PostgreSQL", &|name| server.loopback(name), &all, &large);
}
