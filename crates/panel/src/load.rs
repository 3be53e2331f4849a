//! The three files of a panel together.

use crate::table::{Table, read_closes, read_volumes};
use crate::{Error, Fault};
use ndarray::Array2;
use samebits_units::{Date, Price};
use std::io::Read;
use std::path::Path;

/// Largest file after decompression, bytes.
const LARGEST: u64 = 1 << 30;

/// Prices, volumes and sectors of a universe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// Sessions, strictly ascending.
    pub dates: Vec<Date>,
    /// The universe, in the order of the columns.
    pub listings: Vec<Listing>,
    /// Names of the sectors, sorted.
    pub sectors: Vec<String>,
    /// Closing prices, sessions x names.
    pub closes: Array2<Price>,
    /// Shares traded, sessions x names.
    pub volumes: Array2<u64>,
}

/// A name of the universe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Ticker.
    pub ticker: String,
    /// Name of the company.
    pub name: String,
    /// Index into `Panel::sectors`.
    pub sector: usize,
}

impl Panel {
    /// Loads a panel from its three files; a name ending in `.zst` is decompressed.
    ///
    /// # Errors
    /// The first fault, with file, line and column.
    pub fn load(closes: &Path, volumes: &Path, sectors: &Path) -> Result<Self, Error> {
        let name = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let prices = read_closes(&name(closes), open(closes)?.as_slice())?;
        let shares = read_volumes(&name(volumes), open(volumes)?.as_slice())?;
        let shares = align(&name(volumes), shares, &prices)?;
        let rows = read_sectors(&name(sectors), open(sectors)?.as_slice())?;
        let (listings, sectors) = list(&name(sectors), &rows, &prices.tickers)?;
        Ok(Self { dates: prices.dates, listings, sectors, closes: prices.values, volumes: shares })
    }
}

fn open(path: &Path) -> Result<Vec<u8>, Error> {
    let file = path.display().to_string();
    let unreadable = |error: std::io::Error| Fault::Unreadable(error.to_string()).of(&file);
    let plain = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|ending| ending == "zst") {
        let decoder = zstd::stream::read::Decoder::new(plain).map_err(unreadable)?;
        decoder.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        plain.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(Fault::TooLarge { allowed: LARGEST }.of(&file));
    }
    Ok(bytes)
}

/// The volumes in the order of the closes.
fn align(file: &str, volumes: Table<u64>, closes: &Table<Price>) -> Result<Array2<u64>, Error> {
    if let Some(at) = volumes.tickers.iter().position(|ticker| !closes.tickers.contains(ticker)) {
        let ticker = &volumes.tickers[at];
        return Err(Fault::UnknownTicker(ticker.clone()).at(file, 1, at + 2, Some(ticker)));
    }
    for (row, (found, expected)) in volumes.dates.iter().zip(&closes.dates).enumerate() {
        if found != expected {
            let fault = Fault::OtherDate { found: *found, expected: *expected };
            return Err(fault.at(file, row as u64 + 2, 1, Some("date")));
        }
    }
    if volumes.dates.len() != closes.dates.len() {
        return Err(Fault::OtherLength { found: volumes.dates.len(), expected: closes.dates.len() }.of(file));
    }
    let column = |ticker: &String| {
        let at = volumes.tickers.iter().position(|known| known == ticker);
        at.ok_or_else(|| Fault::MissingTicker(ticker.clone()).of(file))
    };
    let order = closes.tickers.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    Ok(volumes.values.select(ndarray::Axis(1), &order))
}

/// Reads (ticker, name, sector) rows, in the order of the file; `file` names them in errors.
///
/// # Errors
/// The first fault, by line and column.
pub fn read_sectors(file: &str, source: impl Read) -> Result<Vec<(u64, [String; 3])>, Error> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source);
    let mut rows: Vec<(u64, [String; 3])> = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            Fault::Unreadable(error.to_string()).at(file, line, 0, None)
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() < 3 {
            return Err(Fault::Ragged { found: record.len(), expected: 3 }.at(file, line, 0, None));
        }
        let cells = [0, 1, 2].map(|column| record.get(column).unwrap_or_default().trim().to_owned());
        if index == 0 {
            for (column, expected) in ["ticker", "name", "gics_sector"].into_iter().enumerate() {
                if cells[column] != expected {
                    let fault = Fault::Header { found: cells[column].clone(), expected: expected.into() };
                    return Err(fault.at(file, line, column + 1, None));
                }
            }
            continue;
        }
        for column in [0, 2] {
            if cells[column].is_empty() {
                return Err(Fault::Missing.at(file, line, column + 1, None));
            }
        }
        if rows.iter().any(|(_, known)| known[0] == cells[0]) {
            return Err(Fault::DuplicateTicker.at(file, line, 1, Some(&cells[0])));
        }
        rows.push((line, cells));
    }
    if rows.is_empty() { Err(Fault::Empty.of(file)) } else { Ok(rows) }
}

/// The listings in the order of the closes, and the sorted names of the sectors.
fn list(
    file: &str,
    rows: &[(u64, [String; 3])],
    tickers: &[String],
) -> Result<(Vec<Listing>, Vec<String>), Error> {
    if let Some((line, cells)) = rows.iter().find(|(_, cells)| !tickers.contains(&cells[0])) {
        return Err(Fault::UnknownTicker(cells[0].clone()).at(file, *line, 1, Some("ticker")));
    }
    let mut sectors: Vec<String> = rows.iter().map(|(_, cells)| cells[2].clone()).collect();
    sectors.sort();
    sectors.dedup();
    let listing = |ticker: &String| {
        let row = rows.iter().find(|(_, cells)| cells[0] == *ticker);
        let (_, cells) = row.ok_or_else(|| Fault::MissingTicker(ticker.clone()).of(file))?;
        let sector = sectors.iter().position(|known| *known == cells[2]).unwrap_or_default();
        Ok(Listing { ticker: ticker.clone(), name: cells[1].clone(), sector })
    };
    let listings = tickers.iter().map(listing).collect::<Result<Vec<_>, Error>>()?;
    Ok((listings, sectors))
}
