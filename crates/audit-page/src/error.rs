//! What can go wrong between a request and its page.

use axum::http::StatusCode;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store failed, or the Run is not there or damaged.
    #[error(transparent)]
    Store(#[from] samebits_store::Error),
    /// The Run cannot be decided or explained.
    #[error(transparent)]
    Replay(#[from] samebits_replay::Error),
    /// The year of an account cannot be counted.
    #[error(transparent)]
    Report(#[from] samebits_report::Error),
    /// A scenario cannot be read.
    #[error(transparent)]
    Gate(#[from] samebits_gate::Error),
    /// A picture cannot be drawn.
    #[error(transparent)]
    Picture(#[from] samebits_charts::Error),
    /// A field of a form or an address does not say what it should.
    #[error("`{field}` is `{found}`; expected {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it says.
        found: String,
        /// What it may say.
        expected: &'static str,
    },
    /// No page has this address.
    #[error("no page has this address")]
    NoPage,
    /// A file that the page shows cannot be read.
    #[error("{path}: {problem}")]
    File {
        /// Its path.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// The work was not done in the time that a page may take.
    #[error("not done within {seconds} s; other work may be under way, try again")]
    TooSlow {
        /// That time.
        seconds: u64,
    },
    /// The work ended by a defect of this program.
    #[error("internal fault: this is a defect of samebits; nothing was changed")]
    Fault,
    /// The network failed.
    #[error("{0}")]
    Network(#[from] std::io::Error),
}

impl Error {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoPage
            | Self::Store(samebits_store::Error::NotFound { .. })
            | Self::Replay(
                samebits_replay::Error::UnknownTicker { .. }
                | samebits_replay::Error::UnknownLot { .. }
                | samebits_replay::Error::NoLock { .. }
                | samebits_replay::Error::NoFrontier { .. },
            )
            | Self::Gate(samebits_gate::Error::Unknown { .. }) => StatusCode::NOT_FOUND,
            Self::Field { .. } | Self::Store(samebits_store::Error::Ambiguous { .. }) => {
                StatusCode::BAD_REQUEST
            }
            Self::TooSlow { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What a page of the catalogue may be about: the error of another crate where this one only carries it.
    pub(crate) fn cause(&self) -> &(dyn std::error::Error + 'static) {
        match self {
            Self::Store(error) => error,
            Self::Replay(error) => error,
            Self::Report(error) => error,
            Self::Gate(error) => error,
            own => own,
        }
    }

    /// Whether it is an error of the server, not one of a store or a Run.
    pub(crate) fn is_own(&self) -> bool {
        !matches!(self, Self::Store(_) | Self::Replay(_) | Self::Report(_) | Self::Gate(_))
    }

    /// Whether the evidence itself is broken.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_damage(),
            Self::Replay(error) => error.is_damage(),
            _ => false,
        }
    }
}
