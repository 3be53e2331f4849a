//! What is signed, and the file that it is kept in.
//!
//! ```text
//! samebits attestation 1
//! store NAME
//! days FROM THROUGH
//! previous DIGEST                              the day root before FROM; zeros when there is no day before
//! day DATE COUNT MERKLE ROOT                   once a day with Runs
//! run ACCOUNT SEQUENCE LEAF                    after its day, COUNT times or never
//! key PUBLIC_KEY                               32 bytes
//! signature SIGNATURE                          64 bytes: ed25519 over every byte before this line
//! ```

use crate::Error;
use crate::history::Day;
use crate::key::{PublicKey, SecretKey};
use crate::merkle::Nodes;
use crate::text::{Lines, digest, escaped, hex, name};
use samebits_snapshot::Digest;
use samebits_units::Date;
use std::fmt::Write;

const WHAT: &str = "attestation";
const TITLE: &str = "samebits attestation";

/// A Run in the list of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Account.
    pub account: String,
    /// Running number in the account.
    pub sequence: i64,
    /// Its leaf.
    pub leaf: Digest,
}

impl Listed {
    pub(crate) fn place(&self) -> (&str, i64) {
        (&self.account, self.sequence)
    }
}

/// A day of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedDay {
    /// The day and its roots.
    pub day: Day,
    /// Its Runs in the order of the tree, if they are listed.
    pub runs: Option<Vec<Listed>>,
}

/// What is said of a store's days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The store's name, for people.
    pub store: String,
    /// The last day that is spoken for; the first is the first of `days`.
    pub through: Date,
    /// Root of the last day before; 32 zero bytes when the store has none.
    pub previous: Digest,
    /// Every day with Runs, ascending; at least one.
    pub days: Vec<AttestedDay>,
}

/// A statement with its signature, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// What was signed.
    pub statement: Statement,
    /// Who signed it, as the file says: compare with a key from elsewhere ([`Attestation::check_key`]).
    pub key: PublicKey,
}

impl Statement {
    /// The first day.
    pub fn from(&self) -> Date {
        self.days.first().map_or(self.through, |first| first.day.date)
    }

    /// Root of the last day, which covers all others; 32 zero bytes when there is no day.
    pub fn root(&self) -> Digest {
        self.days.last().map_or(self.previous, |last| last.day.root)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`Error::TooLong`], and what [`Attestation::read`] would not accept.
    pub fn sign(&self, key: &SecretKey) -> Result<Vec<u8>, Error> {
        let mut text = self.signed_text(&key.public());
        let signature = key.sign(text.as_bytes());
        write_signature(&mut text, &signature);
        Attestation::read(text.as_bytes())?;
        Ok(text.into_bytes())
    }

    /// The bytes that are signed.
    fn signed_text(&self, key: &PublicKey) -> String {
        let mut text = format!(
            "{TITLE} 1\nstore {}\ndays {} {}\nprevious {}\n",
            escaped(&self.store),
            self.from(),
            self.through,
            self.previous
        );
        // Writing to a String does not fail.
        for AttestedDay { day, runs } in &self.days {
            let _ = writeln!(text, "day {} {} {} {}", day.date, day.count, day.merkle, day.root);
            for run in runs.iter().flatten() {
                let _ = writeln!(text, "run {} {} {}", escaped(&run.account), run.sequence, run.leaf);
            }
        }
        let _ = writeln!(text, "key {key}");
        text
    }

    /// The parts agree: days ascend within the span, roots follow from counts and Merkle roots, lists from their leaves.
    fn check(&self, from: Date) -> Result<(), Error> {
        let mut previous = self.previous;
        let mut before: Option<Date> = None;
        let wrong = |date, problem| Err(Error::Inconsistent { date, problem });
        if self.from() != from {
            return wrong(from, "the first day of the span is not the first of the days");
        }
        for AttestedDay { day, runs } in &self.days {
            if before.is_some_and(|before| before >= day.date) || day.date > self.through {
                return wrong(day.date, "the day is not in its place");
            }
            if day.count == 0 {
                return wrong(day.date, "a day without Runs");
            }
            if Day::new(day.date, day.count, day.merkle, &previous) != *day {
                return wrong(day.date, "the day root does not follow from the day and the root before");
            }
            if let Some(runs) = runs {
                check_list(day, runs)?;
            }
            (previous, before) = (day.root, Some(day.date));
        }
        if self.days.is_empty() { wrong(self.through, "no day") } else { Ok(()) }
    }
}

fn write_signature(text: &mut String, signature: &[u8; 64]) {
    text.push_str("signature ");
    for byte in signature {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
}

fn check_list(day: &Day, runs: &[Listed]) -> Result<(), Error> {
    let wrong = |problem| Err(Error::Inconsistent { date: day.date, problem });
    if runs.len() as u64 != day.count {
        return wrong("the list of Runs is not as long as the day's count");
    }
    if runs.windows(2).any(|pair| pair[0].place() >= pair[1].place()) {
        return wrong("the list of Runs is not in order of account and sequence");
    }
    let leaves: Vec<Digest> = runs.iter().map(|run| run.leaf).collect();
    if Nodes::new().root(&leaves) != day.merkle {
        return wrong("the Merkle root is not that of the listed Runs");
    }
    Ok(())
}

impl Attestation {
    /// Reads a file: its form, that its parts agree, and that the key which it names signed it.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooNew`], [`Error::Malformed`], [`Error::NotCanonical`], [`Error::Inconsistent`],
    /// [`Error::BadSignature`].
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut lines = Lines::of(bytes, WHAT, TITLE)?;
        let store = lines.fields("store NAME", |[text]| name(text))?;
        let date = |text: &str| text.parse::<Date>().ok();
        let (from, through) =
            lines.fields("days FROM THROUGH", |[from, to]| Some((date(from)?, date(to)?)))?;
        let previous = lines.fields("previous DIGEST", |[text]| digest(text))?;
        let mut days = Vec::new();
        while lines.begins("day") {
            days.push(read_day(&mut lines)?);
        }
        let key = lines.fields("key PUBLIC_KEY", |[text]| PublicKey::from_bytes(hex(text)?).ok())?;
        let signature: [u8; 64] = lines.fields("signature SIGNATURE", |[text]| hex(text))?;
        let statement = Statement { store, through, previous, days };
        let mut text = statement.signed_text(&key);
        let signed = text.len();
        write_signature(&mut text, &signature);
        lines.end(bytes, &text)?;
        statement.check(from)?;
        if !key.verifies(&bytes[..signed], &signature) {
            return Err(Error::BadSignature { key });
        }
        Ok(Self { statement, key })
    }

    /// The file was signed by the key that the verifier trusts. Without that, it vouches for itself only: whoever writes
    /// a false statement can sign it with a key of their own.
    ///
    /// # Errors
    /// [`Error::OtherKey`].
    pub fn check_key(&self, pinned: &PublicKey) -> Result<(), Error> {
        if self.key == *pinned {
            return Ok(());
        }
        Err(Error::OtherKey { found: self.key, pinned: *pinned })
    }
}

fn read_day(lines: &mut Lines<'_>) -> Result<AttestedDay, Error> {
    let day = lines.fields("day DATE COUNT MERKLE ROOT", |[date, count, merkle, root]| {
        let (date, count) = (date.parse().ok()?, count.parse().ok()?);
        Some(Day { date, count, merkle: digest(merkle)?, root: digest(root)? })
    })?;
    let mut runs = Vec::new();
    while lines.begins("run") {
        runs.push(lines.fields("run ACCOUNT SEQUENCE LEAF", |[account, sequence, leaf]| {
            Some(Listed { account: name(account)?, sequence: sequence.parse().ok()?, leaf: digest(leaf)? })
        })?);
    }
    Ok(AttestedDay { day, runs: (!runs.is_empty()).then_some(runs) })
}
