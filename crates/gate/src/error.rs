//! What stops the gate before it has an answer.

use std::path::PathBuf;

/// Why scenarios cannot be read, run or accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A scenario file that is not what it should be.
    #[error("{}: {problem}", path.display())]
    Scenario {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// A tape that cannot be read.
    #[error("{}: {source}", path.display())]
    Tape {
        /// The file.
        path: PathBuf,
        /// Why.
        source: samebits_tape::Error,
    },
    /// A Run that cannot be read or decided.
    #[error("{}: {problem}", path.display())]
    Run {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// A frozen Run whose bytes are not what they were.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// No scenario of this name.
    #[error("no scenario is called `{wanted}`; `gate --list` names them")]
    Unknown {
        /// The name.
        wanted: String,
    },
    /// An expectation that must not be accepted as it is asked.
    #[error("{scenario}: not accepted: {problem}")]
    Refused {
        /// The scenario.
        scenario: String,
        /// Why.
        problem: String,
    },
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
