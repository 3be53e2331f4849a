//! Printing: results on standard output, progress on standard error.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use indicatif::{ProgressBar, ProgressStyle};
use samebits_store::{Opener, Store};

/// How a command prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl Output {
    /// A line for people.
    pub(crate) fn line(self, text: impl std::fmt::Display) {
        if !self.json && !self.quiet {
            anstream::println!("{text}");
        }
    }

    /// The last line: the verdict.
    pub(crate) fn verdict(self, text: impl std::fmt::Display) {
        if !self.json {
            anstream::println!("{text}");
        }
    }

    /// The whole answer for programs.
    pub(crate) fn json(self, value: &serde_json::Value) {
        if self.json {
            anstream::println!("{value:#}");
        }
    }

    /// A progress bar; only on a terminal, never beside JSON.
    pub(crate) fn bar(self, what: &'static str, length: u64) -> ProgressBar {
        if self.json || self.quiet {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{prefix:>8} [{bar:40}] {pos}/{len} Runs, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        ProgressBar::new(length).with_style(style).with_prefix(what)
    }
}

/// A table; the columns named in `numbers` are aligned right.
pub(crate) fn table(header: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for &column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Opens a store for reading.
pub(crate) fn open(store: &Opener) -> anyhow::Result<Store> {
    Ok(samebits_replay::open(store)?)
}
