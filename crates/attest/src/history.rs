//! The Runs of a store by day, and the chain of the days' roots.

use crate::attestation::{AttestedDay, Listed, Statement};
use crate::merkle::Nodes;
use crate::{Error, Proof};
use samebits_snapshot::{Digest, Hasher};
use samebits_units::Date;
use std::collections::BTreeMap;

/// What a day's tree holds of a Run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Account.
    pub account: String,
    /// Running number in the account.
    pub sequence: i64,
    /// Id of the Run: its question, method and answer.
    pub run_id: Digest,
    /// Its link in the account's chain: the Runs before it, who recorded it and when.
    pub link: Digest,
}

impl Entry {
    /// The leaf that stands for the Run.
    pub fn leaf(&self) -> Digest {
        self.leaf_with(&leaves())
    }

    /// As [`Entry::leaf`], with the domain's state already made.
    fn leaf_with(&self, leaves: &Hasher) -> Digest {
        let mut hasher = leaves.clone();
        hasher.part(self.account.len(), [self.account.as_bytes()]);
        hasher.part(8, [self.sequence.to_le_bytes().as_slice()]);
        hasher.part(32, [self.run_id.as_bytes().as_slice()]);
        hasher.part(32, [self.link.as_bytes().as_slice()]);
        hasher.finish()
    }

    pub(crate) fn place(&self) -> (&str, i64) {
        (&self.account, self.sequence)
    }
}

fn leaves() -> Hasher {
    Hasher::new("samebits 2026 attest leaf")
}

/// The leaves of Runs, in their order.
pub(crate) fn leaves_of(entries: &[Entry]) -> Vec<Digest> {
    let domain = leaves();
    entries.iter().map(|entry| entry.leaf_with(&domain)).collect()
}

/// A day with Runs, in the chain of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// Number of its Runs, at least 1.
    pub count: u64,
    /// Merkle root over its Runs in order of account (by bytes) and sequence.
    pub merkle: Digest,
    /// Root of the day: covers the three above and every day before.
    pub root: Digest,
}

impl Day {
    /// The day after the one whose root is `previous` (32 zero bytes before the first).
    pub fn new(date: Date, count: u64, merkle: Digest, previous: &Digest) -> Self {
        let root = Digest::of_parts(
            "samebits 2026 day root",
            &[&date.days().to_le_bytes(), &count.to_le_bytes(), merkle.as_bytes(), previous.as_bytes()],
        );
        Self { date, count, merkle, root }
    }
}

/// Which days a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// One day; the days before are in its root.
    Day(Date),
    /// Every day with Runs up to this one.
    Through(Date),
}

impl Span {
    /// The last day.
    pub fn last(self) -> Date {
        match self {
            Self::Day(date) | Self::Through(date) => date,
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(date) => write!(f, "on {date}"),
            Self::Through(date) => write!(f, "through {date}"),
        }
    }
}

/// The Runs of a store by day, each day's in order of account (by bytes) and sequence. Collected from rows in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(BTreeMap<Date, Vec<Entry>>);

impl FromIterator<(Date, Entry)> for History {
    fn from_iter<I: IntoIterator<Item = (Date, Entry)>>(rows: I) -> Self {
        let mut days: BTreeMap<Date, Vec<Entry>> = BTreeMap::new();
        for (date, entry) in rows {
            days.entry(date).or_default().push(entry);
        }
        for entries in days.values_mut() {
            entries.sort_by(|a, b| a.place().cmp(&b.place()));
        }
        Self(days)
    }
}

impl History {
    /// The days with Runs, chained from the first.
    pub fn days(&self) -> Vec<Day> {
        self.days_through(None)
    }

    /// As [`History::days`], up to `last`; all of them when it is `None`.
    pub(crate) fn days_through(&self, last: Option<Date>) -> Vec<Day> {
        let nodes = Nodes::new();
        let mut previous = Digest::default();
        let days = self.0.iter().take_while(|(date, _)| last.is_none_or(|last| **date <= last));
        days.map(|(date, entries)| {
            let day = Day::new(*date, entries.len() as u64, nodes.root(&leaves_of(entries)), &previous);
            previous = day.root;
            day
        })
        .collect()
    }

    /// The Runs of a day; none when there is no such day.
    pub(crate) fn entries(&self, date: Date) -> &[Entry] {
        self.0.get(&date).map_or(&[], Vec::as_slice)
    }

    /// What is to be signed of `span`; with `lists`, also the leaf of every Run, by which a later comparison can name the
    /// Run that differs. `store` is a name for people. The history must hold every day from the store's first to the
    /// span's last one.
    ///
    /// # Errors
    /// [`Error::Nothing`] when the span has no Runs.
    pub fn statement(&self, store: &str, span: Span, lists: bool) -> Result<Statement, Error> {
        let mut days = self.days_through(Some(span.last()));
        let mut previous = Digest::default();
        if let Span::Day(date) = span {
            let before = days.partition_point(|day| day.date < date);
            previous = days[..before].last().map_or(previous, |day| day.root);
            days.drain(..before);
        }
        if days.is_empty() {
            return Err(Error::Nothing { span: span.to_string() });
        }
        let listed = |date| {
            let entries = self.entries(date);
            let leaves = leaves_of(entries);
            let each = entries.iter().zip(leaves);
            each.map(|(entry, leaf)| Listed {
                account: entry.account.clone(),
                sequence: entry.sequence,
                leaf,
            })
            .collect()
        };
        let days =
            days.into_iter().map(|day| AttestedDay { day, runs: lists.then(|| listed(day.date)) }).collect();
        Ok(Statement { store: store.to_owned(), through: span.last(), previous, days })
    }

    /// The proof that a Run is among those of its day. Only that day has to be in the history.
    ///
    /// # Errors
    /// [`Error::NoRun`] when it is not.
    pub fn proof(&self, date: Date, account: &str, sequence: i64) -> Result<Proof, Error> {
        let entries = self.entries(date);
        let index = entries.binary_search_by(|entry| entry.place().cmp(&(account, sequence)));
        let index = index.map_err(|_| Error::NoRun { account: account.to_owned(), sequence, date })?;
        let path = Nodes::new().path(&leaves_of(entries), index);
        let (index, count) = (index as u64, entries.len() as u64);
        Ok(Proof { date, entry: entries[index as usize].clone(), index, count, path })
    }
}
