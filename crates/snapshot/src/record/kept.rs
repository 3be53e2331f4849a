//! What is kept of an outcome whose rest is derived again.
//!
//! Weights, multipliers, certificates, rows, ledger events, taxes and digests follow from the question and the state of
//! the optimum. Only what a search found cannot be derived without one, and is here.

use super::{
    Active, Finish, Harvest, Inputs, Method, Netted, Outcome, Rounding, RowKind, Side, Status, Trade,
};
use crate::InputIds;
use serde::{Deserialize, Serialize};

/// The part of an [`Outcome`] that its question and its method do not give without a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// As [`Outcome::status`].
    pub status: Status,
    /// As [`Outcome::iterations`].
    pub iterations: u32,
    /// As [`Outcome::solves`].
    pub solves: u32,
    /// As [`Outcome::sides`].
    pub sides: Vec<Side>,
    /// As [`Outcome::active`]: it decides the weights.
    pub active: Active,
    /// As [`Outcome::trades`]: what the integer finish found, where they execute at the prices of the decision.
    pub trades: Vec<Trade>,
    /// As [`Outcome::rounding`].
    pub rounding: Rounding,
    /// The tracking-error cap that the decision answers to, in the row of the tracking error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
    /// The cap of the last solve where rounding had exceeded it and it was tightened; an outcome does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tightened: Option<f64>,
    /// The limits that gave in a relaxed decision, by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// How far the cap gave in a relaxed decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_given: Option<f64>,
    /// As [`Outcome::harvest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harvest: Option<Harvest>,
    /// As [`Outcome::netted`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub netted: Option<Netted>,
    /// As [`Finish::path`]; absent for a solver without a canonical finish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// The limits of a row that gave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Index into [`Outcome::rows`].
    pub row: u32,
    /// As `Row::lower`.
    pub lower: Option<f64>,
    /// As `Row::upper`.
    pub upper: Option<f64>,
    /// As `Row::relaxed_by`.
    pub by: f64,
}

impl Kept {
    /// What has to be kept of `outcome`. The cap of a tightened one is left out.
    pub fn of(outcome: &Outcome) -> Self {
        let gave = |by: f64| by.to_bits() != 0;
        let mut kept = Self {
            status: outcome.status.clone(),
            iterations: outcome.iterations,
            solves: outcome.solves,
            sides: outcome.sides.clone(),
            active: outcome.active.clone(),
            trades: outcome.trades.clone(),
            rounding: outcome.rounding.clone(),
            cap: None,
            tightened: None,
            given: Vec::new(),
            cap_given: None,
            harvest: outcome.harvest.clone(),
            netted: outcome.netted.clone(),
            path: outcome.finish.as_ref().map(|Finish { path, .. }| path.clone()),
        };
        for (row, limits) in (0..).zip(&outcome.rows) {
            if limits.kind == RowKind::TrackingError {
                kept.cap = limits.upper;
                kept.cap_given = Some(limits.relaxed_by).filter(|by| gave(*by));
            } else if gave(limits.relaxed_by) {
                let (lower, upper, by) = (limits.lower, limits.upper, limits.relaxed_by);
                kept.given.push(Given { row, lower, upper, by });
            }
        }
        kept
    }
}

/// Derives an outcome from what was kept of it. Readers of records are handed one: this crate knows no problem and no
/// solver.
pub trait Derive: Send + Sync {
    /// The outcome of `inputs` by `method` that `kept` was kept of; `ids` are the ids of the parts of `inputs`.
    ///
    /// The caller compares its content id with the recorded one: what is derived from changed bytes may be another outcome.
    ///
    /// # Errors
    /// Why it cannot be derived, in words.
    fn outcome(
        &self,
        inputs: &Inputs,
        ids: &InputIds,
        method: &Method,
        kept: &Kept,
    ) -> Result<Outcome, String>;
}
