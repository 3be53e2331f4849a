//! Pages of the manual and completions, as they are installed.

use crate::scene::{samebits, store};
use std::collections::BTreeSet;

/// Commands and parts of commands, by what `--help` lists.
fn listed(path: &[&str], all: &mut BTreeSet<String>) {
    let help = samebits(store(), &[path, &["--help"]].concat());
    assert_eq!(help.code, 0, "{path:?}: {}", help.err);
    if !path.is_empty() {
        assert!(help.out.contains("\nExample"), "{path:?}: {}", help.out);
    }
    all.insert([&["samebits"], path].concat().join("-"));
    let Some((_, commands)) = help.out.split_once("\nCommands:\n") else { return };
    for line in commands.lines().take_while(|line| line.starts_with(' ')) {
        let name = line.strip_prefix("  ").and_then(|line| line.split(' ').next()).unwrap_or_default();
        if !name.is_empty() && name != "help" {
            listed(&[path, &[name]].concat(), all);
        }
    }
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let man = folder.path().join("man1");
    let call = samebits(store(), &["man", man.to_str().unwrap()]);
    assert_eq!(call.code, 0, "{}", call.err);
    let pages: BTreeSet<String> = std::fs::read_dir(&man)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".1", ""))
        .collect();
    let mut commands = BTreeSet::new();
    listed(&[], &mut commands);
    assert!(commands.len() > 30, "{commands:?}");
    assert_eq!(pages, commands);
    let replay = std::fs::read_to_string(man.join("samebits-replay.1")).unwrap();
    for part in [".SH SYNOPSIS", "samebits replay", "journal", "Exit codes", "another decision"] {
        assert!(replay.contains(part), "{part}: {replay}");
    }
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let call = samebits(store(), &["completions", shell]);
        assert_eq!(call.code, 0, "{}", call.err);
        for word in ["replay", "fleet", "check-proof", "optimality"] {
            assert!(call.out.contains(word), "{shell}: no {word}");
        }
    }
    assert_eq!(samebits(store(), &["completions", "tcsh"]).code, 2);
}
