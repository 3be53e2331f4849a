//! Versions of the rules from record to problem and from solution to trades.

use crate::Error;
use samebits_qp::{Search, Settings};
use samebits_snapshot::record::Method;

/// The rules that a Run's method names. A later version never changes what an earlier one decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rules {
    /// Every conflict on the sell side; constant marginal rates.
    First,
    /// The search over harvest sides.
    Second,
    /// The tax of the year piece by piece, four tax systems, short positions, flows, corporate actions.
    Third,
}

impl Rules {
    /// Every version, oldest first.
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];
    /// The version of new Runs.
    pub const NEWEST: Self = Self::Third;

    /// As a Run's method names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "rebalance/1",
            Self::Second => "rebalance/2",
            Self::Third => "rebalance/3",
        }
    }

    /// What `method` asks of solvers under these rules.
    pub const fn settings(self, method: &Method) -> Settings {
        let search = match self {
            Self::First | Self::Second => Search::First,
            Self::Third => Search::Second,
        };
        Settings { tolerance: method.tolerance, max_iterations: method.max_iterations, search }
    }
}

impl std::str::FromStr for Rules {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = || Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|rules| rules.name() == name);
        found.ok_or_else(|| Error::UnknownRules { wanted: name.to_owned(), known: known() })
    }
}
