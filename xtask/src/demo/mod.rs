//! `cargo xtask demo`: a year of accounts over the whole catalogue on real prices, recorded, replayed in shuffled order and verified.

mod reports;
mod stage;
mod summary;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use samebits_canon::Isa;
use samebits_replay::simulate::{Settings, simulate};
use samebits_replay::{Backend, Item, Machine, Sealing, replay_all, shuffled};
use samebits_snapshot::record::Schedule;
use samebits_store::{Filter, Opener, Store};
use serde_json::json;
use stage::{Prices, Stage};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use summary::Summary;

/// Order in which the Runs are replayed; any seed gives the same verdicts.
const SHUFFLE_SEED: u64 = 0x5a5a_2026;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Sessions to simulate, at most 252
    #[arg(long, default_value_t = 252, value_parser = clap::value_parser!(u16).range(1..=252))]
    days: u16,
    /// Accounts, the first ones of the catalogue [default: 14 on sp100, 40 on sp500]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=40))]
    accounts: Option<u8>,
    /// Prices: the 100 names of the fixture, or the S&P 500 in the year 2016
    #[arg(long, value_enum, default_value_t = Prices::Sp100)]
    panel: Prices,
    /// Folder of the larger price files, for `--panel sp500`
    #[arg(long, value_name = "DIR", required_if_eq("panel", "sp500"))]
    data: Option<PathBuf>,
    /// Characteristics, such as book-to-price, as further factors of the risk model: rows of date, ticker, characteristic,
    /// value; the date is the day of publication [default: characteristics.csv of the prices' folder, if any]
    #[arg(long, value_name = "FILE")]
    characteristics: Option<PathBuf>,
    /// Folder for `store.db`, `summary.json` and reports [default: target/demo]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Execute trades against the bars of the next session: close, vwap, or participation:PERCENT; on the first four
    /// accounts, without corporate actions
    #[arg(long, value_name = "SCHEDULE", conflicts_with = "data")]
    execution: Option<Schedule>,
    /// Threads; moves no bit [default: one per processor]
    #[arg(long)]
    threads: Option<usize>,
}

/// Runs the demo; exit code 0 only when every Run replays to the same bits, the store verifies and the accounts balance.
///
/// # Errors
/// What stops the demo before there is a verdict.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<ExitCode> {
    let out = arguments.out.clone().unwrap_or_else(|| root.join("target/demo"));
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let path = fresh(&out.join("store.db"))?;
    let started = Instant::now();
    let clock = move || started.elapsed().as_nanos() as u64;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.unwrap_or(processors);
    let isa = Isa::detect();
    let name = format!("{} {}, {}", std::env::consts::OS, std::env::consts::ARCH, isa.name());
    let machine = Machine { code: env!("CARGO_PKG_VERSION"), name: &name, isa, clock: &clock };
    // The last session of the panel has none after it to execute in.
    let days = usize::from(arguments.days).min(252 - usize::from(arguments.execution.is_some()));
    let Stage { world, accounts, bars } = Stage::new(root, arguments)?;
    let runs = days * accounts.len();

    let mut store = Store::create(&path)?;
    let recorded_at =
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_nanos() as i64;
    let settings = Settings {
        days,
        accounts: &accounts,
        threads,
        machine,
        actor: "cargo xtask demo",
        recorded_at,
        method: samebits_replay::simulate::method(),
        execution: bars.as_ref().zip(arguments.execution),
    };
    let bar = bar("record", runs);
    let tallies = simulate(&world, &mut store, &settings, &mut |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    let record_s = started.elapsed().as_secs_f64();
    let sealing = seal(&path, store, runs, threads)?;
    let seal_s = started.elapsed().as_secs_f64() - record_s;

    // From here on everything is read from the sealed records.
    let replayed = replay(&path, threads, isa, &clock)?;
    let replay_s = started.elapsed().as_secs_f64() - record_s - seal_s;
    let store = samebits_replay::open(&path)?.sharing(Arc::default());
    let bar = self::bar("verify", runs);
    let report = store.verify(&mut |done| bar.set_position(done));
    bar.finish_and_clear();
    let verify_s = started.elapsed().as_secs_f64() - record_s - seal_s - replay_s;

    let summary = Summary::new(runs, &store, &tallies, &replayed, (&report, sealing))?;
    let times = json!({
        "record_s": record_s,
        "seal_s": seal_s,
        "replay_s": replay_s,
        "verify_s": verify_s,
        "threads": threads,
        "machine": name,
    });
    summary.write(&out.join("summary.json"), &tallies, &times)?;
    let balanced = reports::write(&store, &accounts, &out.join("reports"))?;
    println!("{}", summary.table(&times));
    for problem in report.problems.iter().take(10) {
        eprintln!("{:?} {}: {}", problem.run, problem.part, problem.problem);
    }
    for (item, error) in
        replayed.iter().filter_map(|item| item.result.as_ref().err().map(|error| (item, error))).take(10)
    {
        eprintln!("{}: {error}", item.run_id.short());
    }
    Ok(summary.verdict(&path, balanced))
}

/// Removes the store of an earlier demo.
fn fresh(path: &Path) -> Result<PathBuf> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| Path::new(&name).display().to_string());
            }
            _ => {}
        }
    }
    Ok(path.to_owned())
}

fn bar(what: &'static str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:>8} [{bar:40}] {pos}/{len} Runs, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    ProgressBar::new(length as u64).with_style(style).with_prefix(what)
}

/// Stores the records in their narrow form and gives back the room of the wide ones.
fn seal(path: &Path, mut store: Store, runs: usize, threads: usize) -> Result<Sealing> {
    let bar = bar("seal", runs);
    let sealing = samebits_replay::seal(&Opener::from(path), &mut store, false, threads, &mut |seen| {
        bar.set_position(seen);
    })?;
    bar.finish_and_clear();
    store.reclaim()?;
    Ok(sealing)
}

fn replay(path: &Path, threads: usize, isa: Isa, clock: &(dyn Fn() -> u64 + Sync)) -> Result<Vec<Item>> {
    let heads = samebits_replay::open(path)?.list(&Filter::default())?;
    let ids = shuffled(heads.iter().map(|head| head.run_id).collect(), SHUFFLE_SEED);
    let bar = bar("replay", ids.len());
    let items = replay_all(path, &ids, threads, &Backend::cpu(isa), clock, &|_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(items)
}
