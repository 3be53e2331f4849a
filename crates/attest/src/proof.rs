//! That one Run is among those of an attested day, without the others and without the store.
//!
//! ```text
//! samebits inclusion 1
//! day DATE
//! run ACCOUNT SEQUENCE
//! run_id DIGEST
//! link DIGEST
//! place INDEX COUNT                            INDEX from 0, in order of account and sequence
//! path DIGEST                                  once a level, the subtree beside the way up, the lowest first
//! ```

use crate::Error;
use crate::attestation::Statement;
use crate::history::Entry;
use crate::merkle::Nodes;
use crate::text::{Lines, digest, escaped, name};
use samebits_snapshot::Digest;
use samebits_units::Date;
use std::fmt::Write;

const WHAT: &str = "proof";
const TITLE: &str = "samebits inclusion";

/// The way from a Run's leaf to the Merkle root of its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The day.
    pub date: Date,
    /// The Run.
    pub entry: Entry,
    /// Its place among the day's Runs, from 0.
    pub index: u64,
    /// Number of the day's Runs.
    pub count: u64,
    /// The subtrees beside the way, the lowest first.
    pub path: Vec<Digest>,
}

impl Proof {
    /// The bytes of the file.
    pub fn to_text(&self) -> String {
        let Self { date, entry, index, count, path } = self;
        let mut text = format!(
            "{TITLE} 1\nday {date}\nrun {} {}\nrun_id {}\nlink {}\nplace {index} {count}\n",
            escaped(&entry.account),
            entry.sequence,
            entry.run_id,
            entry.link
        );
        for beside in path {
            // Writing to a String does not fail.
            let _ = writeln!(text, "path {beside}");
        }
        text
    }

    /// Reads a file. What it proves is another question: [`Proof::check`].
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooNew`], [`Error::Malformed`], [`Error::NotCanonical`].
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut lines = Lines::of(bytes, WHAT, TITLE)?;
        let date = lines.fields("day DATE", |[text]| text.parse().ok())?;
        let (account, sequence) = lines.fields("run ACCOUNT SEQUENCE", |[account, number]| {
            Some((name(account)?, number.parse().ok()?))
        })?;
        let run_id = lines.fields("run_id DIGEST", |[text]| digest(text))?;
        let link = lines.fields("link DIGEST", |[text]| digest(text))?;
        let (index, count) = lines
            .fields("place INDEX COUNT", |[index, count]| Some((index.parse().ok()?, count.parse().ok()?)))?;
        let mut path = Vec::new();
        while lines.begins("path") {
            path.push(lines.fields("path DIGEST", |[text]| digest(text))?);
        }
        let proof = Self { date, entry: Entry { account, sequence, run_id, link }, index, count, path };
        lines.end(bytes, &proof.to_text())?;
        Ok(proof)
    }

    /// The Run is the one at its place among those that `attested` counts on its day.
    ///
    /// # Errors
    /// [`Error::NotAttested`] when it has no such day, [`Error::NotIncluded`] when the way leads elsewhere.
    pub fn check(&self, attested: &Statement) -> Result<(), Error> {
        let date = self.date;
        let Some(day) = attested.days.iter().map(|each| &each.day).find(|day| day.date == date) else {
            return Err(Error::NotAttested { date, from: attested.from(), through: attested.through });
        };
        let Entry { account, sequence, .. } = &self.entry;
        let wrong = |problem| {
            Err(Error::NotIncluded { account: account.clone(), sequence: *sequence, date, problem })
        };
        if self.count != day.count {
            return wrong(format!("it is for {} Runs, {} are attested", self.count, day.count));
        }
        match Nodes::new().climb(&self.entry.leaf(), self.index, self.count, &self.path) {
            Some(root) if root == day.merkle => Ok(()),
            Some(root) => wrong(format!("expected {}, it leads to {root}", day.merkle)),
            None => wrong(format!(
                "{} steps do not lead from place {} of {}",
                self.path.len(),
                self.index,
                self.count
            )),
        }
    }
}
