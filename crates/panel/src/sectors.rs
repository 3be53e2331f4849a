//! Names and sectors of the tickers.

use crate::error::{Error, Fault, shorten};
use crate::limits::Named;
use crate::table::{Lines, TICKER, distinct};
use std::io::Read;

/// A line of the file of sectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectorRow {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// Ticker.
    pub ticker: String,
    /// Name of the firm.
    pub name: String,
    /// Sector, never empty.
    pub sector: String,
}

const COLUMNS: [&str; 3] = ["ticker", "name", "gics_sector"];

/// The rows of a file whose first columns are `ticker,name,gics_sector`; further columns are ignored. `file` as for
/// [`read_closes`](crate::read_closes).
///
/// # Errors
/// [`Error`] with the line of the first fault: header, ragged row, ticker twice, empty sector.
pub fn read_sectors<'a>(file: impl Into<Named<'a>>, from: impl Read) -> Result<Vec<SectorRow>, Error> {
    let mut lines = Lines::new(file, from);
    let fields = lines.header(&COLUMNS)?;
    let mut rows: Vec<SectorRow> = Vec::new();
    while let Some((line, record)) = lines.next(Some(fields))? {
        lines.keep(size_of::<SectorRow>() + TICKER + 2 * record.as_slice().len())?;
        let field = |at: usize| record.get(at).unwrap_or("").to_owned();
        let row = SectorRow { line, ticker: field(0), name: field(1), sector: field(2) };
        if row.sector.is_empty() {
            return Err(lines.cell(line, COLUMNS[2], Fault::NoSector { ticker: shorten(&row.ticker) }));
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(lines.empty());
    }
    check_distinct(&lines, &rows)?;
    Ok(rows)
}

/// Names the line of the second occurrence.
fn check_distinct<R: Read>(lines: &Lines<'_, R>, rows: &[SectorRow]) -> Result<(), Error> {
    let Err(fault) = distinct(rows.iter().map(|row| row.ticker.as_str())) else {
        return Ok(());
    };
    let wrong = match &fault {
        Fault::DuplicateTicker { ticker } => rows.iter().filter(|row| shorten(&row.ticker) == *ticker).nth(1),
        _ => rows.iter().find(|row| row.ticker.is_empty()),
    };
    Err(lines.cell(wrong.map_or(0, |row| row.line), COLUMNS[0], fault))
}
