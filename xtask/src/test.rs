//! `cargo xtask test` and `cargo xtask ci`.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// Everything but the Python package: it needs an interpreter, and `cargo xtask test --python` has its lints and tests.
const ALL: [&str; 3] = ["--workspace", "--exclude", "samebits-python"];

/// Every test of the workspace, documentation examples included.
///
/// # Errors
/// A test that fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    crate::tidy::run(root)?;
    crate::layers::run(root)?;
    tests(root)
}

fn tests(root: &Path) -> Result<()> {
    // Benchmarks are built by the lints; run as tests they would only take their time.
    cargo(root, &all("test", &["--lib", "--bins", "--tests", "--examples", "--quiet"]), &[])?;
    cargo(root, &all("test", &["--doc", "--quiet"]), &[])
}

/// What CI runs: format, lints, tidy, PTX, layers, tests, documentation.
///
/// # Errors
/// The first step that fails.
pub(crate) fn ci(root: &Path) -> Result<()> {
    cargo(root, &["fmt", "--all", "--check"], &[])?;
    cargo(root, &all("clippy", &["--all-targets", "--quiet", "--", "--deny", "warnings"]), &[])?;
    crate::tidy::run(root)?;
    crate::ptx::lint_only(root)?;
    crate::layers::run(root)?;
    tests(root)?;
    cargo(root, &all("doc", &["--no-deps", "--quiet"]), &[("RUSTDOCFLAGS", "--deny warnings")])
}

/// A command of cargo over [`ALL`].
fn all<'a>(command: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&[command][..], &ALL, rest].concat()
}

/// Builds and runs the crate `bench`, with the factorisations of others.
///
/// # Errors
/// What it says itself.
pub(crate) fn bench_solvers(root: &Path, arguments: &[String]) -> Result<()> {
    let openblas = arguments.iter().any(|argument| argument == "--openblas");
    let features = if openblas { "faer,openblas" } else { "faer" };
    let mut all = vec![
        "run",
        "--release",
        "--quiet",
        "-p",
        "samebits-bench",
        "--bin",
        "samebits-bench",
        "--features",
        features,
        "--",
    ];
    all.extend(arguments.iter().map(String::as_str).filter(|argument| *argument != "--openblas"));
    cargo(root, &all, &[("OPENBLAS_NUM_THREADS", "1")])
}

/// Builds and runs the executor's benchmark, with the engines of others if asked for.
///
/// # Errors
/// What it says itself.
pub(crate) fn bench_executor(root: &Path, arguments: &[String]) -> Result<()> {
    let mut all = vec!["run", "--release", "--quiet", "-p", "samebits-bench", "--bin", "bench-executor"];
    if arguments.iter().any(|argument| argument == "--peers") {
        all.extend(["--features", "peers"]);
    }
    all.push("--");
    all.extend(arguments.iter().map(String::as_str));
    cargo(root, &all, &[])
}

pub(crate) fn cargo(root: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    eprintln!("$ cargo {}", arguments.join(" "));
    let status = Command::new("cargo")
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root)
        .status()
        .context("cargo cannot be started")?;
    ensure!(status.success(), "`cargo {}` failed", arguments.join(" "));
    Ok(())
}
