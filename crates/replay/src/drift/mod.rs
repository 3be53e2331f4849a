//! What today's tables would have made of a recorded Run.
//!
//! ```text
//! recorded inputs --replay--> the recorded outcome? no: ENGINE
//!        | yes
//! today's tables --the functions of the simulation--> market, risk model --compared--> changes, causes
//!        |
//! recorded account, params, method --decide--> trades --compared--> SAME DECISION, DRIFTED
//! ```
//! A vendor corrects its history after a Run was recorded. [`drift`] rebuilds prices, benchmark, covariance and loadings
//! from the tables as they are now, says which correction of the Run's window changed what, and decides again. The recorded
//! Run stays authoritative: nothing is written. A changed engine and changed inputs are never mixed: a Run whose *recorded*
//! inputs this build decides otherwise is not decided on others.

mod causes;
mod changes;
mod decision;
mod place;
mod rebuild;
mod summary;
mod tables;

pub use causes::{Cause, Correction};
pub use changes::{
    Changes, LoadingChange, NameChange, Part, PartChange, PriceChange, Rescaled, RiskChange, ValueChange,
    WeightsChange,
};
pub use decision::{Alone, Redecided, TradeChange};
pub use samebits_panel::Vintage;
pub use summary::{AtFault, Summary};
pub use tables::{Files, PanelName, Tables};

use crate::record::Clock;
use crate::{Backend, Error, replay};
use samebits_store::StoredRun;
use samebits_units::Date;
use std::sync::Arc;

/// What a drift check found of a Run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// Everything rebuilt has the recorded bits.
    SameInputs,
    /// Inputs differ; the trades would have been the same shares of the same lots.
    SameDecision,
    /// Inputs differ, and other trades would have been made.
    Drifted,
    /// This build does not give the recorded outcome on the recorded inputs; nothing was decided on others.
    Engine,
    /// The Run's inputs cannot be rebuilt from these tables, or not be decided.
    NotRebuilt,
}

impl Finding {
    /// All, in their order.
    pub const ALL: [Self; 5] =
        [Self::SameInputs, Self::SameDecision, Self::Drifted, Self::Engine, Self::NotRebuilt];

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameInputs => "SAME INPUTS",
            Self::SameDecision => "SAME DECISION",
            Self::Drifted => "DRIFTED",
            Self::Engine => "ENGINE",
            Self::NotRebuilt => "NOT REBUILT",
        }
    }
}

/// Why a Run's inputs cannot be rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// The day of the Run, or of its benchmark's rebalance, is no session of the tables.
    #[error("{what} {date} is no session of these tables")]
    NoSession {
        /// Which day.
        what: &'static str,
        /// The day.
        date: Date,
    },
    /// Securities of the Run that the tables do not have.
    #[error("not in these tables: {}", tickers.join(", "))]
    MissingTickers {
        /// Their tickers, in the order of the Run.
        tickers: Vec<String>,
    },
    /// The benchmark follows another methodology.
    #[error("the benchmark follows `{found}`; these tables give `{known}`")]
    OtherMethodology {
        /// In the Run.
        found: String,
        /// What is rebuilt.
        known: &'static str,
    },
    /// The risk model was made by another recipe.
    #[error("the risk model was made by another recipe: `{setting}` differs")]
    OtherRecipe {
        /// The first setting that differs.
        setting: String,
    },
    /// The Run pins corporate actions, and the tables have none.
    #[error("the Run pins the laws and actions of a complete market: tables of corporate actions are needed")]
    NoActions,
    /// The tables do not give a market, or no decision is possible on it.
    #[error("{0}")]
    Failed(String),
}

/// What a drift check found.
#[derive(Debug, Clone)]
pub struct Drifted {
    /// The verdict.
    pub finding: Finding,
    /// For [`Finding::Engine`]: the first stage that differs, if any does, and the number of fields that do.
    pub engine: Option<(Option<&'static str>, usize)>,
    /// Why the inputs were not rebuilt.
    pub obstacle: Option<Obstacle>,
    /// What differs in the inputs; absent with an obstacle.
    pub changes: Option<Arc<Changes>>,
    /// The decision on the rebuilt inputs, where they differ.
    pub decision: Option<Redecided>,
}

/// Rebuilds the Run's inputs from `tables`, compares, and decides again.
///
/// # Errors
/// A solver or rules that this build does not have, and recorded inputs that cannot be decided. What keeps the inputs
/// from being rebuilt is the Run's [`Obstacle`].
pub fn drift(
    stored: &StoredRun,
    tables: &Tables,
    backend: &Backend,
    clock: Clock<'_>,
) -> Result<Drifted, Error> {
    let run = &stored.run;
    let replayed = replay(run, &stored.ids, backend, clock)?;
    let day = tables.day(&run.inputs.market, &run.inputs.risk, &stored.ids);
    let mut found = Drifted {
        finding: Finding::NotRebuilt,
        engine: None,
        obstacle: None,
        changes: day.as_ref().ok().map(|day| Arc::clone(&day.changes)),
        decision: None,
    };
    if !replayed.differences.is_empty() {
        found.finding = Finding::Engine;
        found.engine = Some((replayed.first_stage, replayed.differences.len()));
        return Ok(found);
    }
    let day = match day {
        Ok(day) => day,
        Err(obstacle) => return Ok(Drifted { obstacle: Some(obstacle), ..found }),
    };
    if day.changes.same {
        found.finding = Finding::SameInputs;
        return Ok(found);
    }
    match decision::again(run, &day, backend) {
        Ok(decision) => {
            found.finding = if decision.trades.is_empty() { Finding::SameDecision } else { Finding::Drifted };
            found.decision = Some(decision);
        }
        Err(error) => found.obstacle = Some(Obstacle::Failed(error.to_string())),
    }
    Ok(found)
}
