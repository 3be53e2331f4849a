//! `verify`: every row, blob, id and chain of a store.

use crate::chain::NO_LINK;
use crate::check::{Checking, Said, checked_correction, hashed};
use crate::recent::Recent;
use crate::row::{CorrectionHead, End, RunHead};
use crate::{Error, Order, Store};
use samebits_snapshot::{Digest, Shared};
use std::collections::{BTreeMap, BTreeSet};

/// What a walk through a store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Runs read.
    pub runs: u64,
    /// Corrections read.
    pub corrections: u64,
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
    /// The Run: account and sequence; `None` for a correction, a blob, or the database as a whole.
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

    fn of_correction(head: &CorrectionHead, part: &str, problem: impl ToString) -> Self {
        let part = format!("correction {} of account {}, {part}", head.number, head.account);
        Self { run: None, part, problem: problem.to_string() }
    }
}

/// The end of an account's chain so far.
pub(crate) struct Tail {
    pub(crate) sequence: i64,
    as_of: samebits_units::Date,
    pub(crate) link: Digest,
    account_after: Digest,
}

impl Tail {
    pub(crate) fn of(head: &RunHead, said: &Said) -> Self {
        let account_after = said.account_after;
        Self { sequence: head.sequence, as_of: head.as_of, link: head.link, account_after }
    }
}

/// Ends of chains of corrections: how many, and the last link.
type CorrectionTails = BTreeMap<String, (i64, Digest)>;

/// Rows that are read at once.
const CHUNK: usize = 64;

impl Store {
    /// Walks the whole store; `progress` is called with the number of Runs read so far.
    ///
    /// # Errors
    /// None for damage, which the report lists; a database that cannot be read at all is a problem of the report too.
    pub fn verify(&self, progress: &mut dyn FnMut(u64)) -> Report {
        let mut report = Report::default();
        // One state of the store, whoever appends meanwhile.
        if let Err(error) = self.rows.snapshot(&mut || self.walk(&mut report, progress)) {
            report.problems.push(Problem::of(None, "database", error));
        }
        report
    }

    fn walk(&self, report: &mut Report, progress: &mut dyn FnMut(u64)) -> Result<(), Error> {
        for line in self.rows.faults()? {
            report.problems.push(Problem::of(None, "database", line));
        }
        let mut tails: BTreeMap<String, Tail> = BTreeMap::new();
        // Of this walk alone: each market and risk model is read from the file, whatever was read before.
        let shared = Shared::default();
        let recent = Recent::default();
        let checking = Checking { shared: Some(&shared), recent: &recent, ..self.checking() };
        report.blobs = self.check_blobs(report, &checking)?;
        for positions in self.rows.positions(Order::Sequence)?.chunks(CHUNK) {
            for row in self.rows.at(positions)? {
                let head = row.head;
                report.runs += 1;
                match hashed(&checking, &head, &row.record) {
                    Ok(said) => {
                        let tail = tails.get(&head.account);
                        report.problems.extend(continuity(&head, tail, &said.account));
                        tails.insert(head.account.clone(), Tail::of(&head, &said));
                    }
                    Err(Error::Damaged { part, problem, .. }) => {
                        report.problems.push(Problem::of(Some(&head), &part, problem));
                        tails.remove(&head.account);
                    }
                    Err(error) => report.problems.push(Problem::of(Some(&head), "record", error)),
                }
                progress(report.runs);
            }
        }
        let corrections = self.check_corrections(report, &checking)?;
        let ends = self.rows.ends()?;
        report.accounts = ends.len() as u64;
        check_ends(report, &ends, &tails, &corrections);
        Ok(())
    }

    /// Every blob by itself, with those that it builds upon: its bytes decode and hash to its id.
    fn check_blobs(&self, report: &mut Report, checking: &Checking<'_>) -> Result<u64, Error> {
        let mut seen: BTreeSet<Digest> = BTreeSet::new();
        let inside = self.rows.blob_ids()?.into_iter().map(|id| (id, false));
        let outside = self.objects.as_ref().map(|objects| objects.ids()).transpose()?.unwrap_or_default();
        for (id, outside) in inside.chain(outside.into_iter().map(|id| (id, true))) {
            let bytes = match &self.objects {
                Some(objects) if outside => objects.get(&id)?,
                _ => self.rows.blob(&id)?,
            };
            let problem = match bytes.map(|bytes| checking.content_id(&bytes)) {
                Some(Ok(found)) if found == id => None,
                Some(Ok(found)) => Some(format!("stored under {id}, its content is {found}")),
                Some(Err(error)) => Some(error.to_string()),
                None => Some("its id is damaged".to_owned()),
            };
            match problem {
                None => drop(seen.insert(id)),
                Some(problem) => {
                    report.problems.push(Problem::of(None, &format!("blob {}", id.short()), problem));
                }
            }
        }
        Ok(seen.len() as u64)
    }

    /// Every correction: its record, its link, and what it supersedes, which it must come after.
    fn check_corrections(
        &self,
        report: &mut Report,
        checking: &Checking<'_>,
    ) -> Result<CorrectionTails, Error> {
        let mut tails = CorrectionTails::new();
        let mut superseded: BTreeSet<Digest> = BTreeSet::new();
        for head in self.rows.corrections(None)? {
            report.corrections += 1;
            let mut say = |part: &str, problem: String| {
                report.problems.push(Problem::of_correction(&head, part, problem));
            };
            let (number, previous) = tails.get(&head.account).copied().unwrap_or((0, NO_LINK));
            if head.number != number {
                say("chain", format!("expected correction {number}"));
            }
            if head.previous != previous {
                say("column previous", format!("expected {previous}, found {}", head.previous));
            }
            if !superseded.insert(head.supersedes) {
                say("column supersedes", format!("{} is superseded twice", head.supersedes));
            }
            if let Err(problem) = self.check_correction(checking, &head) {
                say("record", problem);
            }
            tails.insert(head.account.clone(), (head.number.saturating_add(1), head.link));
        }
        Ok(tails)
    }

    fn check_correction(&self, checking: &Checking<'_>, head: &CorrectionHead) -> Result<(), String> {
        let text = |error: Error| match error {
            Error::Damaged { problem, .. } => problem,
            other => other.to_string(),
        };
        let row = self.rows.correction(&head.run_id).map_err(text)?.ok_or("its id is damaged")?;
        let (unpacked, _) = checked_correction(checking, head, &row.record).map_err(text)?;
        let original = self.original(&head.supersedes).map_err(text)?;
        let question = &unpacked.manifest.question;
        let fits = question.account == original.account
            && i64::try_from(question.sequence).ok() == Some(original.sequence)
            && question.as_of == original.as_of;
        let wanted = || format!("it does not answer for run {} of {}", original.sequence, original.as_of);
        if fits { Ok(()) } else { Err(wanted()) }
    }
}

/// The last links of each account are the ones that the heads table has.
fn check_ends(
    report: &mut Report,
    ends: &[End],
    tails: &BTreeMap<String, Tail>,
    corrections: &CorrectionTails,
) {
    let known: BTreeSet<&str> = ends.iter().map(|end| end.account.as_str()).collect();
    let accounts: BTreeSet<&String> = tails.keys().chain(corrections.keys()).collect();
    for account in accounts.into_iter().filter(|account| !known.contains(account.as_str())) {
        let part = format!("head of account {account}");
        report.problems.push(Problem { run: None, part, problem: "missing".into() });
    }
    for end in ends {
        let mut say = |part: &str, problem: String| {
            let run = Some((end.account.clone(), end.sequence));
            report.problems.push(Problem { run, part: part.into(), problem });
        };
        let fits = tails
            .get(&end.account)
            .is_some_and(|tail| tail.sequence == end.sequence && tail.link == end.link);
        if !fits {
            say("end of chain", format!("the chain does not end with run {} as the head says", end.sequence));
        }
        let corrected = corrections.get(&end.account).copied().unwrap_or((0, NO_LINK));
        if corrected != (end.corrections, end.correction_link) {
            let problem = format!("the corrections do not end after {} as the head says", end.corrections);
            say("end of corrections", problem);
        }
    }
}

/// A Run follows the one before: sequence, day, link, and the account state that the one before left.
pub(crate) fn continuity(head: &RunHead, tail: Option<&Tail>, account: &Digest) -> Vec<Problem> {
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
    if Some(head.sequence) != tail.sequence.checked_add(1) {
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
