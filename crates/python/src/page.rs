//! What kind of error it is: the class of its exception. Codes and help are those of the catalogue (`samebits explain`).

use samebits_present::{Page, page_of};
use std::error::Error;

/// The four families of errors, and our own defects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// What the caller asked or gave.
    Input,
    /// The evidence itself is broken.
    Damaged,
    /// Written by a later release.
    TooNew,
    /// The machine or the build lacks something.
    Machine,
    /// A defect of samebits.
    Internal,
}

/// Codes of what a later release wrote.
const TOO_NEW: [&str; 3] = ["store.too-new", "snapshot.too-new", "replay.unknown-rules"];
/// Codes, or beginnings of codes, of what a machine or a build lacks.
const MACHINE: [&str; 9] = [
    "device.",
    "canon.",
    "system.",
    "store.no-driver",
    "store.database",
    "snapshot.needs-",
    "replay.not-on-device",
    "replay.threads",
    "python.no-",
];

impl Family {
    /// Its class in Python.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Input => "InputError",
            Self::Damaged => "DamagedError",
            Self::TooNew => "TooNewError",
            Self::Machine => "MachineError",
            Self::Internal => "InternalError",
        }
    }

    /// Of a library's error, with its page.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> (Self, &'static Page) {
        let page = page_of(error);
        let family = if TOO_NEW.contains(&page.code) {
            Self::TooNew
        } else if damaged(error) {
            Self::Damaged
        } else if MACHINE.iter().any(|beginning| page.code.starts_with(beginning)) {
            Self::Machine
        } else {
            Self::Input
        };
        (family, page)
    }
}

/// Whether the library calls it damage.
fn damaged(error: &(dyn Error + 'static)) -> bool {
    let replay = error.downcast_ref().is_some_and(samebits_replay::Error::is_damage);
    let store = error.downcast_ref().is_some_and(samebits_store::Error::is_damage);
    replay || store || error.downcast_ref().is_some_and(samebits_analytics::Error::is_damage)
}
