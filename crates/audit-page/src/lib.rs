//! Runs, replays and their reasons in a browser.
//!
//! ```text
//! Store, AnswerStore, gate --Desk (blocking threads)--> views (maud) --guard (axum)--> a page of HTML, a picture of SVG
//! ```
//!
//! [`serve`] answers on a loopback address: every page is rendered here, works without scripts and by keyboard alone, and says
//! nothing that `samebits` would not print. [`export`] writes one Run as one file. The page computes nothing of its own: it
//! calls `replay`, `store`, `report` and `gate` and lays out what they return.
//!
//! | module | story |
//! |---|---|
//! | `guard` | who may ask: the address asked for, the token, where a form came from; what every answer carries |
//! | `desk` | the store's handles, the work that is done at once, the gate's last results |
//! | `views` | a page each |
//! | `text` | strings of records, shown as data |
//! | `export` | one Run as one file |
//!
//! Left out on purpose: writing. The store is opened to read, a replay is shown and not kept; clocks and random numbers are
//! passed in.

mod desk;
mod error;
mod export;
mod guard;
mod layout;
mod parts;
mod server;
mod text;
mod views;

pub use error::Error;
pub use export::{Exported, export};
pub use guard::Secrets;
pub use server::{Options, serve};
