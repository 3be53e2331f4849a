//! `verify`: every row, blob, id and chain of a store.

use crate::chain::NO_LINK;
use crate::check::checked;
use crate::row::{HEAD_COLUMNS, RunHead, head};
use crate::{Error, Store};
use samebits_snapshot::{Digest, Limits, Section, Shared};
use std::collections::{BTreeMap, BTreeSet};

/// What a walk through a store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Runs read.
    pub runs: u64,
    /// Blobs read.
    pub blobs: u64,
    /// Accounts seen.
    pub accounts: u64,
    /// What is wrong; empty when everything is as it was recorded.
    pub problems: Vec<Problem>,
}

/// Something that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The Run: account and sequence; `None` for a blob or the database as a whole.
    pub run: Option<(String, i64)>,
    /// The part.
    pub part: String,
    /// What is wrong.
    pub problem: String,
}

impl Problem {
    fn of(head: Option<&RunHead>, part: &str, problem: impl ToString) -> Self {
        let run = head.map(|head| (head.account.clone(), head.sequence));
        Self { run, part: part.to_owned(), problem: problem.to_string() }
    }
}

/// The end of an account's chain so far.
struct Tail {
    sequence: i64,
    as_of: samebits_units::Date,
    link: Digest,
    account_after: Digest,
}

impl Store {
    /// Walks the whole store; `progress` is called with the number of Runs read so far.
    ///
    /// # Errors
    /// None for damage, which the report lists; a database that cannot be read at all is a problem of the report too.
    pub fn verify(&self, progress: &mut dyn FnMut(u64)) -> Report {
        let mut report = Report::default();
        if let Err(error) = self.walk(&mut report, progress) {
            report.problems.push(Problem::of(None, "database", error));
        }
        report
    }

    fn walk(&self, report: &mut Report, progress: &mut dyn FnMut(u64)) -> Result<(), Error> {
        // One state of the file, whoever appends meanwhile.
        let _snapshot = self.connection.unchecked_transaction()?;
        self.check_database(report)?;
        let referenced = self.check_blobs(report)?;
        let mut tails: BTreeMap<String, Tail> = BTreeMap::new();
        // Of this walk alone: each market and risk model is read from the file, whatever was read before.
        let shared = Shared::default();
        let query = format!("SELECT {HEAD_COLUMNS}, record FROM runs WHERE rowid = ?1");
        let mut statement = self.connection.prepare(&query)?;
        for rowid in self.by_sequence()? {
            let (head, record) =
                statement.query_row([rowid], |row| Ok((head(row)?, row.get::<_, Vec<u8>>(12)?)))?;
            report.runs += 1;
            match checked(&self.connection, &head, &record, Some(&shared)) {
                Ok(unpacked) => {
                    let tail = tails.get(&head.account);
                    report.problems.extend(continuity(&head, tail, &unpacked.ids.account));
                    let account_after = unpacked.run.outcome.stages.account_after;
                    let (sequence, as_of, link) = (head.sequence, head.as_of, head.link);
                    tails.insert(head.account.clone(), Tail { sequence, as_of, link, account_after });
                }
                Err(Error::Damaged { part, problem, .. }) => {
                    report.problems.push(Problem::of(Some(&head), &part, problem));
                    tails.remove(&head.account);
                }
                Err(error) => report.problems.push(Problem::of(Some(&head), "record", error)),
            }
            progress(report.runs);
        }
        report.blobs = referenced;
        self.check_heads(report, &tails)
    }

    /// Every Run, each account's in the order of its chain. Accounts take turns, because Runs of a day share much.
    fn by_sequence(&self) -> Result<Vec<i64>, Error> {
        let mut statement = self.connection.prepare("SELECT rowid FROM runs ORDER BY sequence, account")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn check_database(&self, report: &mut Report) -> Result<(), Error> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                report.problems.push(Problem::of(None, "database", line));
            }
        }
        Ok(())
    }

    /// Every blob by itself: its bytes decode and hash to its id.
    fn check_blobs(&self, report: &mut Report) -> Result<u64, Error> {
        let mut statement = self.connection.prepare("SELECT id, bytes FROM blobs ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        let mut seen: BTreeSet<Digest> = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let id: Vec<u8> = row.get(0)?;
            let bytes: Vec<u8> = row.get(1)?;
            let stated = <[u8; 32]>::try_from(id.as_slice()).map(Digest::from_bytes).unwrap_or_default();
            match Section::read_blob(&bytes, &Limits::default()) {
                Ok((section, _)) if section.id == stated => {
                    seen.insert(stated);
                }
                Ok((section, _)) => {
                    let problem = format!("stored under {stated}, its content is {}", section.id);
                    report.problems.push(Problem::of(None, &format!("blob {}", stated.short()), problem));
                }
                Err(error) => {
                    report.problems.push(Problem::of(None, &format!("blob {}", stated.short()), error));
                }
            }
        }
        Ok(seen.len() as u64)
    }

    /// The last link of each account is the one that the heads table has.
    fn check_heads(&self, report: &mut Report, tails: &BTreeMap<String, Tail>) -> Result<(), Error> {
        let mut statement =
            self.connection.prepare("SELECT account, sequence, link FROM heads ORDER BY account")?;
        let heads = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let heads = heads.collect::<Result<Vec<(String, i64, Vec<u8>)>, _>>()?;
        report.accounts = heads.len() as u64;
        for account in tails.keys().filter(|account| heads.iter().all(|(known, ..)| known != *account)) {
            report.problems.push(Problem {
                run: None,
                part: format!("head of account {account}"),
                problem: "missing".into(),
            });
        }
        for (account, sequence, link) in heads {
            let fits = tails
                .get(&account)
                .is_some_and(|tail| tail.sequence == sequence && tail.link.as_bytes().as_slice() == link);
            if !fits {
                let problem = format!("the chain does not end with run {sequence} as the head says");
                report.problems.push(Problem {
                    run: Some((account, sequence)),
                    part: "end of chain".into(),
                    problem,
                });
            }
        }
        Ok(())
    }
}

/// A Run follows the one before: sequence, day, link, and the account state that the one before left.
fn continuity(head: &RunHead, tail: Option<&Tail>, account: &Digest) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |part: &str, problem: String| problems.push(Problem::of(Some(head), part, problem));
    let Some(tail) = tail else {
        if head.sequence == 0 && head.previous != NO_LINK {
            say("column previous", "the first Run of an account has a predecessor".into());
        }
        if head.sequence != 0 {
            say("chain", "the Run before is missing or damaged".into());
        }
        return problems;
    };
    if head.sequence != tail.sequence + 1 {
        say("chain", format!("run {} follows run {}", head.sequence, tail.sequence));
    }
    if head.as_of <= tail.as_of {
        say("chain", format!("{} follows {}", head.as_of, tail.as_of));
    }
    if head.previous != tail.link {
        say("column previous", format!("expected {}, found {}", tail.link, head.previous));
    }
    if *account != tail.account_after {
        say("account", format!("not the state that run {} left: {}", tail.sequence, tail.account_after));
    }
    problems
}
