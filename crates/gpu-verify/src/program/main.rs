//! Whether this machine's GPU gives the CPU's bits, and how fast: `cargo xtask gpu-verify`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the top of a program: it prints and reads the clock"
)]

mod bench;
mod instances;
mod memcheck;
mod peers;
mod row;
mod runs;
mod steps;
mod timed;

use anyhow::{Context, Result};
use clap::Parser;
use row::Row;
use samebits_canon::Isa;
use samebits_gpu_verify::{Emulator, taken_apart};
use samebits_solver_gpu::{Device, Gpu, GpuError, ptx};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Whether this machine's GPU gives the CPU's bits, and how fast.
///
/// Exit code 0: every bit is the CPU's. 1: some bits differ, a budget was not kept, or the device was lost or left too much
/// to the CPU. 2: no device.
#[derive(Parser)]
#[command(name = "samebits-gpu-verify", version)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Arguments {
    /// Run the shipped kernels in the PTX interpreter, at small sizes: no GPU is needed, and times mean nothing
    #[arg(long)]
    emulate: bool,
    /// Kernels for `--emulate`: 70, 80 or 90
    #[arg(long, default_value_t = 90)]
    generation: u32,
    /// Take this fused operation of the interior point's kernels apart, in emulation: the exit code has to be 1
    #[arg(long, value_name = "NUMBER", requires = "emulate")]
    mutant: Option<usize>,
    /// Fewer problems: a minute instead of many
    #[arg(long)]
    quick: bool,
    /// Also problems of 3,000 names
    #[arg(long)]
    large: bool,
    /// Numbers of names, instead of 1 to 64, 100, 500 and 1000
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
    /// Most bytes of device memory that the solvers may take [default: half of what is free]
    #[arg(long, value_name = "BYTES")]
    memory: Option<u64>,
    /// Also the problems of the Runs in a store
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Write everything as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// No measurements
    #[arg(long)]
    skip_bench: bool,
    /// Not under compute-sanitizer
    #[arg(long)]
    skip_sanitizer: bool,
    /// Also time qpax, qpth and cuSOLVER on the same machine, as far as python3 can import them
    #[arg(long)]
    peers: bool,
}

/// What every step needs.
pub(crate) struct Machine<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) open: &'a dyn Fn() -> Result<Box<dyn Device + Send>, GpuError>,
    pub(crate) isa: Isa,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let isa = Isa::detect();
    let begun = Instant::now();
    let opened = if arguments.emulate { emulated(&arguments)? } else { device() };
    let (first, open) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            println!("no device: {error}");
            return Ok(ExitCode::from(if matches!(error, GpuError::SelfTestFailed(_)) { 1 } else { 2 }));
        }
    };
    let mut rows = Vec::new();
    let mut show = |row: Row| {
        row.print();
        rows.push(row);
    };
    show(first.after(begun));
    let all = Machine { arguments: &arguments, open: &*open, isa };
    steps::cholesky(&all, &mut show);
    steps::solvers(&all, &mut show);
    steps::memory(&all, &mut show);
    runs::step(&all, &mut show);
    memcheck::step(&all, &mut show);
    let measured = if arguments.skip_bench { Vec::new() } else { bench::step(&all, &mut show) };
    let peers = if arguments.peers { peers::step(&all, &mut show) } else { Vec::new() };
    let same = rows.iter().all(|row| row.verdict.is_good());
    if let Some(file) = &arguments.json {
        let value = serde_json::json!({
            "same": same, "emulated": arguments.emulate, "rows": rows.iter().map(Row::json).collect::<Vec<_>>(),
            "measured": measured.iter().map(bench::Measured::json).collect::<Vec<_>>(), "peers": peers,
        });
        let text = serde_json::to_string_pretty(&value)? + "\n";
        std::fs::write(file, text).with_context(|| file.display().to_string())?;
    }
    println!("{}", if same { "SAME BITS" } else { "NOT THE SAME: see the rows above" });
    Ok(ExitCode::from(u8::from(!same)))
}

type Opener = Box<dyn Fn() -> Result<Box<dyn Device + Send>, GpuError>>;
type Opened = Result<(row::First, Opener), GpuError>;

fn device() -> Opened {
    let begun = Instant::now();
    let gpu = Gpu::open()?;
    let opened = begun.elapsed().as_secs_f64();
    let (name, generation) = (gpu.name(), gpu.generation());
    let note = gpu.note().unwrap_or("none").to_owned();
    let mut device = gpu.into_device();
    let begun = Instant::now();
    samebits_solver_gpu::self_test(device.as_mut())?;
    let self_test = begun.elapsed().as_secs_f64();
    drop(device);
    let begun = Instant::now();
    drop(Gpu::open()?);
    let again = begun.elapsed().as_secs_f64();
    let first = row::First { device: name, generation, note, opened, self_test, again };
    Ok((first, Box::new(|| Gpu::open().map(Gpu::into_device))))
}

/// An emulator that cannot be made is a fault of the arguments, not of a device.
fn emulated(arguments: &Arguments) -> Result<Opened> {
    let generation = arguments.generation;
    let options = samebits_ptx_run::Options::default();
    anyhow::ensure!(ptx::GENERATIONS.contains(&generation), "--generation: one of {:?}", ptx::GENERATIONS);
    let mutant = arguments.mutant;
    let new = move || {
        let text = |module| match (module, mutant, ptx::text(module, generation)?) {
            ("ipm", Some(which), text) => taken_apart(text, which),
            (_, _, text) => Some(text.to_owned()),
        };
        Emulator::with_text(text, 3, options)
    };
    let begun = Instant::now();
    let mut device = new()?;
    let opened = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    if let Err(error) = samebits_solver_gpu::self_test(&mut device) {
        return Ok(Err(error));
    }
    let self_test = begun.elapsed().as_secs_f64();
    let note = "times mean nothing".to_owned();
    let first = row::First { device: device.name(), generation, note, opened, self_test, again: opened };
    let open = move || Ok(Box::new(new()?) as Box<dyn Device + Send>);
    Ok(Ok((first, Box::new(open))))
}
