//! Wide tables: one line a session, one column a ticker.

use crate::error::{Error, Fault, shorten};
use csv::StringRecord;
use ndarray::Array2;
use samebits_units::{Date, Price};
use std::collections::BTreeSet;
use std::io::Read;

/// A wide table as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<T> {
    /// Sessions, strictly ascending, one a row.
    pub dates: Vec<Date>,
    /// Tickers, one a column, in the order of the file.
    pub tickers: Vec<String>,
    /// `dates x tickers`.
    pub values: Array2<T>,
}

/// Closing prices, each positive; `name` stands for the file in errors.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault.
pub fn read_closes(name: &str, from: impl Read) -> Result<Table<Price>, Error> {
    read(name, from, |text| {
        let price: Price = text.parse().map_err(Fault::BadPrice)?;
        if price.is_positive() { Ok(price) } else { Err(Fault::NotPositive { text: shorten(text) }) }
    })
}

/// Volumes in whole shares, 0 allowed; `name` stands for the file in errors.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault.
pub fn read_volumes(name: &str, from: impl Read) -> Result<Table<u64>, Error> {
    read(name, from, |text| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = if digits { text.parse().ok() } else { None };
        value.ok_or_else(|| Fault::BadVolume { text: shorten(text) })
    })
}

/// A reader of CSV lines that names its file in every error.
pub(crate) struct Lines<'a, R> {
    pub(crate) name: &'a str,
    reader: csv::Reader<R>,
}

impl<'a, R: Read> Lines<'a, R> {
    pub(crate) fn new(name: &'a str, from: R) -> Self {
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(from);
        Self { name, reader }
    }

    /// The next line, or `None` at the end; `expected` is the number of fields of the header.
    pub(crate) fn next(&mut self, expected: Option<usize>) -> Result<Option<(u64, StringRecord)>, Error> {
        let mut record = StringRecord::new();
        match self.reader.read_record(&mut record) {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(error) => return Err(self.failed(error)),
        }
        let line = record.position().map_or(0, csv::Position::line);
        match expected {
            Some(expected) if record.len() != expected => {
                let (found, expected) = (record.len() as u64, expected as u64);
                Err(self.line(line, Fault::Ragged { found, expected }))
            }
            _ => Ok(Some((line, record))),
        }
    }

    pub(crate) fn line(&self, line: u64, fault: Fault) -> Error {
        Error::Line { file: self.name.to_owned(), line, fault }
    }

    pub(crate) fn cell(&self, line: u64, column: &str, fault: Fault) -> Error {
        Error::Cell { file: self.name.to_owned(), line, column: shorten(column), fault }
    }

    pub(crate) fn empty(&self) -> Error {
        Error::Empty { file: self.name.to_owned() }
    }

    fn failed(&self, error: csv::Error) -> Error {
        let line = error.position().map_or(0, csv::Position::line);
        let text = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(source) => Error::Io { file: self.name.to_owned(), source },
            csv::ErrorKind::Utf8 { .. } => self.line(line, Fault::NotText),
            _ => Error::Io { file: self.name.to_owned(), source: std::io::Error::other(text) },
        }
    }
}

/// Tickers in their order, each once and none empty.
pub(crate) fn distinct<'a>(tickers: impl Iterator<Item = &'a str>) -> Result<Vec<String>, Fault> {
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    for ticker in tickers {
        if ticker.is_empty() {
            return Err(Fault::EmptyTicker);
        }
        if !seen.insert(ticker) {
            return Err(Fault::DuplicateTicker { ticker: shorten(ticker) });
        }
        order.push(ticker.to_owned());
    }
    Ok(order)
}

fn read<T>(name: &str, from: impl Read, parse: impl Fn(&str) -> Result<T, Fault>) -> Result<Table<T>, Error> {
    let mut lines = Lines::new(name, from);
    let (first, header) = lines.next(None)?.ok_or_else(|| lines.empty())?;
    if header.get(0) != Some("date") {
        let found = shorten(header.get(0).unwrap_or(""));
        return Err(lines.line(first, Fault::Header { found, expected: "date" }));
    }
    let tickers = distinct(header.iter().skip(1)).map_err(|fault| lines.line(first, fault))?;
    let mut dates = Vec::new();
    let mut values = Vec::new();
    while let Some((line, record)) = lines.next(Some(header.len()))? {
        let text = record.get(0).unwrap_or("");
        let date = next_date(text, dates.last()).map_err(|fault| lines.cell(line, "date", fault))?;
        dates.push(date);
        for (text, ticker) in record.iter().skip(1).zip(&tickers) {
            let value = if text.is_empty() { Err(Fault::NoValue) } else { parse(text) };
            values.push(value.map_err(|fault| lines.cell(line, ticker, fault))?);
        }
    }
    if dates.is_empty() || tickers.is_empty() {
        return Err(lines.empty());
    }
    let values = Array2::from_shape_vec((dates.len(), tickers.len()), values).map_err(|_| lines.empty())?;
    Ok(Table { dates, tickers, values })
}

fn next_date(text: &str, previous: Option<&Date>) -> Result<Date, Fault> {
    let date: Date = text.parse().map_err(|_| Fault::BadDate { text: shorten(text) })?;
    match previous {
        Some(&previous) if previous == date => Err(Fault::DuplicateDate { date }),
        Some(&previous) if previous > date => Err(Fault::Unsorted { date, previous }),
        _ => Ok(date),
    }
}
