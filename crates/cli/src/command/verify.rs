//! `samebits verify`

use crate::exit::Exit;
use crate::output::{Output, open};
use samebits_canon::Isa;
use samebits_replay::{Confirmed, confirm, each_run};
use samebits_snapshot::Digest;
use samebits_store::{Filter, Opener, Report, Store};
use serde_json::json;

pub(crate) fn run(path: &Opener, optimality: bool, output: Output) -> anyhow::Result<Exit> {
    let store = open(path)?;
    let report = walk(&store, output);
    if optimality && report.problems.is_empty() {
        return check_optima(path, &store, &report, output);
    }
    Ok(print(&report, output))
}

/// Checks every Run's optimum from its stored state.
fn check_optima(path: &Opener, store: &Store, report: &Report, output: Output) -> anyhow::Result<Exit> {
    let heads = store.list(&Filter::default())?;
    let ids: Vec<Digest> = heads.iter().map(|head| head.run_id).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bar = output.bar("optima", ids.len() as u64);
    let isa = Isa::detect();
    let items = each_run(path, &ids, threads, &|stored| confirm(&stored.run, isa), &|_| bar.inc(1))?;
    bar.finish_and_clear();
    let count =
        |wanted| items.iter().filter(|item| matches!(item.result, Ok(found) if found == wanted)).count();
    let (optimal, nearly) = (count(Confirmed::Optimal), count(Confirmed::Nearly));
    let (refuted, not_stored) = (count(Confirmed::Refuted), count(Confirmed::NotStored));
    let mut failed = 0;
    for (head, item) in heads.iter().zip(&items) {
        let name = format!("{}/{}", head.account, head.sequence);
        match &item.result {
            Ok(Confirmed::Refuted) => {
                anstream::eprintln!("REFUTED: {name}: its state does not give its weights");
            }
            Ok(_) => {}
            Err(error) => {
                failed += 1;
                anstream::eprintln!("error: {name}: {error}");
            }
        }
    }
    output.json(&json!({
        "runs": report.runs, "blobs": report.blobs, "accounts": report.accounts, "problems": [],
        "optimal": optimal, "optimal_within_rounding": nearly, "refuted": refuted, "without_a_state": not_stored,
        "failed": failed,
    }));
    let verdict = if refuted + failed == 0 { "VERIFIED" } else { "REFUTED" };
    output.verdict(format!(
        "{verdict}: {} Runs, every id and chain; optimality from the stored state: {optimal} in all bits, {nearly} within \
         1e-9 (tightened cap), {not_stored} store none or were relaxed, {refuted} refuted, {failed} failed",
        report.runs
    ));
    Ok(if refuted + failed == 0 { Exit::Same } else { Exit::Damaged })
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
