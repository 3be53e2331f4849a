//! Answers, and the queue of work beside them, in a PostgreSQL database: that of the store or another one.

use crate::error::{database, told};
use crate::read;
use crate::session::Session;
use postgres::types::ToSql;
use samebits_snapshot::Digest;
use samebits_store::{
    Access, Answer, AnswerStore, Error, Found, Job, Key, Queue, Taken, Unit, Work, without_password,
};
use std::cell::RefCell;

/// What the table of answers says of itself.
const VERSION: &str = "samebits answers 1";

/// Adds one answer behind those of its key.
const ADD: &str = "INSERT INTO answers
    SELECT $1, $2, coalesce(max(number) + 1, 0), $3, $4, $5, $6, $7, $8, $9, $10, $11
    FROM answers WHERE inputs_id = $1 AND solver = $2
    ON CONFLICT (inputs_id, solver, worker, answered_at) DO NOTHING";
/// Writers of answers follow one another from here to their commit, so that a number is given once.
const ONE_AT_A_TIME: &str = "LOCK TABLE answers IN SHARE ROW EXCLUSIVE MODE";
const OF: &str =
    "SELECT inputs_id, solver, run_id, result_id, stage, problem, worker, machine, code, answered_at, took_ns
    FROM answers JOIN unnest($1::bytea[], $2::text[]) AS wanted (id, name) ON inputs_id = id AND solver = name
    ORDER BY inputs_id, solver, number";
const KEYS: &str = "SELECT inputs_id, solver FROM answers
    WHERE number = 0 AND (inputs_id, solver) > ($1, $2) ORDER BY inputs_id, solver LIMIT $3";
const WAITING: &str = "SELECT runs FROM units WHERE job = $1 AND done_at IS NULL ORDER BY unit";
const FILL: &str = "INSERT INTO units (job, day, runs) VALUES ($1, $2, $3)";
const TAKE: &str = "SELECT unit, day, runs FROM units WHERE job = $1 AND done_at IS NULL
    ORDER BY unit LIMIT 1 FOR UPDATE SKIP LOCKED";
const IS_LEFT: &str = "SELECT EXISTS (SELECT 1 FROM units WHERE job = $1 AND done_at IS NULL)";
const DONE: &str = "UPDATE units SET done_by = $2, done_at = now() WHERE unit = $1";
const JOBS: &str = "SELECT job, count(*), count(done_at), sum(cardinality(runs))::bigint
    FROM units GROUP BY job ORDER BY job";

#[derive(Debug)]
struct Answers {
    session: RefCell<Session>,
    place: String,
}

/// Opens the answers at an address; [`Access::Create`] makes the tables in a database that is there.
///
/// # Errors
/// [`Error::NoStore`] without the database, [`Error::NoAnswers`], [`Error::NotAnswers`], and what the database says.
pub fn open_answers(address: &str, access: Access) -> Result<Box<dyn AnswerStore>, Error> {
    let place = without_password(address);
    let mut session = Session::connect(address, &place, access)?;
    if access != Access::Read {
        // A unit may take longer than a server lets others be idle; a machine that is gone must not hold it for hours.
        session.batch(
            "SET idle_in_transaction_session_timeout = 0; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10;
             SET tcp_keepalives_count = 3",
        )?;
    }
    if access == Access::Create {
        session.make(is_missing, &mut |session| session.batch(include_str!("answers.sql")))?;
    }
    if is_missing(&mut session)? {
        return Err(Error::NoAnswers { place });
    }
    let told = session.query("SELECT obj_description('answers'::regclass)", &[])?;
    let version: Option<String> = told.first().map(|row| read::get(row, 0)).transpose()?.flatten();
    if version.as_deref() != Some(VERSION) {
        let problem = format!("its table `answers` is {}", version.as_deref().unwrap_or("another program's"));
        return Err(Error::NotAnswers { place, problem });
    }
    Ok(Box::new(Answers { session: RefCell::new(session), place }))
}

fn is_missing(session: &mut Session) -> Result<bool, Error> {
    session.is_true("SELECT to_regclass('answers') IS NULL")
}

impl AnswerStore for Answers {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn add(&mut self, answers: &[Answer]) -> Result<u64, Error> {
        let session = self.session.get_mut();
        within(session, &mut |session| add(session, answers))
    }

    fn of(&self, keys: &[Key]) -> Result<Vec<Answer>, Error> {
        let ids: Vec<&[u8]> = keys.iter().map(|key| &key.inputs_id.as_bytes()[..]).collect();
        let solvers: Vec<&str> = keys.iter().map(|key| key.solver.as_str()).collect();
        self.session.borrow_mut().query(OF, &[&ids, &solvers])?.iter().map(answer).collect()
    }

    fn keys(&self, after: Option<&Key>, most: usize) -> Result<Vec<Key>, Error> {
        let (id, solver) = after.map_or((&[][..], ""), |key| (&key.inputs_id.as_bytes()[..], &key.solver));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.session.borrow_mut().query(KEYS, &[&id, &solver, &most])?.iter().map(key).collect()
    }

    fn queue(&mut self) -> Result<&mut dyn Queue, Error> {
        Ok(self)
    }
}

impl Queue for Answers {
    fn waiting(&mut self, job: &str) -> Result<Vec<Digest>, Error> {
        let rows = self.session.get_mut().query(WAITING, &[&job])?;
        let units = rows.iter().map(|row| runs(row, 0)).collect::<Result<Vec<_>, _>>()?;
        Ok(units.concat())
    }

    fn fill(&mut self, job: &str, units: &[Unit]) -> Result<(), Error> {
        within(self.session.get_mut(), &mut |session| {
            for unit in units {
                let runs: Vec<&[u8]> = unit.runs.iter().map(|id| &id.as_bytes()[..]).collect();
                session.execute(FILL, &[&job, &i64::from(unit.day.days()), &runs])?;
            }
            Ok(())
        })
    }

    fn take(&mut self, job: &str, worker: &str, work: &mut Work<'_>) -> Result<Taken, Error> {
        within(self.session.get_mut(), &mut |session| {
            let rows = session.query(TAKE, &[&job])?;
            let Some(row) = rows.first() else {
                let rows = session.query(IS_LEFT, &[&job])?;
                let left = rows.first().map(|row| read::get(row, 0)).transpose()?.unwrap_or(false);
                return Ok(if left { Taken::Held } else { Taken::Nothing });
            };
            let number: i64 = read::get(row, 0)?;
            let answers = work(&Unit { day: read::date(read::get(row, 1)?), runs: runs(row, 2)? })?;
            add(session, &answers)?;
            session.execute(DONE, &[&number, &worker])?;
            Ok(Taken::Done)
        })
    }

    fn jobs(&mut self) -> Result<Vec<Job>, Error> {
        let job = |row: &postgres::Row| {
            let count = |at| read::get::<i64>(row, at).map(i64::unsigned_abs);
            Ok(Job { name: read::get(row, 0)?, units: count(1)?, done: count(2)?, runs: count(3)? })
        };
        self.session.get_mut().query(JOBS, &[])?.iter().map(job).collect()
    }
}

/// Does `work` in one transaction; nothing stays of it when it fails.
fn within<T>(
    session: &mut Session,
    work: &mut dyn FnMut(&mut Session) -> Result<T, Error>,
) -> Result<T, Error> {
    session.batch("BEGIN ISOLATION LEVEL READ COMMITTED")?;
    let done = work(session).and_then(|done| session.batch("COMMIT").map(|()| done));
    if done.is_err() {
        // A broken connection has rolled back by itself; what stopped the work says more than what follows from it.
        let _ = session.batch("ROLLBACK");
    }
    done
}

fn add(session: &mut Session, answers: &[Answer]) -> Result<u64, Error> {
    session.batch(ONE_AT_A_TIME)?;
    let mut added = 0;
    for answer in answers {
        let (result_id, stage, problem) = answer.found.columns();
        let columns: [&(dyn ToSql + Sync); 11] = [
            &&answer.key.inputs_id.as_bytes()[..],
            &answer.key.solver,
            &&answer.run_id.as_bytes()[..],
            &result_id.map(|id| &id.as_bytes()[..]),
            &stage,
            &problem,
            &answer.worker,
            &answer.machine,
            &answer.code,
            &answer.answered_at,
            &answer.took_ns,
        ];
        added += session.execute(ADD, &columns)?;
    }
    Ok(added)
}

fn key(row: &postgres::Row) -> Result<Key, Error> {
    Ok(Key { inputs_id: read::digest(row, 0)?, solver: read::get(row, 1)? })
}

fn answer(row: &postgres::Row) -> Result<Answer, Error> {
    let found = match read::get::<Option<String>>(row, 5)? {
        Some(problem) => Found::Failed(problem),
        None => Found::Outcome { result_id: read::digest(row, 3)?, stage: read::get(row, 4)? },
    };
    Ok(Answer {
        key: key(row)?,
        run_id: read::digest(row, 2)?,
        found,
        worker: read::get(row, 6)?,
        machine: read::get(row, 7)?,
        code: read::get(row, 8)?,
        answered_at: read::get(row, 9)?,
        took_ns: read::get(row, 10)?,
    })
}

fn runs(row: &postgres::Row, column: usize) -> Result<Vec<Digest>, Error> {
    let ids: Vec<&[u8]> = row.try_get(column).map_err(|error| told(&error))?;
    let one = |id: &&[u8]| {
        let bytes = <[u8; 32]>::try_from(*id).map_err(|_| database("a unit names what is no id of a Run"))?;
        Ok(Digest::from_bytes(bytes))
    };
    ids.iter().map(one).collect()
}
