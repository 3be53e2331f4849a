//! CSV files in, typed panels of prices and volumes out.
//!
//! | file | header | cells |
//! |---|---|---|
//! | closes | `date,TICKER,...` | decimal prices, read into scaled integers, never by way of a float |
//! | volumes | `date,TICKER,...`, the same tickers and dates | whole shares |
//! | sectors | `ticker,name,gics_sector,...` | text; one row a ticker of the closes |
//!
//! Dates are `YYYY-MM-DD`, strictly ascending. A name ending in `.zst` is decompressed, up to a limit. Every fault is a
//! typed error that names file, line and column.
//!
//! ```
//! use samebits_panel::read_closes;
//! let table = read_closes("closes.csv", "date,AAA,BBB\n2020-01-02,10.5,7\n".as_bytes())?;
//! assert_eq!(table.values[[0, 1]].to_string(), "7.00");
//! let error = read_closes("closes.csv", "date,AAA\n2020-01-02,0\n".as_bytes()).unwrap_err();
//! assert_eq!(error.to_string(), "closes.csv, line 2, column 2 (AAA): price `0` is not positive");
//! # Ok::<(), samebits_panel::Error>(())
//! ```
//!
//! Left out on purpose: returns, adjustments, anything that interprets a price.

mod error;
mod load;
mod table;

pub use error::{Error, Fault};
pub use load::{Listing, Panel, read_sectors};
pub use table::{Table, read_closes, read_volumes};
