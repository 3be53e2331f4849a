//! Verdicts and exit codes: one table for every command.

use samebits_present::{Conclusion, Page, page_of};
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Same bits, or nothing wrong.
    Same,
    /// Another decision.
    Diverged,
    /// Bad arguments, unreadable input, could not compare.
    Unusable,
    /// Equal, but recorded under another version.
    Stale,
    /// Nothing to compare.
    Nothing,
    /// The evidence itself is broken.
    Damaged,
    /// A defect of this program.
    Fault,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Same => 0,
            Exit::Diverged => 1,
            Exit::Unusable => 2,
            Exit::Stale => 3,
            Exit::Nothing => 4,
            Exit::Damaged => 5,
            Exit::Fault => 70,
        })
    }
}

impl From<Conclusion> for Exit {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Identical | Conclusion::SameBits => Self::Same,
            Conclusion::Equivalent | Conclusion::Diverged | Conclusion::Disagree => Self::Diverged,
            Conclusion::NotCompared | Conclusion::Incomplete => Self::Unusable,
            Conclusion::Nothing => Self::Nothing,
            Conclusion::Damaged => Self::Damaged,
        }
    }
}

/// Prints what went wrong with one Run of several.
pub(crate) fn report_one(name: &str, error: &samebits_replay::Error) {
    anstream::eprintln!("{} {name}: {error} {}", word(error.is_damage()), sign(page_of(error)));
}

const fn word(damaged: bool) -> &'static str {
    if damaged { "DAMAGED:" } else { "error:" }
}

/// The end of a line that tells an error: its code, and how to read its page.
fn sign(page: &Page) -> String {
    format!("[{code}; samebits explain {code}]", code = page.code)
}

/// Prints an error with its verdict; says how the command ended.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    let damaged = error.downcast_ref::<samebits_store::Error>().is_some_and(samebits_store::Error::is_damage)
        || error.downcast_ref::<samebits_attest::Error>().is_some_and(samebits_attest::Error::is_damage)
        || error.downcast_ref::<samebits_replay::Error>().is_some_and(samebits_replay::Error::is_damage)
        || error
            .downcast_ref::<samebits_analytics::Error>()
            .is_some_and(samebits_analytics::Error::is_damage)
        || error.downcast_ref::<samebits_tape::Error>().is_some_and(samebits_tape::Error::is_damage)
        || error.downcast_ref::<samebits_snapshot::Error>().is_some();
    anstream::eprintln!("{} {error:#} {}", word(damaged), sign(page_of(error.as_ref())));
    if damaged { Exit::Damaged } else { Exit::Unusable }
}
