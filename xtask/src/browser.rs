//! `cargo xtask test --browser`: the audit page in a real Chromium.

use crate::test::cargo;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// Names that Chromium has on one system or another.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Oldest Node that the tests run on.
const NODE: u32 = 18;

/// Records a store with hostile names, serves it, and walks through it; pictures of the pages are left in
/// `target/browser/pictures`.
///
/// # Errors
/// A test that fails; a browser, a Node or its packages that are not there.
pub(crate) fn run(root: &Path) -> Result<()> {
    let browser = BROWSERS.into_iter().find(|name| answers(name, "--version"));
    let browser = browser.with_context(|| format!("there is no browser: {}", BROWSERS.join(", ")))?;
    let version = said("node", &["--version"]).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    ensure!(major.is_some_and(|major| major >= NODE), "Node {NODE} is needed; there is `{version}`");
    let folder = root.join("target/browser");
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(root.join("crates/audit-page/tests/browser"))? {
        let entry = entry?;
        std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    succeed(Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    cargo(
        root,
        &[
            "build",
            "--quiet",
            "-p",
            "samebits-cli",
            "-p",
            "samebits-audit-page",
            "--example",
            "scene",
            "--bin",
            "samebits",
        ],
        &[],
    )?;
    let store = folder.join("store.db");
    for name in ["store.db", "store.db-wal", "store.db-shm", "store.answers.db"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
    succeed(Command::new(root.join("target/debug/examples/scene")).arg(&store))?;
    succeed(
        Command::new("node")
            .args(["--test", "page.test.mjs"])
            .current_dir(&folder)
            .env("SAMEBITS", root.join("target/debug/samebits"))
            .env("STORE", &store)
            .env("GATE", root.join("fixtures/gate"))
            .env("PICTURES", folder.join("pictures"))
            .env("CHROMIUM", path_of(browser)?),
    )
}

fn answers(program: &str, argument: &str) -> bool {
    said(program, &[argument]).is_some()
}

/// What a program prints; `None` when it is not there or fails.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn path_of(program: &str) -> Result<String> {
    said("sh", &["-c", &format!("command -v {program}")]).with_context(|| format!("where is {program}?"))
}

fn succeed(command: &mut Command) -> Result<()> {
    eprintln!("$ {command:?}");
    let status = command.status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
