//! Solvers side by side on the same instances, in one process: `cargo xtask bench-solvers`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the top of a program: it prints and reads the clock"
)]

mod device;
mod factorisation;
mod instance;
mod ours;
mod peers;
mod plot;
mod row;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use instance::{Instance, Kind};
use row::Row;
use samebits_canon::Isa;
use std::path::{Path, PathBuf};

/// Solvers side by side on the same instances.
///
/// Medians of interleaved runs in one process, one thread unless said otherwise; every answer is judged by the certificate
/// of this project, from the data of the instance.
#[derive(Parser)]
#[command(name = "cargo xtask bench-solvers")]
pub(crate) struct Arguments {
    /// Numbers of names
    #[arg(long, value_delimiter = ',', default_value = "100,500,1000")]
    sizes: Vec<usize>,
    /// Forms
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "tax-lots-dense,tax-lots-cap,factor,long-only,cholesky"
    )]
    forms: Vec<Kind>,
    /// Write the rows as a JSON list
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a picture of time against size for each form
    #[arg(long, value_name = "DIR", default_value = "target/bench-solvers")]
    plots: PathBuf,
    /// Also run the Python packages of others on the same instances, in a venv under target/
    #[arg(long)]
    peers: bool,
    /// Instructions of our kernels: portable, avx2+fma, avx512f, neon [default: the widest]
    #[arg(long)]
    isa: Option<String>,
    /// Threads of our solvers
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Tolerance that every solver is asked for
    #[arg(long, default_value_t = 1e-9)]
    tolerance: f64,
    /// Seconds that one solver may take for one instance, all repetitions together
    #[arg(long, default_value_t = 20.0)]
    budget: f64,
    /// Seed of the synthetic instances
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder of prices; the frozen ones of the repository are used where none is given
    #[arg(long, value_name = "FOLDER")]
    prices: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.sizes.iter().all(|n| (8..=10_000).contains(n)), "--sizes: between 8 and 10000 names");
    let isa = isa(arguments.isa.as_deref())?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).unwrap_or(here).to_owned();
    let prices = arguments.prices.clone().unwrap_or_else(|| root.join("fixtures/prices"));
    let mut rows: Vec<Row> = Vec::new();
    let bar = ProgressBar::new((arguments.forms.len() * arguments.sizes.len()) as u64);
    bar.set_style(ProgressStyle::with_template("{msg:30} {pos}/{len} {elapsed}").context("progress")?);
    let venv = if arguments.peers { Some(peers::venv(&root)?) } else { None };
    for &n in &arguments.sizes {
        let draw = instance::draw(n, arguments.seed, &prices)?;
        for &kind in &arguments.forms {
            bar.set_message(format!("{} {n}", kind.name()));
            if kind == Kind::Cholesky {
                rows.extend(factorisation::rows(&draw, arguments.budget)?);
            } else {
                let instance = Instance::new(&draw, kind)?;
                let own = ours::rows(&instance, isa, &arguments)?;
                if let Some(python) = &venv {
                    let best = own.iter().map(|row| row.objective).fold(f64::INFINITY, f64::min);
                    rows.extend(own);
                    rows.extend(peers::rows(python, &root, &instance, &arguments, best)?);
                } else {
                    rows.extend(own);
                }
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    row::print(&rows);
    if let Some(file) = &arguments.json {
        let list: Vec<_> = rows.iter().map(Row::json).collect();
        std::fs::write(file, serde_json::to_string_pretty(&list)?)
            .with_context(|| file.display().to_string())?;
    }
    let folder = root.join(&arguments.plots);
    std::fs::create_dir_all(&folder)?;
    for (form, svg) in plot::pictures(&rows)? {
        let file = folder.join(format!("solvers-{form}.svg"));
        std::fs::write(&file, svg).with_context(|| file.display().to_string())?;
        println!("plot: {}", file.display());
    }
    Ok(())
}

fn isa(name: Option<&str>) -> Result<Isa> {
    let Some(name) = name else { return Ok(Isa::detect()) };
    let all = Isa::available();
    let names: Vec<&str> = all.iter().map(|isa| isa.name()).collect();
    let found = all.iter().copied().find(|isa| isa.name() == name);
    found.with_context(|| format!("--isa {name}: this processor has {}", names.join(", ")))
}
