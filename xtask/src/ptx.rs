//! `cargo xtask ptx`: the GPU kernels' PTX, made by one pinned compiler, looked through, and described in a manifest.

mod lint;
mod manifest;
mod nvrtc;
mod wheel;

use anyhow::{Context, Result, ensure};
use nvrtc::{Made, Nvrtc, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the kernels lie: `NAME.cu`, headers `*.cuh`, PTX `NAME_70.ptx`.
const KERNELS: &str = "crates/solver-gpu/kernels";

/// Lines at the start of a PTX text, one of which names the compiler.
const HEAD: usize = 8;

/// Files of the folder by name.
type Files = BTreeMap<String, Vec<u8>>;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; compare what the compiler makes with the files, byte for byte
    #[arg(long)]
    check: bool,
    /// Only look through the PTX on disk and compare the hashes of all files with the manifest's; needs no compiler
    #[arg(long, conflicts_with = "check")]
    lint_only: bool,
    /// Print the PTX of one kernel for one capability
    #[arg(long, hide = true, num_args = 2, value_names = ["KERNEL", "CAPABILITY"])]
    one: Option<Vec<String>>,
}

/// Makes PTX of every kernel, for every capability, and the manifest; writes them or compares them with the files.
///
/// # Errors
/// A kernel that does not compile, every file that differs, every instruction that is refused.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    if arguments.lint_only {
        return lint_only(root);
    }
    let folder = root.join(KERNELS);
    let files = read(&folder)?;
    let library = wheel::provide(root)?;
    if let Some([kernel, capability]) = arguments.one.as_deref() {
        let ptx = one(&Nvrtc::open(&library)?, &files, kernel, capability)?;
        return std::io::stdout().write_all(&ptx).context("standard output");
    }
    let made = make(&files)?;
    if arguments.check {
        let (lines, mut findings) = look_through(&made);
        findings.extend(changed(&folder, &made).map(|name| format!("{name}: not what the compiler makes")));
        findings.extend(orphans(&files));
        return report(lines, &findings);
    }
    let changed: Vec<&str> = changed(&folder, &made).collect();
    for name in changed {
        let path = folder.join(name);
        std::fs::write(&path, &made[name]).with_context(|| path.display().to_string())?;
        eprintln!("{name} written");
    }
    lint_only(root)
}

/// PTX of every kernel for every capability, and the manifest.
fn make(files: &Files) -> Result<Files> {
    let mut described: Files = files.clone();
    described.retain(|name, _| !is(name, "ptx"));
    let mut made = Files::new();
    for kernel in kernels(files) {
        for capability in manifest::CAPABILITIES {
            made.insert(ptx_name(kernel, capability), apart(kernel, capability)?);
        }
    }
    described.extend(made.clone());
    made.insert(manifest::NAME.to_owned(), manifest::text(&described).into_bytes());
    Ok(made)
}

/// PTX of a kernel from a process of its own.
///
/// The compiler remembers: in one process it numbers the calls of a second kernel (`// callseq`) on from the first's.
fn apart(kernel: &str, capability: u32) -> Result<Vec<u8>> {
    let program = std::env::current_exe().context("this program's own path")?;
    let output = Command::new(program)
        .args(["ptx", "--one", kernel, &capability.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .context("this program cannot be started again")?;
    ensure!(output.status.success(), "{kernel}.cu gave no PTX for capability {capability}");
    Ok(output.stdout)
}

fn one(nvrtc: &Nvrtc, files: &Files, kernel: &str, capability: &str) -> Result<Vec<u8>> {
    let name = format!("{kernel}.cu");
    let source = Source::new(&name, files.get(&name).with_context(|| format!("no {name}"))?)?;
    let headers = files.iter().filter(|(name, _)| is(name, "cuh"));
    let headers = headers.map(|(name, bytes)| Source::new(name, bytes)).collect::<Result<Vec<_>, _>>()?;
    let mut flags = vec![manifest::architecture(capability)];
    flags.extend(manifest::FLAGS.map(str::to_owned));
    let Made { ptx, log } = nvrtc.compile(&source, &headers, &flags)?;
    if !log.is_empty() {
        eprintln!("{name}, {capability}:\n{log}");
    }
    let release = format!("V{}", manifest::VERSION);
    let head = ptx.lines().take(HEAD).any(|line| line.is_ok_and(|line| line.ends_with(&release)));
    ensure!(head, "this NVRTC is not {release}; delete target/nvrtc and try again");
    Ok(ptx)
}

/// Names of files whose bytes on disk are others, or that are not there.
fn changed<'a>(folder: &'a Path, made: &'a Files) -> impl Iterator<Item = &'a str> {
    let same = |name: &str, bytes: &[u8]| std::fs::read(folder.join(name)).is_ok_and(|found| found == bytes);
    made.iter().filter(move |(name, bytes)| !same(name, bytes)).map(|(name, _)| name.as_str())
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
    report(lines, &findings)
}

fn report(lines: usize, findings: &[String]) -> Result<()> {
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
    let missing = kernels(files).flat_map(ptx_names).filter(|name| !files.contains_key(name));
    let mut findings: Vec<String> = missing.map(|name| format!("{name}: missing")).collect();
    findings.extend(orphans(files));
    match text {
        Some(text) => findings.extend(manifest::differences(text, &manifest::text(files))),
        None => findings.push(format!("{}: missing", manifest::NAME)),
    }
    findings
}

fn is(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

/// PTX that lies there without a kernel.
fn orphans(files: &Files) -> impl Iterator<Item = String> {
    let made: BTreeSet<String> = kernels(files).flat_map(ptx_names).collect();
    let ptx = files.keys().filter(|name| is(name, "ptx"));
    ptx.filter(move |name| !made.contains(*name)).map(|name| format!("{name}: no kernel makes it"))
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
