//! What a database has to do for a store: rows in, rows out, one transaction at a time. Chains, ids and checks are not its
//! business; they are [`Store`](crate::Store)'s, and the same for every database.

use crate::row::{Additions, CorrectionHead, CorrectionRow, End, Row, RunHead, Size};
use crate::{Error, Filter, Mark};
use samebits_snapshot::{Blob, Digest};

/// Decides what a transaction adds, from where the chains of its accounts end.
pub type Plan<'p, 'a> = dyn FnMut(&[End]) -> Result<Additions<'a>, Error> + 'p;

/// Rows of a store in some database.
///
/// Every method that changes something does so in one transaction, which is durable when the method returns and leaves
/// nothing when it fails. A handle is used by one thread at a time; several threads open one each.
pub trait RunStore: std::fmt::Debug + Send {
    /// Where it is, for people; without a password.
    fn place(&self) -> String;

    /// Version of its schema: 1 or 2.
    fn schema(&self) -> u32;

    /// A setting of the store as a whole.
    ///
    /// # Errors
    /// What the database says.
    fn meta(&self, key: &str) -> Result<Option<String>, Error>;

    /// Sets what no one has set.
    ///
    /// # Errors
    /// What the database says.
    fn set_meta(&mut self, key: &str, value: &str) -> Result<(), Error>;

    /// Adds rows. From before `plan` is called until the end of the transaction no one else adds to `accounts` (each named
    /// once), so that two writers of an account follow one another; `plan` gets their ends in the same order.
    ///
    /// # Errors
    /// What `plan` says, and what the database says.
    fn append(&mut self, accounts: &[&str], plan: &mut Plan<'_, '_>) -> Result<(), Error>;

    /// Adds blobs without a Run; those that are there stay as they are.
    ///
    /// # Errors
    /// What the database says.
    fn put_blobs(&mut self, blobs: &[&Blob]) -> Result<(), Error>;

    /// Replaces the bytes of records (of Runs and corrections, by their id) and of blobs that are there. The triggers that
    /// keep them are lifted for this transaction only; whoever calls has made sure that the content is the same.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an id that is not there, and what the database says.
    fn replace(&mut self, records: &[(Digest, &[u8])], blobs: &[(Digest, &[u8])]) -> Result<(), Error>;

    /// Gives back the room that replaced bytes took, where the database does not do so by itself.
    ///
    /// # Errors
    /// What the database says; nothing is lost then.
    fn reclaim(&mut self) -> Result<(), Error>;

    /// The Run of an id.
    ///
    /// # Errors
    /// What the database says.
    fn by_id(&self, run_id: &Digest) -> Result<Option<Row>, Error>;

    /// The columns of the Run of an account's sequence.
    ///
    /// # Errors
    /// What the database says.
    fn by_sequence(&self, account: &str, sequence: i64) -> Result<Option<RunHead>, Error>;

    /// The columns of the Runs whose ids lie between `first` and `last`, both included, in their order.
    ///
    /// # Errors
    /// What the database says.
    fn between(&self, first: &Digest, last: &Digest) -> Result<Vec<RunHead>, Error>;

    /// The columns of the Run at the largest position.
    ///
    /// # Errors
    /// What the database says.
    fn latest(&self) -> Result<Option<RunHead>, Error>;

    /// The columns of the Runs that fit, by day, then account, then sequence.
    ///
    /// # Errors
    /// What the database says.
    fn list(&self, filter: &Filter) -> Result<Vec<RunHead>, Error>;

    /// At most `most` of them, newest day first, then by account, then sequence: those behind `behind`.
    ///
    /// # Errors
    /// What the database says.
    fn page(&self, filter: &Filter, behind: Option<&Mark>, most: usize) -> Result<Vec<RunHead>, Error>;

    /// Day of each Run of `ids`, days since 1970-01-01; `None` where there is no such Run.
    ///
    /// # Errors
    /// What the database says.
    fn days(&self, ids: &[Digest]) -> Result<Vec<Option<i64>>, Error>;

    /// Positions of all Runs: in the order of `verify` (by sequence, then account), or as they were appended.
    ///
    /// # Errors
    /// What the database says.
    fn positions(&self, order: Order) -> Result<Vec<i64>, Error>;

    /// The Runs at these positions, in this order.
    ///
    /// # Errors
    /// [`Error::Database`] for a position without a Run, and what the database says.
    fn at(&self, positions: &[i64]) -> Result<Vec<Row>, Error>;

    /// Where every account's chains end, by account.
    ///
    /// # Errors
    /// What the database says.
    fn ends(&self) -> Result<Vec<End>, Error>;

    /// The columns of the corrections of one account or of all, by account, then number.
    ///
    /// # Errors
    /// What the database says.
    fn corrections(&self, account: Option<&str>) -> Result<Vec<CorrectionHead>, Error>;

    /// The correction of this id.
    ///
    /// # Errors
    /// What the database says.
    fn correction(&self, run_id: &Digest) -> Result<Option<CorrectionRow>, Error>;

    /// The bytes of a blob.
    ///
    /// # Errors
    /// What the database says.
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, Error>;

    /// Ids of all blobs, as they were added.
    ///
    /// # Errors
    /// What the database says.
    fn blob_ids(&self) -> Result<Vec<Digest>, Error>;

    /// How large it is.
    ///
    /// # Errors
    /// What the database says.
    fn size(&self) -> Result<Size, Error>;

    /// What the database's own check of its files finds wrong; empty when nothing is, or when it has no such check.
    ///
    /// # Errors
    /// What the database says.
    fn faults(&self) -> Result<Vec<String>, Error>;

    /// Does `work`; until it ends, every reading method of this handle sees one state, whoever appends meanwhile.
    ///
    /// # Errors
    /// What `work` says, and what the database says.
    fn snapshot(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error>;
}

/// In which order Runs are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By sequence, then account: accounts take turns, because Runs of a day share much.
    Sequence,
    /// As they were appended.
    Appended,
}

/// Blobs outside of the database: a folder, a bucket.
///
/// What was put is durable when [`put`](Self::put) returns, and is seen whole or not at all.
pub trait BlobStore: std::fmt::Debug + Send {
    /// Where it is, for people; without a password.
    fn place(&self) -> String;

    /// The bytes of a blob.
    ///
    /// # Errors
    /// What the storage says.
    fn get(&self, id: &Digest) -> Result<Option<Vec<u8>>, Error>;

    /// Adds blobs; those that are there stay as they are.
    ///
    /// # Errors
    /// What the storage says.
    fn put(&self, blobs: &[&Blob]) -> Result<(), Error>;

    /// Writes blobs anew, each as a whole; whoever calls has made sure that the content is the same.
    ///
    /// # Errors
    /// What the storage says.
    fn replace(&self, blobs: &[(Digest, &[u8])]) -> Result<(), Error>;

    /// Ids of all blobs, in ascending order.
    ///
    /// # Errors
    /// What the storage says.
    fn ids(&self) -> Result<Vec<Digest>, Error>;

    /// Bytes of all blobs.
    ///
    /// # Errors
    /// What the storage says.
    fn size(&self) -> Result<u64, Error>;
}
