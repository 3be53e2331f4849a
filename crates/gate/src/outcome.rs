//! A scenario replayed and judged.

use crate::compare::{Divergence, compare};
use crate::scenario::Scenario;
use crate::ways::{Way, replay};
use crate::{Error, runs};
use rayon::prelude::*;
use samebits_executor::VERSION;

/// How a scenario ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Byte for byte as expected, five ways.
    Identical,
    /// Frozen under another version of the rules, and otherwise equal.
    Stale {
        /// That version.
        recorded: String,
    },
    /// Something came out differently.
    Diverged(Box<Divergence>),
    /// One way gave another answer than the plain one: something mattered that must not.
    Unsteady {
        /// Which way.
        way: &'static str,
        /// The difference.
        divergence: Box<Divergence>,
    },
    /// There is no expectation: nothing is recorded silently.
    New,
    /// It could not be run.
    Failed(String),
    /// Its frozen Run is damaged: the evidence itself is broken.
    Damaged(String),
}

impl Verdict {
    /// As it is printed.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identical => "IDENTICAL",
            Self::Stale { .. } => "STALE",
            Self::Diverged(_) => "DIVERGED",
            Self::Unsteady { .. } => "UNSTEADY",
            Self::New => "NEW",
            Self::Failed(_) => "FAILED",
            Self::Damaged(_) => "DAMAGED",
        }
    }

    /// Whether the gate stops.
    pub const fn is_red(&self) -> bool {
        !matches!(self, Self::Identical)
    }

    /// Exit code: 0 identical, 1 diverged, 2 could not compare, 3 stale, 5 damaged.
    pub const fn exit(&self) -> u8 {
        match self {
            Self::Identical => 0,
            Self::Stale { .. } => 3,
            Self::Diverged(_) | Self::Unsteady { .. } => 1,
            Self::New | Self::Failed(_) => 2,
            Self::Damaged(_) => 5,
        }
    }
}

/// A scenario and how it ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The scenario's name.
    pub name: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Market events of its tape, or answers compared.
    pub events: usize,
    /// What came out.
    pub text: String,
}

/// Replays one scenario and compares.
///
/// # Errors
/// A scenario or tape that cannot be read.
pub fn run(scenario: &Scenario) -> Result<Outcome, Error> {
    let (text, events, unsteady) = produce(scenario)?;
    let outcome = |verdict| Outcome { name: scenario.name.clone(), verdict, events, text: text.clone() };
    let path = scenario.expectation();
    let expected = match std::fs::read_to_string(&path) {
        Ok(expected) => expected,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(outcome(Verdict::New)),
        Err(error) => return Err(Error::io(&path)(error)),
    };
    if let Some(divergence) = compare(&expected, &text) {
        return Ok(outcome(Verdict::Diverged(Box::new(divergence))));
    }
    if let Some((way, divergence)) = unsteady {
        return Ok(outcome(Verdict::Unsteady { way, divergence: Box::new(divergence) }));
    }
    if scenario.run_file().is_none() && scenario.version() != VERSION {
        return Ok(outcome(Verdict::Stale { recorded: scenario.version().to_owned() }));
    }
    Ok(outcome(Verdict::Identical))
}

/// The canonical text, and the first way that gives another one.
#[expect(clippy::type_complexity, reason = "a text, a count, and what was wrong")]
pub(crate) fn produce(
    scenario: &Scenario,
) -> Result<(String, usize, Option<(&'static str, Divergence)>), Error> {
    if let Some(file) = scenario.run_file() {
        let (text, answers) = runs::produce(&file)?;
        return Ok((text, answers, None));
    }
    let tape = scenario.read_tape()?;
    let plain = replay(scenario, &tape, Way::Plain)?;
    let mut unsteady = None;
    for way in Way::ALL.into_iter().skip(1) {
        let text = replay(scenario, &tape, way)?;
        if unsteady.is_none() {
            unsteady = compare(&plain, &text).map(|divergence| (way.name(), divergence));
        }
    }
    Ok((plain, tape.events.len(), unsteady))
}

/// Replays many scenarios, in parallel; the answers come in the order of the scenarios.
pub fn run_all(scenarios: &[Scenario]) -> Vec<Outcome> {
    let one = |scenario: &Scenario| {
        run(scenario).unwrap_or_else(|error| Outcome {
            name: scenario.name.clone(),
            verdict: match &error {
                Error::Damaged { .. } => Verdict::Damaged(error.to_string()),
                _ => Verdict::Failed(error.to_string()),
            },
            events: 0,
            text: String::new(),
        })
    };
    scenarios.par_iter().map(one).collect()
}

/// What a scenario protects: its own page.
///
/// # Errors
/// A page that cannot be read.
pub fn why(scenario: &Scenario) -> Result<String, Error> {
    let path = scenario.folder.join("README.md");
    std::fs::read_to_string(&path).map_err(Error::io(&path))
}
