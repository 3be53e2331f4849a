//! Wide tables: one line a session, one column a ticker.

use crate::error::{Error, Fault, shorten};
use crate::limits::{AHEAD, Bounded, Excess, Limits, Named};
use csv::StringRecord;
use ndarray::{Array2, Axis};
use samebits_units::{Date, Price};
use std::cell::Cell;
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

/// Closing prices, each positive; `file` stands for the file in errors, with the default limits when it is a name alone.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault.
pub fn read_closes<'a>(file: impl Into<Named<'a>>, from: impl Read) -> Result<Table<Price>, Error> {
    read(file.into(), from, close)
}

/// A positive price.
pub(crate) fn close(text: &str) -> Result<Price, Fault> {
    let price: Price = text.parse().map_err(Fault::BadPrice)?;
    if price.is_positive() { Ok(price) } else { Err(Fault::NotPositive { text: shorten(text) }) }
}

/// Volumes in whole shares, 0 allowed; `file` as for [`read_closes`].
///
/// # Errors
/// [`Error`] with the line and the column of the first fault.
pub fn read_volumes<'a>(file: impl Into<Named<'a>>, from: impl Read) -> Result<Table<u64>, Error> {
    read(file.into(), from, shares)
}

/// A whole number of shares.
pub(crate) fn shares(text: &str) -> Result<u64, Fault> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = if digits { text.parse().ok() } else { None };
    value.ok_or_else(|| Fault::BadVolume { text: shorten(text) })
}

/// Closes with empty cells before the first quote of a name; `file` as for [`read_closes`].
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; an empty cell below a quote is one.
pub fn read_quotes<'a>(file: impl Into<Named<'a>>, from: impl Read) -> Result<Table<Option<Price>>, Error> {
    let mut quoted: Vec<bool> = Vec::new();
    read_cells(file.into(), from, |column, text| {
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

/// A reader of CSV lines that names its file in every error and keeps to its limits.
pub(crate) struct Lines<'a, R> {
    pub(crate) name: &'a str,
    reader: csv::Reader<Bounded<R>>,
    limits: Limits,
    /// Bytes that what is made of the lines may still come to.
    memory: Cell<u64>,
}

impl<'a, R: Read> Lines<'a, R> {
    pub(crate) fn new(file: impl Into<Named<'a>>, from: R) -> Self {
        let Named { name, limits } = file.into();
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).buffer_capacity(AHEAD);
        let reader = builder.from_reader(Bounded::new(from, limits));
        Self { name, reader, limits, memory: Cell::new(limits.memory) }
    }

    /// Counts `bytes` of memory that are kept beyond the line.
    pub(crate) fn keep(&self, bytes: usize) -> Result<(), Error> {
        let left = self.memory.get().checked_sub(bytes as u64);
        self.memory.set(left.ok_or_else(|| self.too_large("memory", self.limits.memory))?);
        Ok(())
    }

    fn too_large(&self, what: &'static str, allowed: u64) -> Error {
        Error::TooLarge { file: self.name.to_owned(), what, allowed }
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
        self.reader.get_mut().next_line();
        match self.reader.read_record(record) {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(error) => return Err(self.failed(error)),
        }
        let line = record.position().map_or(0, csv::Position::line);
        let start = record.position().map_or(0, csv::Position::byte);
        if self.reader.position().byte() - start > self.limits.line {
            return Err(self.line(line, Fault::LongLine { allowed: self.limits.line }));
        }
        if record.len() as u64 > self.limits.fields {
            let (found, allowed) = (record.len() as u64, self.limits.fields);
            return Err(self.line(line, Fault::ManyFields { found, allowed }));
        }
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
        match self.reader.get_ref().excess {
            Some(Excess::Content) => return self.too_large("content", self.limits.content),
            Some(Excess::Line) => {
                let fault = Fault::LongLine { allowed: self.limits.line };
                return self.line(self.reader.position().line(), fault);
            }
            None => {}
        }
        let line = error.position().map_or(0, csv::Position::line);
        let text = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(source) => Error::Io { file: self.name.to_owned(), source },
            csv::ErrorKind::Utf8 { .. } => self.line(line, Fault::NotText),
            _ => Error::Io { file: self.name.to_owned(), source: std::io::Error::other(text) },
        }
    }
}

/// Memory of the first entry of a map of its own: a whole node.
pub(crate) const NODE: usize = 1024;

/// Memory that a short text takes beside its place in a list: what is asked for is rounded up.
pub(crate) const HEAP: usize = 32;

/// Memory of a ticker in a list, and while it is compared with the others.
pub(crate) const TICKER: usize = 64;

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
fn read<T>(
    file: Named<'_>,
    from: impl Read,
    parse: impl Fn(&str) -> Result<T, Fault>,
) -> Result<Table<T>, Error> {
    read_cells(file, from, |_, text| if text.is_empty() { Err(Fault::NoValue) } else { parse(text) })
}

/// A table whose cells `parse` reads, given their column and text.
fn read_cells<T>(
    file: Named<'_>,
    from: impl Read,
    mut parse: impl FnMut(usize, &str) -> Result<T, Fault>,
) -> Result<Table<T>, Error> {
    let mut lines = Lines::new(file, from);
    let (first, header) = lines.next(None)?.ok_or_else(|| lines.empty())?;
    if header.get(0) != Some("date") {
        let found = shorten(header.get(0).unwrap_or(""));
        return Err(lines.line(first, Fault::Header { found, expected: "date" }));
    }
    lines.keep(header.as_slice().len() + header.len() * TICKER)?;
    let tickers = distinct(header.iter().skip(1)).map_err(|fault| lines.line(first, fault))?;
    let mut dates = Vec::new();
    let mut values = Vec::new();
    let mut record = StringRecord::new();
    while let Some(line) = lines.read(&mut record, Some(header.len()))? {
        let text = record.get(0).unwrap_or("");
        let date = next_date(text, dates.last()).map_err(|fault| lines.cell(line, "date", fault))?;
        lines.keep(size_of::<Date>() + tickers.len() * size_of::<T>())?;
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
