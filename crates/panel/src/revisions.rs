//! Two downloads of one history: which closes a vendor changed between them.

use crate::error::{Error, Fault, shorten};
use crate::limits::Named;
use crate::load::read_file;
use crate::panel::Panel;
use crate::table::{Lines, TICKER, close, date};
use samebits_units::{Date, Price};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

const HEADER: [&str; 4] = ["date", "ticker", "close_2017_08_vintage", "close_2018_02_vintage"];

/// A close that differs between two downloads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Session.
    pub date: Date,
    /// Ticker.
    pub ticker: String,
    /// The close as downloaded in 2017-08.
    pub earlier: Price,
    /// The close as downloaded in 2018-02.
    pub later: Price,
}

/// One of the two downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vintage {
    /// 2017-08.
    Earlier,
    /// 2018-02.
    Later,
}

/// What became of a list of revisions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Cells that were set.
    pub cells: usize,
    /// Cells among them whose close was another one before.
    pub changed: usize,
    /// Revisions of tickers that the panel does not have.
    pub unknown_tickers: usize,
    /// Revisions of sessions that the panel does not have.
    pub unknown_sessions: usize,
}

/// Rows of `date,ticker,close_2017_08_vintage,close_2018_02_vintage`, dates ascending. `file` as for
/// [`read_closes`](crate::read_closes).
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; a second line of a session and ticker is one.
pub fn read_revisions<'a>(file: impl Into<Named<'a>>, from: impl Read) -> Result<Vec<Revision>, Error> {
    let mut lines = Lines::new(file, from);
    lines.header(&HEADER)?;
    let mut rows: Vec<Revision> = Vec::new();
    let mut today = BTreeSet::new();
    while let Some((line, record)) = lines.next(Some(HEADER.len()))? {
        let text = |at: usize| record.get(at).unwrap_or("");
        let bad = |at: usize, fault: Fault| lines.cell(line, HEADER[at], fault);
        let found = date(text(0)).map_err(|fault| bad(0, fault))?;
        match rows.last().map(|row| row.date) {
            Some(previous) if previous > found => {
                return Err(bad(0, Fault::Unsorted { date: found, previous }));
            }
            Some(previous) if previous == found => {}
            _ => today.clear(),
        }
        let ticker = text(1).to_owned();
        if ticker.is_empty() {
            return Err(bad(1, Fault::EmptyTicker));
        }
        if !today.insert(ticker.clone()) {
            return Err(bad(1, Fault::DuplicateTicker { ticker: shorten(&ticker) }));
        }
        lines.keep(size_of::<Revision>() + TICKER + 2 * ticker.len())?;
        let price = |at: usize| close(text(at)).map_err(|fault| bad(at, fault));
        rows.push(Revision { date: found, ticker, earlier: price(2)?, later: price(3)? });
    }
    if rows.is_empty() { Err(lines.empty()) } else { Ok(rows) }
}

/// [`read_revisions`] of a file, decompressed when its name ends in `.zst`.
///
/// # Errors
/// [`Error::Io`], [`Error::TooLarge`], and as [`read_revisions`].
pub fn load_revisions(path: &Path) -> Result<Vec<Revision>, Error> {
    let file = read_file(path)?;
    read_revisions(&file.name, file.bytes.as_slice())
}

impl Panel {
    /// This panel with the closes of one download in every revised cell; others stay.
    ///
    /// A split between the two downloads is in the later closes only: with the earlier ones, a name that split after
    /// the last revised session jumps there. The cleaned panel has some cells of either download, so that neither
    /// vintage is the panel itself.
    #[must_use]
    pub fn with_closes(&self, revisions: &[Revision], which: Vintage) -> (Self, Applied) {
        let columns = self.columns();
        let (mut closes, mut applied) = (self.closes.clone(), Applied::default());
        for revision in revisions {
            let Some(&column) = columns.get(revision.ticker.as_str()) else {
                applied.unknown_tickers += 1;
                continue;
            };
            let Some(row) = self.day_index(revision.date) else {
                applied.unknown_sessions += 1;
                continue;
            };
            let close = match which {
                Vintage::Earlier => revision.earlier,
                Vintage::Later => revision.later,
            };
            let before = std::mem::replace(&mut closes[[row, column]], close);
            applied.cells += 1;
            applied.changed += usize::from(before != close);
        }
        (Self { closes, ..self.clone() }, applied)
    }
}

/// Cells that make a rescaling of a history out of single corrections.
pub const RESCALING_CELLS_MIN: usize = 20;

/// The revisions of one ticker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisedTicker {
    /// Ticker.
    pub ticker: String,
    /// Revised cells.
    pub cells: usize,
    /// First revised session.
    pub first: Date,
    /// Last revised session.
    pub last: Date,
    /// Median over the cells of earlier / later (the upper one of two), 1e-9, rounded down.
    pub ratio_e9: u64,
    /// Cells whose ratio is within 0.1 % of the median.
    pub at_ratio: usize,
}

impl RevisedTicker {
    /// Whether a history was multiplied by one number, as after a split: at least [`RESCALING_CELLS_MIN`] cells, nine
    /// tenths of them within 0.1 % of the median ratio.
    pub fn is_rescaling(&self) -> bool {
        self.cells >= RESCALING_CELLS_MIN && self.at_ratio.saturating_mul(10) >= self.cells.saturating_mul(9)
    }
}

/// The revisions by ticker, in the order of the tickers.
pub fn revised_tickers(revisions: &[Revision]) -> Vec<RevisedTicker> {
    let mut by_ticker: BTreeMap<&str, Vec<&Revision>> = BTreeMap::new();
    for revision in revisions {
        by_ticker.entry(&revision.ticker).or_default().push(revision);
    }
    by_ticker.into_iter().filter_map(|(ticker, rows)| revised(ticker, &rows)).collect()
}

fn revised(ticker: &str, rows: &[&Revision]) -> Option<RevisedTicker> {
    let ratio = |row: &&Revision| {
        let scaled = i128::from(row.earlier.e8()).checked_mul(1_000_000_000)?;
        u64::try_from(scaled.checked_div(i128::from(row.later.e8()))?).ok()
    };
    let mut ratios: Vec<u64> = rows.iter().filter_map(ratio).collect();
    ratios.sort_unstable();
    let ratio_e9 = *ratios.get(ratios.len() / 2)?;
    let at_ratio = ratios.iter().filter(|found| found.abs_diff(ratio_e9) <= ratio_e9 / 1000).count();
    let first = rows.iter().map(|row| row.date).min()?;
    let last = rows.iter().map(|row| row.date).max()?;
    let ticker = ticker.to_owned();
    Some(RevisedTicker { ticker, cells: rows.len(), first, last, ratio_e9, at_ratio })
}
