//! The corrections of the tables, and which of them a part of a Run has read.

use samebits_panel::{Panel, RevisedTicker, Revision, revised_tickers};
use samebits_units::{Date, Price};
use std::collections::{BTreeMap, BTreeSet};

/// A close that was another one in the tables that the Runs were recorded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Session.
    pub date: Date,
    /// Ticker.
    pub ticker: String,
    /// The close then.
    pub before: Price,
    /// The close now.
    pub today: Price,
    /// Part of a history that was multiplied by one number, as after a split: then / now, 1e-9.
    pub rescaled_e9: Option<u64>,
}

impl Correction {
    fn size(&self) -> f64 {
        samebits_canon::abs(self.today.e8() as f64 / self.before.e8() as f64 - 1.0)
    }
}

/// The cells in which two panels of the same sessions and securities differ.
pub(crate) fn corrections(before: &Panel, today: &Panel) -> Vec<Correction> {
    let cells = before.closes.indexed_iter().zip(&today.closes).filter(|((_, then), now)| then != now);
    let rows: Vec<Revision> = cells
        .map(|(((row, column), earlier), later)| Revision {
            date: today.dates[row],
            ticker: today.securities[column].ticker.clone(),
            earlier: *earlier,
            later: *later,
        })
        .collect();
    let rescaled: BTreeMap<String, u64> = revised_tickers(&rows)
        .into_iter()
        .filter(RevisedTicker::is_rescaling)
        .map(|revised| (revised.ticker, revised.ratio_e9))
        .collect();
    rows.into_iter()
        .map(|row| Correction {
            date: row.date,
            before: row.earlier,
            today: row.later,
            rescaled_e9: rescaled.get(&row.ticker).copied(),
            ticker: row.ticker,
        })
        .collect()
}

/// The corrections of one ticker that a part of a Run has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Ticker.
    pub ticker: String,
    /// Corrected cells.
    pub cells: usize,
    /// The first of them.
    pub first: Date,
    /// The last of them.
    pub last: Date,
    /// The largest of them, relative to the close before.
    pub largest: Correction,
}

impl Cause {
    /// The largest correction as a fraction of the close before.
    pub fn size(&self) -> f64 {
        self.largest.size()
    }
}

/// The corrections of `tickers` on days of `spans` (both ends included), by ticker, the largest first.
pub(crate) fn causes(
    corrections: &[Correction],
    tickers: &BTreeSet<&str>,
    spans: &[(Date, Date)],
) -> Vec<Cause> {
    let mut by_ticker: BTreeMap<&str, Cause> = BTreeMap::new();
    for found in corrections {
        let inside = spans.iter().any(|(first, last)| (*first..=*last).contains(&found.date));
        if !inside || !tickers.contains(found.ticker.as_str()) {
            continue;
        }
        let cause = by_ticker.entry(&found.ticker).or_insert_with(|| Cause {
            ticker: found.ticker.clone(),
            cells: 0,
            first: found.date,
            last: found.date,
            largest: found.clone(),
        });
        cause.cells += 1;
        cause.last = found.date;
        if found.size() > cause.largest.size() {
            cause.largest = found.clone();
        }
    }
    let mut all: Vec<Cause> = by_ticker.into_values().collect();
    all.sort_by(|a, b| b.size().total_cmp(&a.size()).then_with(|| a.ticker.cmp(&b.ticker)));
    all
}
