//! CSV files in, a typed panel of closing prices and volumes out.
//!
//! ```text
//! closes   date,AAA,BBB      volumes  date,AAA,BBB      sectors  ticker,name,gics_sector,...
//!          2017-02-08,1.5,2           2017-02-08,10,20           AAA,Firm A,Energy
//! ```
//! Prices are read as scaled integers, never by way of a float. Dates ascend strictly; the tickers of the closes fix
//! the order of every vector. Each fault is an [`Error`] that names the file, the line (counted from 1, the header is
//! line 1) and the column.
//!
//! ```
//! let closes = "date,AAA,BBB\n2017-02-08,1.5,2\n";
//! let table = samebits_panel::read_closes("closes.csv", closes.as_bytes())?;
//! assert_eq!(table.tickers, ["AAA", "BBB"]);
//! assert_eq!(table.values[[0, 0]].to_string(), "1.50");
//! # Ok::<(), samebits_panel::Error>(())
//! ```
//!
//! Left out on purpose: calendars (a session is a row), repairs (a fault stops), adjustments for corporate actions.

mod bars;
mod error;
mod load;
mod panel;
mod sectors;
mod table;

pub use bars::{Bar, Bars};
pub use error::{Error, Fault};
pub use load::{CONTENT_BYTES_MAX, Sources};
pub use panel::{Listing, Panel};
pub use sectors::{SectorRow, read_sectors};
pub use table::{Table, read_closes, read_volumes};
