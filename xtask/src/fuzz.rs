//! `cargo xtask fuzz`: the targets of `fuzz/` under libFuzzer, with the stable compiler and nothing installed but a C++
//! compiler.

use anyhow::{Context, Result, bail, ensure};
use comfy_table::Table;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Fuzz readers of foreign bytes
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Targets; all of them when none is named
    targets: Vec<String>,
    /// Executions of each target
    #[arg(long)]
    runs: Option<u64>,
    /// Seconds for each target; 10 when neither is given
    #[arg(long)]
    seconds: Option<u64>,
    /// Name the targets
    #[arg(long)]
    list: bool,
    /// Afterwards put the smallest inputs that reach all that was reached into `fuzz/corpus`
    #[arg(long)]
    merge: bool,
}

/// What instruments every crate: counters of edges in line, and a table of the edges.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Ccodegen-units=1";
/// Longest input, bytes.
const LONGEST: u32 = 4096;
/// Memory of a target, MiB.
const MEMORY_MIB: u32 = 1024;
/// Most files of a committed corpus, and most bytes of one of them.
const MOST_FILES: usize = 40;
const MOST_BYTES: u64 = 5_000;

/// Builds and runs the targets.
///
/// # Errors
/// A target that cannot be built; the exit code says whether one failed.
pub(crate) fn run(root: &Path, wanted: &Arguments) -> Result<ExitCode> {
    let all = targets(root)?;
    if wanted.list {
        for (name, about) in &all {
            println!("{name:12} {about}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut names: Vec<&str> = wanted.targets.iter().map(String::as_str).collect();
    for name in &names {
        ensure!(all.iter().any(|(known, _)| known == name), "there is no target `{name}`; --list names them");
    }
    if names.is_empty() {
        names = all.iter().map(|(name, _)| name.as_str()).collect();
    }
    let folder = build(root, &names)?;
    let mut table = Table::new();
    table.set_header(["target", "executions", "a second", "edges", "features", "inputs", "MiB", "found"]);
    let mut failed = false;
    for name in names {
        let found = run_one(root, &folder.join(name), name, wanted)?;
        println!(
            "{name}: {} executions, {}",
            found.figures[0],
            found.crash.as_deref().unwrap_or("nothing found")
        );
        failed |= found.crash.is_some();
        let verdict = found.crash.unwrap_or_else(|| "-".to_owned());
        table.add_row([name.to_owned()].into_iter().chain(found.figures).chain([verdict]));
        if wanted.merge {
            merge(root, &folder.join(name), name)?;
        }
    }
    println!("{table}");
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Names of the targets, and what their files say of them.
fn targets(root: &Path) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join("fuzz/fuzz_targets")).context("fuzz/fuzz_targets")? {
        let path = entry?.path();
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let about = text.lines().next().unwrap_or_default().trim_start_matches("//! ").to_owned();
        if let Some(name) = path.file_stem() {
            found.push((name.to_string_lossy().into_owned(), about));
        }
    }
    found.sort();
    Ok(found)
}

/// Builds the targets; the folder that they are in.
fn build(root: &Path, names: &[&str]) -> Result<PathBuf> {
    let compiler = Command::new("c++").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !compiler.is_ok_and(|status| status.success()) {
        bail!(
            "libFuzzer is C++, and there is no compiler `c++` for it: install g++ (Debian, Ubuntu: apt-get install g++) or clang"
        );
    }
    let version = Command::new("rustc").arg("-vV").output().context("rustc")?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    // With a target named, build scripts and macros are not instrumented.
    let mut arguments =
        vec!["build", "--release", "--quiet", "--target", host, "--target-dir", "../target/fuzz"];
    for name in names {
        arguments.extend(["--bin", name]);
    }
    crate::test::cargo(&root.join("fuzz"), &arguments, &[("RUSTFLAGS", FLAGS)])?;
    Ok(root.join("target/fuzz").join(host).join("release"))
}

/// What a run of a target came to.
struct Found {
    /// Executions, executions a second, edges, features, inputs kept, MiB.
    figures: [String; 6],
    /// Where the input is that made it fail.
    crash: Option<String>,
}

fn run_one(root: &Path, program: &Path, name: &str, wanted: &Arguments) -> Result<Found> {
    let work = root.join("target/fuzz/corpus").join(name);
    let artifacts = root.join("fuzz/artifacts").join(name);
    fs::create_dir_all(&work)?;
    fs::create_dir_all(&artifacts)?;
    let log = root.join("target/fuzz").join(format!("{name}.log"));
    let mut command = Command::new(program);
    // What is new goes into the first folder.
    command.arg(&work);
    let committed = corpus(root, name);
    if committed.exists() {
        command.arg(&committed);
    }
    let end = match (wanted.runs, wanted.seconds) {
        (Some(runs), None) => vec![format!("-runs={runs}")],
        (Some(runs), Some(seconds)) => vec![format!("-runs={runs}"), format!("-max_total_time={seconds}")],
        (None, seconds) => vec![format!("-max_total_time={}", seconds.unwrap_or(10))],
    };
    command
        .args(end)
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .args(["-seed=1", "-timeout=20", "-print_final_stats=1"])
        .stdout(Stdio::null())
        .stderr(File::create(&log)?);
    let status = command.status().with_context(|| program.display().to_string())?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let crash = (!status.success()).then(|| {
        let lines: Vec<&str> = text.lines().collect();
        eprintln!("{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        let path = lines.iter().find_map(|line| line.split_once("Test unit written to "));
        path.map_or_else(|| status.to_string(), |(_, path)| path.to_owned())
    });
    Ok(Found { figures: figures(&text), crash })
}

/// The figures of a log of libFuzzer.
fn figures(log: &str) -> [String; 6] {
    let last = |mark: &str| {
        let after = log.lines().rev().find_map(|line| line.split_once(mark).map(|(_, after)| after));
        let word = after.and_then(|after| after.split_whitespace().next()).unwrap_or("?");
        word.split('/').next().unwrap_or(word).to_owned()
    };
    [
        last("stat::number_of_executed_units:"),
        last("stat::average_exec_per_sec:"),
        last(" cov: "),
        last(" ft: "),
        last(" corp: "),
        last("stat::peak_rss_mb:"),
    ]
}

fn corpus(root: &Path, name: &str) -> PathBuf {
    root.join("fuzz/corpus").join(name)
}

/// The smallest inputs that reach what the committed ones and the work folder reach, as many and as long as may be
/// committed; files that were committed under a name of their own stay.
fn merge(root: &Path, program: &Path, name: &str) -> Result<()> {
    let (kept, merged) = (corpus(root, name), root.join("target/fuzz/merged").join(name));
    if merged.exists() {
        fs::remove_dir_all(&merged)?;
    }
    fs::create_dir_all(&merged)?;
    fs::create_dir_all(&kept)?;
    let work = root.join("target/fuzz/corpus").join(name);
    let status = Command::new(program)
        .arg("-merge=1")
        .arg(format!("-max_len={LONGEST}"))
        .args([&merged, &kept, &work])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(status.success(), "{name}: merging failed");
    for path in hashes(&kept)? {
        fs::remove_file(path)?;
    }
    let named = fs::read_dir(&kept)?.count();
    let mut sizes = Vec::new();
    for path in hashes(&merged)? {
        sizes.push((fs::metadata(&path)?.len(), path));
    }
    // The longest ones reach the most.
    sizes.sort();
    sizes.reverse();
    let fit = sizes.into_iter().filter(|(length, _)| *length <= MOST_BYTES);
    for (_, path) in fit.take(MOST_FILES.saturating_sub(named)) {
        let file = path.file_name().context("a file without a name")?;
        fs::copy(&path, kept.join(file))?;
    }
    Ok(())
}

/// The files of a folder that libFuzzer named: forty hexadecimal digits.
fn hashes(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_a_log_are_found() {
        let log = "#2\tINITED cov: 40 ft: 41 corp: 1/1b exec/s: 0 rss: 30Mb\n\
            #9\tDONE   cov: 512 ft: 800 corp: 33/4Kb lim: 512 exec/s: 1000 rss: 60Mb\n\
            stat::number_of_executed_units: 9000\nstat::average_exec_per_sec:     1000\nstat::peak_rss_mb: 61\n";
        assert_eq!(figures(log), ["9000", "1000", "512", "800", "33", "61"].map(str::to_owned));
        assert_eq!(figures(""), ["?"; 6].map(str::to_owned));
    }

    #[test]
    fn every_target_says_what_it_reads() {
        let all = targets(&crate::root()).unwrap();
        assert!(all.len() >= 23 && all.iter().all(|(_, about)| about.len() > 5), "{all:?}");
    }
}
