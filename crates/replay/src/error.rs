//! What can go wrong between a store and a verdict.

/// Why a Run could not be recorded, replayed or explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A Run whose trades did not execute against bars.
    #[error("the Run's trades did not execute against bars: there is no schedule to change")]
    NoExecution,
    /// A security without a bar in the session that its trades execute in.
    #[error("{ticker} has no bar in the session of {session}")]
    NoBar {
        /// The session.
        session: samebits_units::Date,
        /// The security.
        ticker: String,
    },
    /// The Run names a solver that this build does not have.
    #[error("solver `{wanted}` is not in this build; it has {known}")]
    UnknownSolver {
        /// The name in the Run.
        wanted: String,
        /// The names in this build.
        known: String,
    },
    /// A solver was asked for on a device, and does not run there.
    #[error("solver `{wanted}` does not run on a device; there is {known}")]
    NotOnDevice {
        /// The solver.
        wanted: String,
        /// What runs there.
        known: &'static str,
    },
    /// The Run was decided under rules that this build does not have.
    #[error("rules `{wanted}` are not in this build; it has `{known}`")]
    UnknownRules {
        /// The rules in the Run.
        wanted: String,
        /// The rules of this build.
        known: String,
    },
    /// No security of that ticker in the Run.
    #[error("`{ticker}` is not in the universe of this Run")]
    UnknownTicker {
        /// The ticker asked for.
        ticker: String,
    },
    /// No lock on the group of a ticker.
    #[error("no wash-sale lock on `{ticker}` is in force in this Run")]
    NoLock {
        /// The ticker asked for.
        ticker: String,
    },
    /// No lot of that id that the decision could have sold or covered.
    #[error("lot {lot} could not be sold or covered in this Run")]
    UnknownLot {
        /// The lot asked for.
        lot: u64,
    },
    /// A frontier begins at the state of the recorded optimum, and trades risk off.
    #[error("the Run has no frontier: {reason}")]
    NoFrontier {
        /// Why.
        reason: &'static str,
    },
    /// A simulation that the panel is too short for.
    #[error("the panel has {found} sessions; {needed} are needed")]
    TooShort {
        /// Sessions of the panel.
        found: usize,
        /// Sessions needed.
        needed: usize,
    },
    /// The journal of a replay cannot be read or written.
    #[error("journal {path}: {problem}")]
    Journal {
        /// Its path.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// Threads could not be started.
    #[error("threads: {0}")]
    Threads(String),
    /// Quotes or corporate actions could not be read.
    #[error(transparent)]
    Panel(#[from] samebits_panel::Error),
    /// No tax law or rate for a day.
    #[error(transparent)]
    Tax(#[from] samebits_tax::Error),
    /// No strategy of that name.
    #[error("strategy `{wanted}` is not known")]
    UnknownStrategy {
        /// The name.
        wanted: String,
    },
    /// The question could not be decided.
    #[error(transparent)]
    Rebalance(#[from] samebits_rebalance::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] samebits_ledger::Error),
    /// The record could not be packed.
    #[error(transparent)]
    Snapshot(#[from] samebits_snapshot::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] samebits_store::Error),
    /// The risk model could not be estimated.
    #[error(transparent)]
    RiskModel(#[from] samebits_riskmodel::Error),
    /// The processor's floating-point mode is not the one that every result depends on.
    #[error(transparent)]
    Canon(#[from] samebits_canon::Error),
    /// A number does not fit its type.
    #[error(transparent)]
    Units(#[from] samebits_units::Error),
}

impl Error {
    /// Whether the evidence itself is broken.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_damage(),
            Self::Snapshot(error) => !matches!(error, samebits_snapshot::Error::NotStorable { .. }),
            _ => false,
        }
    }
}
