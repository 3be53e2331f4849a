//! Numbers about firms that become known from time to time, such as book-to-price.

use crate::error::{Error, Fault};
use crate::limits::Named;
use crate::load::read_file;
use crate::table::{Lines, NODE, date};
use samebits_units::{Date, decimal};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

const HEADER: [&str; 4] = ["date", "ticker", "characteristic", "value"];
/// Decimals that a value may have.
const DECIMALS: u32 = 8;

/// Memory of a ticker and the smallest list of its values.
const SERIES: usize = 160;

/// Values in 1e-8 by ticker; days ascend.
type ByTicker = BTreeMap<String, Vec<(Date, i64)>>;

/// Values by characteristic, ticker and the day from which on they were known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Characteristics {
    by_name: BTreeMap<String, ByTicker>,
}

/// One characteristic of a cross-section.
#[derive(Debug, Clone, PartialEq)]
pub struct CharacteristicColumn {
    /// Name.
    pub name: String,
    /// One value a ticker; `None` where none is known.
    pub values: Vec<Option<f64>>,
}

impl Characteristics {
    /// Name of the table in a folder of prices that has one.
    pub const FILE: &str = "characteristics.csv";

    /// [`read_characteristics`] of a file, decompressed when its name ends in `.zst`.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::TooLarge`], and as [`read_characteristics`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file = read_file(path)?;
        read_characteristics(&file.name, file.bytes.as_slice())
    }

    /// The table of a folder of prices; `None` where there is no [`Characteristics::FILE`].
    ///
    /// # Errors
    /// As [`Characteristics::load`].
    pub fn beside(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join(Self::FILE);
        if path.is_file() { Self::load(&path).map(Some) } else { Ok(None) }
    }

    /// Names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Every characteristic of `tickers` in their order: the latest value on or before `day`, however old.
    ///
    /// A value is stored in units of 1e-8 and leaves as one division by 1e8, which keeps the order of any two values.
    pub fn on(&self, day: Date, tickers: &[&str]) -> Vec<CharacteristicColumn> {
        let column = |(name, series): (&String, &ByTicker)| {
            let value = |ticker: &&str| latest(series.get(*ticker)?, day).map(|value| value as f64 / 1e8);
            CharacteristicColumn { name: name.clone(), values: tickers.iter().map(value).collect() }
        };
        self.by_name.iter().map(column).collect()
    }
}

fn latest(series: &[(Date, i64)], day: Date) -> Option<i64> {
    let after = series.partition_point(|(date, _)| *date <= day);
    after.checked_sub(1).and_then(|at| series.get(at)).map(|(_, value)| *value)
}

/// Rows of `date,ticker,characteristic,value`. The date is the day from which on the value was known, not the end of
/// the period it speaks of; values are decimals of either sign with at most eight decimals. `file` as for
/// [`read_closes`](crate::read_closes).
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; within a ticker and characteristic dates must ascend.
pub fn read_characteristics<'a>(
    file: impl Into<Named<'a>>,
    from: impl Read,
) -> Result<Characteristics, Error> {
    let mut lines = Lines::new(file, from);
    lines.header(&HEADER)?;
    let mut found = Characteristics::default();
    while let Some((line, record)) = lines.next(Some(HEADER.len()))? {
        let text = |at: usize| record.get(at).unwrap_or("");
        let bad = |at: usize, fault: Fault| lines.cell(line, HEADER[at], fault);
        let day = date(text(0)).map_err(|fault| bad(0, fault))?;
        if text(1).is_empty() {
            return Err(bad(1, Fault::EmptyTicker));
        }
        if text(2).is_empty() {
            return Err(bad(2, Fault::NoName));
        }
        let value = decimal::parse(text(3), DECIMALS, "characteristic");
        let value = value.map_err(|error| bad(3, Fault::BadNumber(error)))?;
        let known = found.by_name.get(text(2)).map(|by_ticker| by_ticker.contains_key(text(1)));
        let names = match known {
            Some(true) => 0,
            Some(false) => SERIES + text(1).len(),
            None => NODE + SERIES + text(1).len() + text(2).len(),
        };
        lines.keep(names + size_of::<(Date, i64)>())?;
        let by_ticker = found.by_name.entry(text(2).to_owned()).or_default();
        let series = by_ticker.entry(text(1).to_owned()).or_default();
        match series.last() {
            Some(&(previous, _)) if previous == day => {
                return Err(bad(0, Fault::DuplicateDate { date: day }));
            }
            Some(&(previous, _)) if previous > day => {
                return Err(bad(0, Fault::Unsorted { date: day, previous }));
            }
            _ => series.push((day, value)),
        }
    }
    if found.by_name.is_empty() { Err(lines.empty()) } else { Ok(found) }
}
