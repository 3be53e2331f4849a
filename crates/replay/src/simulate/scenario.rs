//! The accounts of a simulation, as data.

use samebits_rebalance::{ClientFlow, Layer};
use samebits_snapshot::record::{Holder, RateChange, Rates, Source, Value};
use samebits_units::{Bps, Money};

/// How an account starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funding {
    /// Cash on the first day of the simulation.
    Cash,
    /// Invested in the benchmark, this many sessions before the first day; untouched since.
    Earlier {
        /// Sessions.
        sessions: usize,
    },
    /// As [`Funding::Earlier`], and all lots are taken to be a year older than they are: long-term on the first day.
    Old {
        /// Sessions.
        sessions: usize,
    },
    /// Two thirds in the heaviest name of the benchmark, bought five years ago at a third of today's price; the rest in
    /// cash.
    Concentrated,
}

/// An account of the simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountPlan {
    /// Its id.
    pub id: String,
    /// Cash that it was funded with.
    pub funded: Money,
    /// How it starts.
    pub funding: Funding,
    /// Marginal rates.
    pub rates: Rates,
    /// Rates from later days on, ascending by day.
    pub rate_changes: Vec<RateChange>,
    /// Tax system; without one the market's own law holds.
    pub holder: Option<Holder>,
    /// Parameters: strategy, then account.
    pub layers: Vec<Layer>,
    /// What the client asks for, by day of the simulation.
    pub flows: Vec<(usize, ClientFlow)>,
}

fn rates(short_term: i32, long_term: i32) -> Rates {
    Rates {
        short_term: Bps::from_hundredths(short_term),
        long_term: Bps::from_hundredths(long_term),
        ordinary: Bps::from_hundredths(short_term),
    }
}

/// The four accounts of the demo: two funding dates, two rate sets, one with exclusions and a tracking-error cap of
/// 150 bp, one with a gain budget and the factor form of the covariance.
///
/// # Errors
/// Never in practice: the amounts are constants.
pub fn demo_accounts() -> Result<Vec<AccountPlan>, samebits_units::Error> {
    // US federal rates of 2017 with the net investment income tax: top bracket, and the 28 % bracket below its threshold.
    let top = rates(434_000, 238_000);
    let middle = rates(280_000, 150_000);
    let strategy = || Layer::new(Source::Strategy("tax-aware-direct-indexing/1".into()), []);
    let account = |id: &str| Source::Account(id.to_owned());
    let plan = |id: &str, units, funding, rates, own: Layer| -> Result<AccountPlan, samebits_units::Error> {
        let layers = vec![strategy(), own];
        let (funded, flows) = (Money::from_units(units)?, Vec::new());
        Ok(AccountPlan {
            id: id.to_owned(),
            funded,
            funding,
            rates,
            rate_changes: Vec::new(),
            holder: None,
            layers,
            flows,
        })
    };
    let earlier = Funding::Earlier { sessions: 126 };
    let list = |tickers: &[&str]| Value::List(tickers.iter().map(|ticker| (*ticker).to_owned()).collect());
    Ok(vec![
        plan("A1", 5_000_000, Funding::Cash, top, Layer::new(account("A1"), []))?,
        plan(
            "A2",
            2_000_000,
            earlier,
            middle,
            Layer::new(account("A2"), [("risk_aversion", Value::Real(100.0))]),
        )?,
        plan(
            "B1",
            3_000_000,
            Funding::Cash,
            middle,
            Layer::new(
                account("B1"),
                [
                    ("exclude", list(&["MO", "XOM", "CVX", "COP"])),
                    ("tracking_error_cap", Value::Real(0.015)),
                    ("risk_aversion", Value::Real(30.0)),
                ],
            ),
        )?,
        plan(
            "B2",
            8_000_000,
            earlier,
            top,
            Layer::new(
                account("B2"),
                [
                    ("gain_budget_currency", Value::Integer(20_000)),
                    ("risk_form", Value::Text("factor".into())),
                ],
            ),
        )?,
    ])
}

/// What a day overrides for an account that is invested from cash.
pub(crate) fn funding_layer() -> Layer {
    Layer::new(
        Source::Override("funding: the first purchase of the portfolio".into()),
        [("turnover_max", Value::Off)],
    )
}
