//! Solvers compared on Runs.

use crate::Conclusion;
use samebits_canon::{abs, max};
use samebits_replay::Compared;
use samebits_store::RunHead;
use serde_json::{Value, json};

/// A Run, and what each solver made of it, in the order of the solvers.
pub type Row<'a> = (&'a RunHead, &'a Vec<Compared>);

/// What one solver did over all Runs, against the first one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Runs with an accepted optimum.
    pub solved: usize,
    /// Runs whose finished weights have the same bits.
    pub bit_equal: usize,
    /// Runs whose optimum more than one state describes.
    pub degenerate: usize,
    /// Solved and not degenerate, and yet other bits.
    pub unexplained: usize,
    /// Runs with the same trades, finished.
    pub trades_equal: usize,
    /// Runs with the same trades, raw.
    pub raw_trades_equal: usize,
    /// Largest difference of a finished weight.
    pub difference: f64,
    /// Largest difference of a raw weight.
    pub raw_difference: f64,
    /// Largest difference of the raw objective, basis points.
    pub objective_bp: f64,
    /// Largest difference of tax and costs of the day, basis points.
    pub after_tax_bp: f64,
    /// Median of the raw solves, milliseconds.
    pub raw_ms: f64,
    /// Median of the finished solves, milliseconds.
    pub finished_ms: f64,
}

impl Totals {
    /// Of the solver at position `k`.
    pub fn of(rows: &[Row<'_>], k: usize) -> Self {
        let all = || rows.iter().map(|(_, found)| &found[k]);
        let count = |what: &dyn Fn(&Compared) -> bool| all().filter(|one| what(one)).count();
        let largest =
            |what: &dyn Fn(&Compared) -> f64| all().map(what).fold(0.0, |most, x| max(most, abs(x)));
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

    /// As JSON, with the time against that of the `first` solver.
    pub fn json(&self, name: &str, first: &Self) -> Value {
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

/// Whether every solver gave the first one's bits, but where more than one state describes the optimum.
pub fn bit_equal(totals: &[Totals]) -> bool {
    totals.iter().all(|total| total.unexplained == 0)
}

/// The verdict over `runs` compared Runs and those that failed.
pub fn conclusion(totals: &[Totals], runs: usize, failed: usize, damaged: bool) -> Conclusion {
    if damaged {
        Conclusion::Damaged
    } else if failed > 0 {
        Conclusion::NotCompared
    } else if runs == 0 {
        Conclusion::Nothing
    } else if bit_equal(totals) {
        Conclusion::SameBits
    } else {
        Conclusion::Diverged
    }
}

/// The whole comparison: totals of each solver, and each Run when `each` says so.
pub fn report(names: &[&str], rows: &[Row<'_>], totals: &[Totals], failed: usize, each: bool) -> Value {
    let solvers: Vec<Value> =
        names.iter().zip(totals).map(|(name, total)| total.json(name, &totals[0])).collect();
    json!({
        "runs": rows.len(), "failed": failed, "bit_equal_unless_degenerate": bit_equal(totals),
        "solvers": solvers,
        "each": if each { each_run(names, rows) } else { Value::Null },
    })
}

/// A row for each Run and solver.
pub fn each_run(names: &[&str], rows: &[Row<'_>]) -> Value {
    let all =
        rows.iter().flat_map(|(head, found)| names.iter().zip(*found).map(|(name, it)| one(head, name, it)));
    all.collect()
}

/// What one solver made of a Run that is named elsewhere.
pub fn of_one(name: &str, one: &Compared) -> Value {
    json!({
        "solver": name, "solved": one.solved, "weights_bit_equal": one.bit_equal, "degenerate": one.degenerate,
        "trades_equal": one.trades_equal, "raw_trades_equal": one.raw_trades_equal,
        "weight_difference": one.difference, "raw_weight_difference": one.raw_difference,
        "objective_bp": one.objective_bp, "after_tax_bp": one.after_tax_bp,
        "raw_ms": one.raw_ns as f64 / 1e6, "finished_ms": one.finished_ns as f64 / 1e6,
    })
}

/// What one solver made of one Run.
pub fn one(head: &RunHead, name: &str, found: &Compared) -> Value {
    let mut row = of_one(name, found);
    row["run_id"] = json!(head.run_id);
    row["account"] = json!(head.account);
    row["sequence"] = json!(head.sequence);
    row
}
