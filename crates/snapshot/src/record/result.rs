//! What was decided, with everything that an auditor needs to check it.

use super::super::wire;
use super::{Event, Realised};
use crate::Digest;
use samebits_units::{Bps, Money, Qty};
use serde::{Deserialize, Serialize};

/// The answer of a Run. Weights are fractions of the net asset value before trading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// How the decision ended.
    pub status: Status,
    /// Solver iterations over all solves.
    pub iterations: u32,
    /// Solves: more than one when constraints were relaxed or the tracking-error cap was tightened for rounding.
    pub solves: u32,
    /// Continuous optimum, one weight a security.
    pub weights: Vec<f64>,
    /// Harvest side of each security.
    pub sides: Vec<Side>,
    /// What binds at the optimum.
    pub active: Active,
    /// Multiplier of each security's weight bounds; positive when the upper one binds.
    pub bound_multipliers: Vec<f64>,
    /// Every other constraint, in the order of the problem.
    pub rows: Vec<Row>,
    /// Residuals recomputed from the problem, never a solver's own report.
    pub certificate: Certificate,
    /// The objective at the continuous optimum.
    pub objective: Parts,
    /// The objective at the final holdings.
    pub final_objective: Parts,
    /// The integer finish.
    pub rounding: Rounding,
    /// Lot-level trades: sells before buys, by security, then in order of disposal.
    pub trades: Vec<Trade>,
    /// The ledger of the day, in order. Applied to the account it gives the account after trading.
    pub events: Vec<Event>,
    /// Taxes of the day.
    pub tax: Tax,
    /// Sums.
    pub totals: Totals,
    /// Digests of the stages of the decision.
    pub stages: Stages,
    /// The search over harvest sides; absent under rules without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harvest: Option<Harvest>,
    /// How the trades executed; absent when they did at the prices of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<Executed>,
    /// What the canonical finish knows of the continuous optimum; absent for a solver without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// Which piece of the tax of the year decided; absent under rules with constant marginal rates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub netted: Option<Netted>,
    /// How well the marginal terms of the traded names add up; absent under rules before `rebalance/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
}

/// The stationarity condition of every trade of the traded names, recomputed from the recorded multipliers and states
/// (`docs/why.md`, 1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Names traded.
    pub names: u32,
    /// Largest sum of the terms, in objective per unit of weight: of a trade between its limits what its terms are off
    /// zero, of one at a limit by how much the price of the limit has the wrong sign.
    pub largest_residual: f64,
}

/// The piece of the year's tax that a decision was made on. The tax is linear in the year's gains by term on each piece;
/// the decision is the best over all pieces that the day can reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Netted {
    /// Name of the piece.
    pub piece: String,
    /// Tax on a further unit of short-term gain.
    #[serde(with = "wire::rate")]
    pub short_term: Bps,
    /// Tax on a further unit of long-term gain.
    #[serde(with = "wire::rate")]
    pub long_term: Bps,
    /// Every piece that the day can reach, with its objective as a fraction of net asset value; absent without an optimum, or
    /// where a lower bound shows that it has none better.
    pub tried: Vec<(String, Option<f64>)>,
}

/// How a day's trades executed against a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Executed {
    /// Version of the matching rules.
    pub rules: String,
    /// Digest of every record that the executor put out.
    pub digest: Digest,
    /// One entry for each security traded, sells before buys, by security.
    pub fills: Vec<ParentFill>,
    /// What execution cost against the prices of the decision: positive is worse.
    #[serde(with = "wire::money")]
    pub shortfall: Money,
}

/// A parent order and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentFill {
    /// Direction.
    pub side: TradeSide,
    /// Index into `Market::securities`.
    pub security: u32,
    /// Shares decided.
    #[serde(with = "wire::qty")]
    pub ordered: Qty,
    /// Shares traded.
    #[serde(with = "wire::qty")]
    pub filled: Qty,
    /// Average price in 1e-8 of the currency, rounded half to even; 0 without a fill.
    pub average_e8: i64,
    /// Traded value against the price of the decision: positive is worse.
    #[serde(with = "wire::money")]
    pub shortfall: Money,
}

/// The search over harvest sides. Objectives are fractions of net asset value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harvest {
    /// Groups that could be bought or have a loss harvested, but not both.
    pub conflicts: u32,
    /// How many of them ended on the buy side.
    pub bought: u32,
    /// Solves of the search.
    pub solves: u32,
    /// Passes over the conflicts.
    pub passes: u32,
    /// Objective with no purchase in any conflict; absent when that had no optimum.
    pub no_buy: Option<f64>,
    /// Objective of the sides that were chosen; absent when none had an optimum.
    pub objective: Option<f64>,
    /// No choice of sides has a lower objective than this; absent with `objective`.
    pub lower_bound: Option<f64>,
}

/// What the canonical finish knows of an optimum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// Which way the state was found.
    pub path: String,
    /// Smallest distance of anything between its limits from them; absent when nothing is.
    pub primal_margin: Option<f64>,
    /// Smallest price of anything at a limit; absent when nothing is.
    pub dual_margin: Option<f64>,
    /// A margin is so small that rounding may have decided the state.
    pub degenerate: bool,
}

/// How a decision ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Optimal under every constraint.
    Solved,
    /// The constraints conflicted; the rows say by how much each gave, the text says which classes were released.
    Relaxed(String),
    /// The solver gave no certified answer; no trade was made. The text says how it ended.
    Unsolved(String),
}

impl Status {
    /// `solved`, `relaxed` or `unsolved`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Solved => "solved",
            Self::Relaxed(_) => "relaxed",
            Self::Unsolved(_) => "unsolved",
        }
    }
}

/// Which trades of a security the decision admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Buying and selling do not conflict.
    Free,
    /// A loss lot is worth harvesting: no purchase.
    Sell,
    /// The other side of a conflict: no loss sale.
    Buy,
}

/// What binds at the continuous optimum.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Active {
    /// Weight bounds, one a security: -1 lower, 0 none, 1 upper.
    pub bounds: Vec<i8>,
    /// Purchases, one a security: 0 none, 1 some, 2 the most admitted.
    pub buys: Vec<i8>,
    /// Sales, one a lot of the account: 0 none, 1 some, 2 the most admitted.
    pub sells: Vec<i8>,
    /// New short sales, one a security; empty for a strategy without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shorts: Vec<i8>,
    /// Covers, one a short lot of the account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<i8>,
    /// Rows: -1 lower, 0 none, 1 upper.
    pub rows: Vec<i8>,
}

/// What a constraint limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// Invested weight and trading costs.
    Budget,
    /// Active exposure to a factor.
    Factor,
    /// Active weight of a sector.
    Sector,
    /// Purchases plus sales.
    Turnover,
    /// Net realised gains of the day.
    GainBudget,
    /// Tracking error.
    TrackingError,
    /// Long positions together.
    LongGross,
    /// Short positions together.
    ShortGross,
    /// Gains of the tax year by term, within a piece of its tax.
    Netting,
}

/// A constraint: its limits, its values and its price. In the unit of the kind: weight, exposure, gain as a fraction of
/// net asset value, or annualised tracking error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it limits.
    pub kind: RowKind,
    /// Which one: the factor, the sector; empty when there is one only.
    pub name: String,
    /// Lower limit, if any.
    pub lower: Option<f64>,
    /// Upper limit, if any.
    pub upper: Option<f64>,
    /// At the continuous optimum.
    pub value: f64,
    /// At the final holdings.
    pub final_value: f64,
    /// Change of the objective per unit of limit; positive when the upper limit binds.
    pub multiplier: f64,
    /// How far the limit gave in a relaxed decision; 0 otherwise.
    pub relaxed_by: f64,
    /// How far the final holdings are beyond the limit (after relaxation); 0 when inside.
    pub final_excess: f64,
}

/// Residuals of the optimality conditions.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Largest violation of a constraint.
    pub primal: f64,
    /// Largest residual of stationarity.
    pub dual: f64,
    /// Largest product of a slack and its multiplier.
    pub complementarity: f64,
    /// Primal minus dual objective, relative to `max(1, |objective|)`.
    pub gap: f64,
}

/// The objective and its parts, as fractions of net asset value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Risk aversion times half the active variance.
    pub risk: f64,
    /// Tax on sales; negative is a benefit.
    pub tax: f64,
    /// Trading costs.
    pub cost: f64,
    /// Borrow fees over the horizon of the strategy.
    #[serde(default, skip_serializing_if = "zero")]
    pub borrow: f64,
    /// Minus the reward of tilts.
    #[serde(default, skip_serializing_if = "zero")]
    pub reward: f64,
    /// Their sum.
    pub total: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn zero(value: &f64) -> bool {
    value.to_bits() == 0
}

/// What the integer finish did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// Shares not bought after all so that cash stays at its minimum.
    pub undone: u32,
    /// Single-share steps that spent idle cash.
    pub spent: u32,
    /// Trades dropped below the minimum ticket.
    pub dropped: u32,
    /// Times that the tracking-error cap was tightened because rounding had exceeded it.
    pub tightened: u32,
}

/// Direction of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeSide {
    /// Shares of one lot are sold.
    Sell,
    /// A new lot is bought.
    Buy,
    /// Borrowed shares are sold: a new short lot.
    Short,
    /// Shares of one short lot are bought back.
    Cover,
}

impl TradeSide {
    /// Whether it pays for shares: a purchase or a cover.
    pub const fn pays(self) -> bool {
        matches!(self, Self::Buy | Self::Cover)
    }

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sell => "sell",
            Self::Buy => "buy",
            Self::Short => "short",
            Self::Cover => "cover",
        }
    }
}

/// A trade in one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trade {
    /// Direction.
    pub side: TradeSide,
    /// Index into `Market::securities`.
    pub security: u32,
    /// The lot sold, or the lot opened.
    pub lot: u64,
    /// Shares, positive.
    #[serde(with = "wire::qty")]
    pub quantity: Qty,
    /// Quantity times price.
    #[serde(with = "wire::money")]
    pub notional: Money,
    /// Trading cost, not negative.
    #[serde(with = "wire::money")]
    pub cost: Money,
    /// Sale: notional less cost less basis, before any disallowance. Cover: proceeds less notional less cost. Otherwise zero.
    #[serde(with = "wire::money")]
    pub gain: Money,
    /// Sale of a lot held long-term.
    pub long_term: bool,
}

/// Taxes of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Gains of the day by term, after disallowed losses.
    pub realised: Realised,
    /// Losses of the day that were harvested, as a positive amount.
    #[serde(with = "wire::money")]
    pub harvested: Money,
    /// Losses of the day that the wash-sale rule disallowed, as a positive amount.
    #[serde(with = "wire::money")]
    pub disallowed: Money,
    /// Tax accrued for the year after the day; negative is a benefit.
    #[serde(with = "wire::money")]
    pub accrued: Money,
    /// Change of `accrued` over the day (within the tax year).
    #[serde(with = "wire::money")]
    pub change: Money,
}

/// Sums of the day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Cash plus holdings before trading.
    #[serde(with = "wire::money")]
    pub nav_before: Money,
    /// Cash plus holdings after trading.
    #[serde(with = "wire::money")]
    pub nav_after: Money,
    /// Cash after trading.
    #[serde(with = "wire::money")]
    pub cash_after: Money,
    /// Notional of all purchases.
    #[serde(with = "wire::money")]
    pub bought: Money,
    /// Notional of all sales.
    #[serde(with = "wire::money")]
    pub sold: Money,
    /// Trading costs.
    #[serde(with = "wire::money")]
    pub costs: Money,
    /// Annualised tracking error of the continuous optimum, as a fraction.
    pub tracking_error: f64,
    /// Annualised tracking error of the final holdings, as a fraction.
    pub final_tracking_error: f64,
}

/// Digests of the stages of a decision, in order: the first that differs says where a replay left the recorded path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stages {
    /// Market.
    pub market: Digest,
    /// Risk model.
    pub risk: Digest,
    /// Account before trading.
    pub account: Digest,
    /// Parameters.
    pub params: Digest,
    /// The optimisation problem (`docs/format.md`).
    pub problem: Digest,
    /// Weights and multipliers.
    pub solution: Digest,
    /// Trades.
    pub trades: Digest,
    /// The account after trading.
    pub account_after: Digest,
}

impl Stages {
    /// The stages in their order, by name.
    pub const fn list(&self) -> [(&'static str, Digest); 8] {
        [
            ("market", self.market),
            ("risk", self.risk),
            ("account", self.account),
            ("params", self.params),
            ("problem", self.problem),
            ("solution", self.solution),
            ("trades", self.trades),
            ("account after", self.account_after),
        ]
    }
}
