//! `samebits verify`

use super::attest::Kept;
use crate::arguments::Verify;
use crate::exit::{self, Exit};
use crate::output::{Output, open};
use samebits_canon::Isa;
use samebits_replay::{Confirmed, confirm, each_run};
use samebits_snapshot::Digest;
use samebits_store::{Filter, Opener, Report, Store};
use serde_json::json;
use std::path::PathBuf;

pub(crate) fn run(path: &Opener, wanted: &Verify, output: Output) -> anyhow::Result<Exit> {
    let read = |root: &PathBuf| Kept::read(root, wanted.key.as_deref());
    let kept = wanted.root.as_ref().map(read).transpose()?;
    let store = open(path)?;
    let mut report = walk(&store, output);
    if let Some(kept) = &kept {
        report.problems.extend(kept.problems(&store)?);
    }
    if wanted.optimality && report.problems.is_empty() {
        return check_optima(path, &store, &report, kept.as_ref(), output);
    }
    Ok(print(&report, kept.as_ref(), output))
}

/// Checks every Run's optimum from its stored state.
fn check_optima(
    path: &Opener,
    store: &Store,
    report: &Report,
    kept: Option<&Kept>,
    output: Output,
) -> anyhow::Result<Exit> {
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
                exit::report_one(&name, error);
            }
        }
    }
    output.json(&json!({
        "runs": report.runs, "blobs": report.blobs, "accounts": report.accounts, "problems": [],
        "optimal": optimal, "optimal_within_rounding": nearly, "refuted": refuted, "without_a_state": not_stored,
        "failed": failed, "attestation": kept.map(Kept::json),
    }));
    let verdict = if refuted + failed == 0 { "VERIFIED" } else { "REFUTED" };
    output.verdict(format!(
        "{verdict}: {} Runs, every id and chain{}; optimality from the stored state: {optimal} in all bits, {nearly} within \
         1e-9 (tightened cap), {not_stored} store none or were relaxed, {refuted} refuted, {failed} failed",
        report.runs,
        attested(kept)
    ));
    Ok(if refuted + failed == 0 { Exit::Same } else { Exit::Damaged })
}

/// Walks the store with a progress bar.
pub(super) fn walk(store: &Store, output: Output) -> Report {
    let bar = output.bar("verify", store.count().unwrap_or(0));
    let report = store.verify(&mut |done| bar.set_position(done));
    bar.finish_and_clear();
    report
}

/// The verdict's words on an attestation.
fn attested(kept: Option<&Kept>) -> String {
    kept.map_or_else(String::new, |kept| format!("; {kept}"))
}

/// Prints what was found.
pub(super) fn print(report: &Report, kept: Option<&Kept>, output: Output) -> Exit {
    let problems: Vec<_> = report
        .problems
        .iter()
        .map(|problem| {
            let run = problem.run.as_ref().map(|(account, sequence)| format!("{account}/{sequence}"));
            json!({ "run": run, "part": problem.part, "problem": problem.problem })
        })
        .collect();
    output.json(&json!({
        "runs": report.runs, "corrections": report.corrections, "blobs": report.blobs, "accounts": report.accounts,
        "problems": problems, "attestation": kept.map(Kept::json),
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
            "VERIFIED: {runs} Runs of {accounts} accounts, {blobs} shared parts, every id and chain{}",
            attested(kept)
        ));
        Exit::Same
    } else {
        output.verdict(format!("DAMAGED: {} problems in {runs} Runs", report.problems.len()));
        Exit::Damaged
    }
}
