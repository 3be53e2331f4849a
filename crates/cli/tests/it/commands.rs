//! Every command on a good store.

use crate::scene::{check, json, samebits};
use std::path::Path;

#[test]
fn verdicts_and_exit_codes() {
    check(&["runs"], 0, "6 of 6 Runs");
    check(&["runs", "--account", "A2", "--from", "2017-02-09", "--to", "2017-02-09"], 0, "1 of 1 Runs");
    check(&["runs", "--account", "nobody"], 4, "0 of 0 Runs");
    check(&["runs", "--from", "yesterday"], 2, "not a date");
    check(&["show", "A1/0"], 0, "trades, status solved");
    check(&["show", "latest"], 0, "A2/2");
    check(&["show", "A1/7"], 2, "no Run fits");
    check(&["show", "zz"], 2, "no Run fits");
    check(&["replay", "A1/1"], 0, "IDENTICAL: 1 identical");
    check(&["replay", "--all", "--verify", "--threads", "3"], 0, "IDENTICAL: 6 identical");
    check(&["replay"], 2, "<ID>");
    check(&["replay", "A1/1", "--all"], 2, "cannot be used with");
    check(&["why", "A2/1"], 0, "3. What was the risk model that day?");
    check(&["why", "A2/1", "nope"], 2, "not in the universe");
    check(&["why", "A2/1"], 0, "terms add up");
    check(
        &["why", "A2/1", "--cap", "100"],
        0,
        "Counterfactual: with a tracking-error cap of 100 bp, decided again",
    );
    check(&["why", "A2/1", "--rate=-100"], 0, "with the short-term rate changed by");
    check(&["why", "A2/1", "--cap", "0"], 2, "expected a positive number");
    check(&["why", "A2/1", "--rate", "10001"], 2, "expected -10000 to 10000");
    check(&["why", "A2/1", "--keep-lot", "99999"], 2, "could not be sold or covered");
    check(&["why", "A2/1", "--without-lock", "nope"], 2, "not in the universe");
    check(&["why", "A2/1", "--markdown", "--json"], 2, "cannot be used with");
    check(&["why", "A2/1", "--markdown"], 0, "## Locks and bars");
    check(&["why", "A2/1", "--markdown"], 0, "| LOSS_NOT_COUNTED |");
    check(&["why", "A2/1"], 0, "the loss counts nothing today, beside shares bought on");
    check(&["verify"], 0, "VERIFIED: 6 Runs of 2 accounts");
    check(&["verify", "--optimality"], 0, "6 in all bits, 0 within");
    check(&["compare", "--solvers", "active-set,ipm", "--each"], 0, "SAME BITS: 6 Runs, 2 solvers");
    check(&["compare", "--solvers", "ipm/1,clarabel", "--runs", "A1/1,latest"], 0, "SAME BITS: 2 Runs");
    check(&["compare", "--solvers", "simplex"], 2, "solver `simplex` is not in this build");
    check(&["compare", "--runs", "A9/1"], 2, "no Run fits");
    check(&["--help"], 0, "Exit codes");
    check(&["frobnicate"], 2, "unrecognized subcommand");
    check(&[], 2, "Usage");
    let call = samebits(Path::new("does-not-exist.db"), &["runs"]);
    assert_eq!((call.code, call.err.contains("no such store")), (2, true), "{}", call.err);
}

/// Without a device one sentence and exit code 2; `auto` uses the processor. With one, the same verdicts.
#[test]
fn backends() {
    check(&["replay", "A1/1", "--backend", "auto"], 0, "IDENTICAL: 1 identical");
    check(&["replay", "A1/1", "--backend", "abacus"], 2, "invalid value");
    match samebits_solver_gpu::Gpu::open() {
        Ok(_) => {
            check(&["replay", "--all", "--backend", "cuda"], 0, "IDENTICAL: 6 identical");
            check(&["compare", "--solvers", "active-set,active-set@cuda,ipm@cuda"], 0, "SAME BITS: 6 Runs");
        }
        Err(why) => {
            let told = format!("error: --backend cuda: {why} [device.");
            check(&["replay", "A1/1", "--backend", "cuda"], 2, &told);
            check(&["compare", "--solvers", "active-set,ipm@cuda"], 2, "solvers with @cuda: ");
        }
    }
    check(&["compare", "--solvers", "active-set,clarabel@cuda"], 2, "");
}

#[test]
fn json_for_programs() {
    let runs = json(&["runs"]);
    assert_eq!(runs["runs"].as_array().unwrap().len(), 6);
    let id = runs["runs"][0]["run_id"].as_str().unwrap();
    assert_eq!(id.len(), 64);
    let shown = json(&["show", id]);
    assert_eq!(shown["manifest"]["run_id"], id);
    assert_eq!(shown["outcome"]["weights"].as_array().unwrap().len(), 100);
    let replayed = json(&["replay", "--all"]);
    assert_eq!((replayed["verdict"].as_str(), replayed["identical"].as_u64()), (Some("IDENTICAL"), Some(6)));
    let why = json(&["why", "A2/1", "AAPL"]);
    assert_eq!(why["identity"]["holds"], true);
    assert_eq!(why["trades"][0]["ticker"], "AAPL");
    let held = why["held"].as_array().unwrap();
    let not_counted = held.iter().find(|held| held["code"] == "LOSS_NOT_COUNTED").unwrap();
    assert!(not_counted["tax"].is_string() && not_counted["day"].is_string(), "{not_counted}");
    assert_eq!(why["risk"]["factors"].as_array().unwrap().len(), 7);
    assert!(why["parameters"].as_array().unwrap().iter().any(|parameter| parameter["source"] != "default"));
    let compared = json(&["compare", "--each", "--runs", "A1/1"]);
    assert_eq!(compared["solvers"][2]["weights_bit_equal"], 1, "{compared}");
    assert_eq!(compared["each"].as_array().unwrap().len(), 3);
    assert_eq!(json(&["verify", "--optimality"])["optimal"], 6);
    assert_eq!(json(&["verify"])["problems"].as_array().unwrap().len(), 0);
}

/// The tables themselves are tested where they are written.
#[test]
fn tables_of_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let parquet = ["export", "--parquet", out.to_str().unwrap()];
    let with = |more: &[&'static str]| [&parquet[..], more].concat();
    let first = json(&parquet);
    assert_eq!(first["records"], 6);
    let rows = |answer: &serde_json::Value, table: &str| {
        let tables = answer["tables"].as_array().unwrap();
        tables.iter().find(|one| one["table"] == table).unwrap()["rows"].as_u64().unwrap()
    };
    assert_eq!((rows(&first, "runs"), rows(&first, "weights")), (6, 600));
    check(&parquet, 2, "there is such a file");
    let every = json(&with(&["--force", "--lots", "every"]));
    assert!(rows(&every, "lots") > rows(&first, "lots"));
    let one = json(&with(&["--force", "--account", "A2", "--from", "2017-02-09", "--to", "2017-02-09"]));
    assert_eq!((one["records"].as_u64(), rows(&one, "runs")), (Some(1), 1));
    check(&with(&["--force", "--from", "2018-01-01"]), 4, "0 records");
    check(&with(&["--flat"]), 2, "cannot be used with");
    check(&[&["export", "A1/1"], &parquet[1..]].concat(), 2, "cannot be used with");
    check(&["export", "A1/1"], 2, "<FILE>");
    check(&["export", "A1/1", "file", "--force"], 2, "cannot be used with");
    check(&["export", "--account", "A1"], 2, "<ID>");
}

#[test]
fn an_export_stands_alone_and_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    for (name, flat) in [("a.run", false), ("b.run", true)] {
        let path = folder.path().join(name);
        let file = path.to_str().unwrap();
        let mut arguments = vec!["export", "A1/2", file];
        arguments.extend(flat.then_some("--flat"));
        check(&arguments, 0, "bytes written");
        check(&arguments, 2, "not written");
        check(&["inspect", file], 0, if flat { "flat LZ4" } else { "triangle" });
    }
    check(&["inspect", "no-such.run"], 2, "no-such.run");
}

#[test]
fn a_long_replay_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let journal = journal.to_str().unwrap();
    check(&["replay", "--all", "--journal", journal], 0, "6 identical");
    let text = std::fs::read_to_string(journal).unwrap();
    assert_eq!(text.lines().count(), 6);
    let half: Vec<&str> = text.lines().take(2).collect();
    std::fs::write(journal, half.join("\n") + "\n").unwrap();
    check(
        &["replay", "--all", "--journal", journal],
        0,
        "4 identical, 0 equivalent, 0 diverged, 0 failed, 2 skipped",
    );
    check(&["replay", "--all", "--journal", journal], 0, "6 skipped");
}

#[test]
fn report_writes_pages_and_says_that_the_accounts_balance() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep/report");
    let out = out.to_str().unwrap();
    check(&["report", "--all", "--out", out], 0, "BALANCED: 2 accounts");
    for name in ["index.md", "A1.md", "A2.md", "A1-value.svg", "A2-harvest.svg"] {
        assert!(std::fs::metadata(std::path::Path::new(out).join(name)).unwrap().len() > 500, "{name}");
    }
    check(&["report", "none", "--out", out], 4, "no Runs");
    check(&["report", "--out", out], 2, "ACCOUNT");
    let answer = json(&["report", "A1", "--out", out]);
    assert_eq!(
        (&answer["accounts"][0]["account"], &answer["faults"]),
        (&"A1".into(), &serde_json::json!([]))
    );
}
