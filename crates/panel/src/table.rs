//! A wide table: one row a date, one column a ticker.

use crate::{Error, Fault};
use ndarray::Array2;
use samebits_units::{Date, Price};
use std::io::Read;

/// A wide table, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<T> {
    /// Dates of the rows, strictly ascending.
    pub dates: Vec<Date>,
    /// Tickers of the columns.
    pub tickers: Vec<String>,
    /// Values, dates x tickers.
    pub values: Array2<T>,
}

/// Reads closing prices; `file` names them in errors.
///
/// # Errors
/// The first fault, by line and column.
pub fn read_closes(file: &str, source: impl Read) -> Result<Table<Price>, Error> {
    read(file, source, |text| {
        let price: Price = text.parse().map_err(Fault::NotNumber)?;
        if price.is_positive() { Ok(price) } else { Err(Fault::NotPositive(text.to_owned())) }
    })
}

/// Reads volumes in whole shares; `file` names them in errors.
///
/// # Errors
/// The first fault, by line and column.
pub fn read_volumes(file: &str, source: impl Read) -> Result<Table<u64>, Error> {
    read(file, source, |text| {
        let shares = samebits_units::decimal::parse(text, 0, "volume").map_err(Fault::NotNumber)?;
        u64::try_from(shares).map_err(|_| Fault::NotPositive(text.to_owned()))
    })
}

fn read<T>(
    file: &str,
    source: impl Read,
    cell: impl Fn(&str) -> Result<T, Fault>,
) -> Result<Table<T>, Error> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source);
    let mut records = reader.records();
    let unreadable = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        Fault::Unreadable(error.to_string()).at(file, line, 0, None)
    };
    let header = records.next().ok_or_else(|| Fault::Empty.of(file))?.map_err(unreadable)?;
    let tickers = tickers(file, &header)?;
    let (mut dates, mut values) = (Vec::new(), Vec::new());
    for record in records {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        dates.push(date(file, line, &record, dates.last())?);
        if record.len() != header.len() {
            let fault = Fault::Ragged { found: record.len(), expected: header.len() };
            return Err(fault.at(file, line, 0, None));
        }
        for (column, (text, ticker)) in record.iter().skip(1).zip(&tickers).enumerate() {
            let found = if text.is_empty() { Err(Fault::Missing) } else { cell(text) };
            values.push(found.map_err(|fault| fault.at(file, line, column + 2, Some(ticker)))?);
        }
    }
    let shape = (dates.len(), tickers.len());
    if dates.is_empty() || tickers.is_empty() {
        return Err(Fault::Empty.of(file));
    }
    let values = Array2::from_shape_vec(shape, values).map_err(|_| Fault::Empty.of(file))?;
    Ok(Table { dates, tickers, values })
}

fn tickers(file: &str, header: &csv::StringRecord) -> Result<Vec<String>, Error> {
    let first = header.get(0).unwrap_or_default();
    if first != "date" {
        let fault = Fault::Header { found: first.chars().take(40).collect(), expected: "date".into() };
        return Err(fault.at(file, 1, 1, None));
    }
    let tickers: Vec<String> = header.iter().skip(1).map(str::to_owned).collect();
    for (at, ticker) in tickers.iter().enumerate() {
        if ticker.is_empty() {
            return Err(Fault::Missing.at(file, 1, at + 2, None));
        }
        if tickers[..at].contains(ticker) {
            return Err(Fault::DuplicateTicker.at(file, 1, at + 2, Some(ticker)));
        }
    }
    Ok(tickers)
}

fn date(file: &str, line: u64, record: &csv::StringRecord, before: Option<&Date>) -> Result<Date, Error> {
    let at = |fault: Fault| fault.at(file, line, 1, Some("date"));
    let date: Date = record.get(0).unwrap_or_default().parse().map_err(|error| at(Fault::NotDate(error)))?;
    match before {
        Some(before) if *before == date => Err(at(Fault::DuplicateDate(date))),
        Some(before) if *before > date => Err(at(Fault::Unsorted { found: date, before: *before })),
        _ => Ok(date),
    }
}
