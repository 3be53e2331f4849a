//! Answers in an SQLite file of their own.

use super::read::{digest, text};
use super::{PATIENCE, durable};
use crate::answers::{Answer, AnswerStore, Found, Key, Queue};
use crate::{Access, Error};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// Marks a file of answers in its header: `sbAN`.
const APPLICATION: i32 = 0x7362_414e;
/// Version of its table.
const VERSION: i32 = 1;

const ADD: &str = "INSERT INTO answers
    SELECT ?1, ?2, coalesce(max(number) + 1, 0), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
    FROM answers WHERE inputs_id = ?1 AND solver = ?2
    ON CONFLICT (inputs_id, solver, worker, answered_at) DO NOTHING";
const OF: &str = "SELECT run_id, result_id, stage, problem, worker, machine, code, answered_at, took_ns
    FROM answers WHERE inputs_id = ?1 AND solver = ?2 ORDER BY number";
const KEYS: &str = "SELECT inputs_id, solver FROM answers
    WHERE number = 0 AND (inputs_id, solver) > (?1, ?2) ORDER BY inputs_id, solver LIMIT ?3";

/// A file of answers.
#[derive(Debug)]
pub(crate) struct Answers {
    connection: Connection,
    path: PathBuf,
}

impl Answers {
    pub(crate) fn open(path: &Path, access: Access) -> Result<Self, Error> {
        let place = || path.display().to_string();
        if access != Access::Create && !path.is_file() {
            return Err(Error::NoAnswers { place: place() });
        }
        let connection = if access == Access::Read {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(path, flags)?
        } else {
            Connection::open(path)?
        };
        connection.busy_timeout(PATIENCE)?;
        if access != Access::Read {
            make(&connection).map_err(|error| not_answers(place(), error))?;
            durable(&connection)?;
        }
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let found =
            pragma("application_id").and_then(|application| Ok((application, pragma("user_version")?)));
        match found.map_err(|error| not_answers(place(), error))? {
            (APPLICATION, VERSION) => Ok(Self { connection, path: path.to_owned() }),
            (APPLICATION, newer) if newer > VERSION => {
                Err(Error::TooNew { found: newer.unsigned_abs(), supported: VERSION.unsigned_abs() })
            }
            (application, version) => {
                Err(not_answers(place(), format!("application {application}, version {version}")))
            }
        }
    }
}

/// Makes the table in an empty file, and leaves any other one as it is.
fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let empty = connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    if empty {
        let table = include_str!("answers.sql");
        connection.execute_batch(&format!(
            "{table} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
        ))?;
    }
    connection.execute_batch("COMMIT")
}

fn not_answers(place: String, problem: impl ToString) -> Error {
    Error::NotAnswers { place, problem: problem.to_string() }
}

impl AnswerStore for Answers {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn add(&mut self, answers: &[Answer]) -> Result<u64, Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut added = 0;
        {
            let mut statement = transaction.prepare_cached(ADD)?;
            for answer in answers {
                let (result_id, stage, problem) = answer.found.columns();
                added += statement.execute(params![
                    answer.key.inputs_id.as_bytes(),
                    answer.key.solver,
                    answer.run_id.as_bytes(),
                    result_id.map(|id| &id.as_bytes()[..]),
                    stage,
                    problem,
                    answer.worker,
                    answer.machine,
                    answer.code,
                    answer.answered_at,
                    answer.took_ns,
                ])?;
            }
        }
        transaction.commit()?;
        Ok(added as u64)
    }

    fn of(&self, keys: &[Key]) -> Result<Vec<Answer>, Error> {
        let mut statement = self.connection.prepare_cached(OF)?;
        let mut answers = Vec::with_capacity(keys.len());
        for key in keys {
            let rows = statement
                .query_map(params![key.inputs_id.as_bytes(), key.solver], |row| answer(key.clone(), row))?;
            for row in rows {
                answers.push(row?);
            }
        }
        Ok(answers)
    }

    fn keys(&self, after: Option<&Key>, most: usize) -> Result<Vec<Key>, Error> {
        let mut statement = self.connection.prepare_cached(KEYS)?;
        let (id, solver) = after.map_or((&[][..], ""), |key| (&key.inputs_id.as_bytes()[..], &key.solver));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![id, solver, most], |row| {
            Ok(Key { inputs_id: digest(row, 0)?, solver: text(row, 1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn queue(&mut self) -> Result<&mut dyn Queue, Error> {
        Err(Error::NoQueue { place: self.place() })
    }
}

fn answer(key: Key, row: &rusqlite::Row<'_>) -> rusqlite::Result<Answer> {
    let problem: Option<String> = row.get(3)?;
    let found = match problem {
        Some(problem) => Found::Failed(problem),
        None => Found::Outcome { result_id: digest(row, 1)?, stage: row.get(2)? },
    };
    Ok(Answer {
        key,
        run_id: digest(row, 0)?,
        found,
        worker: text(row, 4)?,
        machine: text(row, 5)?,
        code: text(row, 6)?,
        answered_at: row.get(7)?,
        took_ns: row.get(8)?,
    })
}
