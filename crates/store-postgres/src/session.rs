//! One connection, its prepared statements, and what is checked when it opens.

use crate::SCHEMA;
use crate::error::{database, told};
use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, NoTls, Statement};
use samebits_store::{Access, Error};
use std::collections::BTreeMap;

/// A number that makers of tables lock, so that two of them follow one another.
const MAKING: i64 = 0x7361_6d65_6269_7473;

/// One connection.
pub(crate) struct Session {
    client: Client,
    prepared: BTreeMap<&'static str, Statement>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("prepared", &self.prepared.len()).finish_non_exhaustive()
    }
}

impl Session {
    /// A connection to a store.
    pub(crate) fn open(address: &str, place: &str, access: Access) -> Result<Self, Error> {
        let mut session = Self::connect(address, place, access)?;
        if access == Access::Create {
            session.make(Self::is_empty, &mut |session| {
                session.batch(include_str!("schema.sql"))?;
                let insert = "INSERT INTO meta (key, value) VALUES ('schema', $1)";
                session.execute(insert, &[&SCHEMA.to_string()]).map(drop)
            })?;
        }
        session.check_schema(place)?;
        Ok(session)
    }

    /// A connection to a database, whatever its tables are.
    pub(crate) fn connect(address: &str, place: &str, access: Access) -> Result<Self, Error> {
        let client = Client::connect(address, NoTls).map_err(|error| match error.code() {
            Some(code) if *code == SqlState::UNDEFINED_DATABASE => Error::NoStore { place: place.to_owned() },
            _ => told(&error),
        })?;
        let mut session = Self { client, prepared: BTreeMap::new() };
        session.batch("SET client_min_messages = warning; SET synchronous_commit = on")?;
        match access {
            Access::Read => session.batch("SET default_transaction_read_only = on")?,
            Access::Write | Access::Create => session.must_be_durable()?,
        }
        Ok(session)
    }

    /// A server that does not write through loses what it has acknowledged.
    fn must_be_durable(&mut self) -> Result<(), Error> {
        for setting in ["fsync", "full_page_writes"] {
            let row = self.client.query_one(&format!("SHOW {setting}"), &[]).map_err(|error| told(&error))?;
            let value: String = row.try_get(0).map_err(|error| told(&error))?;
            if value != "on" {
                return Err(database(format!(
                    "the server runs with {setting} = {value}: appends would not be durable"
                )));
            }
        }
        Ok(())
    }

    /// Makes tables where they are missing, in one transaction.
    pub(crate) fn make(
        &mut self,
        is_missing: fn(&mut Self) -> Result<bool, Error>,
        make: &mut dyn FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.batch("BEGIN")?;
        self.execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING])?;
        if is_missing(self)? {
            make(self)?;
        }
        self.batch("COMMIT")
    }

    fn is_empty(&mut self) -> Result<bool, Error> {
        self.is_true("SELECT to_regclass('meta') IS NULL AND to_regclass('runs') IS NULL")
    }

    /// What a question answers.
    pub(crate) fn is_true(&mut self, question: &'static str) -> Result<bool, Error> {
        let rows = self.query(question, &[])?;
        let row = rows.first().ok_or_else(|| database("no answer"))?;
        row.try_get(0).map_err(|error| told(&error))
    }

    fn check_schema(&mut self, place: &str) -> Result<(), Error> {
        if self.is_empty()? {
            return Err(Error::NoStore { place: place.to_owned() });
        }
        let not_a_store = |problem: String| Error::NotAStore { place: place.to_owned(), problem };
        let rows = self.query("SELECT value FROM meta WHERE key = 'schema'", &[]);
        let rows = rows.map_err(|error| not_a_store(error.to_string()))?;
        let row = rows.first().ok_or_else(|| not_a_store("it has no schema version".to_owned()))?;
        let text: String = row.try_get(0).map_err(|error| not_a_store(error.to_string()))?;
        match text.parse::<u32>() {
            Ok(SCHEMA) => Ok(()),
            Ok(found) if found > SCHEMA => Err(Error::TooNew { found, supported: SCHEMA }),
            _ => Err(not_a_store(format!("schema version `{text}`"))),
        }
    }

    /// Statements without parameters.
    pub(crate) fn batch(&mut self, text: &str) -> Result<(), Error> {
        self.client.batch_execute(text).map_err(|error| told(&error))
    }

    pub(crate) fn query(
        &mut self,
        text: &'static str,
        given: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<postgres::Row>, Error> {
        self.try_query(text, given).map_err(|error| told(&error))
    }

    pub(crate) fn execute(
        &mut self,
        text: &'static str,
        given: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Error> {
        self.try_execute(text, given).map_err(|error| told(&error))
    }

    pub(crate) fn try_query(
        &mut self,
        text: &'static str,
        given: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<postgres::Row>, postgres::Error> {
        let statement = self.prepared(text)?;
        self.client.query(&statement, given)
    }

    pub(crate) fn try_execute(
        &mut self,
        text: &'static str,
        given: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, postgres::Error> {
        let statement = self.prepared(text)?;
        self.client.execute(&statement, given)
    }

    pub(crate) fn try_batch(&mut self, text: &str) -> Result<(), postgres::Error> {
        self.client.batch_execute(text)
    }

    /// Prepared once a connection.
    fn prepared(&mut self, text: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.prepared.get(text) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(text)?;
        self.prepared.insert(text, statement.clone());
        Ok(statement)
    }
}
