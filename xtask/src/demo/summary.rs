//! What the demo prints and writes.

use anyhow::{Context, Result};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use samebits_replay::simulate::Tally;
use samebits_replay::{Item, Sealing};
use samebits_store::{Filter, Report, Store};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// What came of the demo.
pub(super) struct Summary {
    runs: usize,
    bit_equal: usize,
    trades_equal: usize,
    store_bytes: u64,
    solve_ms_median: f64,
    replay_ms_median: f64,
    harvested_loss_usd: f64,
    tracking_error_bp: f64,
    turnover: f64,
    conflicts: [u32; 2],
    /// Gain over no purchase and gap to the lower bound, basis points a Run.
    sides_bp: [f64; 2],
    problems: usize,
    sealing: Sealing,
    expected: usize,
}

impl Summary {
    pub(super) fn new(
        expected: usize,
        store: &Store,
        tallies: &[Tally],
        items: &[Item],
        (report, sealing): (&Report, Sealing),
    ) -> Result<Self> {
        let results = || items.iter().filter_map(|item| item.result.as_ref().ok());
        let accounts = tallies.len() as f64;
        let solves = store
            .list(&Filter::default())?
            .into_iter()
            .map(|head| Ok(store.get(&head.run_id)?.run.info.solve_ns));
        let solves = solves.collect::<Result<Vec<u64>>>()?;
        Ok(Self {
            runs: items.len(),
            bit_equal: results().filter(|replayed| replayed.differences.is_empty()).count(),
            trades_equal: results().filter(|replayed| replayed.trades_equal).count(),
            store_bytes: store.size()?.file,
            solve_ms_median: median_ms(solves),
            replay_ms_median: median_ms(results().map(|replayed| replayed.replay_ns).collect()),
            harvested_loss_usd: tallies
                .iter()
                .map(|tally| tally.harvested.micros() as f64 / 1e6)
                .fold(0.0, |a, b| a + b),
            tracking_error_bp: tallies.iter().map(Tally::tracking_error_bp).fold(0.0, |a, b| a + b)
                / accounts,
            turnover: tallies.iter().map(|tally| tally.turnover).fold(0.0, |a, b| a + b) / accounts,
            conflicts: [
                tallies.iter().map(|tally| tally.conflicts).sum(),
                tallies.iter().map(|tally| tally.bought).sum(),
            ],
            sides_bp: [
                1e4 * tallies.iter().map(|tally| tally.gained).fold(0.0, |a, b| a + b)
                    / items.len().max(1) as f64,
                1e4 * tallies.iter().map(|tally| tally.gap).fold(0.0, |a, b| a + b)
                    / items.len().max(1) as f64,
            ],
            problems: report.problems.len(),
            sealing,
            expected,
        })
    }

    fn a_run(&self, bytes: u64) -> f64 {
        bytes as f64 / self.runs.max(1) as f64
    }

    fn bytes_per_run(&self) -> f64 {
        self.a_run(self.store_bytes)
    }

    pub(super) fn write(&self, path: &Path, tallies: &[Tally], times: &serde_json::Value) -> Result<()> {
        let accounts: Vec<_> = tallies
            .iter()
            .map(|tally| {
                json!({
                    "account": tally.account,
                    "runs": tally.runs,
                    "relaxed": tally.relaxed,
                    "unsolved": tally.unsolved,
                    "trades": tally.trades,
                    "nav_first_usd": tally.nav.0.to_string(),
                    "nav_last_usd": tally.nav.1.to_string(),
                    "harvested_loss_usd": tally.harvested.to_string(),
                    "disallowed_loss_usd": tally.disallowed.to_string(),
                    "realised_usd": tally.realised.to_string(),
                    "costs_usd": tally.costs.to_string(),
                    "shortfall_usd": tally.shortfall.to_string(),
                    "tracking_error_bp": tally.tracking_error_bp(),
                    "turnover": tally.turnover,
                    "conflicts": tally.conflicts,
                    "conflicts_bought": tally.bought,
                    "gained_over_no_buy_bp": 1e4 * tally.gained,
                    "gap_to_lower_bound_bp": 1e4 * tally.gap,
                    "largest_excess": tally.largest_excess,
                    "largest_imbalance_usd": tally.largest_imbalance.to_string(),
                })
            })
            .collect();
        let summary = json!({
            "runs": self.runs,
            "bit_equal": self.bit_equal,
            "trades_equal": self.trades_equal,
            "store_bytes": self.store_bytes,
            "bytes_per_run": self.bytes_per_run(),
            "record_bytes_wide": self.sealing.before,
            "record_bytes": self.sealing.after,
            "stored_by_state": self.sealing.kept,
            "solve_ms_median": self.solve_ms_median,
            "replay_ms_median": self.replay_ms_median,
            "harvested_loss_usd": self.harvested_loss_usd,
            "tracking_error_bp": self.tracking_error_bp,
            "turnover": self.turnover,
            "conflicts": self.conflicts[0],
            "conflicts_bought": self.conflicts[1],
            "gained_over_no_buy_bp_a_run": self.sides_bp[0],
            "gap_to_lower_bound_bp_a_run": self.sides_bp[1],
            "store_problems": self.problems,
            "times": times,
            "accounts": accounts,
        });
        let text = serde_json::to_string_pretty(&summary)? + "\n";
        std::fs::write(path, text).with_context(|| path.display().to_string())
    }

    pub(super) fn table(&self, times: &serde_json::Value) -> Table {
        let mut table = plain(&["measure", "value"]);
        let seconds = |name: &str| format!("{:.1} s", times[name].as_f64().unwrap_or_default());
        for (name, value) in [
            ("runs recorded and replayed", self.runs.to_string()),
            ("bit-equal", self.bit_equal.to_string()),
            ("trades equal", self.trades_equal.to_string()),
            ("problems found by verify", self.problems.to_string()),
            (
                "store",
                format!("{:.1} MB, {:.0} bytes a Run", self.store_bytes as f64 / 1e6, self.bytes_per_run()),
            ),
            (
                "records, wide and sealed; of these by state",
                format!(
                    "{:.0} and {:.0} bytes a Run; {}",
                    self.a_run(self.sealing.before),
                    self.a_run(self.sealing.after),
                    self.sealing.kept
                ),
            ),
            ("conflicts, of these bought", format!("{}, {}", self.conflicts[0], self.conflicts[1])),
            (
                "objective gained over no purchase, gap to the bound",
                format!("{:.3} bp, {:.3} bp a Run", self.sides_bp[0], self.sides_bp[1]),
            ),
            ("solve, median", format!("{:.2} ms", self.solve_ms_median)),
            ("replay, median", format!("{:.2} ms", self.replay_ms_median)),
            (
                "record, seal, replay, verify",
                ["record_s", "seal_s", "replay_s", "verify_s"].map(seconds).join(", "),
            ),
        ] {
            table.add_row([name.to_owned(), value]);
        }
        table
    }

    pub(super) fn verdict(&self, store: &Path, balanced: bool) -> ExitCode {
        let same = self.expected == self.runs
            && self.runs == self.bit_equal
            && self.runs == self.trades_equal
            && self.problems == 0;
        println!("next: cargo run --release --bin samebits -- why latest --store {}", store.display());
        let (runs, bits, trades) = (self.runs, self.bit_equal, self.trades_equal);
        if same {
            println!("IDENTICAL: runs == bit_equal == trades_equal == {runs}");
            if balanced { ExitCode::SUCCESS } else { ExitCode::from(1) }
        } else {
            println!(
                "DIVERGED: runs {runs}, bit_equal {bits}, trades_equal {trades}, problems {}",
                self.problems
            );
            ExitCode::from(if self.problems > 0 { 5 } else { 1 })
        }
    }
}

fn median_ms(mut times: Vec<u64>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |median| *median as f64 / 1e6)
}

fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
