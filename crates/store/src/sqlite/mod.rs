//! Rows in one SQLite file.

mod answers;
mod read;
mod write;

pub(crate) use answers::Answers;

use crate::row::{CorrectionHead, CorrectionRow, End, Row, RunHead, Size};
use crate::{Access, Error, Filter, Mark, Order, Plan, RunStore};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use samebits_snapshot::{Blob, Digest};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Schema version that this build writes.
const SCHEMA: u32 = 2;
/// Schema version that this build still reads.
const FIRST: u32 = 1;
/// What finds the Runs of a day, and the newest ones, without walking all rows.
const BY_DAY: &str = "CREATE INDEX IF NOT EXISTS runs_by_day ON runs (as_of DESC, account, sequence)";
/// So long a writer waits for another one to commit.
const PATIENCE: Duration = Duration::from_mins(1);

/// A store in one SQLite file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    path: PathBuf,
    schema: u32,
}

impl Sqlite {
    /// Opens a file; [`Access::Create`] makes it where there is none.
    pub(crate) fn open(path: &Path, access: Access) -> Result<Self, Error> {
        if access != Access::Create && !path.is_file() {
            return Err(Error::NoStore { place: path.display().to_string() });
        }
        if access == Access::Read {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            return Self::checked(Connection::open_with_flags(path, flags)?, path);
        }
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        durable(&connection)?;
        if access == Access::Create {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let empty: bool =
                connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
            if empty {
                let (schema, sealing) = (include_str!("schema.sql"), write::SEALING);
                connection.execute_batch(&format!(
                    "{schema} {sealing} INSERT INTO meta VALUES ('schema', '{SCHEMA}');"
                ))?;
            }
            connection.execute_batch("COMMIT")?;
        }
        let store = Self::checked(connection, path)?;
        if store.schema == SCHEMA {
            // Files that an earlier build began have none.
            store.connection.execute_batch(BY_DAY)?;
        }
        Ok(store)
    }

    fn checked(connection: Connection, path: &Path) -> Result<Self, Error> {
        connection.set_prepared_statement_cache_capacity(64);
        let found: rusqlite::Result<String> =
            connection.query_row("SELECT value FROM meta WHERE key = 'schema'", [], |row| row.get(0));
        let place = || path.display().to_string();
        let not_a_store = |problem: String| Error::NotAStore { place: place(), problem };
        let text = found.map_err(|error| not_a_store(error.to_string()))?;
        let schema: u32 = text.parse().map_err(|_| not_a_store(format!("schema version `{text}`")))?;
        match schema {
            FIRST..=SCHEMA => Ok(Self { connection, path: path.to_owned(), schema }),
            newer if newer > SCHEMA => Err(Error::TooNew { found: newer, supported: SCHEMA }),
            other => Err(not_a_store(format!("schema version {other}"))),
        }
    }

    fn has_corrections(&self) -> bool {
        self.schema > FIRST
    }
}

/// What is committed survives a crash of the machine.
fn durable(connection: &Connection) -> Result<(), Error> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    Ok(connection.pragma_update(None, "synchronous", "FULL")?)
}

impl RunStore for Sqlite {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn schema(&self) -> u32 {
        self.schema
    }

    fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    fn set_meta(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let insert = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING";
        self.connection.execute(insert, [key, value])?;
        Ok(())
    }

    fn append(&mut self, accounts: &[&str], plan: &mut Plan<'_, '_>) -> Result<(), Error> {
        write::append(&mut self.connection, accounts, plan)
    }

    fn put_blobs(&mut self, blobs: &[&Blob]) -> Result<(), Error> {
        write::put_blobs(&mut self.connection, blobs)
    }

    fn replace(&mut self, records: &[(Digest, &[u8])], blobs: &[(Digest, &[u8])]) -> Result<(), Error> {
        write::replace(&mut self.connection, records, blobs)
    }

    fn reclaim(&mut self) -> Result<(), Error> {
        Ok(self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?)
    }

    fn by_id(&self, run_id: &Digest) -> Result<Option<Row>, Error> {
        let query = format!("SELECT {}, record, rowid FROM runs WHERE run_id = ?1", read::HEAD);
        let mut statement = self.connection.prepare_cached(&query)?;
        Ok(statement.query_row([run_id.as_bytes()], read::row).optional()?)
    }

    fn by_sequence(&self, account: &str, sequence: i64) -> Result<Option<RunHead>, Error> {
        let query = format!("SELECT {} FROM runs WHERE account = ?1 AND sequence = ?2", read::HEAD);
        let mut statement = self.connection.prepare_cached(&query)?;
        Ok(statement.query_row(params![account, sequence], read::head).optional()?)
    }

    fn between(&self, first: &Digest, last: &Digest) -> Result<Vec<RunHead>, Error> {
        let query = format!("SELECT {} FROM runs WHERE run_id BETWEEN ?1 AND ?2 ORDER BY run_id", read::HEAD);
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map([first.as_bytes(), last.as_bytes()], read::head)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn latest(&self) -> Result<Option<RunHead>, Error> {
        let query = format!("SELECT {} FROM runs ORDER BY rowid DESC LIMIT 1", read::HEAD);
        Ok(self.connection.query_row(&query, [], read::head).optional()?)
    }

    fn list(&self, filter: &Filter) -> Result<Vec<RunHead>, Error> {
        let query = format!(
            "SELECT {} FROM runs WHERE (?1 IS NULL OR account = ?1)
             AND as_of BETWEEN ?2 AND ?3 ORDER BY as_of, account, sequence",
            read::HEAD
        );
        let (from, to) = filter.days();
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(params![filter.account, from, to], read::head)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn page(&self, filter: &Filter, behind: Option<&Mark>, most: usize) -> Result<Vec<RunHead>, Error> {
        // One account's Runs are found by its key, and the sign before `as_of` keeps the index by day out of it.
        let (which, day) =
            if filter.account.is_some() { ("account = ?1", "+as_of") } else { ("?1 IS NULL", "as_of") };
        let query = format!(
            "SELECT {} FROM runs WHERE {which} AND {day} BETWEEN ?2 AND ?3
             AND (as_of < ?4 OR (account, sequence) > (?5, ?6))
             ORDER BY {day} DESC, account, sequence LIMIT ?7",
            read::HEAD
        );
        let (from, to) = filter.days();
        let (last, day, account, sequence) = match behind {
            None => (to, i64::MAX, "", 0),
            Some(mark) => {
                let day = mark.as_of.days();
                (to.min(day), i64::from(day), mark.account.as_str(), mark.sequence)
            }
        };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(&query)?;
        let given = params![filter.account, from, last, day, account, sequence, most];
        let rows = statement.query_map(given, read::head)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn days(&self, ids: &[Digest]) -> Result<Vec<Option<i64>>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT as_of FROM runs WHERE run_id = ?1")?;
        let day = |id: &Digest| statement.query_row([id.as_bytes()], |row| row.get(0)).optional();
        Ok(ids.iter().map(day).collect::<Result<_, _>>()?)
    }

    fn positions(&self, order: Order) -> Result<Vec<i64>, Error> {
        let mut statement = self.connection.prepare(match order {
            Order::Sequence => "SELECT rowid FROM runs ORDER BY sequence, account",
            Order::Appended => "SELECT rowid FROM runs ORDER BY rowid",
        })?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn at(&self, positions: &[i64]) -> Result<Vec<Row>, Error> {
        let query = format!("SELECT {}, record, rowid FROM runs WHERE rowid = ?1", read::HEAD);
        let mut statement = self.connection.prepare_cached(&query)?;
        let one = |position: &i64| statement.query_row([position], read::row);
        Ok(positions.iter().map(one).collect::<Result<_, _>>()?)
    }

    fn ends(&self) -> Result<Vec<End>, Error> {
        let columns = if self.has_corrections() { read::END } else { read::FIRST_END };
        let query = format!("SELECT {columns} ORDER BY heads.account");
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map([], read::end)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn corrections(&self, account: Option<&str>) -> Result<Vec<CorrectionHead>, Error> {
        if !self.has_corrections() {
            return Ok(Vec::new());
        }
        let query = format!(
            "SELECT {} FROM corrections WHERE (?1 IS NULL OR account = ?1) ORDER BY account, number",
            read::CORRECTION
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map([account], read::correction)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn correction(&self, run_id: &Digest) -> Result<Option<CorrectionRow>, Error> {
        if !self.has_corrections() {
            return Ok(None);
        }
        let query = format!("SELECT {}, record FROM corrections WHERE run_id = ?1", read::CORRECTION);
        let mut statement = self.connection.prepare_cached(&query)?;
        let row =
            |row: &rusqlite::Row<'_>| Ok(CorrectionRow { head: read::correction(row)?, record: row.get(9)? });
        Ok(statement.query_row([run_id.as_bytes()], row).optional()?)
    }

    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM blobs WHERE id = ?1")?;
        Ok(statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
    }

    fn blob_ids(&self) -> Result<Vec<Digest>, Error> {
        let mut statement = self.connection.prepare("SELECT id FROM blobs ORDER BY rowid")?;
        let rows = statement.query_map([], |row| read::digest(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn size(&self) -> Result<Size, Error> {
        let sum = |query: &str| self.connection.query_row(query, [], |row| row.get::<_, i64>(0));
        let mut wal = self.path.clone().into_os_string();
        wal.push("-wal");
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        let mut records = sum("SELECT coalesce(sum(length(record)), 0) FROM runs")? as u64;
        if self.has_corrections() {
            records += sum("SELECT coalesce(sum(length(record)), 0) FROM corrections")? as u64;
        }
        Ok(Size {
            records,
            blobs: sum("SELECT coalesce(sum(length(bytes)), 0) FROM blobs")? as u64,
            file: length(&self.path) + length(Path::new(&wal)),
        })
    }

    fn faults(&self) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check")?;
        let lines = statement.query_map([], |row| row.get(0))?;
        let lines = lines.collect::<Result<Vec<String>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    fn snapshot(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        // It only reads: however it ends, nothing is to be kept.
        let _transaction = self.connection.unchecked_transaction()?;
        work()
    }
}
