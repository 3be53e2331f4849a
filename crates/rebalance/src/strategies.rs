//! The catalogue of strategies: parameter sets over one problem.
//!
//! A strategy is a layer of values (`docs/strategies.md`); an account and an override of the day lie above it. Which tax
//! system applies is the account's, not the strategy's.

use crate::Layer;
use samebits_snapshot::record::{Source, Value};

/// A strategy as data.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategy {
    /// Name and version, as a layer names its source.
    pub id: &'static str,
    /// For whom, in one sentence.
    pub purpose: &'static str,
    /// What is minimised.
    pub objective: &'static str,
    /// What is kept.
    pub constraints: &'static str,
    /// Values that differ from the defaults.
    pub values: Vec<(&'static str, Value)>,
}

impl Strategy {
    /// The layer of its values.
    pub fn layer(&self) -> Layer {
        Layer {
            source: Source::Strategy(self.id.to_owned()),
            values: self.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }
    }
}

/// The strategy of this name.
pub fn strategy(id: &str) -> Option<Strategy> {
    strategies().into_iter().find(|strategy| strategy.id == id)
}

/// Every strategy, in the order of the documentation.
pub fn strategies() -> Vec<Strategy> {
    let mut all = vec![direct_indexing(), multi_jurisdiction()];
    all.extend([(130, 30), (150, 50), (200, 100), (250, 150)].map(|(long, short)| long_short(long, short)));
    all.extend([pair_sleeve(), transition(), cash_flow(), charity()]);
    all
}

fn list(entries: &[&str]) -> Value {
    Value::List(entries.iter().map(|entry| (*entry).to_owned()).collect())
}

fn direct_indexing() -> Strategy {
    Strategy {
        id: "tax-aware-direct-indexing/2",
        purpose: "Tracks an index with single stocks and realises losses on the way.",
        objective: "risk aversion x half the active variance + tax of the year + trading costs \
                    + a charge on tracking error above 150 bp",
        constraints: "long only; cash, weight, sector, factor and turnover limits; no wash sale",
        values: vec![
            ("tracking_error_soft", Value::Real(0.015)),
            ("tracking_error_soft_price", Value::Real(1.0)),
        ],
    }
}

fn multi_jurisdiction() -> Strategy {
    Strategy {
        id: "multi-jurisdiction-direct-indexing/1",
        purpose: "The same under the tax system of the holder: Canada, Australia, India or the United States.",
        objective: "as direct indexing, with the tax, the order of lots and the loss rules of the holder's law",
        constraints: "as direct indexing; average cost in Canada, first in first out in India",
        values: direct_indexing().values,
    }
}

fn long_short(long: u16, short: u16) -> Strategy {
    let id = match long {
        130 => "long-short-130-30/1",
        150 => "long-short-150-50/1",
        200 => "long-short-200-100/1",
        _ => "long-short-250-150/1",
    };
    // The wider the book, the more active risk it is meant to take.
    let (aversion, reward) = match long {
        130 => (40.0, "0.02"),
        150 => (30.0, "0.02"),
        200 => (20.0, "0.03"),
        _ => (15.0, "0.03"),
    };
    let tilts: Vec<String> =
        ["momentum", "short_term_reversal"].map(|name| format!("{name}={reward}")).to_vec();
    Strategy {
        id,
        purpose: "Extends an index position by short sales that fund further purchases; both sides yield losses.",
        objective: "risk aversion x half the active variance + tax of the year + trading costs \
                    + borrow fee on each short position - reward of the tilts",
        constraints: "net invested; long positions together at most L, short ones at most L - 1; no name long and short",
        values: vec![
            ("risk_aversion", Value::Real(aversion)),
            ("long_gross_max", Value::Real(f64::from(long) / 100.0)),
            ("short_gross_max", Value::Real(f64::from(short) / 100.0)),
            ("short_cap", Value::Real(0.02)),
            ("weight_cap", Value::Real(0.12)),
            ("factor_limit", Value::Real(0.5)),
            ("sector_limit", Value::Real(0.05)),
            ("turnover_max", Value::Real(0.30)),
            ("factor_tilts", Value::List(tilts)),
        ],
    }
}

fn pair_sleeve() -> Strategy {
    Strategy {
        id: "market-neutral-pair-sleeve/1",
        purpose: "Long and short positions of equal size beside a cash collateral, neutral to every factor.",
        objective: "risk aversion x half the variance + tax of the year + trading costs + borrow fee - expected return",
        constraints: "net exposure and every factor exposure exactly zero before rounding; gross at most 200 %",
        values: vec![
            ("benchmark", Value::Text("none".into())),
            ("net_exposure", Value::Real(0.0)),
            ("factor_neutral", Value::Flag(true)),
            ("alpha_weight", Value::Real(1.0)),
            ("risk_aversion", Value::Real(8.0)),
            ("long_gross_max", Value::Real(1.0)),
            ("short_gross_max", Value::Real(1.0)),
            ("short_cap", Value::Real(0.05)),
            ("weight_cap", Value::Real(0.05)),
            ("sector_limit", Value::Off),
            ("cash_max", Value::Real(3.0)),
            ("turnover_max", Value::Real(0.30)),
        ],
    }
}

fn transition() -> Strategy {
    Strategy {
        id: "concentrated-transition/1",
        purpose: "Glides a concentrated holding of low basis into an index without realising more gain than a budget a year.",
        objective: "risk aversion x half the active variance + tax of the year + trading costs",
        constraints: "net gain of a tax year within the budget; the weight cap bars purchases but forces no sale",
        values: vec![
            ("weight_cap", Value::Real(0.05)),
            ("weight_cap_glide", Value::Flag(true)),
            ("factor_limit", Value::Off),
            ("sector_limit", Value::Off),
            ("turnover_max", Value::Off),
            ("gain_budget_currency", Value::Integer(200_000)),
            ("relaxation_order", list(&["cash_max"])),
        ],
    }
}

fn cash_flow() -> Strategy {
    Strategy {
        id: "cash-flow/1",
        purpose: "Direct indexing with contributions and withdrawals, which the day's trades invest or raise at least tax.",
        objective: "as direct indexing",
        constraints: "as direct indexing; a withdrawal leaves before trading and is raised by the trades",
        values: direct_indexing().values,
    }
}

fn charity() -> Strategy {
    Strategy {
        id: "charity/1",
        purpose: "Direct indexing that gives away its most appreciated long-term lots instead of cash.",
        objective: "as direct indexing",
        constraints: "as direct indexing; a gift leaves before trading, realises nothing and is refilled from contributions",
        values: direct_indexing().values,
    }
}

/// The values of a day on which the client moves money or shares, in units of the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientFlow {
    /// Cash put in.
    Contribution(i64),
    /// Cash taken out.
    Withdrawal(i64),
    /// Shares given away, by market value.
    Gift(i64),
}

impl ClientFlow {
    /// The override of the day.
    pub fn layer(self) -> Layer {
        let (name, amount, why) = match self {
            Self::Contribution(amount) => ("contribution_currency", amount, "contribution"),
            Self::Withdrawal(amount) => ("withdrawal_currency", amount, "withdrawal"),
            Self::Gift(amount) => ("gift_currency", amount, "gift of appreciated shares"),
        };
        Layer::new(
            Source::Override(format!("client: {why}")),
            [(name, Value::Integer(amount)), ("turnover_max", Value::Off)],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rules, merge};

    #[test]
    fn every_strategy_merges_and_ids_are_unique() {
        let all = strategies();
        for (at, one) in all.iter().enumerate() {
            merge(Rules::Third, &[one.layer(), ClientFlow::Gift(5).layer()]).unwrap();
            assert!(all[..at].iter().all(|other| other.id != one.id));
            assert_eq!(strategy(one.id).as_ref(), Some(one));
        }
        let early = merge(Rules::Second, &[long_short(130, 30).layer()]).unwrap_err();
        assert!(early.to_string().contains("is not known"), "{early}");
    }
}
