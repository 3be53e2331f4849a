//! `samebits verify`

use crate::exit::Exit;
use crate::output::{Output, open};
use samebits_store::{Filter, Report, Store};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(store: &Path, output: Output) -> anyhow::Result<Exit> {
    let report = walk(&open(store)?, output);
    Ok(print(&report, output))
}

/// Walks the store with a progress bar.
pub(super) fn walk(store: &Store, output: Output) -> Report {
    let length = store.list(&Filter::default()).map_or(0, |heads| heads.len() as u64);
    let bar = output.bar("verify", length);
    let report = store.verify(&mut |done| bar.set_position(done));
    bar.finish_and_clear();
    report
}

/// Prints what was found.
pub(super) fn print(report: &Report, output: Output) -> Exit {
    let problems: Vec<_> = report
        .problems
        .iter()
        .map(|problem| {
            let run = problem.run.as_ref().map(|(account, sequence)| format!("{account}/{sequence}"));
            json!({ "run": run, "part": problem.part, "problem": problem.problem })
        })
        .collect();
    output.json(&json!({
        "runs": report.runs, "blobs": report.blobs, "accounts": report.accounts, "problems": problems,
    }));
    for problem in &report.problems {
        let run = problem
            .run
            .as_ref()
            .map_or_else(String::new, |(account, sequence)| format!("{account}/{sequence}: "));
        anstream::eprintln!("DAMAGED: {run}{}: {}", problem.part, problem.problem);
    }
    let (runs, blobs, accounts) = (report.runs, report.blobs, report.accounts);
    if report.problems.is_empty() {
        output.verdict(format!(
            "VERIFIED: {runs} Runs of {accounts} accounts, {blobs} shared parts, every id and chain"
        ));
        Exit::Same
    } else {
        output.verdict(format!("DAMAGED: {} problems in {runs} Runs", report.problems.len()));
        Exit::Damaged
    }
}
