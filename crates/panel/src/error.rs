//! What can be wrong with a file.

use samebits_units::Date;

/// A fault and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}, column {column}{}: {fault}", name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default())]
pub struct Error {
    /// File as the caller named it.
    pub file: String,
    /// Line, counted from 1; 0 when the file as a whole is at fault.
    pub line: u64,
    /// Column, counted from 1; 0 when the line as a whole is at fault.
    pub column: usize,
    /// Heading of the column, if it has one.
    pub name: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Larger than the limit after decompression.
    #[error("larger than {allowed} bytes")]
    TooLarge {
        /// The limit.
        allowed: u64,
    },
    /// Not a single row of data.
    #[error("no rows")]
    Empty,
    /// The header does not begin as it should.
    #[error("the header has `{found}`, expected `{expected}`")]
    Header {
        /// Text found.
        found: String,
        /// Text expected.
        expected: String,
    },
    /// A ticker stands twice.
    #[error("ticker stands twice")]
    DuplicateTicker,
    /// A row has too many or too few cells.
    #[error("{found} cells, expected {expected}")]
    Ragged {
        /// Cells found.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// Not a date.
    #[error("{0}")]
    NotDate(samebits_units::Error),
    /// The date of the row before.
    #[error("date {0} stands twice")]
    DuplicateDate(Date),
    /// An earlier date than the row before.
    #[error("date {found} comes after {before}")]
    Unsorted {
        /// Date found.
        found: Date,
        /// Date of the row before.
        before: Date,
    },
    /// An empty cell.
    #[error("missing value")]
    Missing,
    /// Not a number of the right kind.
    #[error("{0}")]
    NotNumber(samebits_units::Error),
    /// A price of zero or less.
    #[error("price `{0}` is not positive")]
    NotPositive(String),
    /// A ticker that the closes do not have.
    #[error("ticker `{0}` is not in the closes")]
    UnknownTicker(String),
    /// A ticker of the closes that this file does not have.
    #[error("ticker `{0}` of the closes is missing")]
    MissingTicker(String),
    /// Dates that differ from those of the closes.
    #[error("date {found} where the closes have {expected}")]
    OtherDate {
        /// Date found.
        found: Date,
        /// Date of the closes.
        expected: Date,
    },
    /// Fewer or more rows than the closes.
    #[error("{found} rows where the closes have {expected}")]
    OtherLength {
        /// Rows found.
        found: usize,
        /// Rows of the closes.
        expected: usize,
    },
}

impl Fault {
    /// The fault of a file as a whole.
    pub(crate) fn of(self, file: &str) -> Error {
        self.at(file, 0, 0, None)
    }

    pub(crate) fn at(self, file: &str, line: u64, column: usize, name: Option<&str>) -> Error {
        Error { file: file.to_owned(), line, column, name: name.map(str::to_owned), fault: self }
    }
}
