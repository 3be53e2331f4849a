//! What can go wrong with a plan.

use samebits_qp::Status;
use std::fmt;

/// A limit of the question, by its place; periods, years, names and lots count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Limit {
    /// The budget of net gains of a year.
    YearBudget(usize),
    /// The budget of net gains of a period.
    PeriodBudget(usize),
    /// Least cash after a period.
    CashMin(usize),
    /// Most cash after a period.
    CashMax(usize),
    /// Most purchases and sales of a period.
    Turnover(usize),
    /// Largest weight of a name after a period.
    Cap {
        /// The period.
        period: usize,
        /// The name.
        name: usize,
    },
    /// A name that may not be bought in a period.
    NoBuy {
        /// The period.
        period: usize,
        /// The name.
        name: usize,
    },
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::YearBudget(year) => write!(f, "gain budget of year {year}"),
            Self::PeriodBudget(period) => write!(f, "gain budget of period {period}"),
            Self::CashMin(period) => write!(f, "least cash after period {period}"),
            Self::CashMax(period) => write!(f, "most cash after period {period}"),
            Self::Turnover(period) => write!(f, "turnover of period {period}"),
            Self::Cap { period, name } => write!(f, "weight cap of name {name} after period {period}"),
            Self::NoBuy { period, name } => write!(f, "no purchase of name {name} in period {period}"),
        }
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A part has the wrong length.
    #[error("{what}: {found} entries, expected {expected}")]
    Shape {
        /// Name of the part.
        what: &'static str,
        /// Entries found.
        found: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A number outside its range.
    #[error("{what}[{index}] = {value}, allowed: {allowed}")]
    Value {
        /// Name of the part.
        what: &'static str,
        /// Flat index of the entry.
        index: usize,
        /// The value found.
        value: f64,
        /// The rule.
        allowed: &'static str,
    },
    /// The covariance is not positive definite.
    #[error("{what} is not positive definite: pivot {pivot} in column {column}")]
    NotPositive {
        /// Name of the matrix.
        what: &'static str,
        /// Column of the failing pivot.
        column: usize,
        /// The pivot.
        pivot: f64,
    },
    /// The limits contradict each other; proven from the question's own data.
    #[error("no plan keeps all of: {}", listed(.limits))]
    Infeasible {
        /// The limits that the proof needs, in order. At least one of them has to give.
        limits: Vec<Limit>,
    },
    /// The tracking error after the last period is above its target for every weight that was tried.
    #[error(
        "final tracking error {reached} at the heaviest weight, target {target}; no plan is below {floor}"
    )]
    TargetOutOfReach {
        /// What was asked for, a fraction a year.
        target: f64,
        /// What the heaviest terminal weight reached.
        reached: f64,
        /// What no plan within the limits goes below, whatever its tax.
        floor: f64,
    },
    /// The tracking error after the last period is above its target.
    #[error("final tracking error {reached}, target {target}")]
    AboveTarget {
        /// The target, a fraction a year.
        target: f64,
        /// What the trades reach.
        reached: f64,
    },
    /// Every way of separating harvested losses from purchases of the same name contradicts the limits.
    #[error(
        "period {period}, name {name}: neither without its purchase nor without its loss sale is there a plan"
    )]
    WashConflict {
        /// The period of the first conflict.
        period: usize,
        /// The name of the first conflict.
        name: usize,
    },
    /// The solver ended without an answer that the certificate accepts, and without a proof that there is none.
    #[error("unsolved: the solver ended with {status:?}")]
    Unsolved {
        /// How it ended.
        status: Status,
    },
    /// Trades exceed a limit by more than is allowed.
    #[error("{limit} is exceeded by {excess}")]
    Exceeded {
        /// The limit.
        limit: Limit,
        /// By how much, in its own unit (fractions of net asset value).
        excess: f64,
    },
    /// A lot is sold beyond its size, or a trade is negative or no number.
    #[error("period {period}, lot {lot}: sale of {sold} where {left} is left")]
    Oversold {
        /// The period.
        period: usize,
        /// The lot.
        lot: usize,
        /// What is sold.
        sold: f64,
        /// What was left.
        left: f64,
    },
    /// A loss is realised in the period in which the name is bought.
    #[error("period {period}: name {name} is bought and sold in one period")]
    BoughtAndSold {
        /// The period.
        period: usize,
        /// The name.
        name: usize,
    },
    /// The processor's floating point is not the specified one.
    #[error(transparent)]
    Arithmetic(samebits_canon::Error),
    /// The general program was refused as malformed: a fault of this crate.
    #[error(transparent)]
    Program(#[from] samebits_qp::Error),
}

fn listed(limits: &[Limit]) -> String {
    limits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
