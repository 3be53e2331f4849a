//! `samebits compare`

use crate::arguments::Compare;
use crate::backend;
use crate::exit::Exit;
use crate::output::{Output, open, table};
use anyhow::Context;
use samebits_canon::Isa;
use samebits_replay::{Backend, Compared, Contender, compare, each_run};
use samebits_snapshot::Digest;
use samebits_store::{Filter, Opener, RunHead};
use serde_json::{Value, json};
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
                anstream::eprintln!("error: {}/{}: {error}", head.account, head.sequence);
            }
        }
    }
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name.as_str()).collect();
    if wanted.each {
        print_each(&names, &rows, output);
    }
    let totals: Vec<Total> = (0..names.len()).map(|k| Total::of(&rows, k)).collect();
    print_totals(&names, &totals, output);
    let equal = totals.iter().all(|total| total.unexplained == 0);
    output.json(&json!({
        "runs": rows.len(), "failed": failed, "bit_equal_unless_degenerate": equal,
        "solvers": names.iter().zip(&totals).map(|(name, total)| total.json(name, &totals[0])).collect::<Vec<_>>(),
        "each": if wanted.each { each_json(&names, &rows) } else { Value::Null },
    }));
    let (verdict, exit) = if damaged {
        ("DAMAGED", Exit::Damaged)
    } else if failed > 0 {
        ("NOT COMPARED", Exit::Unusable)
    } else if rows.is_empty() {
        ("NOTHING", Exit::Nothing)
    } else if equal {
        ("SAME BITS", Exit::Same)
    } else {
        ("DIVERGED", Exit::Diverged)
    };
    output.verdict(format!("{verdict}: {} Runs, {} solvers, {failed} failed", rows.len(), names.len()));
    Ok(exit)
}

type Row<'a> = (&'a RunHead, &'a Vec<Compared>);

/// What one solver did over all Runs.
struct Total {
    solved: usize,
    bit_equal: usize,
    degenerate: usize,
    /// Solved and not degenerate, and yet other bits.
    unexplained: usize,
    trades_equal: usize,
    raw_trades_equal: usize,
    difference: f64,
    raw_difference: f64,
    objective_bp: f64,
    after_tax_bp: f64,
    raw_ms: f64,
    finished_ms: f64,
}

impl Total {
    fn of(rows: &[Row<'_>], k: usize) -> Self {
        let all = || rows.iter().map(|(_, found)| &found[k]);
        let count = |what: &dyn Fn(&Compared) -> bool| all().filter(|one| what(one)).count();
        let largest =
            |what: &dyn Fn(&Compared) -> f64| all().map(what).fold(0.0, |most: f64, x| most.max(x.abs()));
        Self {
            solved: count(&|one| one.solved),
            bit_equal: count(&|one| one.bit_equal),
            degenerate: count(&|one| one.degenerate),
            unexplained: count(&|one| !one.bit_equal && !one.degenerate),
            trades_equal: count(&|one| one.trades_equal),
            raw_trades_equal: count(&|one| one.raw_trades_equal),
            difference: largest(&|one| one.difference),
            raw_difference: largest(&|one| one.raw_difference),
            objective_bp: largest(&|one| one.objective_bp),
            after_tax_bp: largest(&|one| one.after_tax_bp),
            raw_ms: median(all().map(|one| one.raw_ns).collect()),
            finished_ms: median(all().map(|one| one.finished_ns).collect()),
        }
    }

    fn json(&self, name: &str, first: &Self) -> Value {
        json!({
            "solver": name, "solved": self.solved, "weights_bit_equal": self.bit_equal, "degenerate": self.degenerate,
            "trades_equal": self.trades_equal, "raw_trades_equal": self.raw_trades_equal,
            "largest_weight_difference": self.difference, "largest_raw_weight_difference": self.raw_difference,
            "largest_objective_bp": self.objective_bp, "largest_after_tax_bp": self.after_tax_bp,
            "raw_ms_median": self.raw_ms, "finished_ms_median": self.finished_ms,
            "time_ratio": self.finished_ms / first.finished_ms,
        })
    }
}

/// In milliseconds; 0 of nothing.
fn median(mut nanoseconds: Vec<u64>) -> f64 {
    nanoseconds.sort_unstable();
    nanoseconds.get(nanoseconds.len() / 2).map_or(0.0, |middle| *middle as f64 / 1e6)
}

fn print_totals(names: &[&str], totals: &[Total], output: Output) {
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut line = |what: &str, cell: &dyn Fn(&Total) -> String| {
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

fn each_json(names: &[&str], rows: &[Row<'_>]) -> Value {
    let one = |head: &RunHead, name: &str, one: &Compared| {
        json!({
            "run_id": head.run_id, "account": head.account, "sequence": head.sequence, "solver": name,
            "solved": one.solved, "weights_bit_equal": one.bit_equal, "degenerate": one.degenerate,
            "trades_equal": one.trades_equal, "raw_trades_equal": one.raw_trades_equal,
            "weight_difference": one.difference, "raw_weight_difference": one.raw_difference,
            "objective_bp": one.objective_bp, "after_tax_bp": one.after_tax_bp,
            "raw_ms": one.raw_ns as f64 / 1e6, "finished_ms": one.finished_ns as f64 / 1e6,
        })
    };
    let all =
        rows.iter().flat_map(|(head, found)| names.iter().zip(*found).map(|(name, it)| one(head, name, it)));
    all.collect()
}
