//! The Run as a whole.

use super::super::wire;
use super::{Account, Market, Outcome, Params, RiskModel};
use samebits_units::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One account's rebalance on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Everything that the decision depends on.
    pub inputs: Inputs,
    /// How it was solved.
    pub method: Method,
    /// What was decided.
    pub outcome: Outcome,
    /// About the machine and the clock: never part of the decision.
    pub info: Info,
}

/// The pinned question.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// Which account, when.
    pub question: Question,
    /// The day's market; the Runs of a day share one.
    pub market: Arc<Market>,
    /// The day's risk model; the Runs of a day share one.
    pub risk: Arc<RiskModel>,
    /// The account before trading.
    pub account: Account,
    /// The parameters in force.
    pub params: Params,
}

/// Which account on which day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Account id.
    pub account: String,
    /// Running number of the account's Runs, from 0.
    pub sequence: u64,
    /// Day of the decision.
    #[serde(with = "wire::date")]
    pub as_of: Date,
}

/// How the question was answered; two methods on one question share the inputs id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Solver and its arithmetic version, for instance `clarabel/1`.
    pub solver: String,
    /// Rules from record to problem and from solution to trades, for instance `rebalance/1`.
    pub rules: String,
    /// Tolerance on residuals and gap.
    pub tolerance: f64,
    /// Most iterations that a solve may take.
    pub max_iterations: u32,
}

/// Information about how a Run came to be. Part of neither id; covered by checksums and chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Info {
    /// Version of the code.
    pub code: String,
    /// Processor and operating system.
    pub machine: String,
    /// Nanoseconds spent in the solver.
    pub solve_ns: u64,
    /// Nanoseconds of the whole decision.
    pub decide_ns: u64,
}
