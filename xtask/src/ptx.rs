//! `cargo xtask ptx`: the GPU kernels' PTX, looked through and compared with its manifest.

mod lint;
mod manifest;

use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::path::Path;

/// Where the kernels lie: `NAME.cu`, headers `*.cuh`, PTX `NAME_70.ptx`.
const KERNELS: &str = "crates/solver-gpu/kernels";

/// Files of the folder by name.
type Files = BTreeMap<String, Vec<u8>>;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only look through the PTX on disk and compare the hashes of all files with the manifest's
    #[arg(long)]
    lint_only: bool,
}

/// Looks through the PTX.
///
/// # Errors
/// Every instruction that is refused, every file that differs.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    ensure!(arguments.lint_only, "nothing to do without `--lint-only`");
    lint_only(root)
}

/// Looks through the PTX on disk and compares every file's hash with the manifest's; needs no compiler.
///
/// # Errors
/// Every finding, with file and line.
pub(crate) fn lint_only(root: &Path) -> Result<()> {
    let folder = root.join(KERNELS);
    let files = read(&folder)?;
    let text = std::fs::read_to_string(folder.join(manifest::NAME)).ok();
    let (lines, mut findings) = look_through(&files);
    findings.extend(against_manifest(&files, text.as_deref()));
    eprintln!("{lines} lines of PTX looked through");
    ensure!(findings.is_empty(), "in {KERNELS}:\n  {}", findings.join("\n  "));
    Ok(())
}

/// How many lines of PTX there are, and what they must not contain.
fn look_through(files: &Files) -> (usize, Vec<String>) {
    let (mut lines, mut findings) = (0, Vec::new());
    for (name, bytes) in files.iter().filter(|(name, _)| is(name, "ptx")) {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                lines += text.lines().count();
                findings.extend(lint::lint(text).iter().map(|finding| format!("{name}:{finding}")));
            }
            Err(_) => findings.push(format!("{name}: not a text")),
        }
    }
    (lines, findings)
}

/// Files that the manifest does not describe, and PTX that is missing or has no kernel.
fn against_manifest(files: &Files, text: Option<&str>) -> Vec<String> {
    let mut findings = Vec::new();
    let made: Vec<String> = kernels(files).flat_map(ptx_names).collect();
    findings
        .extend(made.iter().filter(|name| !files.contains_key(*name)).map(|name| format!("{name}: missing")));
    let ptx = files.keys().filter(|name| is(name, "ptx"));
    findings
        .extend(ptx.filter(|name| !made.contains(name)).map(|name| format!("{name}: no kernel makes it")));
    match text {
        Some(text) => findings.extend(manifest::differences(text, &manifest::text(files))),
        None => findings.push(format!("{}: missing", manifest::NAME)),
    }
    findings
}

fn is(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

/// Names of the kernels, without their ending.
fn kernels(files: &Files) -> impl Iterator<Item = &str> {
    files.keys().filter_map(|name| name.strip_suffix(".cu"))
}

fn ptx_names(kernel: &str) -> impl Iterator<Item = String> {
    manifest::CAPABILITIES.into_iter().map(move |capability| ptx_name(kernel, capability))
}

fn ptx_name(kernel: &str, capability: u32) -> String {
    format!("{kernel}_{capability}.ptx")
}

/// Kernels, headers and PTX of a folder.
fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if ["cu", "cuh", "ptx"].iter().any(|ending| is(name, ending)) {
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            files.insert(name.to_owned(), bytes);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One kernel, its header and its three texts.
    fn scene() -> Files {
        let mut files =
            Files::from([("a.cu".to_owned(), b"kernel".to_vec()), ("h.cuh".to_owned(), b"header".to_vec())]);
        for name in ptx_names("a") {
            files.insert(name, b"\tadd.rn.f64 %fd1, %fd2, %fd3;\n\tret;\n".to_vec());
        }
        files
    }

    fn findings(files: &Files, text: Option<&str>) -> Vec<String> {
        let mut findings = look_through(files).1;
        findings.extend(against_manifest(files, text));
        findings
    }

    #[test]
    fn a_folder_as_it_was_made_passes() {
        let files = scene();
        assert_eq!(look_through(&files), (6, Vec::new()));
        assert!(findings(&files, Some(&manifest::text(&files))).is_empty());
        assert_eq!(findings(&files, None), ["manifest.toml: missing"]);
    }

    #[test]
    fn each_change_is_named() {
        let text = manifest::text(&scene());
        let check = |change: &dyn Fn(&mut Files), expected: &[&str]| {
            let mut files = scene();
            change(&mut files);
            assert_eq!(findings(&files, Some(&text)), expected);
        };
        for name in ["a.cu", "h.cuh", "a_80.ptx"] {
            let expected = format!("{name}: not what manifest.toml says");
            check(&|files| files.get_mut(name).unwrap().push(b' '), &[&expected]);
        }
        check(
            &|files| drop(files.remove("a_70.ptx")),
            &["a_70.ptx: missing", "a_70.ptx: in manifest.toml only"],
        );
        check(
            &|files| drop(files.insert("b_70.ptx".to_owned(), Vec::new())),
            &["b_70.ptx: no kernel makes it", "b_70.ptx: not in manifest.toml"],
        );
        check(
            &|files| drop(files.insert("a_90.ptx".to_owned(), b"\nmax.f64 %fd1, %fd2, %fd3;".to_vec())),
            &[
                "a_90.ptx:2: `max.f64`: its rule for NaN and signed zeros is not ours",
                "a_90.ptx: not what manifest.toml says",
            ],
        );
    }
}
