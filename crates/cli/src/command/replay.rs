//! `samebits replay`

use crate::arguments::Replay;
use crate::backend;
use crate::exit::{self, Exit};
use crate::output::{Output, open};
use samebits_canon::Isa;
use samebits_present::Conclusion;
use samebits_present::replays::{self, Counts};
use samebits_replay::{Item, Journal, Replayed, Verdict, replay_all};
use samebits_snapshot::Digest;
use samebits_store::{Filter, Opener, RunHead};
use std::sync::Mutex;
use std::time::Instant;

/// Differences that are printed of one Run.
const SHOWN: usize = 10;

pub(crate) fn run(path: &Opener, wanted: &Replay, output: Output) -> anyhow::Result<Exit> {
    let store = open(path)?;
    if wanted.verify {
        let report = super::verify::walk(&store, output);
        if !report.problems.is_empty() {
            return Ok(super::verify::print(&report, None, output));
        }
    }
    let heads = match &wanted.id {
        Some(id) => vec![store.find(id)?],
        None => store.list(&Filter::default())?,
    };
    drop(store);
    let journal =
        wanted.journal.as_deref().map(|file| Journal::open(file, env!("CARGO_PKG_VERSION"))).transpose()?;
    let todo: Vec<&RunHead> = heads
        .iter()
        .filter(|head| journal.as_ref().is_none_or(|journal| !journal.has(&head.run_id)))
        .collect();
    let skipped = heads.len() - todo.len();
    let ids: Vec<Digest> = todo.iter().map(|head| head.run_id).collect();
    let items = replay_them(path, &ids, journal, wanted, output)?;
    Ok(conclude(&todo, &items, skipped, wanted.accept.is_some(), output))
}

fn replay_them(
    path: &Opener,
    ids: &[Digest],
    journal: Option<Journal>,
    wanted: &Replay,
    output: Output,
) -> anyhow::Result<Vec<Item>> {
    let started = Instant::now();
    let clock = move || started.elapsed().as_nanos() as u64;
    let backend = backend::open(&wanted.device, Isa::detect(), output)?;
    let threads = backend::deciding(wanted.threads, &backend);
    let bar = output.bar("replay", ids.len() as u64);
    let journal = Mutex::new((journal, None));
    let done = |item: &Item| {
        bar.inc(1);
        let (Ok(mut guard), Ok(replayed)) = (journal.lock(), &item.result) else { return };
        let (journal, fault) = &mut *guard;
        if let (Some(journal), None) = (journal, &fault) {
            *fault = journal.add(&item.run_id, replayed.verdict).err();
        }
    };
    let items = replay_all(path, ids, threads, &backend, &clock, &done)?;
    bar.finish_and_clear();
    if let Some(report) = backend.report() {
        let lost = report.lost.map_or_else(String::new, |why| format!("; the device was lost: {why}"));
        output.line(format!(
            "solves: {} on the device, {} on the processor{lost}",
            report.on_device, report.on_cpu
        ));
    }
    if let Some(fault) = journal.into_inner().ok().and_then(|(_, fault)| fault) {
        return Err(fault.into());
    }
    Ok(items)
}

fn conclude(heads: &[&RunHead], items: &[Item], skipped: usize, accept: bool, output: Output) -> Exit {
    let counts = Counts::of(items, skipped);
    let mut rows = Vec::new();
    for (head, item) in heads.iter().zip(items) {
        let name = format!("{}/{} of {} ({})", head.account, head.sequence, head.as_of, head.run_id.short());
        match &item.result {
            Ok(replayed) => {
                if replayed.verdict != Verdict::Identical {
                    explain(&name, replayed, output);
                }
                rows.push(replays::row(head, replayed));
            }
            Err(error) => {
                exit::report_one(&name, error);
                rows.push(replays::failed(head, error));
            }
        }
    }
    output.json(&counts.json(&rows));
    let Counts { identical, equivalent, diverged, failed, .. } = counts;
    let skipped = if skipped > 0 { format!(", {skipped} skipped by the journal") } else { String::new() };
    let verdict = counts.conclusion();
    output.verdict(format!(
        "{verdict}: {identical} identical, {equivalent} equivalent, {diverged} diverged, {failed} failed{skipped}"
    ));
    if accept && verdict == Conclusion::Equivalent { Exit::Same } else { verdict.into() }
}

fn explain(name: &str, replayed: &Replayed, output: Output) {
    output.line(format!(
        "{} {name}: first stage that differs: {}; largest weight difference {:.1e}; trades and tax {}",
        replayed.verdict.name(),
        replayed.first_stage.unwrap_or("none"),
        replayed.largest_weight_difference,
        if replayed.trades_equal { "equal" } else { "differ" },
    ));
    for difference in replayed.differences.iter().take(SHOWN) {
        let text = |value: &Option<samebits_snapshot::Tree>| {
            value.as_ref().map_or("absent".into(), ToString::to_string)
        };
        let ulps = difference.ulps.map_or_else(String::new, |ulps| format!(" ({ulps} ulps)"));
        let (recorded, found) = (text(&difference.recorded), text(&difference.replayed));
        output.line(format!("  {}: recorded {recorded}, replayed {found}{ulps}", difference.field));
    }
    if replayed.differences.len() > SHOWN {
        output.line(format!("  and {} more fields; --json lists all", replayed.differences.len() - SHOWN));
    }
}
