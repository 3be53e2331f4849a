//! `cargo xtask tidy`: what lints cannot say.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// Lines after which a source file surely tells a second story.
const LONGEST_FILE: usize = 600;
/// Texts that do not belong into a source file, assembled so that this file passes its own check.
const BANNED: [(&str, &str, &str); 3] = [
    ("#[ign", "ore", "an ignored test tests nothing"),
    ("unimpl", "emented!(", "no stubs"),
    ("target-c", "pu=native", "no processor in committed configuration"),
];

/// Checks every tracked source and document.
///
/// # Errors
/// Every finding, with file and line.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut findings = Vec::new();
    for folder in ["crates", "xtask", ".cargo"] {
        for path in files(&root.join(folder))? {
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            check(&name, &text, &mut findings);
        }
    }
    ensure!(findings.is_empty(), "not tidy:\n  {}", findings.join("\n  "));
    Ok(())
}

fn check(name: &str, text: &str, findings: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        findings.push(format!("{name}: {lines} lines, at most {LONGEST_FILE}"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if !line.is_ascii() {
            findings.push(format!("{name}:{number}: not ASCII"));
        }
        if line.ends_with([' ', '\t', '\r']) {
            findings.push(format!("{name}:{number}: blank at the end"));
        }
        for (first, second, why) in BANNED {
            if line.contains(&format!("{first}{second}")) {
                findings.push(format!("{name}:{number}: {first}{second}: {why}"));
            }
        }
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let source = path
                .extension()
                .is_some_and(|ending| ["rs", "toml", "sql"].iter().any(|known| ending == *known));
            if path.is_dir() {
                open.push(path);
            } else if source {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_fires() {
        let long = "x\n".repeat(LONGEST_FILE + 1);
        let ignored = format!("    {}{}]", BANNED[0].0, BANNED[0].1);
        for (text, part) in
            [("a\u{e9}", "not ASCII"), ("a ", "blank"), (&long, "lines"), (&ignored, "tests nothing")]
        {
            let mut findings = Vec::new();
            check("file.rs", text, &mut findings);
            assert!(findings.len() == 1 && findings[0].contains(part), "{findings:?}");
        }
        let mut findings = Vec::new();
        check("file.rs", "fn main() {}\n", &mut findings);
        assert!(findings.is_empty());
    }
}
