//! `samebits drift` on the good store, whose Runs were recorded on the folder's own closes.

use crate::scene::{check, json, samebits, store};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/prices");
const MARKET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/market");
const REVISIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/market/sp100_revisions.csv");

#[test]
fn verdicts_and_exit_codes() {
    let same = "NO TRADE MOVES: 6 same inputs, 0 same decision, 0 drifted, 0 engine, 0 not rebuilt, 0 failed";
    check(&["drift", "--prices", PRICES, "--actions", MARKET], 0, same);
    check(&["drift", "--all", "--prices", PRICES, "--actions", MARKET, "--vintage", REVISIONS], 0, same);
    check(&["drift", "A1/1", "--prices", PRICES, "--actions", MARKET], 0, "SAME INPUTS   A1/1 of 2017-02-09");
    check(&["drift", "--runs", "A1/1,latest", "--prices", PRICES, "--actions", MARKET], 0, "2 same inputs");
    let earlier = ["--prices", PRICES, "--actions", MARKET, "--vintage", REVISIONS, "--as", "earlier"];
    check(&[&["drift"][..], &earlier].concat(), 1, "DRIFTED: 0 same inputs");
    check(&[&["drift", "A1/1"][..], &earlier].concat(), 0, "corrections read: ");
    check(&["drift"], 2, "--prices");
    check(&["drift", "--prices", PRICES, "--actions", MARKET, "--as", "later"], 2, "--vintage");
    check(&["drift", "A1/9", "--prices", PRICES, "--actions", MARKET], 2, "no Run fits");
    check(&["drift", "A1/1", "--all", "--prices", PRICES, "--actions", MARKET], 2, "cannot be used with");
    check(&["drift", "--prices", "no-such-folder"], 2, "no-such-folder");
    check(&["drift", "--prices", PRICES, "--actions", MARKET, "--vintage", "no-such.csv"], 2, "no-such.csv");
    check(&["drift", "--prices", PRICES, "--actions", MARKET, "--panel", "sp500"], 2, "sp500_5y_close_clean");
}

#[test]
fn tables_that_do_not_fit_each_other_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sp100_756d_close.csv", "sp100_756d_volume.csv.zst", "sp100_sectors.csv"] {
        std::fs::copy(format!("{PRICES}/{name}"), folder.path().join(name)).unwrap();
    }
    let closes = folder.path().join("sp100_756d_close.csv");
    let text = std::fs::read_to_string(&closes).unwrap();
    let cut: Vec<&str> = text.lines().filter(|line| !line.starts_with("2017-02-09")).collect();
    std::fs::write(&closes, cut.join("\n") + "\n").unwrap();
    check(&["drift", "--prices", folder.path().to_str().unwrap()], 2, "2017-02-09");
}

#[test]
fn json_for_programs() {
    let same = json(&["drift", "--prices", PRICES, "--actions", MARKET]);
    assert_eq!(same["verdict"], "NO TRADE MOVES");
    assert_eq!(same["runs_by_verdict"]["same_inputs"], 6);
    let arguments = [
        "--json",
        "drift",
        "--prices",
        PRICES,
        "--actions",
        MARKET,
        "--vintage",
        REVISIONS,
        "--as",
        "earlier",
    ];
    let call = samebits(store(), &arguments);
    let found: serde_json::Value = serde_json::from_str(&call.out).unwrap();
    assert_eq!((call.code, found["verdict"].as_str()), (1, Some("DRIFTED")));
    assert_eq!(found["unexplained"], 0);
    let runs = found["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 6);
    let moved: usize = runs.iter().map(|run| run["decision"]["moved"].as_array().unwrap().len()).sum();
    assert_eq!((moved as u64, moved > 0), (found["trades_moved"].as_u64().unwrap(), true));
    for run in runs {
        let moves = !run["decision"]["moved"].as_array().unwrap().is_empty();
        assert_eq!(run["verdict"] == "DRIFTED", moves);
        let parts = run["changes"]["parts"].as_array().unwrap();
        let risk = parts.iter().find(|part| part["part"] == "risk").unwrap();
        assert!(risk["causes"].as_array().unwrap().len() > 2, "{risk}");
    }
}
