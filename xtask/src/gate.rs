//! `cargo xtask gate`: the command of the same name, built as it needs to be.

use crate::test::cargo;
use anyhow::Result;
use std::path::Path;

/// Hands on to `samebits gate`; with `--mutants` from a build that can seed faults. The program without them takes its place again
/// afterwards: a folder of its own would build every dependency a second time.
///
/// # Errors
/// What the gate says itself.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let mutants = arguments.iter().any(|argument| argument == "--mutants");
    let mut all = vec!["run", "--release", "--quiet", "--bin", "samebits"];
    if mutants {
        all.extend(["--features", "mutants"]);
    }
    all.extend(["--", "gate"]);
    all.extend(arguments.iter().map(String::as_str));
    let ended = cargo(root, &all, &[]);
    if mutants {
        cargo(root, &["build", "--release", "--quiet", "--bin", "samebits"], &[])?;
    }
    ended
}
