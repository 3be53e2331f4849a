//! Volumes out of a table of bars: one line a session and ticker in, a wide table out.

use crate::bars::HEADER;
use crate::error::{Error, Fault, shorten};
use crate::limits::Named;
use crate::table::{Lines, Table, date, shares};
use csv::StringRecord;
use ndarray::Array2;
use std::collections::BTreeMap;
use std::io::Read;

const VOLUME: usize = 6;

/// Volumes of `date,ticker,open,high,low,close,volume` for the sessions and tickers of `like`, in whole shares; 0 where
/// the file has no line. Prices of the file are not looked at. `file` as for [`read_closes`](crate::read_closes).
///
/// Cost: one pass; a ticker that follows the one before it in `like` needs no search.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; a session or ticker that `like` does not have, a second
/// line of the same session and ticker, and sessions that do not ascend are faults.
pub fn read_bar_volumes<'a, T>(
    file: impl Into<Named<'a>>,
    from: impl Read,
    like: &Table<T>,
) -> Result<Table<u64>, Error> {
    let mut lines = Lines::new(file, from);
    lines.header(&HEADER)?;
    lines.keep(like.values.len() * (size_of::<Option<u64>>() + size_of::<u64>()))?;
    let columns: BTreeMap<&str, usize> = like.tickers.iter().map(String::as_str).zip(0..).collect();
    let mut volumes: Array2<Option<u64>> = Array2::from_elem((like.dates.len(), like.tickers.len()), None);
    let mut record = StringRecord::new();
    let (mut session, mut row, mut next) = (String::new(), None, 0);
    while let Some(line) = lines.read(&mut record, Some(HEADER.len()))? {
        let text = |at: usize| record.get(at).unwrap_or("");
        let bad = |at: usize, fault: Fault| lines.cell(line, HEADER[at], fault);
        if row.is_none() || text(0) != session {
            row = Some(later_row(&like.dates, row, text(0)).map_err(|fault| bad(0, fault))?);
            text(0).clone_into(&mut session);
        }
        let found = match like.tickers.get(next) {
            Some(expected) if expected == text(1) => Some(next),
            _ => columns.get(text(1)).copied(),
        };
        let column = found.ok_or_else(|| bad(1, Fault::UnknownTicker { ticker: shorten(text(1)) }))?;
        next = column + 1;
        let volume = shares(text(VOLUME)).map_err(|fault| bad(VOLUME, fault))?;
        if volumes[[row.unwrap_or(0), column]].replace(volume).is_some() {
            return Err(bad(1, Fault::DuplicateTicker { ticker: shorten(text(1)) }));
        }
    }
    if row.is_none() {
        return Err(lines.empty());
    }
    let values = volumes.mapv(|volume| volume.unwrap_or(0));
    Ok(Table { dates: like.dates.clone(), tickers: like.tickers.clone(), values })
}

/// The row of the session `text`, which must come after row `previous`.
fn later_row(dates: &[samebits_units::Date], previous: Option<usize>, text: &str) -> Result<usize, Fault> {
    let found = date(text)?;
    let row = dates.binary_search(&found).map_err(|_| Fault::UnknownDate { date: found })?;
    match previous {
        Some(previous) if previous >= row => Err(Fault::Unsorted { date: found, previous: dates[previous] }),
        _ => Ok(row),
    }
}
