//! Wide tables: one line a session, one column a ticker.

use crate::error::{Error, Fault, shorten};
use csv::StringRecord;
use ndarray::{Array2, Axis};
use samebits_units::{Date, Price};
use std::collections::{BTreeMap, BTreeSet};
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
    read(name, from, close)
}

/// A positive price.
pub(crate) fn close(text: &str) -> Result<Price, Fault> {
    let price: Price = text.parse().map_err(Fault::BadPrice)?;
    if price.is_positive() { Ok(price) } else { Err(Fault::NotPositive { text: shorten(text) }) }
}

/// Volumes in whole shares, 0 allowed; `name` stands for the file in errors.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault.
pub fn read_volumes(name: &str, from: impl Read) -> Result<Table<u64>, Error> {
    read(name, from, shares)
}

/// A whole number of shares.
pub(crate) fn shares(text: &str) -> Result<u64, Fault> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = if digits { text.parse().ok() } else { None };
    value.ok_or_else(|| Fault::BadVolume { text: shorten(text) })
}

/// Closes with empty cells before the first quote of a name; `name` stands for the file in errors.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; an empty cell below a quote is one.
pub fn read_quotes(name: &str, from: impl Read) -> Result<Table<Option<Price>>, Error> {
    let mut quoted: Vec<bool> = Vec::new();
    read_cells(name, from, |column, text| {
        if quoted.len() <= column {
            quoted.resize(column + 1, false);
        }
        match text {
            "" if quoted[column] => Err(Fault::NoValue),
            "" => Ok(None),
            _ => {
                quoted[column] = true;
                close(text).map(Some)
            }
        }
    })
}

impl Table<u64> {
    /// The columns of `tickers` in their order; a ticker that is not here is left out.
    pub(crate) fn only(&self, tickers: &[String]) -> Self {
        let columns: BTreeMap<&String, usize> = self.tickers.iter().zip(0..).collect();
        let order: Vec<usize> = tickers.iter().filter_map(|ticker| columns.get(ticker).copied()).collect();
        let tickers = order.iter().map(|&at| self.tickers[at].clone()).collect();
        Self { dates: self.dates.clone(), tickers, values: self.values.select(Axis(1), &order) }
    }
}

impl Table<Option<Price>> {
    /// The names with a quote in every session, in the order of their tickers.
    #[must_use]
    pub fn complete(&self) -> Table<Price> {
        let mut columns: Vec<(&String, usize)> = self.tickers.iter().zip(0..).collect();
        columns.sort_unstable();
        columns.retain(|&(_, at)| self.values.column(at).iter().all(Option::is_some));
        let values = Array2::from_shape_fn((self.dates.len(), columns.len()), |(day, at)| {
            self.values[[day, columns[at].1]].unwrap_or(Price::ZERO)
        });
        let tickers = columns.into_iter().map(|(ticker, _)| ticker.clone()).collect();
        Table { dates: self.dates.clone(), tickers, values }
    }
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
        Ok(self.read(&mut record, expected)?.map(|line| (line, record)))
    }

    /// [`Lines::next`] into memory that the caller keeps; the number of the line, or `None` at the end.
    pub(crate) fn read(
        &mut self,
        record: &mut StringRecord,
        expected: Option<usize>,
    ) -> Result<Option<u64>, Error> {
        match self.reader.read_record(record) {
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
            _ => Ok(Some(line)),
        }
    }

    /// Reads the first line, which must begin with `columns`; returns its number of fields.
    pub(crate) fn header(&mut self, columns: &[&'static str]) -> Result<usize, Error> {
        let (first, header) = self.next(None)?.ok_or_else(|| self.empty())?;
        for (at, &expected) in columns.iter().enumerate() {
            let found = header.get(at).unwrap_or("");
            if found != expected {
                return Err(self.line(first, Fault::Header { found: shorten(found), expected }));
            }
        }
        Ok(header.len())
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

/// A table without empty cells.
fn read<T>(name: &str, from: impl Read, parse: impl Fn(&str) -> Result<T, Fault>) -> Result<Table<T>, Error> {
    read_cells(name, from, |_, text| if text.is_empty() { Err(Fault::NoValue) } else { parse(text) })
}

/// A table whose cells `parse` reads, given their column and text.
fn read_cells<T>(
    name: &str,
    from: impl Read,
    mut parse: impl FnMut(usize, &str) -> Result<T, Fault>,
) -> Result<Table<T>, Error> {
    let mut lines = Lines::new(name, from);
    let (first, header) = lines.next(None)?.ok_or_else(|| lines.empty())?;
    if header.get(0) != Some("date") {
        let found = shorten(header.get(0).unwrap_or(""));
        return Err(lines.line(first, Fault::Header { found, expected: "date" }));
    }
    let tickers = distinct(header.iter().skip(1)).map_err(|fault| lines.line(first, fault))?;
    let mut dates = Vec::new();
    let mut values = Vec::new();
    let mut record = StringRecord::new();
    while let Some(line) = lines.read(&mut record, Some(header.len()))? {
        let text = record.get(0).unwrap_or("");
        let date = next_date(text, dates.last()).map_err(|fault| lines.cell(line, "date", fault))?;
        dates.push(date);
        for ((column, text), ticker) in record.iter().skip(1).enumerate().zip(&tickers) {
            values.push(parse(column, text).map_err(|fault| lines.cell(line, ticker, fault))?);
        }
    }
    if dates.is_empty() || tickers.is_empty() {
        return Err(lines.empty());
    }
    let values = Array2::from_shape_vec((dates.len(), tickers.len()), values).map_err(|_| lines.empty())?;
    Ok(Table { dates, tickers, values })
}

/// A date of the form `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::BadDate { text: shorten(text) })
}

fn next_date(text: &str, previous: Option<&Date>) -> Result<Date, Fault> {
    let date = date(text)?;
    match previous {
        Some(&previous) if previous == date => Err(Fault::DuplicateDate { date }),
        Some(&previous) if previous > date => Err(Fault::Unsorted { date, previous }),
        _ => Ok(date),
    }
}
