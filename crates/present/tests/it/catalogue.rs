//! Every variant of every error that a user can meet has a page. What protects it: the sources are read, so a variant that
//! is added without a page, an enumeration that no family knows, and a page whose variant is gone each fail here.

use samebits_present::{FAMILIES, page, page_of};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Errors that no command shows.
const UNSEEN: [(&str, &str, &str); 10] = [
    ("crates/charts/src/error.rs", "Error", "pictures of numbers that were checked before"),
    ("crates/audit-page/src/error.rs", "Error", "told on its own page"),
    ("crates/executor/src/error.rs", "Error", "a place; its problem has the page"),
    ("crates/executor/src/script/mod.rs", "ScriptError", "told as the problem of its scenario"),
    ("crates/gpu-verify/src/emulator.rs", "", "measures devices"),
    ("crates/panel/src/error.rs", "Fault", "a part of a line's or a cell's error"),
    ("crates/planner/src/error.rs", "Error", "no command plans"),
    ("crates/planner/src/error.rs", "Limit", "a part of an error"),
    ("crates/ptx-run/src/error.rs", "", "runs kernels in tests"),
    ("crates/replay/src/fleet/unit.rs", "NotAShard", "told by the parser of arguments"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Names of the variants of an enumeration, as `rustfmt` sets them.
fn variants(source: &str, enumeration: &str) -> BTreeSet<String> {
    let opening = format!("pub enum {enumeration} {{\n");
    let body = source.split_once(&opening).unwrap_or_else(|| panic!("no {opening}")).1;
    let name = |line: &str| -> String { line.chars().take_while(|c| c.is_alphanumeric()).collect() };
    body.lines()
        .take_while(|line| *line != "}")
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(name)
        .collect()
}

#[test]
fn every_variant_has_a_page_and_every_page_a_variant() {
    for family in FAMILIES.iter().filter(|family| !family.source.is_empty()) {
        let source = std::fs::read_to_string(root().join(family.source)).unwrap();
        let declared = variants(&source, family.enumeration);
        let known: BTreeSet<String> = (family.pages.iter().map(|(variant, _)| *variant))
            .chain(family.inner.iter().copied())
            .map(str::to_owned)
            .collect();
        assert!(!declared.is_empty());
        assert_eq!(declared, known, "{}: variants of the source, variants with a page", family.name);
    }
}

#[test]
fn every_error_of_the_sources_has_a_family() {
    let mut found = BTreeSet::new();
    for krate in std::fs::read_dir(root().join("crates")).unwrap() {
        walk(&krate.unwrap().path().join("src"), &mut found);
    }
    let families: BTreeSet<(String, String)> =
        FAMILIES.iter().map(|family| (family.source.to_owned(), family.enumeration.to_owned())).collect();
    let missing: Vec<_> = found
        .difference(&families)
        .filter(|(file, name)| {
            !UNSEEN.iter().any(|(unseen, one, _)| unseen == file && (one.is_empty() || one == name))
        })
        .collect();
    assert!(missing.is_empty(), "errors without a family of pages: {missing:?}");
    assert!(found.len() > 20, "{found:?}");
}

/// Types that derive an error, with their files.
fn walk(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let parts: Vec<&str> = text.split("thiserror::Error").collect();
            for part in &parts[1..] {
                let after = ["pub enum ", "pub struct "]
                    .iter()
                    .filter_map(|word| part.find(word).map(|at| (at, &part[at + word.len()..])));
                if let Some((_, rest)) = after.min_by_key(|(at, _)| *at) {
                    let name = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                    let file = path.strip_prefix(root()).unwrap().display().to_string();
                    found.insert((file, name));
                }
            }
        }
    }
}

#[test]
fn codes_are_unique_and_texts_are_whole() {
    let mut codes = BTreeSet::new();
    for (_, one) in FAMILIES.iter().flat_map(|family| family.pages) {
        assert!(codes.insert(one.code), "{} is there twice", one.code);
        assert_eq!(page(one.code), Some(one));
        let plain = |c: char| c.is_ascii_lowercase() || c == '-' || c == '.';
        assert!(one.code.chars().all(plain) && one.code.matches('.').count() == 1, "{}", one.code);
        assert!(!one.title.ends_with('.') && one.title.len() < 90, "{}: {}", one.code, one.title);
        assert!(one.help.ends_with('.') && one.help.len() > 30, "{}: {}", one.code, one.help);
        for text in [one.title, one.help] {
            assert!(!text.contains("  ") && text.is_ascii(), "{}: {text}", one.code);
        }
    }
    assert!(page("store.not-there").is_none());
}

#[test]
fn the_page_is_that_of_the_error_below() {
    let snapshot = || samebits_snapshot::Error::NeedsDerive;
    let date = "2017-13-01".parse::<samebits_units::Date>().unwrap_err();
    let ledger = samebits_ledger::Error::from(date.clone());
    let io = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let tape = samebits_tape::Error::Io { what: "opening", source: io() };
    let cases: Vec<(Box<dyn std::error::Error>, &str)> = vec![
        (Box::new(samebits_store::Error::from(snapshot())), "snapshot.needs-derive"),
        (
            Box::new(samebits_replay::Error::from(samebits_store::Error::from(snapshot()))),
            "snapshot.needs-derive",
        ),
        (Box::new(samebits_replay::Error::NoExecution), "replay.no-execution"),
        (Box::new(samebits_replay::Error::from(samebits_rebalance::Error::from(ledger))), "units.not-date"),
        (Box::new(samebits_gate::Error::Tape { path: "a".into(), source: tape }), "tape.io"),
        (Box::new(samebits_gate::Error::Io { path: "a".into(), source: io() }), "gate.io"),
        (Box::new(io()), "system.not-found"),
        (Box::new(std::fmt::Error), "system.refused"),
        (Box::new(samebits_executor::TextError::from(date)), "units.not-date"),
    ];
    for (error, code) in cases {
        assert_eq!(page_of(error.as_ref()).code, code, "{error}");
    }
}
