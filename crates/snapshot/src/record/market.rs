//! The market of a day, shared by every account of that day.

use super::super::wire;
use super::{Action, Law};
use samebits_units::{Bps, Date, Price};
use serde::{Deserialize, Serialize};

/// What every account of the day sees. Vectors over securities have one entry a security, in the order of `securities`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// The day of the decision; trades execute at its close, or as `execution` says.
    #[serde(with = "wire::date")]
    pub as_of: Date,
    /// Currency of every amount, as its ISO 4217 code.
    pub currency: String,
    /// The universe, in the order of every vector and matrix.
    pub securities: Vec<Security>,
    /// Names of the sectors that `Security::sector` points to.
    pub sectors: Vec<String>,
    /// Closing prices.
    #[serde(with = "wire::prices")]
    pub prices: Vec<Price>,
    /// The portfolio that is tracked.
    pub benchmark: Benchmark,
    /// Expected annual return of each security beyond the benchmark, as a fraction; empty when no strategy reads it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alpha: Vec<f64>,
    /// Annual fee for borrowing each security; read by strategies with short positions.
    #[serde(with = "wire::rates")]
    pub borrow: Vec<Bps>,
    /// The tax law in force for accounts that name no holder.
    pub law: Law,
    /// The tax laws in force by jurisdiction, for accounts that name one; each jurisdiction once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub laws: Vec<Law>,
    /// Corporate actions that take effect before the day's trades, in the order in which they apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// How trades execute when not at `prices`; absent when they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionTape>,
}

/// The bars that the day's trades execute against, and by which schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionTape {
    /// Version of the matching rules, for instance `match/1`.
    pub rules: String,
    /// How a trade is cut into child orders.
    pub schedule: Schedule,
    /// The session of the bars.
    #[serde(with = "wire::date")]
    pub session: Date,
    /// One price a security.
    #[serde(with = "wire::prices")]
    pub open: Vec<Price>,
    /// One price a security.
    #[serde(with = "wire::prices")]
    pub high: Vec<Price>,
    /// One price a security.
    #[serde(with = "wire::prices")]
    pub low: Vec<Price>,
    /// One price a security.
    #[serde(with = "wire::prices")]
    pub close: Vec<Price>,
    /// Shares traded, one number a security.
    pub volume: Vec<u64>,
}

/// How a trade is cut into child orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// All of it at the close of the bar.
    Close,
    /// In proportion to the volume of the four prints of a bar.
    Vwap,
    /// At most this many parts in a million of the volume of each print; what is left does not trade.
    Participation(u32),
}

impl std::str::FromStr for Schedule {
    type Err = String;

    /// Reads `close`, `vwap` or `participation:PERCENT`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "close" => Ok(Self::Close),
            None if text == "vwap" => Ok(Self::Vwap),
            Some(("participation", percent)) => match percent.parse::<u32>() {
                Ok(percent @ 1..=100) => Ok(Self::Participation(10_000 * percent)),
                _ => Err("the percentage is an integer from 1 to 100".to_owned()),
            },
            _ => Err("expected close, vwap or participation:PERCENT".to_owned()),
        }
    }
}

/// A security of the universe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    /// Ticker on the day.
    pub ticker: String,
    /// Index into `Market::sectors`.
    pub sector: u32,
    /// Securities of one group are substantially identical for the wash-sale rule.
    pub identity_group: u32,
}

/// The benchmark as used on the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// Name and version of the methodology.
    pub id: String,
    /// Day of its last rebalance.
    #[serde(with = "wire::date")]
    pub rebalanced: Date,
    /// Weights on the day (drifted with prices since the rebalance); they sum to 1.
    pub weights: Vec<f64>,
}

/// A dense matrix of `f32`, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix32 {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// `rows * cols` entries.
    pub values: Vec<f32>,
}

/// The risk model of the day: exactly the numbers that the problem was built from.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskModel {
    /// How it was made.
    pub recipe: super::Params,
    /// Names of the columns of `loadings`.
    pub factors: Vec<String>,
    /// Annualised covariance, `N x N`, bitwise symmetric when it is our own; another's is kept as it is.
    pub sigma: Matrix32,
    /// Factor exposures, `N x k`.
    pub loadings: Matrix32,
    /// The factor form of the same window.
    pub factor_model: FactorModel,
}

/// `Sigma ~ B F B' + D` with `B = [1, loadings]`.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorModel {
    /// Annualised covariance of the factor returns, `(k + 1) x (k + 1)`; the first factor is the market intercept.
    pub covariance: Matrix32,
    /// Annualised specific variances, `N x 1`, each positive.
    pub specific: Matrix32,
}
