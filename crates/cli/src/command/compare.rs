//! `samebits compare`

use crate::arguments::Compare;
use crate::backend;
use crate::exit::{self, Exit};
use crate::output::{Output, open, table};
use anyhow::Context;
use samebits_canon::Isa;
use samebits_present::comparisons::{self, Row, Totals};
use samebits_replay::{Backend, Contender, compare, each_run};
use samebits_snapshot::Digest;
use samebits_store::{Filter, Opener, RunHead};
use std::time::Instant;

pub(crate) fn run(path: &Opener, wanted: &Compare, output: Output) -> anyhow::Result<Exit> {
    let isa = Isa::detect();
    let backend = if wanted.solvers.iter().any(|name| name.ends_with("@cuda")) {
        backend::on_device(wanted.device_memory, isa, output).context("solvers with @cuda")?
    } else {
        Backend::cpu(isa)
    };
    let contenders: Vec<Contender> =
        wanted.solvers.iter().map(|name| Contender::new(name, &backend)).collect::<Result<_, _>>()?;
    let store = open(path)?;
    let heads: Vec<RunHead> = match &wanted.runs[..] {
        [] => store.list(&Filter::default())?,
        ids => ids.iter().map(|id| store.find(id)).collect::<Result<_, _>>()?,
    };
    drop(store);
    let ids: Vec<Digest> = heads.iter().map(|head| head.run_id).collect();
    let started = Instant::now();
    let clock = move || started.elapsed().as_nanos() as u64;
    let bar = output.bar("compare", ids.len() as u64);
    let work = |stored: &samebits_store::StoredRun| compare(&stored.run, &stored.ids, &contenders, &clock);
    let items = each_run(path, &ids, wanted.threads.max(1), &work, &|_| bar.inc(1))?;
    bar.finish_and_clear();
    let (mut rows, mut failed, mut damaged) = (Vec::new(), 0, false);
    for (head, item) in heads.iter().zip(&items) {
        match &item.result {
            Ok(found) => rows.push((head, found)),
            Err(error) => {
                failed += 1;
                damaged |= error.is_damage();
                exit::report_one(&format!("{}/{}", head.account, head.sequence), error);
            }
        }
    }
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name.as_str()).collect();
    if wanted.each {
        print_each(&names, &rows, output);
    }
    let totals: Vec<Totals> = (0..names.len()).map(|k| Totals::of(&rows, k)).collect();
    print_totals(&names, &totals, output);
    output.json(&comparisons::report(&names, &rows, &totals, failed, wanted.each));
    let verdict = comparisons::conclusion(&totals, rows.len(), failed, damaged);
    output.verdict(format!("{verdict}: {} Runs, {} solvers, {failed} failed", rows.len(), names.len()));
    Ok(verdict.into())
}

fn print_totals(names: &[&str], totals: &[Totals], output: Output) {
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut line = |what: &str, cell: &dyn Fn(&Totals) -> String| {
        lines.push(std::iter::once(what.to_owned()).chain(totals.iter().map(cell)).collect());
    };
    line("solved", &|total| total.solved.to_string());
    line("weights bit-equal, finished", &|total| total.bit_equal.to_string());
    line("degenerate (bits may differ)", &|total| total.degenerate.to_string());
    line("trades equal, finished", &|total| total.trades_equal.to_string());
    line("trades equal, raw", &|total| total.raw_trades_equal.to_string());
    line("largest weight difference, finished", &|total| format!("{:.1e}", total.difference));
    line("largest weight difference, raw", &|total| format!("{:.1e}", total.raw_difference));
    line("largest objective difference, raw, bp", &|total| format!("{:.1e}", total.objective_bp));
    line("largest after-tax difference, raw, bp", &|total| format!("{:.1e}", total.after_tax_bp));
    line("median time, raw, ms", &|total| format!("{:.3}", total.raw_ms));
    line("median time, finished, ms", &|total| format!("{:.3}", total.finished_ms));
    let first = totals.first().map_or(1.0, |total| total.finished_ms);
    line("time ratio to the first", &|total| format!("{:.1}", total.finished_ms / first));
    let header: Vec<&str> = std::iter::once("measure").chain(names.iter().copied()).collect();
    let numbers: Vec<usize> = (1..header.len()).collect();
    let mut printed = table(&header, &numbers);
    printed.add_rows(lines);
    output.line(printed);
}

fn print_each(names: &[&str], rows: &[Row<'_>], output: Output) {
    let header = [
        "run",
        "solver",
        "bits",
        "trades",
        "raw trades",
        "raw weights",
        "objective bp",
        "after-tax bp",
        "ms",
    ];
    let mut printed = table(&header, &[5, 6, 7, 8]);
    for (head, found) in rows {
        for (name, one) in names.iter().zip(*found) {
            let bits = if one.bit_equal {
                "equal"
            } else if one.degenerate {
                "degenerate"
            } else {
                "DIFFER"
            };
            let equal = |equal: bool| if equal { "equal" } else { "differ" };
            printed.add_row([
                format!("{}/{}", head.account, head.sequence),
                (*name).to_owned(),
                bits.to_owned(),
                equal(one.trades_equal).to_owned(),
                equal(one.raw_trades_equal).to_owned(),
                format!("{:.1e}", one.raw_difference),
                format!("{:.1e}", one.objective_bp),
                format!("{:.1e}", one.after_tax_bp),
                format!("{:.3}", one.finished_ns as f64 / 1e6),
            ]);
        }
    }
    output.line(printed);
}
