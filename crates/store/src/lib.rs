//! Append-only Runs, shared blobs, a hash chain per account, over the rows of a database.
//!
//! ```text
//! Store: chains, ids, checks, verification        the same for every database
//!   RunStore: rows and transactions               SQLite here; others in crates of their own
//!   BlobStore: blobs outside of the database      optional; in crates of their own
//! ```
//!
//! The market, the risk model and the parameters of a day are blobs, kept once under their content id; a Run's record
//! refers to them. Each account's Runs form a chain: a link covers the previous link, the Run's content and everything else
//! in the row. Appends are durable when they return. `docs/store.md` gives the schema and the links' formulas.
//!
//! Reading verifies: [`Store::get`] returns a Run only when every checksum, content id, column and the link agree, and
//! [`Store::verify`] walks all of them. Triggers against UPDATE and DELETE stop accidents; the chain shows tampering with
//! what is there. Whoever can rewrite the whole store can also rewrite the chain.
//!
//! ```
//! use samebits_store::{Error, Opener, Store};
//! let folder = std::env::temp_dir().join(format!("samebits-store-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let path = folder.join("runs.db");
//! drop(Store::create(&path)?);
//! let opener = Opener::from(&path);
//! let store = opener.read()?;
//! assert_eq!(store.verify(&mut |_| {}).runs, 0);
//! assert!(matches!(store.find("latest"), Err(Error::NotFound { .. })));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Left out on purpose: solvers, clocks (the time of recording is an argument), retention: nothing is ever deleted.

mod answers;
mod chain;
mod check;
mod correct;
mod error;
mod location;
mod migrate;
mod raw;
mod recent;
mod replace;
mod row;
mod seal;
mod sqlite;
mod store;
mod verify;

pub use answers::{Answer, AnswerStore, Found, Job, Key, Queue, Taken, Unit, Work};
pub use correct::{NewCorrection, StoredCorrection};
pub use error::Error;
pub use location::{Access, Drivers, Location, OpenAnswers, OpenBlobs, OpenRows, Opener, without_password};
pub use migrate::Migrated;
pub use raw::{BlobStore, Order, Plan, RunStore};
pub use row::{Additions, CorrectionHead, CorrectionRow, End, NewRow, Row, RunHead, Size, digest_of};
pub use seal::{SEAL_BLOCK, SealedRecord};
pub use store::{Asked, Filter, Mark, NewRun, Store, StoredRun};
pub use verify::{Problem, Report};
