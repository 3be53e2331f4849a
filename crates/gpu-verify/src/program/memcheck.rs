//! The same program under `compute-sanitizer`, where that is installed.

use crate::Machine;
use crate::row::{Row, Verdict};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Exit code that the tool is asked for when it finds something.
const FOUND: i32 = 99;
/// Most seconds of one tool.
const PATIENCE: u64 = 900;
const TOOLS: [&str; 2] = ["memcheck", "racecheck"];

/// A row a tool.
pub(crate) fn step(machine: &Machine<'_>, show: &mut dyn FnMut(Row)) {
    let arguments = machine.arguments;
    if arguments.emulate || arguments.skip_sanitizer {
        let why = if arguments.emulate { "the interpreter looks itself" } else { "as asked for" };
        return show(Row::skipped("sanitizer", "compute-sanitizer", why));
    }
    let version = Command::new("compute-sanitizer").arg("--version").output();
    if version.is_err() {
        return show(Row::skipped("sanitizer", "compute-sanitizer", "not on PATH"));
    }
    for tool in TOOLS {
        let begun = Instant::now();
        let (verdict, detail) = run(tool).unwrap_or_else(|error| (Verdict::Skipped, error.to_string()));
        show(Row::new("sanitizer", tool, verdict, detail, begun));
    }
}

fn run(tool: &str) -> std::io::Result<(Verdict, String)> {
    let output = tempfile::NamedTempFile::new()?;
    let mut child = Command::new("compute-sanitizer")
        .args(["--tool", tool, "--error-exitcode", &FOUND.to_string()])
        .arg(std::env::current_exe()?)
        .args(["--quick", "--skip-bench", "--skip-sanitizer"])
        .stdout(output.reopen()?)
        .stderr(Stdio::null())
        .spawn()?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > Duration::from_secs(PATIENCE) {
            child.kill()?;
            child.wait()?;
            return Ok((Verdict::Skipped, format!("stopped after {PATIENCE} s")));
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    let text = String::from_utf8_lossy(&std::fs::read(output.path())?).into_owned();
    let marked: Vec<&str> = text.lines().filter(|line| line.starts_with("=========")).collect();
    let summary = marked.iter().rfind(|line| line.contains("SUMMARY")).or(marked.get(1)).unwrap_or(&"");
    let verdict = match status.code() {
        Some(0) => Verdict::Same,
        Some(FOUND) => Verdict::Differs,
        _ => Verdict::Lost,
    };
    let first = if verdict == Verdict::Same { "" } else { marked.get(1).copied().unwrap_or_default() };
    Ok((verdict, format!("{status}; {summary} {first}")))
}
