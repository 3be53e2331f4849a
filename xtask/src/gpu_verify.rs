//! `cargo xtask gpu-verify`: does this machine's GPU give the CPU's bits?

use anyhow::{Context, Result};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Builds the program with CUDA and runs it; its exit code, or cargo's own 101 when the build fails.
///
/// # Errors
/// Cargo cannot be started.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let status = Command::new("cargo")
        .args(["run", "--release", "--quiet", "-p", "samebits-gpu-verify", "--features", "cuda", "--"])
        .args(arguments)
        .current_dir(root)
        .status()
        .context("cargo cannot be started")?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
