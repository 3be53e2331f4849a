//! `cargo xtask gpu-verify`: does this machine's GPU give the CPU's bits?

use anyhow::{Context, Result};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Builds the program with CUDA and runs it; its exit code.
///
/// # Errors
/// A build that fails.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    crate::test::cargo(
        root,
        &["build", "--release", "-p", "samebits-gpu-verify", "--features", "cuda"],
        &[],
    )?;
    let program = root.join("target/release/samebits-gpu-verify");
    let status =
        Command::new(&program).args(arguments).status().with_context(|| program.display().to_string())?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
