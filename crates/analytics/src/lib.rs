//! Recorded Runs as Parquet tables, for pandas, polars, `DuckDB` and whatever else reads columns.
//!
//! ```text
//! store --export--> records by day --record--> what is derived from one of them --tables--> rows --file--> Parquet files
//! ```
//!
//! Five tables: a line a record (`runs`), its trades, the lots of its account, its exposures, its weights. Money, shares
//! and prices are decimals of the record's own integers, weights are the recorded bits; nothing is rounded on the way.
//! What an account holds after its trades is derived from its events and compared with the digest that the Run has.
//! `docs/analytics.md` defines every column.
//!
//! One record is in memory at a time, beside one row group of each table. The same store gives the same bytes: settings,
//! row groups and order are fixed, and no clock, thread or name of a release gets into a file.
//!
//! ```
//! use samebits_analytics::{Lots, Wanted, export, tables};
//! use samebits_store::{Filter, Store};
//! let folder = std::env::temp_dir().join(format!("samebits-analytics-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let wanted = Wanted { folder: &folder, filter: Filter::default(), lots: Lots::Last, replace: false };
//! let written = export(Store::create(&folder.join("runs.db"))?, &wanted, &mut |_, _| {})?;
//! assert_eq!((written.records, written.tables.len()), (0, tables().len()));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | story |
//! |---|---|
//! | `export` | which records, in which order: [`export`] |
//! | `record` | what a record's rows are made from: the account after trading, weights, exposures |
//! | `tables` | the columns: one line each, with where its value comes from |
//! | `column` | kinds of columns and their Parquet types, a row group of values |
//! | `rows` | the same rows of one record, in memory: [`rows`] |
//! | `file` | a Parquet file under a temporary name until all of them are complete |
//!
//! Left out on purpose: solving and simulation, matrices (the risk model stays in the store), printing.

mod column;
mod error;
mod export;
mod file;
mod record;
mod rows;
mod tables;

pub use column::{Column, Kind, Table};
pub use error::Error;
pub use export::{Lots, Summary, Wanted, export};
pub use file::Written;
pub use rows::{Rows, Value, rows};
pub use tables::tables;
