//! Rows of a store in a PostgreSQL database: `postgres://USER@HOST/DATABASE`.
//!
//! [`open`] gives the [`RunStore`] that [`samebits_store::Store`] puts its chains and checks on, so a store in PostgreSQL
//! reads, appends and verifies as one in a file does. `schema.sql` has the tables: those of `docs/store.md` with `bytea` and
//! `bigint`, the same triggers, and the view `runs_json`.
//!
//! Two writers of one account: a transaction locks the account's row of `heads` before it reads where the chain ends, in
//! ascending order of accounts, so the second one waits and then sees the first one's Run. A deadlock that another order of
//! locks brings about is answered by trying again. `fsync = off` on the server is refused: an append is durable when it
//! returns. When the connection breaks during a commit, whether the Run is there shows when the store is opened again.
//!
//! ```
//! use samebits_store::{Drivers, Location, Opener};
//! let drivers = Drivers { postgres: Some(samebits_store_postgres::open), ..Drivers::default() };
//! let opener = Opener::new(Location::Postgres("postgres://ann@localhost/runs".into()), drivers);
//! assert_eq!(opener.location().to_string(), "postgres://ann@localhost/runs");
//! ```
//!
//! [`open_answers`] gives the answers of a fleet and its queue of work (`docs/fleet.md`), in the same database or another one: a
//! worker holds a unit of work by a row lock (`FOR UPDATE SKIP LOCKED`) of the transaction that adds its answers.
//!
//! Left out on purpose: encrypted connections (put a tunnel or a socket between program and server), pools (each thread
//! holds a handle of its own).

mod answers;
mod error;
mod read;
mod session;
mod write;

pub use answers::open_answers;

use error::database;
use postgres::types::ToSql;
use samebits_snapshot::{Blob, Digest};
use samebits_store::{
    Access, CorrectionHead, CorrectionRow, End, Error, Filter, Mark, Order, Plan, Row, RunHead, RunStore,
    Size,
};
use session::Session;
use std::cell::RefCell;

/// Schema version of this build.
const SCHEMA: u32 = 2;

/// Rows of a store in a PostgreSQL database.
#[derive(Debug)]
struct Postgres {
    session: RefCell<Session>,
    place: String,
}

/// Opens the rows of a store at an address; [`Access::Create`] makes the tables in a database that is there.
///
/// # Errors
/// [`Error::NoStore`], [`Error::NotAStore`], [`Error::TooNew`], and what the database says.
pub fn open(address: &str, access: Access) -> Result<Box<dyn RunStore>, Error> {
    let place = samebits_store::without_password(address);
    let session = Session::open(address, &place, access)?;
    Ok(Box::new(Postgres { session: RefCell::new(session), place }))
}

impl Postgres {
    fn query(&self, text: &'static str, given: &[&(dyn ToSql + Sync)]) -> Result<Vec<postgres::Row>, Error> {
        self.session.borrow_mut().query(text, given)
    }

    fn one<T>(
        &self,
        text: &'static str,
        given: &[&(dyn ToSql + Sync)],
        read: impl Fn(&postgres::Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.query(text, given)?.first().map(read).transpose()
    }

    fn all<T>(
        &self,
        text: &'static str,
        given: &[&(dyn ToSql + Sync)],
        read: impl Fn(&postgres::Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.query(text, given)?.iter().map(read).collect()
    }
}

impl RunStore for Postgres {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn schema(&self) -> u32 {
        SCHEMA
    }

    fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        self.one("SELECT value FROM meta WHERE key = $1", &[&key], |row| read::get(row, 0))
    }

    fn set_meta(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let insert = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
        self.session.get_mut().execute(insert, &[&key, &value]).map(drop)
    }

    fn append(&mut self, accounts: &[&str], plan: &mut Plan<'_, '_>) -> Result<(), Error> {
        write::append(self.session.get_mut(), accounts, plan)
    }

    fn put_blobs(&mut self, blobs: &[&Blob]) -> Result<(), Error> {
        write::put_blobs(self.session.get_mut(), blobs)
    }

    fn replace(&mut self, records: &[(Digest, &[u8])], blobs: &[(Digest, &[u8])]) -> Result<(), Error> {
        write::replace(self.session.get_mut(), records, blobs)
    }

    /// Vacuums without the lock that would shrink the files: later rows use the room.
    fn reclaim(&mut self) -> Result<(), Error> {
        self.session.get_mut().batch("VACUUM ANALYZE runs")
    }

    fn by_id(&self, run_id: &Digest) -> Result<Option<Row>, Error> {
        self.one(read::BY_ID, &[&&run_id.as_bytes()[..]], read::row)
    }

    fn by_sequence(&self, account: &str, sequence: i64) -> Result<Option<RunHead>, Error> {
        self.one(read::BY_SEQUENCE, &[&account, &sequence], read::head)
    }

    fn between(&self, first: &Digest, last: &Digest) -> Result<Vec<RunHead>, Error> {
        self.all(read::BETWEEN, &[&&first.as_bytes()[..], &&last.as_bytes()[..]], read::head)
    }

    fn latest(&self) -> Result<Option<RunHead>, Error> {
        self.one(read::LATEST, &[], read::head)
    }

    fn list(&self, filter: &Filter) -> Result<Vec<RunHead>, Error> {
        let (from, to) = filter.days();
        self.all(read::LIST, &[&filter.account, &i64::from(from), &i64::from(to)], read::head)
    }

    fn page(&self, filter: &Filter, behind: Option<&Mark>, most: usize) -> Result<Vec<RunHead>, Error> {
        let (from, to) = filter.days();
        let (from, to) = (i64::from(from), i64::from(to));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let (last, day, account, sequence) = match behind {
            None => (to, i64::MAX, "", 0),
            Some(mark) => {
                let day = i64::from(mark.as_of.days());
                (to.min(day), day, mark.account.as_str(), mark.sequence)
            }
        };
        let given: [&(dyn ToSql + Sync); 7] =
            [&filter.account, &from, &last, &day, &account, &sequence, &most];
        self.all(read::PAGE, &given, read::head)
    }

    fn days(&self, ids: &[Digest]) -> Result<Vec<Option<i64>>, Error> {
        let mut days = Vec::with_capacity(ids.len());
        for ids in ids.chunks(read::IDS) {
            let wanted: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[..]).collect();
            days.extend(self.all(read::DAYS, &[&wanted], |row| read::get::<Option<i64>>(row, 0))?);
        }
        Ok(days)
    }

    fn positions(&self, order: Order) -> Result<Vec<i64>, Error> {
        let query = match order {
            Order::Sequence => "SELECT position FROM runs ORDER BY sequence, account",
            Order::Appended => "SELECT position FROM runs ORDER BY position",
        };
        self.all(query, &[], |row| read::get(row, 0))
    }

    fn at(&self, positions: &[i64]) -> Result<Vec<Row>, Error> {
        let rows = self.all(read::AT, &[&positions], read::row)?;
        if rows.len() == positions.len() {
            return Ok(rows);
        }
        Err(database(format!("{} Runs at {} positions", rows.len(), positions.len())))
    }

    fn ends(&self) -> Result<Vec<End>, Error> {
        self.all(read::ENDS, &[], read::end)
    }

    fn corrections(&self, account: Option<&str>) -> Result<Vec<CorrectionHead>, Error> {
        self.all(read::CORRECTIONS, &[&account], read::correction)
    }

    fn correction(&self, run_id: &Digest) -> Result<Option<CorrectionRow>, Error> {
        self.one(read::CORRECTION, &[&&run_id.as_bytes()[..]], |row| {
            Ok(CorrectionRow { head: read::correction(row)?, record: read::get(row, 9)? })
        })
    }

    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, Error> {
        self.one("SELECT bytes FROM blobs WHERE id = $1", &[&&id.as_bytes()[..]], |row| read::get(row, 0))
    }

    fn blob_ids(&self) -> Result<Vec<Digest>, Error> {
        self.all("SELECT id FROM blobs ORDER BY position", &[], |row| read::digest(row, 0))
    }

    fn size(&self) -> Result<Size, Error> {
        let sizes = self.one(read::SIZE, &[], |row| {
            let bytes = |at| read::get::<i64>(row, at).map(i64::unsigned_abs);
            Ok(Size { records: bytes(0)?, blobs: bytes(1)?, file: bytes(2)? })
        })?;
        sizes.ok_or_else(|| database("no sizes"))
    }

    fn faults(&self) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }

    fn snapshot(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.session.borrow_mut().batch(begin)?;
        let done = work();
        // It only reads: however it ends, nothing is to be kept.
        let ended = self.session.borrow_mut().batch("ROLLBACK");
        done.and(ended)
    }
}
