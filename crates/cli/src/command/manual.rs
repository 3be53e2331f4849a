//! `samebits completions`, `samebits man`

use crate::arguments::command;
use crate::exit::Exit;
use crate::output::Output;
use anyhow::Context;
use clap_complete::Shell;
use std::io::Write;
use std::path::Path;

/// Prints what a shell completes the command with.
pub(crate) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "samebits", &mut script);
    std::io::stdout().write_all(&script).context("standard output")?;
    Ok(Exit::Same)
}

/// Writes a page for each command.
pub(crate) fn pages(folder: &Path, output: Output) -> anyhow::Result<Exit> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    clap_mangen::generate_to(command(), folder).with_context(|| folder.display().to_string())?;
    output.json(&serde_json::json!({ "folder": folder.display().to_string() }));
    output.verdict(format!("WRITTEN: {0}; next: man -l {0}/samebits.1", folder.display()));
    Ok(Exit::Same)
}
