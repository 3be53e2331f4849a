//! The gate itself: the committed scenarios, acceptance, and what it says of a change.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use samebits_gate::{
    Acceptance, Error, Scenario, Verdict, accept, annotations, junit, load, load_one, review, run, run_all,
    why,
};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gate")
}

/// A scenario of the fixtures in a folder of its own.
fn copy(name: &str) -> (tempfile::TempDir, Scenario) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(name);
    std::fs::create_dir_all(&place).unwrap();
    for entry in std::fs::read_dir(root().join(name)).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, place.join(path.file_name().unwrap())).unwrap();
    }
    let scenario = load_one(&place).unwrap();
    (folder, scenario)
}

fn edit(scenario: &Scenario, file: &str, from: &str, to: &str) -> Scenario {
    let path = scenario.folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    load_one(&scenario.folder).unwrap()
}

fn acceptance() -> Acceptance {
    Acceptance {
        reason: "a reason of one line".to_owned(),
        touches: Vec::new(),
        date: "2026-01-01".to_owned(),
        unattended: false,
    }
}

#[test]
fn every_scenario_is_identical_five_ways() {
    let all = load(&root()).unwrap();
    assert!(all.len() >= 100);
    for outcome in run_all(&all) {
        assert_eq!(outcome.verdict, Verdict::Identical, "{}: {}", outcome.name, outcome.explain());
    }
}

#[test]
fn every_scenario_has_a_page_a_ledger_and_claims() {
    let mut claimed = 0;
    for scenario in load(&root()).unwrap() {
        assert!(why(&scenario).unwrap().contains("Protects:"), "{}", scenario.name);
        assert_eq!(review(&scenario).unwrap(), None);
        claimed += usize::from(!scenario.kills().is_empty());
    }
    assert!(claimed >= 80);
}

#[test]
fn the_seed_fills_where_it_must() {
    let price = |name: &str| {
        let text = run(&load_one(&root().join("seed").join(name)).unwrap()).unwrap().text;
        let fill = text.lines().rfind(|line| line.contains(" fill ")).unwrap().to_owned();
        fill.split('(').nth(1).and_then(|rest| rest.split(')').next()).unwrap().to_owned()
    };
    assert_eq!(price("market"), "100.00");
    assert_eq!(price("stop-loss"), "101.10");
    assert_eq!(price("trailing"), "101.10");
    assert_eq!(price("take-profit-print"), "101.50");
    assert_eq!(price("take-profit-at-trigger"), "101.30");
}

#[test]
fn one_moved_byte_is_red_and_named() {
    let (_folder, scenario) = copy("queue/trades");
    let scenario = edit(&scenario, "expected.txt", "qty=20 liq", "qty=21 liq");
    let outcome = run(&scenario).unwrap();
    let Verdict::Diverged(divergence) = &outcome.verdict else { panic!("{:?}", outcome.verdict) };
    assert_eq!(divergence.field, Some(("qty".to_owned(), "21".to_owned(), "20".to_owned())));
    assert_eq!(divergence.rules, ["queue.trade"]);
    let text = outcome.explain();
    assert!(text.contains("quantity") && text.contains("queue.trade"), "{text}");
    let xml = junit(std::slice::from_ref(&outcome)).unwrap();
    assert!(xml.contains("queue/trades") && xml.contains("failure"), "{xml}");
    let lines = annotations(std::slice::from_ref(&outcome), "fixtures/gate");
    assert!(lines[0].starts_with("::error file=fixtures/gate/queue/trades/expected.txt,line=2"), "{lines:?}");
}

#[test]
fn another_rule_is_red() {
    let (_folder, scenario) = copy("queue/proportional");
    let scenario = edit(&scenario, "scenario.toml", "queue = \"proportional\"", "queue = \"front_first\"");
    assert!(matches!(run(&scenario).unwrap().verdict, Verdict::Diverged(_)));
}

#[test]
fn another_version_is_stale() {
    let (_folder, scenario) = copy("seed/market");
    let scenario = edit(&scenario, "scenario.toml", "match/1", "match/0");
    assert_eq!(run(&scenario).unwrap().verdict, Verdict::Stale { recorded: "match/0".to_owned() });
}

#[test]
fn a_damaged_run_is_damage_not_a_difference() {
    let (_folder, scenario) = copy("runs/a1-30");
    let path = scenario.folder.join("frozen.run");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let outcome = run_all(std::slice::from_ref(&scenario)).remove(0);
    assert!(matches!(outcome.verdict, Verdict::Damaged(_)), "{:?}", outcome.verdict);
    assert_eq!(outcome.verdict.exit(), 5);
}

#[test]
fn nothing_is_recorded_silently() {
    let (_folder, scenario) = copy("seed/market");
    std::fs::remove_file(scenario.expectation()).unwrap();
    assert_eq!(run(&scenario).unwrap().verdict, Verdict::New);
    assert!(!scenario.expectation().exists());
}

#[test]
fn acceptance_needs_a_person_a_reason_and_the_rules_it_touches() {
    let (_folder, scenario) = copy("queue/proportional");
    let refused =
        |scenario: &Scenario, acceptance: &Acceptance, part: &str| match accept(scenario, acceptance) {
            Err(Error::Refused { problem, .. }) => assert!(problem.contains(part), "{problem}"),
            other => panic!("{other:?}"),
        };
    refused(&scenario, &acceptance(), "nothing changed");
    let scenario = edit(&scenario, "scenario.toml", "queue = \"proportional\"", "queue = \"front_first\"");
    refused(&scenario, &Acceptance { unattended: true, ..acceptance() }, "CI accepts nothing");
    refused(&scenario, &Acceptance { reason: "short".to_owned(), ..acceptance() }, "a reason");
    refused(&scenario, &acceptance(), "queue.trade");
    refused(&scenario, &Acceptance { touches: vec!["queue.moon".to_owned()], ..acceptance() }, "unknown");
    let named = Acceptance { touches: vec!["queue.trade".to_owned()], ..acceptance() };
    let line = accept(&scenario, &named).unwrap();
    assert!(line.contains("touches=queue.trade reason: a reason of one line"), "{line}");
    assert_eq!(run(&scenario).unwrap().verdict, Verdict::Identical);
    assert_eq!(review(&scenario).unwrap(), None);
    let scenario = edit(&scenario, "expected.txt", "qty=", "qty=0");
    assert!(review(&scenario).unwrap().is_some(), "a change without a line in the ledger");
}

#[test]
fn a_scenario_that_makes_no_sense_says_why() {
    for (from, to, part) in [
        ("market = \"prints\"", "market = \"moon\"", "expected prints"),
        ("on trade -> buy 25 market", "on trade -> buy 25 moon", "no kind of order"),
        ("tape = [\"tape.csv\"]", "tape = [\"other.csv\"]", "No such file"),
        ("tick = \"0.01\"", "tick = \"-1\"", "not positive"),
    ] {
        let (_folder, scenario) = copy("seed/market");
        let error = run(&edit(&scenario, "scenario.toml", from, to)).unwrap_err();
        assert!(error.to_string().contains(part), "{to}: {error}");
    }
    let (_folder, scenario) = copy("seed/market");
    std::fs::write(scenario.folder.join("scenario.toml"), "about = 5\n").unwrap();
    assert!(load_one(Path::new(&scenario.folder)).is_err());
}
