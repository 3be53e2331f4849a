//! The SQLite store.

use crate::chain::{Covered, NO_LINK};
use crate::check::checked;
use crate::row::{HEAD_COLUMNS, RunHead, head};
use crate::{Error, status_name};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use samebits_snapshot::record::Run;
use samebits_snapshot::{Digest, InputIds, Manifest, Packed, Shared};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Schema version of this build.
const SCHEMA: u32 = 1;

/// A store of Runs in one SQLite file.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    path: PathBuf,
    shared: Option<Arc<Shared>>,
}

/// A Run to be appended.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// Its bytes, from `samebits_snapshot::pack_shared`.
    pub packed: &'a Packed,
    /// The Run itself.
    pub run: &'a Run,
    /// Who records it.
    pub actor: &'a str,
    /// UTC nanoseconds since 1970.
    pub recorded_at: i64,
}

/// A Run of the store, fully verified.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// Its row.
    pub head: RunHead,
    /// The Run.
    pub run: Run,
    /// Its ids.
    pub manifest: Manifest,
    /// Ids of the parts of its question.
    pub ids: InputIds,
}

/// Which Runs a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this account.
    pub account: Option<String>,
    /// Only from this day on.
    pub from: Option<samebits_units::Date>,
    /// Only up to this day.
    pub to: Option<samebits_units::Date>,
}

impl Store {
    /// Creates a store; an existing one is opened.
    ///
    /// # Errors
    /// A file that is not a store, and what the database says.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let empty: bool =
            connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
        if empty {
            let schema = include_str!("schema.sql");
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {schema} INSERT INTO meta VALUES ('schema', '{SCHEMA}'); COMMIT;"
            ))?;
        }
        Self::checked_schema(connection, path)
    }

    /// Opens an existing store for reading.
    ///
    /// # Errors
    /// [`Error::NoStore`], [`Error::NotAStore`], [`Error::TooNew`].
    pub fn open_read_only(path: &Path) -> Result<Self, Error> {
        if !path.is_file() {
            return Err(Error::NoStore { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        Self::checked_schema(connection, path)
    }

    fn checked_schema(connection: Connection, path: &Path) -> Result<Self, Error> {
        connection.set_prepared_statement_cache_capacity(32);
        let found: rusqlite::Result<String> =
            connection.query_row("SELECT value FROM meta WHERE key = 'schema'", [], |row| row.get(0));
        let not_a_store = |problem: String| Error::NotAStore { path: path.to_owned(), problem };
        let text = found.map_err(|error| not_a_store(error.to_string()))?;
        let version: u32 = text.parse().map_err(|_| not_a_store(format!("schema version `{text}`")))?;
        match version {
            SCHEMA => Ok(Self { connection, path: path.to_owned(), shared: None }),
            newer if newer > SCHEMA => Err(Error::TooNew { found: newer, supported: SCHEMA }),
            other => Err(not_a_store(format!("schema version {other}"))),
        }
    }

    /// The same store, with markets and risk models taken from `shared` where it has them: those are verified when they
    /// are first read, not again. Several stores, one a thread, may have one `shared`.
    #[must_use]
    pub fn sharing(self, shared: Arc<Shared>) -> Self {
        Self { shared: Some(shared), ..self }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends Runs in one transaction: all of them are durable when it returns, or none is there.
    ///
    /// # Errors
    /// [`Error::NotNext`] for a Run that does not continue its account, and what the database says.
    pub fn append(&mut self, runs: &[NewRun<'_>]) -> Result<(), Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for new in runs {
            append_one(&transaction, new)?;
        }
        Ok(transaction.commit()?)
    }

    /// Bytes of all records and blobs, and of the database file with its log.
    ///
    /// # Errors
    /// What the database says.
    pub fn size(&self) -> Result<Size, Error> {
        let sum = |query: &str| self.connection.query_row(query, [], |row| row.get::<_, i64>(0));
        let mut wal = self.path.clone().into_os_string();
        wal.push("-wal");
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        Ok(Size {
            records: sum("SELECT coalesce(sum(length(record)), 0) FROM runs")? as u64,
            blobs: sum("SELECT coalesce(sum(length(bytes)), 0) FROM blobs")? as u64,
            file: length(&self.path) + length(Path::new(&wal)),
        })
    }

    /// The Runs that fit `filter`, by day, then account.
    ///
    /// # Errors
    /// What the database says.
    pub fn list(&self, filter: &Filter) -> Result<Vec<RunHead>, Error> {
        let query = format!(
            "SELECT {HEAD_COLUMNS} FROM runs WHERE (?1 IS NULL OR account = ?1)
             AND as_of BETWEEN ?2 AND ?3 ORDER BY as_of, account, sequence"
        );
        let from = filter.from.map_or(i32::MIN, samebits_units::Date::days);
        let to = filter.to.map_or(i32::MAX, samebits_units::Date::days);
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(params![filter.account, from, to], head)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The Run that `wanted` names: a unique prefix of its id, `ACCOUNT/SEQUENCE`, or `latest`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Ambiguous`].
    pub fn find(&self, wanted: &str) -> Result<RunHead, Error> {
        let not_found = || Error::NotFound { wanted: wanted.to_owned() };
        if wanted == "latest" {
            let query = format!("SELECT {HEAD_COLUMNS} FROM runs ORDER BY rowid DESC LIMIT 1");
            return self.connection.query_row(&query, [], head).optional()?.ok_or_else(not_found);
        }
        if let Some((account, sequence)) = wanted.rsplit_once('/') {
            let sequence: i64 = sequence.parse().map_err(|_| not_found())?;
            let query = format!("SELECT {HEAD_COLUMNS} FROM runs WHERE account = ?1 AND sequence = ?2");
            return self
                .connection
                .query_row(&query, params![account, sequence], head)
                .optional()?
                .ok_or_else(not_found);
        }
        let prefix = wanted.to_ascii_lowercase();
        if prefix.is_empty() || prefix.len() > 64 || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(not_found());
        }
        let query = format!(
            "SELECT {HEAD_COLUMNS} FROM runs WHERE lower(hex(run_id)) LIKE ?1 || '%' ORDER BY run_id"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let found = statement.query_map([&prefix], head)?.collect::<Result<Vec<_>, _>>()?;
        match found.as_slice() {
            [] => Err(not_found()),
            [one] => Ok(one.clone()),
            [first, second, ..] => Err(Error::Ambiguous {
                wanted: wanted.to_owned(),
                count: found.len(),
                first: first.run_id,
                second: second.run_id,
            }),
        }
    }

    /// The day of the Run of this id, as its row says; `None` when there is no such Run.
    ///
    /// # Errors
    /// What the database says.
    pub fn day(&self, run_id: &Digest) -> Result<Option<i64>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT as_of FROM runs WHERE run_id = ?1")?;
        Ok(statement.query_row([run_id.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The Run of this id, verified: every checksum, content id, column and the link.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Damaged`].
    pub fn get(&self, run_id: &Digest) -> Result<StoredRun, Error> {
        let query = format!("SELECT {HEAD_COLUMNS}, record FROM runs WHERE run_id = ?1");
        let mut statement = self.connection.prepare_cached(&query)?;
        let found =
            statement.query_row([run_id.as_bytes()], |row| Ok((head(row)?, row.get::<_, Vec<u8>>(12)?)));
        let (head, record) =
            found.optional()?.ok_or_else(|| Error::NotFound { wanted: run_id.to_string() })?;
        let unpacked = checked(&self.connection, &head, &record, self.shared.as_deref())?;
        Ok(StoredRun { head, run: unpacked.run, manifest: unpacked.manifest, ids: unpacked.ids })
    }
}

/// How large a store is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Records of Runs.
    pub records: u64,
    /// Shared blobs.
    pub blobs: u64,
    /// The file and its write-ahead log.
    pub file: u64,
}

fn append_one(connection: &Connection, new: &NewRun<'_>) -> Result<(), Error> {
    let manifest = &new.packed.manifest;
    let question = &manifest.question;
    let account = question.account.as_str();
    let last: Option<(i64, i32)> = connection
        .prepare_cached("SELECT sequence, as_of FROM runs WHERE account = ?1 ORDER BY sequence DESC LIMIT 1")?
        .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (last_sequence, last_day) = last.unwrap_or((-1, i32::MIN));
    let sequence = i64::try_from(question.sequence).unwrap_or(i64::MAX);
    if sequence != last_sequence.saturating_add(1) || question.as_of.days() <= last_day {
        return Err(Error::NotNext {
            account: account.to_owned(),
            sequence: question.sequence,
            as_of: question.as_of,
            last: last_sequence,
            last_as_of: samebits_units::Date::from_days(last_day).unwrap_or_default(),
        });
    }
    for blob in &new.packed.blobs {
        connection
            .prepare_cached("INSERT INTO blobs (id, bytes) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")?
            .execute(params![blob.id.as_bytes(), blob.bytes])?;
    }
    let previous = previous_link(connection, account)?;
    let (recorded_at, actor, record) = (new.recorded_at, new.actor, new.packed.bytes.as_slice());
    let run_id = &manifest.run_id;
    let link = Covered { previous: &previous, account, sequence, run_id, recorded_at, actor, record }.link();
    connection
        .prepare_cached(&format!(
            "INSERT INTO runs ({HEAD_COLUMNS}, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        ))?
        .execute(params![
            account,
            sequence,
            question.as_of.days(),
            manifest.run_id.as_bytes(),
            manifest.inputs_id.as_bytes(),
            manifest.result_id.as_bytes(),
            manifest.method.solver,
            status_name(&new.run.outcome.status),
            recorded_at,
            actor,
            previous.as_bytes(),
            link.as_bytes(),
            record,
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO heads (account, sequence, link) VALUES (?1, ?2, ?3)
             ON CONFLICT (account) DO UPDATE SET sequence = excluded.sequence, link = excluded.link",
        )?
        .execute(params![account, sequence, link.as_bytes()])?;
    Ok(())
}

fn previous_link(connection: &Connection, account: &str) -> Result<Digest, Error> {
    let stored: Option<[u8; 32]> = connection
        .prepare_cached("SELECT link FROM heads WHERE account = ?1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    Ok(stored.map_or(NO_LINK, Digest::from_bytes))
}
