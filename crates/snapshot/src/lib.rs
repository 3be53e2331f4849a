//! Bytes of a Run, and the record types they stand for.
//!
//! ```text
//! record types (record)  <-- canonical MessagePack (canonical, tree) --> raw bytes of a section
//! raw bytes  <-- codec --> stored bytes  <-- container --> a .run file, or a record and shared blobs of a store
//! ```
//!
//! [`pack`] writes a self-contained file and [`unpack`] reads one; reading verifies everything before it returns: limits,
//! checksums, content ids, canonical form, schema, and the ids of the manifest. `docs/format.md` describes every byte.
//!
//! ```
//! use samebits_snapshot::{Limits, NoBlobs, unpack};
//! let error = unpack(b"not a Run", &Limits::default(), &NoBlobs).unwrap_err();
//! assert!(error.to_string().contains("does not begin like a Run"));
//! ```
//!
//! Left out on purpose: solvers, markets, files and databases; and what a covariance is computed from prices with: a
//! [`Predictor`] is handed in.

pub mod canonical;
mod codec;
mod container;
mod diff;
mod digest;
mod error;
mod identity;
mod inspect;
mod limits;
mod reader;
pub mod record;
mod sealed;
mod section;
mod shared;
mod sigma;
mod transpose;
pub mod tree;
mod wire;

pub use codec::Codec;
pub use container::{
    Blob, BlobSource, NoBlobs, Packed, Unpacked, pack, pack_interchange, pack_shared, unpack, unpack_shared,
};
pub use diff::{Difference, diff};
pub use digest::{Digest, Hasher};
pub use error::Error;
pub use identity::{DaySections, InputIds, Manifest, account_id, info_id, input_ids, result_id};
pub use inspect::{Inspected, Inspection, inspect};
pub use limits::Limits;
pub use reader::Reader;
pub use sealed::{Decided, Narrow, Sealed, Unsealed, seal};
pub use section::{Kind, Section};
pub use shared::Shared;
pub use sigma::{Base, DayChain, Hints, Link, MasterHint, PanelHint, Predictor, PreviousHint, PricePanel};
pub use tree::Tree;
