//! Daily bars: one line a session and ticker.

use crate::error::{Error, Fault, shorten};
use crate::limits::Named;
use crate::load::read_file;
use crate::table::{HEAP, Lines, NODE};
use samebits_units::{Date, Price};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// A bar of one security and session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Shares traded.
    pub volume: u64,
}

/// Bars by session and ticker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bars {
    sessions: BTreeMap<Date, BTreeMap<String, Bar>>,
}

pub(crate) const HEADER: [&str; 7] = ["date", "ticker", "open", "high", "low", "close", "volume"];

impl Bars {
    /// Reads `date,ticker,open,high,low,close,volume`; a file whose name ends in `.zst` is decompressed.
    ///
    /// # Errors
    /// [`Error`] with the line and the column of the first fault; a bar whose high or low lies inside is one.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let content = read_file(path)?;
        Self::read(&content.name, content.bytes.as_slice())
    }

    /// Reads `date,ticker,open,high,low,close,volume`; `file` as for [`read_closes`](crate::read_closes).
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read<'a>(file: impl Into<Named<'a>>, from: impl Read) -> Result<Self, Error> {
        let mut lines = Lines::new(file, from);
        lines.header(&HEADER)?;
        let mut sessions: BTreeMap<Date, BTreeMap<String, Bar>> = BTreeMap::new();
        while let Some((line, record)) = lines.next(Some(HEADER.len()))? {
            let text = |at: usize| record.get(at).unwrap_or("");
            let bad = |at: usize, fault: Fault| lines.cell(line, HEADER[at], fault);
            let date: Date =
                text(0).parse().map_err(|_| bad(0, Fault::BadDate { text: shorten(text(0)) }))?;
            let price =
                |at: usize| text(at).parse::<Price>().map_err(|error| bad(at, Fault::BadPrice(error)));
            let bar = Bar {
                open: price(2)?,
                high: price(3)?,
                low: price(4)?,
                close: price(5)?,
                volume: text(6).parse().map_err(|_| bad(6, Fault::BadVolume { text: shorten(text(6)) }))?,
            };
            let inside = bar.high < bar.open.max(bar.close) || bar.low > bar.open.min(bar.close);
            if inside || !bar.low.is_positive() {
                return Err(bad(3, Fault::NotPositive { text: shorten(text(3)) }));
            }
            let first = !sessions.contains_key(&date);
            lines.keep(size_of::<(String, Bar)>() + HEAP + text(1).len() + if first { NODE } else { 0 })?;
            let twice = sessions.entry(date).or_default().insert(text(1).to_owned(), bar);
            if twice.is_some() {
                return Err(bad(1, Fault::DuplicateTicker { ticker: shorten(text(1)) }));
            }
        }
        if sessions.is_empty() {
            return Err(lines.empty());
        }
        Ok(Self { sessions })
    }

    /// The bar of a session and ticker.
    pub fn get(&self, session: Date, ticker: &str) -> Option<&Bar> {
        self.sessions.get(&session).and_then(|bars| bars.get(ticker))
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }
}
