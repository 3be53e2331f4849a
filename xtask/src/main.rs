//! Tasks for people who work in the repository: `cargo xtask --help`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "the top of a program: it prints, reads the clock and counts processors, and passes all of it down"
)]

mod browser;
mod demo;
mod fuzz;
mod gate;
mod gpu_verify;
mod layers;
mod ptx;
mod python;
mod test;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks for people who work in the repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Rebalance four accounts over 252 sessions of real prices, record every Run, replay and verify all of them
    Demo(demo::Arguments),
    /// Run every test of the workspace, or those of the Python package, or those in a browser
    Test {
        /// Build the Python package, install it in target/python-venv, and run its tests there instead
        #[arg(long, conflicts_with = "browser")]
        python: bool,
        /// Walk through the audit page in Chromium instead; Node and npm have to be there
        #[arg(long)]
        browser: bool,
    },
    /// Put our solvers, Clarabel and (with `--peers`) the packages of others to the same instances
    #[command(disable_help_flag = true)]
    BenchSolvers {
        /// Handed on; `--openblas` adds the `OpenBLAS` of the system to the factorisations
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Throughput of the matcher, the executor and the tape; with `--peers`, matching engines of others in the same run
    #[command(disable_help_flag = true)]
    BenchExecutor {
        /// Handed on
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Replay frozen tapes and Runs five ways and stop at the first byte that moves; with `--mutants`, prove what it catches
    #[command(disable_help_flag = true)]
    Gate {
        /// Handed on to `samebits gate`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Compare this machine's GPU with its CPU in all bits, and measure it; exit code 1: bits differ, 2: no device
    #[command(disable_help_flag = true)]
    GpuVerify {
        /// Handed on to `samebits-gpu-verify`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the fuzz targets with the compiler of the repository; exit code 1: one of them found something
    Fuzz(fuzz::Arguments),
    /// Compare who imports whom with the table in ARCHITECTURE.md
    Layers,
    /// Check what lints cannot say: ASCII, file sizes, no ignored tests
    Tidy,
    /// Make PTX of the GPU kernels with the pinned compiler, or compare it with the files; look through every line
    Ptx(ptx::Arguments),
    /// Everything that CI runs: format, lints, tests, documentation, layers, tidy, PTX
    Ci,
}

fn main() -> Result<ExitCode> {
    let root = root();
    match Arguments::parse().task {
        Task::Demo(arguments) => return demo::run(&root, &arguments),
        Task::Test { python: true, .. } => python::run(&root)?,
        Task::Test { browser: true, .. } => browser::run(&root)?,
        Task::Test { .. } => test::run(&root)?,
        Task::BenchSolvers { arguments } => test::bench_solvers(&root, &arguments)?,
        Task::BenchExecutor { arguments } => test::bench_executor(&root, &arguments)?,
        Task::Gate { arguments } => gate::run(&root, &arguments)?,
        Task::GpuVerify { arguments } => return gpu_verify::run(&root, &arguments),
        Task::Fuzz(arguments) => return fuzz::run(&root, &arguments),
        Task::Layers => layers::run(&root)?,
        Task::Tidy => tidy::run(&root)?,
        Task::Ptx(arguments) => ptx::run(&root, &arguments)?,
        Task::Ci => test::ci(&root)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
