//! `samebits drift`

mod json;
mod print;

use crate::arguments::{Closes, Drift, PanelChoice};
use crate::backend;
use crate::exit::{self, Exit};
use crate::output::{Output, open};
use samebits_canon::Isa;
use samebits_replay::drift::{Drifted, Files, Finding, PanelName, Summary, Tables, Vintage, drift};
use samebits_replay::{Backend, Item, each_run};
use samebits_snapshot::Digest;
use samebits_store::{Filter, Opener, RunHead};
use std::time::Instant;

/// So many Runs are printed with every change; more of them with a line each and the totals.
const IN_FULL: usize = 3;

pub(crate) fn run(path: &Opener, wanted: &Drift, output: Output) -> anyhow::Result<Exit> {
    let isa = Isa::detect();
    let tables = Tables::read(&files(wanted), isa)?;
    let store = open(path)?;
    let named: Vec<&String> = wanted.ids.iter().chain(&wanted.runs).collect();
    let heads: Vec<RunHead> = match &named[..] {
        [] => store.list(&Filter::default())?,
        ids => ids.iter().map(|id| store.find(id)).collect::<Result<_, _>>()?,
    };
    drop(store);
    let ids: Vec<Digest> = heads.iter().map(|head| head.run_id).collect();
    let started = Instant::now();
    let clock = move || started.elapsed().as_nanos() as u64;
    let backend = Backend::cpu(isa);
    let bar = output.bar("drift", ids.len() as u64);
    let work = |stored: &samebits_store::StoredRun| drift(stored, &tables, &backend, &clock);
    let items = each_run(path, &ids, backend::deciding(wanted.threads, &backend), &work, &|_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(conclude(&heads, &items, output))
}

fn files(wanted: &Drift) -> Files<'_> {
    let panel = match wanted.panel {
        PanelChoice::Sp100 => PanelName::Sp100,
        PanelChoice::Sp500 => PanelName::Sp500,
    };
    let closes = wanted.closes.map(|closes| match closes {
        Closes::Earlier => Vintage::Earlier,
        Closes::Later => Vintage::Later,
    });
    Files {
        prices: &wanted.prices,
        panel,
        actions: wanted.actions.as_deref(),
        characteristics: wanted.characteristics.as_deref(),
        corrections: wanted.vintage.as_deref(),
        closes,
    }
}

fn conclude(heads: &[RunHead], items: &[Item<Drifted>], output: Output) -> Exit {
    let (mut rows, mut failed, mut damaged) = (Vec::new(), 0, false);
    for (head, item) in heads.iter().zip(items) {
        match &item.result {
            Ok(found) => rows.push((head, found)),
            Err(error) => {
                failed += 1;
                damaged |= error.is_damage();
                let name = format!("{}/{}", head.account, head.sequence);
                exit::report_one(&name, error);
            }
        }
    }
    for (head, found) in &rows {
        if heads.len() <= IN_FULL {
            print::in_full(head, found, output);
        } else if found.finding != Finding::SameInputs {
            output.line(print::line(head, found));
        }
    }
    let summary = Summary::of(rows.iter().map(|(_, found)| *found));
    if heads.len() > IN_FULL {
        print::summary(&summary, output);
    }
    let moved = summary.runs(Finding::Drifted) + summary.runs(Finding::Engine);
    let (verdict, exit) = if damaged {
        ("DAMAGED", Exit::Damaged)
    } else if failed + summary.runs(Finding::NotRebuilt) > 0 {
        ("NOT COMPARED", Exit::Unusable)
    } else if rows.is_empty() {
        ("NOTHING", Exit::Nothing)
    } else if summary.runs(Finding::Engine) > 0 {
        ("ENGINE", Exit::Diverged)
    } else if moved > 0 {
        ("DRIFTED", Exit::Diverged)
    } else {
        ("NO TRADE MOVES", Exit::Same)
    };
    output.json(&json::all(verdict, &rows, &summary, failed));
    let counts: Vec<String> = Finding::ALL
        .iter()
        .map(|finding| format!("{} {}", summary.runs(*finding), finding.name().to_lowercase()))
        .collect();
    output.verdict(format!(
        "{verdict}: {}, {failed} failed; {} trades move",
        counts.join(", "),
        summary.trades
    ));
    exit
}
