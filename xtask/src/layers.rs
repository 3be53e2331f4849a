//! `cargo xtask layers`: who imports whom, against the table in ARCHITECTURE.md.

use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// The line after which the table stands.
const MARK: &str = "| crate | may import from us |";

/// Compares the workspace's own dependencies with the table.
///
/// # Errors
/// Every arrow that the table does not have, and every crate that it does not name.
pub(crate) fn run(root: &Path) -> Result<()> {
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).context("ARCHITECTURE.md")?;
    let allowed = table(&text)?;
    let mut wrong = Vec::new();
    for (name, imports) in arrows(root)? {
        match allowed.get(&name) {
            None => wrong.push(format!("{name} is not in the table")),
            Some(may) => wrong.extend(imports.difference(may).map(|other| format!("{name} -> {other}"))),
        }
    }
    ensure!(wrong.is_empty(), "arrows that ARCHITECTURE.md does not allow:\n  {}", wrong.join("\n  "));
    Ok(())
}

fn table(text: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let Some(start) = text.find(MARK) else {
        bail!("ARCHITECTURE.md has no table that starts with `{MARK}`")
    };
    let rows = text[start..].lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut allowed = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, name, imports, ..] = cells[..] else { bail!("a row of the table has no second cell: {row}") };
        let names = imports.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "nothing");
        allowed.insert(name.to_owned(), names.map(str::to_owned).collect());
    }
    Ok(allowed)
}

/// Direct dependencies between packages of the workspace, tests left out.
fn arrows(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()
        .context("cargo metadata")?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let short = |name: &str| name.trim_start_matches("samebits-").to_owned();
    let mut arrows = BTreeMap::new();
    for package in metadata["packages"].as_array().context("packages")? {
        let imports = package["dependencies"].as_array().context("dependencies")?;
        let own = imports
            .iter()
            .filter(|import| import["kind"].is_null())
            .filter_map(|import| import["name"].as_str())
            .filter(|name| name.starts_with("samebits-"));
        let name = short(package["name"].as_str().context("name")?);
        arrows.insert(name, own.map(short).collect());
    }
    Ok(arrows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let text = format!(
            "# x\n{MARK} does not know |\n|---|---|---|\n| a | nothing | files |\n| b | a, c | x |\n\nrest | d | a |"
        );
        let allowed = table(&text).unwrap();
        assert_eq!(allowed.len(), 2);
        assert!(allowed["a"].is_empty());
        assert_eq!(allowed["b"].iter().cloned().collect::<Vec<_>>(), ["a", "c"]);
    }
}
