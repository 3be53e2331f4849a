//! A line of the result.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::{Value, json};

/// One solver on one instance. Residuals that a solver's interface does not allow to compute are NaN.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) form: &'static str,
    pub(crate) n: usize,
    pub(crate) data: &'static str,
    pub(crate) solver: String,
    pub(crate) status: String,
    /// NaN where the solver did not run.
    pub(crate) ms_median: f64,
    pub(crate) runs: usize,
    pub(crate) iterations: u32,
    pub(crate) primal: f64,
    pub(crate) dual: f64,
    pub(crate) gap: f64,
    pub(crate) objective: f64,
    pub(crate) weights_hash: Option<u64>,
}

impl Row {
    /// A solver that did not run, and why.
    pub(crate) fn missing(form: &'static str, n: usize, data: &'static str, solver: &str, why: &str) -> Self {
        Self {
            form,
            n,
            data,
            solver: solver.to_owned(),
            status: why.to_owned(),
            ms_median: f64::NAN,
            runs: 0,
            iterations: 0,
            primal: f64::NAN,
            dual: f64::NAN,
            gap: f64::NAN,
            objective: f64::NAN,
            weights_hash: None,
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "form": self.form, "n": self.n, "data": self.data, "solver": self.solver, "status": self.status,
            "ms_median": number(self.ms_median), "runs": self.runs, "iterations": self.iterations,
            "primal": number(self.primal), "dual": number(self.dual), "gap": number(self.gap),
            "objective": number(self.objective),
            "weights_hash": self.weights_hash.map(|hash| format!("{hash:016x}")),
        })
    }
}

fn number(value: f64) -> Value {
    if value.is_finite() { value.into() } else { Value::Null }
}

/// The table; ratios are to `active-set/1` on the same instance, for factorisations to our widest kernel.
pub(crate) fn print(rows: &[Row]) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "form",
        "n",
        "data",
        "solver",
        "ms",
        "ratio",
        "runs",
        "iterations",
        "primal",
        "dual",
        "gap",
        "objective",
        "weights",
        "status",
    ]);
    for column in [1, 4, 5, 6, 7, 8, 9, 10, 11] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in rows {
        let base = rows.iter().find(|other| other.form == row.form && other.n == row.n);
        let ratio = base.map_or(f64::NAN, |base| row.ms_median / base.ms_median);
        let short = |value: f64| if value.is_nan() { "-".to_owned() } else { format!("{value:.1e}") };
        let decimal =
            |value: f64, digits| if value.is_nan() { "-".to_owned() } else { format!("{value:.digits$}") };
        table.add_row([
            row.form.to_owned(),
            row.n.to_string(),
            row.data.to_owned(),
            row.solver.clone(),
            decimal(row.ms_median, 3),
            decimal(ratio, 1),
            row.runs.to_string(),
            row.iterations.to_string(),
            short(row.primal),
            short(row.dual),
            short(row.gap),
            decimal(row.objective, 10),
            row.weights_hash.map_or_else(|| "-".to_owned(), |hash| format!("{:08x}", hash >> 32)),
            row.status.clone(),
        ]);
    }
    println!("{table}");
}

/// The middle of a list of times; NaN of none.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_fields_that_readers_expect() {
        let row = Row::missing("factor", 100, "synthetic", "none", "not installed");
        let json = row.json();
        for field in [
            "form",
            "n",
            "solver",
            "ms_median",
            "iterations",
            "primal",
            "dual",
            "gap",
            "objective",
            "weights_hash",
        ] {
            assert!(json.get(field).is_some(), "{field}");
        }
        assert!(json["ms_median"].is_null());
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }
}
