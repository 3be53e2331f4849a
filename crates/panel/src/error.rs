//! What can be wrong with the files of a panel.

use samebits_units::Date;

/// A fault of an input file and its place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be opened or read to its end.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the system or the decompressor said.
        source: std::io::Error,
    },
    /// A file larger than this reader accepts.
    #[error("{file}: more than {allowed} bytes of {what}")]
    TooLarge {
        /// The file.
        file: String,
        /// `content`, counted after decompression, or the `memory` that it would come to.
        what: &'static str,
        /// Bytes allowed.
        allowed: u64,
    },
    /// No header, or no row below it.
    #[error("{file}: no rows")]
    Empty {
        /// The file.
        file: String,
    },
    /// A fault at a line.
    #[error("{file}, line {line}: {fault}")]
    Line {
        /// The file.
        file: String,
        /// Line, counted from 1; the header is line 1.
        line: u64,
        /// What is wrong.
        fault: Fault,
    },
    /// A fault of one cell.
    #[error("{file}, line {line}, column {column}: {fault}")]
    Cell {
        /// The file.
        file: String,
        /// Line, counted from 1; the header is line 1.
        line: u64,
        /// Header of the column: a ticker, or `date`.
        column: String,
        /// What is wrong.
        fault: Fault,
    },
    /// No name has a close in every session.
    #[error("{file}: no name has a close in every session")]
    NoneComplete {
        /// The file of closes.
        file: String,
    },
    /// A close, volume or amount that leaves its range when splits are undone.
    #[error("{ticker}, {date}: {what} without its splits is out of range")]
    OutOfRange {
        /// The ticker.
        ticker: String,
        /// The session or ex-date.
        date: Date,
        /// `close`, `volume` or `amount`.
        what: &'static str,
    },
    /// A ticker of the closes that another file does not have.
    #[error("{file}: no entry for {ticker}")]
    Missing {
        /// The file that lacks it.
        file: String,
        /// The ticker.
        ticker: String,
    },
}

/// What is wrong at a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes are not text.
    #[error("not UTF-8")]
    NotText,
    /// A line beyond the limit.
    #[error("a line of more than {allowed} bytes")]
    LongLine {
        /// Bytes allowed.
        allowed: u64,
    },
    /// More fields than the limit allows.
    #[error("{found} fields, at most {allowed} are read")]
    ManyFields {
        /// Fields found.
        found: u64,
        /// Fields allowed.
        allowed: u64,
    },
    /// A row with another number of fields than the header.
    #[error("{found} fields instead of {expected}")]
    Ragged {
        /// Fields found.
        found: u64,
        /// Fields of the header.
        expected: u64,
    },
    /// A header that does not begin with the expected column.
    #[error("the column is named `{found}` instead of `{expected}`")]
    Header {
        /// The name found.
        found: String,
        /// The name expected.
        expected: &'static str,
    },
    /// The same ticker twice.
    #[error("ticker {ticker} is here twice")]
    DuplicateTicker {
        /// The ticker.
        ticker: String,
    },
    /// A ticker that the closes do not have.
    #[error("ticker {ticker} is not in the closes")]
    UnknownTicker {
        /// The ticker.
        ticker: String,
    },
    /// A ticker without characters.
    #[error("empty ticker")]
    EmptyTicker,
    /// Text that is not a date.
    #[error("`{text}` is not a date of the form YYYY-MM-DD")]
    BadDate {
        /// The text found.
        text: String,
    },
    /// The date of the line before once more.
    #[error("{date} is here twice")]
    DuplicateDate {
        /// The date.
        date: Date,
    },
    /// A date before the one above it.
    #[error("{date} comes after {previous}: dates must ascend")]
    Unsorted {
        /// The date.
        date: Date,
        /// The date of the line above.
        previous: Date,
    },
    /// A session that differs from the one of the closes.
    #[error("session {found} where the closes have {expected}")]
    OtherDate {
        /// The date found.
        found: Date,
        /// The date of the closes.
        expected: Date,
    },
    /// A session that the closes do not have.
    #[error("session {date} is not in the closes")]
    UnknownDate {
        /// The date.
        date: Date,
    },
    /// Fewer or more sessions than the closes have.
    #[error("{found} sessions, the closes have {expected}")]
    OtherLength {
        /// Sessions found.
        found: usize,
        /// Sessions of the closes.
        expected: usize,
    },
    /// An empty cell.
    #[error("no value")]
    NoValue,
    /// Text that is not a price.
    #[error("{0}")]
    BadPrice(samebits_units::Error),
    /// A price of zero or less.
    #[error("price {text} is not positive")]
    NotPositive {
        /// The text found.
        text: String,
    },
    /// Text that is not a number of shares.
    #[error("`{text}` is not a whole number of shares")]
    BadVolume {
        /// The text found.
        text: String,
    },
    /// Text that is not a ratio `new:old` of positive whole numbers.
    #[error("`{text}` is not a ratio of the form NEW:OLD")]
    BadRatio {
        /// The text found.
        text: String,
    },
    /// Text that is not a number of this column.
    #[error("{0}")]
    BadNumber(samebits_units::Error),
    /// A word that this column does not know.
    #[error("`{text}` is not one of {allowed}")]
    UnknownWord {
        /// The text found.
        text: String,
        /// The words known.
        allowed: &'static str,
    },
    /// A column of names with an empty cell.
    #[error("no name")]
    NoName,
    /// A name without a sector.
    #[error("no sector for {ticker}")]
    NoSector {
        /// The ticker.
        ticker: String,
    },
}

/// At most the first 40 characters, so that an error message stays readable.
pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
