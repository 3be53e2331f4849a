//! What a store has now, against what was attested.

use crate::History;
use crate::attestation::{AttestedDay, Statement};
use crate::history::{Day, leaves_of};
use samebits_snapshot::Digest;
use samebits_units::Date;
use std::collections::BTreeMap;

/// A day, or a Run of it, that is not as it was attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The day.
    pub date: Date,
    /// The Run, where the attestation lists the day's: account and sequence.
    pub run: Option<(String, i64)>,
    /// What differs.
    pub problem: Problem,
}

/// How a day or a Run differs from what was attested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Attested, and not there.
    Missing,
    /// There, and not attested.
    Added,
    /// The day has another number of Runs.
    Count {
        /// Attested.
        attested: u64,
        /// Found.
        found: u64,
    },
    /// As many Runs as attested, but an id, a link or a place differs.
    Rewritten,
    /// The days before are not those that the attested root covers.
    Before {
        /// Their root as attested.
        attested: Digest,
        /// As found.
        found: Digest,
    },
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => write!(f, "attested, and not there any more"),
            Self::Added => write!(f, "there, and not attested"),
            Self::Count { attested, found } => write!(f, "{attested} Runs attested, {found} found"),
            Self::Rewritten => write!(f, "not as attested: an id or a link was rewritten"),
            Self::Before { attested, found } => write!(
                f,
                "the days before are not as attested: root {}, found {}",
                attested.short(),
                found.short()
            ),
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.date)?;
        if let Some((account, sequence)) = &self.run {
            write!(f, "{account}/{sequence}: ")?;
        }
        write!(f, "{}", self.problem)
    }
}

/// The leaf of a Run as attested and as found, where it is.
type Leaves = (Option<Digest>, Option<Digest>);

impl History {
    /// Where the store differs from what was attested, by day, then account; nothing when every attested day is as it
    /// was. Days after the attested ones are not looked at. The history must hold every day from the store's first to
    /// the statement's last one.
    pub fn differences(&self, attested: &Statement) -> Vec<Difference> {
        let from = attested.from();
        let found = self.days_through(Some(attested.through));
        let (before, found) = found.split_at(found.partition_point(|day| day.date < from));
        let previous = before.last().map_or(Digest::default(), |day| day.root);
        let mut differences = Vec::new();
        if previous != attested.previous {
            let problem = Problem::Before { attested: attested.previous, found: previous };
            differences.push(Difference { date: from, run: None, problem });
        }
        let mut days: BTreeMap<Date, (Option<&AttestedDay>, Option<&Day>)> = BTreeMap::new();
        for day in &attested.days {
            days.entry(day.day.date).or_default().0 = Some(day);
        }
        for day in found {
            days.entry(day.date).or_default().1 = Some(day);
        }
        for (date, pair) in days {
            let problem = match pair {
                (Some(_), None) => Problem::Missing,
                (None, _) => Problem::Added,
                (Some(attested), Some(found)) => {
                    let day = &attested.day;
                    if (day.count, day.merkle) == (found.count, found.merkle) {
                        continue;
                    }
                    if attested.runs.is_some() {
                        self.runs_that_differ(attested, &mut differences);
                        continue;
                    }
                    if day.count == found.count {
                        Problem::Rewritten
                    } else {
                        Problem::Count { attested: day.count, found: found.count }
                    }
                }
            };
            differences.push(Difference { date, run: None, problem });
        }
        differences
    }

    /// The Runs of a listed day whose leaves differ.
    fn runs_that_differ(&self, attested: &AttestedDay, differences: &mut Vec<Difference>) {
        let date = attested.day.date;
        let entries = self.entries(date);
        let leaves = leaves_of(entries);
        let mut runs: BTreeMap<(&str, i64), Leaves> = BTreeMap::new();
        for run in attested.runs.iter().flatten() {
            runs.entry(run.place()).or_default().0 = Some(run.leaf);
        }
        for (entry, leaf) in entries.iter().zip(leaves) {
            runs.entry(entry.place()).or_default().1 = Some(leaf);
        }
        for ((account, sequence), (attested, found)) in runs {
            let problem = match (attested, found) {
                (attested, found) if attested == found => continue,
                (Some(_), None) => Problem::Missing,
                (None, _) => Problem::Added,
                (Some(_), Some(_)) => Problem::Rewritten,
            };
            differences.push(Difference { date, run: Some((account.to_owned(), sequence)), problem });
        }
    }
}
