//! A new expectation, by name, with a reason, into a ledger.

use crate::Error;
use crate::compare::compare;
use crate::lines::Lines;
use crate::outcome::produce;
use crate::scenario::Scenario;
use samebits_executor::{Digest, Rule, VERSION};
use std::io::Write;

/// What is to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Why the new expectation is right.
    pub reason: String,
    /// Rules that the change may touch; an expectation that is new touches none.
    pub touches: Vec<String>,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// Whether this runs unattended: then nothing is accepted.
    pub unattended: bool,
}

impl Acceptance {
    /// Whether anything may be accepted at all.
    ///
    /// # Errors
    /// [`Error::Refused`] when unattended or without a reason.
    pub(crate) fn check(&self, name: &str) -> Result<(), Error> {
        let refused =
            |problem: &str| Error::Refused { scenario: name.to_owned(), problem: problem.to_owned() };
        if self.unattended {
            return Err(refused("CI accepts nothing; accept on your own machine and commit the ledger"));
        }
        if self.reason.trim().len() < 8 || self.reason.contains('\n') {
            return Err(refused("a reason in one line is needed"));
        }
        Ok(())
    }

    /// A line of a ledger.
    pub(crate) fn line(&self, old: Option<&str>, new: &str) -> String {
        let short = |text: &str| Digest::of(text.as_bytes()).short();
        format!(
            "{} {VERSION} old={} new={} touches={} reason: {}\n",
            self.date,
            old.map_or_else(|| "-".to_owned(), short),
            short(new),
            if self.touches.is_empty() { "-".to_owned() } else { self.touches.join(",") },
            self.reason.trim()
        )
    }
}

/// Takes what comes out of a scenario as its expectation and notes it in `REGEN.log`; gives the line of the ledger.
///
/// # Errors
/// [`Error::Refused`] when unattended, without a reason, when ways differ, when nothing changed, or when the change touches
/// rules that were not named.
pub fn accept(scenario: &Scenario, acceptance: &Acceptance) -> Result<String, Error> {
    let refused = |problem: String| Error::Refused { scenario: scenario.name.clone(), problem };
    acceptance.check(&scenario.name)?;
    for rule in &acceptance.touches {
        if Rule::from_name(rule).is_none() {
            return Err(refused(format!("rule `{rule}` is unknown")));
        }
    }
    let (text, _, unsteady) = produce(scenario)?;
    if let Some((way, _)) = unsteady {
        return Err(refused(format!("it comes out differently {way}; that is a fault, not an expectation")));
    }
    let path = scenario.expectation();
    let old = match std::fs::read_to_string(&path) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io(&path)(error)),
    };
    if let Some(old) = &old {
        let Some(_) = compare(old, &text) else {
            return Err(refused("nothing changed".to_owned()));
        };
        let strange: Vec<String> =
            touched(old, &text).into_iter().filter(|rule| !acceptance.touches.contains(rule)).collect();
        if !strange.is_empty() {
            return Err(refused(format!(
                "the change touches rules that --touches does not name: {}",
                strange.join(", ")
            )));
        }
    }
    let line = acceptance.line(old.as_deref(), &text);
    write(scenario, &text, &line)?;
    Ok(line)
}

/// The expectation is replaced whole; the ledger grows by a line.
fn write(scenario: &Scenario, text: &str, line: &str) -> Result<(), Error> {
    let path = scenario.expectation();
    let mut part = tempfile::NamedTempFile::new_in(&scenario.folder).map_err(Error::io(&scenario.folder))?;
    part.write_all(text.as_bytes()).map_err(Error::io(&path))?;
    let ledger = scenario.folder.join("REGEN.log");
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(&ledger);
    opened.and_then(|mut file| file.write_all(line.as_bytes())).map_err(Error::io(&ledger))?;
    part.persist(&path).map_err(|error| Error::io(&path)(error.error))?;
    Ok(())
}

/// Rules of event lines that are in one text and not in the other.
fn touched(old: &str, new: &str) -> Vec<String> {
    let lines = Lines::between(old, new);
    let changed = lines.missing.iter().chain(&lines.extra);
    let words = changed.flat_map(|line| line.split_whitespace());
    let mut rules: Vec<String> =
        words.filter_map(|word| word.strip_prefix("rule=")).map(str::to_owned).collect();
    rules.sort();
    rules.dedup();
    rules
}

/// Whether the expectation is the one that the last line of its ledger names.
///
/// # Errors
/// Files that cannot be read.
pub fn review(scenario: &Scenario) -> Result<Option<String>, Error> {
    let (path, ledger) = (scenario.expectation(), scenario.folder.join("REGEN.log"));
    let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
    let lines = std::fs::read_to_string(&ledger).map_err(Error::io(&ledger))?;
    let noted = lines
        .lines()
        .last()
        .and_then(|line| line.split_whitespace().find_map(|word| word.strip_prefix("new=")));
    let found = Digest::of(text.as_bytes()).short();
    Ok((noted != Some(found.as_str())).then(|| {
        format!(
            "{}: its expectation is {found}, the ledger says {}",
            scenario.name,
            noted.unwrap_or("nothing")
        )
    }))
}
