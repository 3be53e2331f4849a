//! Closes, volumes and sectors that belong together.

use crate::error::{Error, Fault};
use crate::sectors::SectorRow;
use crate::table::Table;
use ndarray::{Array2, ArrayView1, ArrayView2, s};
use samebits_units::{Date, Price};
use std::collections::{BTreeMap, BTreeSet};

/// A security of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Ticker.
    pub ticker: String,
    /// Name of the firm.
    pub name: String,
    /// Index into [`Panel::sectors`].
    pub sector: u32,
}

/// A history of closes and volumes without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// Sessions, strictly ascending.
    pub dates: Vec<Date>,
    /// Securities, in the order of every column.
    pub securities: Vec<Listing>,
    /// Names of the sectors, sorted, each once.
    pub sectors: Vec<String>,
    /// Closing prices, sessions x securities, each positive.
    pub closes: Array2<Price>,
    /// Shares traded, sessions x securities.
    pub volumes: Array2<u64>,
}

impl Panel {
    /// Joins tables; the columns follow the closes, and `volumes_name` and `sectors_name` stand for files in errors.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Fault::UnknownTicker`], [`Fault::OtherDate`], [`Fault::OtherLength`].
    pub fn join(
        closes: Table<Price>,
        (volumes_name, volumes): (&str, &Table<u64>),
        (sectors_name, rows): (&str, &[SectorRow]),
    ) -> Result<Self, Error> {
        same_dates(&closes.dates, volumes_name, &volumes.dates)?;
        let volumes = ordered(&closes.tickers, volumes_name, volumes)?;
        let (securities, sectors) = listings(&closes.tickers, sectors_name, rows)?;
        Ok(Self { dates: closes.dates, securities, sectors, closes: closes.values, volumes })
    }

    /// The sessions from `first` to `last`, both included, with all securities and sectors; `None` when there is none.
    #[must_use]
    pub fn between(&self, first: Date, last: Date) -> Option<Self> {
        let start = self.dates.partition_point(|&date| date < first);
        let end = self.dates.partition_point(|&date| date <= last);
        (start < end).then(|| Self {
            dates: self.dates[start..end].to_vec(),
            securities: self.securities.clone(),
            sectors: self.sectors.clone(),
            closes: self.closes.slice(s![start..end, ..]).to_owned(),
            volumes: self.volumes.slice(s![start..end, ..]).to_owned(),
        })
    }

    /// Tickers in the order of every column.
    pub fn tickers(&self) -> Vec<&str> {
        self.securities.iter().map(|listing| listing.ticker.as_str()).collect()
    }

    /// The column of each ticker.
    pub fn columns(&self) -> BTreeMap<&str, usize> {
        self.tickers().into_iter().zip(0..).collect()
    }

    /// The row of a session, or `None` when there was none on that date.
    pub fn day_index(&self, date: Date) -> Option<usize> {
        self.dates.binary_search(&date).ok()
    }

    /// The last `rows` closes up to and including session `day`; `None` when the history is shorter.
    pub fn closes_until(&self, day: usize, rows: usize) -> Option<ArrayView2<'_, Price>> {
        self.range(day, rows).map(|range| self.closes.slice(s![range, ..]))
    }

    /// The last `rows` volumes up to and including session `day`; `None` when the history is shorter.
    pub fn volumes_until(&self, day: usize, rows: usize) -> Option<ArrayView2<'_, u64>> {
        self.range(day, rows).map(|range| self.volumes.slice(s![range, ..]))
    }

    /// The last `rows` sessions up to and including session `day`; `None` when the history is shorter.
    pub fn dates_until(&self, day: usize, rows: usize) -> Option<&[Date]> {
        self.range(day, rows).map(|range| &self.dates[range])
    }

    /// The closes of session `day`; `None` beyond the end.
    pub fn closes_on(&self, day: usize) -> Option<ArrayView1<'_, Price>> {
        (day < self.dates.len()).then(|| self.closes.row(day))
    }

    fn range(&self, day: usize, rows: usize) -> Option<std::ops::Range<usize>> {
        let end = day.checked_add(1)?;
        let start = end.checked_sub(rows)?;
        (end <= self.dates.len()).then_some(start..end)
    }
}

fn same_dates(closes: &[Date], file: &str, volumes: &[Date]) -> Result<(), Error> {
    for (line, (&expected, &found)) in (2..).zip(closes.iter().zip(volumes)) {
        if expected != found {
            let (file, column) = (file.to_owned(), "date".to_owned());
            return Err(Error::Cell { file, line, column, fault: Fault::OtherDate { found, expected } });
        }
    }
    if closes.len() == volumes.len() {
        return Ok(());
    }
    let line = 2 + closes.len().min(volumes.len()) as u64;
    let fault = Fault::OtherLength { found: volumes.len(), expected: closes.len() };
    Err(Error::Line { file: file.to_owned(), line, fault })
}

/// The columns of `table` in the order of `tickers`.
fn ordered(tickers: &[String], file: &str, table: &Table<u64>) -> Result<Array2<u64>, Error> {
    let known: BTreeSet<&String> = tickers.iter().collect();
    if let Some(ticker) = table.tickers.iter().find(|ticker| !known.contains(ticker)) {
        let fault = Fault::UnknownTicker { ticker: ticker.clone() };
        return Err(Error::Line { file: file.to_owned(), line: 1, fault });
    }
    let columns: BTreeMap<&String, usize> = table.tickers.iter().zip(0..).collect();
    let mut order = Vec::with_capacity(tickers.len());
    for ticker in tickers {
        let missing = || Error::Missing { file: file.to_owned(), ticker: ticker.clone() };
        order.push(*columns.get(ticker).ok_or_else(missing)?);
    }
    Ok(table.values.select(ndarray::Axis(1), &order))
}

fn listings(
    tickers: &[String],
    file: &str,
    rows: &[SectorRow],
) -> Result<(Vec<Listing>, Vec<String>), Error> {
    let known: BTreeSet<&String> = tickers.iter().collect();
    if let Some(row) = rows.iter().find(|row| !known.contains(&row.ticker)) {
        let (file, column) = (file.to_owned(), "ticker".to_owned());
        let fault = Fault::UnknownTicker { ticker: row.ticker.clone() };
        return Err(Error::Cell { file, line: row.line, column, fault });
    }
    let by_ticker: BTreeMap<&String, &SectorRow> = rows.iter().map(|row| (&row.ticker, row)).collect();
    let distinct: BTreeSet<&String> = rows.iter().map(|row| &row.sector).collect();
    let index: BTreeMap<&String, u32> = distinct.iter().copied().zip(0..).collect();
    let mut securities = Vec::with_capacity(tickers.len());
    for ticker in tickers {
        let missing = || Error::Missing { file: file.to_owned(), ticker: ticker.clone() };
        let row = by_ticker.get(ticker).ok_or_else(missing)?;
        let sector = index.get(&row.sector).copied().ok_or_else(missing)?;
        securities.push(Listing { ticker: ticker.clone(), name: row.name.clone(), sector });
    }
    Ok((securities, distinct.into_iter().cloned().collect()))
}
