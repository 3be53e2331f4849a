//! What the tools are asked: types whose schemas have every range, and the same ranges checked.

use crate::answer::Failure;
use rmcp::schemars::{self, JsonSchema};
use samebits_units::Date;
use serde::Deserialize;

/// Most Runs of a list.
pub(crate) const RUNS: u32 = 200;
/// Most characters of a name that is asked for.
const NAME: usize = 1000;
/// Most solvers on one Run.
const SOLVERS: usize = 4;

/// Arguments that keep their ranges.
pub(crate) trait Checked {
    /// # Errors
    /// The first argument that is out of range.
    fn check(&self) -> Result<(), Failure>;
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRuns {
    /// Only Runs of this account
    #[schemars(length(max = NAME))]
    pub(crate) account: Option<String>,
    /// Only from this day on, YYYY-MM-DD
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub(crate) from: Option<String>,
    /// Only up to this day, YYYY-MM-DD
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub(crate) to: Option<String>,
    /// At most this many, newest day first; 50 unless told
    #[schemars(range(min = 1, max = RUNS))]
    pub(crate) limit: Option<u32>,
    /// The `run_id` of the last Run of the page before: the list goes on behind it
    #[schemars(length(max = NAME))]
    pub(crate) after: Option<String>,
}

impl ListRuns {
    pub(crate) fn days(&self) -> Result<(Option<Date>, Option<Date>), Failure> {
        let day = |text: &Option<String>| text.as_deref().map(str::parse::<Date>).transpose();
        Ok((day(&self.from)?, day(&self.to)?))
    }
}

impl Checked for ListRuns {
    fn check(&self) -> Result<(), Failure> {
        short("account", self.account.as_deref())?;
        short("after", self.after.as_deref())?;
        if self.limit.is_some_and(|limit| !(1..=RUNS).contains(&limit)) {
            return Err(Failure::argument(format!("limit: expected 1 to {RUNS}")));
        }
        self.days().map(|_| ())
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetRun {
    /// The Run: a unique prefix of its id, ACCOUNT/SEQUENCE, or `latest`
    #[schemars(length(min = 1, max = NAME))]
    pub(crate) id: String,
    /// Parts of the record to add to the summary and the trades
    #[schemars(length(max = 6))]
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
}

/// A part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// Every constraint with its limits, values and multiplier
    Constraints,
    /// Every parameter with its source
    Params,
    /// The account before trading: cash, tax lots, wash-sale locks, rates
    Account,
    /// Securities, prices, benchmark, laws, corporate actions
    Market,
    /// The whole outcome: weights, multipliers, ledger events
    Outcome,
    /// Machine, version and times of recording
    Info,
}

impl Checked for GetRun {
    fn check(&self) -> Result<(), Failure> {
        id("id", &self.id)?;
        if self.parts.len() > 6 { Err(Failure::argument("parts: at most 6")) } else { Ok(()) }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhyTrade {
    /// The Run: a unique prefix of its id, ACCOUNT/SEQUENCE, or `latest`
    #[schemars(length(min = 1, max = NAME))]
    pub(crate) id: String,
    /// The name, traded or not
    #[schemars(length(min = 1, max = NAME))]
    pub(crate) ticker: String,
    /// Counterfactual: decide again under a hard cap on tracking error, basis points
    #[schemars(range(min = 0.01, max = 100_000.0))]
    pub(crate) cap_bp: Option<f64>,
    /// Counterfactual: solve again with this lot kept
    pub(crate) keep_lot: Option<u64>,
    /// Counterfactual: decide again without the wash-sale lock on this name
    #[schemars(length(min = 1, max = NAME))]
    pub(crate) without_lock: Option<String>,
    /// Counterfactual: decide again with the short-term rate changed, basis points
    #[schemars(range(min = -10_000, max = 10_000))]
    pub(crate) rate_bp: Option<i32>,
}

impl Checked for WhyTrade {
    fn check(&self) -> Result<(), Failure> {
        id("id", &self.id)?;
        id("ticker", &self.ticker)?;
        self.without_lock.as_deref().map_or(Ok(()), |name| id("without_lock", name))?;
        if self.cap_bp.is_some_and(|bp| !(0.01..=100_000.0).contains(&bp)) {
            return Err(Failure::argument("cap_bp: expected 0.01 to 100000 basis points"));
        }
        if self.rate_bp.is_some_and(|bp| !(-10_000..=10_000).contains(&bp)) {
            return Err(Failure::argument("rate_bp: expected -10000 to 10000 basis points"));
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompareRuns {
    /// The Run: a unique prefix of its id, ACCOUNT/SEQUENCE, or `latest`
    #[schemars(length(min = 1, max = NAME))]
    pub(crate) id: String,
    /// Another Run: the fields in which question and answer differ from the first one's
    #[schemars(length(min = 1, max = NAME))]
    pub(crate) other: Option<String>,
    /// Solvers that answer the first Run's question again: active-set, ipm, clarabel, or an id such as ipm/1
    #[schemars(length(min = 1, max = SOLVERS), inner(length(min = 1, max = NAME)))]
    pub(crate) solvers: Option<Vec<String>>,
}

impl Checked for CompareRuns {
    fn check(&self) -> Result<(), Failure> {
        id("id", &self.id)?;
        self.other.as_deref().map_or(Ok(()), |other| id("other", other))?;
        match &self.solvers {
            None if self.other.is_none() => Err(Failure::argument("other, solvers: one of them is needed")),
            Some(names) if !(1..=SOLVERS).contains(&names.len()) => {
                Err(Failure::argument(format!("solvers: expected 1 to {SOLVERS}")))
            }
            Some(names) => names.iter().try_for_each(|name| id("solvers", name)),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyRun {
    /// The Run: a unique prefix of its id, ACCOUNT/SEQUENCE, or `latest`
    #[schemars(length(min = 1, max = NAME))]
    pub(crate) id: String,
}

impl Checked for VerifyRun {
    fn check(&self) -> Result<(), Failure> {
        id("id", &self.id)
    }
}

fn id(what: &str, text: &str) -> Result<(), Failure> {
    if text.is_empty() {
        return Err(Failure::argument(format!("{what}: expected a name")));
    }
    short(what, Some(text))
}

fn short(what: &str, text: Option<&str>) -> Result<(), Failure> {
    match text.map(|text| text.chars().count()) {
        Some(found) if found > NAME => {
            Err(Failure::argument(format!("{what}: {found} characters, at most {NAME}")))
        }
        _ => Ok(()),
    }
}
