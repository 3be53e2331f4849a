//! What is shown of Runs: forms for programs, the words of verdicts, and a page for every error.
//!
//! Everything that prints or serves Runs takes its JSON from here, so that `--json`, the audit page, the MCP server and the
//! Python package say the same in the same fields. Amounts are exact integers in the units of `docs/format.md`; digests are
//! 64 hexadecimal digits; times are UTC.
//!
//! [`page_of`] finds the page of an error: a stable code such as `store.not-found`, a line that names it, and what to do
//! next. `samebits explain CODE` prints it.
//!
//! ```
//! let error = samebits_store::Error::NotFound { wanted: "A9/1".into() };
//! assert_eq!(samebits_present::page_of(&error).code, "store.not-found");
//! ```
//!
//! Left out on purpose: printing, tables for people, clocks, solving.

pub mod comparisons;
mod conclusion;
pub mod corrections;
mod errors;
pub mod pictures;
pub mod replays;
pub mod runs;
mod shown;
pub mod standings;
mod text;
mod time;

pub use conclusion::Conclusion;
pub use errors::{FAMILIES, Family, Page, page, page_of, system};
pub use shown::Shown;
pub use text::visible;
pub use time::utc;
