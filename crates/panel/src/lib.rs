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
//! | file | header | read by |
//! |---|---|---|
//! | closes before every name was listed | as closes, leading cells empty | [`read_quotes`], then [`Table::complete`] |
//! | bars | `date,ticker,open,high,low,close,volume` | [`Bars::load`], [`read_bar_volumes`] |
//! | revised closes | `date,ticker,close_2017_08_vintage,close_2018_02_vintage` | [`load_revisions`] |
//! | actions | three files, see [`ActionSources`] | [`Actions::load`] |
//! | members of benchmarks | `benchmark,rebalanced,ticker` | [`read_memberships`] |
//! | characteristics | `date,ticker,characteristic,value` | [`Characteristics::load`], [`Characteristics::beside`] |
//!
//! [`Panel::load`] takes the small fixture, [`Panel::load_sp500`] a folder with the five years of the S&P 500, which is
//! not part of the repository; [`Panel::between`] cuts a span out of either. Closes are adjusted for splits:
//! [`Panel::as_traded`] gives the quotes of the day, [`Panel::with_closes`] the closes of an earlier download.
//!
//! Left out on purpose: calendars (a session is a row), repairs (a fault stops), holdings and what an action does to them.

mod actions;
mod bar_volumes;
mod bars;
mod characteristics;
mod error;
mod limits;
mod load;
mod membership;
mod panel;
mod revisions;
mod sectors;
mod table;
mod traded;

pub use actions::{
    ActionKind, ActionRow, ActionSources, Actions, Distribution, InferredSplits, LeftOut, Payment,
    SAME_EVENT_SESSIONS, read_curated, read_distributions, read_inferred_splits,
};
pub use bar_volumes::read_bar_volumes;
pub use bars::{Bar, Bars};
pub use characteristics::{CharacteristicColumn, Characteristics, read_characteristics};
pub use error::{Error, Fault};
pub use limits::{CONTENT_BYTES_MAX, Limits, Named};
pub use load::{Layout, Sources, decompress};
pub use membership::{Membership, read_memberships};
pub use panel::{Listing, Panel};
pub use revisions::{
    Applied, RESCALING_CELLS_MIN, RevisedTicker, Revision, Vintage, load_revisions, read_revisions,
    revised_tickers,
};
pub use sectors::{SectorRow, read_sectors};
pub use table::{Table, read_closes, read_quotes, read_volumes};
pub use traded::{Factor, Splits};
