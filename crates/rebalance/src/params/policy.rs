//! The parameters as the crate uses them.

use super::catalogue;
use super::read::{Reader, wrong};
use crate::Error;
use samebits_ledger::Flows;
use samebits_snapshot::record::{Params, RowKind, Value};
use samebits_units::{Bps, Money};

/// The parameters as the crate uses them.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "one a switch of the catalogue")]
pub struct Policy {
    /// Cost of a purchase.
    pub buy_cost: Bps,
    /// Cost of a sale.
    pub sell_cost: Bps,
    /// Most cash after trading, fraction of NAV.
    pub cash_max: f64,
    /// Least cash after trading, fraction of NAV.
    pub cash_min: f64,
    /// Tickers sold out and never bought.
    pub exclude: Vec<String>,
    /// Tickers not bought.
    pub no_buy: Vec<String>,
    /// Largest active factor exposure.
    pub factor_limit: Option<f64>,
    /// Largest active sector weight.
    pub sector_limit: Option<f64>,
    /// Most purchases plus sales, fraction of NAV.
    pub turnover_max: Option<f64>,
    /// Most net realised gain a tax year.
    pub gain_budget: Option<Money>,
    /// Hard cap on annualised tracking error, fraction.
    pub tracking_error_cap: Option<f64>,
    /// Whether a recent purchase leaves loss sales open.
    pub loss_sale_with_recent_purchase: bool,
    /// Smallest trade in a name.
    pub min_ticket: Money,
    /// Classes that give, in order.
    pub relaxation_order: Vec<(RowKind, &'static str)>,
    /// Weight of half the active variance.
    pub risk_aversion: f64,
    /// Use the factor form of the covariance.
    pub factor_form: bool,
    /// Weight of the tax on sales.
    pub tax_weight: f64,
    /// Largest weight of a name.
    pub weight_cap: Option<f64>,
    /// The cap bars purchases and forces no sale.
    pub weight_cap_glide: bool,
    /// What is tracked.
    pub benchmark: BenchmarkOf,
    /// Sectors sold out and never bought.
    pub exclude_sectors: Vec<String>,
    /// Active factor exposures are zero.
    pub factor_neutral: bool,
    /// Rewards for exposure.
    pub tilts: Vec<Tilt>,
    /// Weight of the expected returns of the market.
    pub alpha_weight: f64,
    /// Most net realised gain a tax year: short-term, long-term.
    pub gain_budget_by_term: [Option<Money>; 2],
    /// Sum of all weights.
    pub net_exposure: Option<f64>,
    /// Tracking error above which a price is charged, and that price.
    pub tracking_error_soft: Option<(f64, f64)>,
    /// Days of borrow fee in the objective.
    pub borrow_horizon_days: i64,
    /// Most weight of the long positions.
    pub long_gross_max: Option<f64>,
    /// Most weight of the short positions; without it there are none.
    pub short_gross_max: Option<f64>,
    /// Largest short position.
    pub short_cap: f64,
    /// Tickers not sold short.
    pub no_short: Vec<String>,
    /// Days before the long-term rate in which waiting counts.
    pub wait_days: i64,
    /// What waiting a day costs, as a rate on value.
    pub wait_cost: Bps,
    /// What the client asks for.
    pub flows: Flows,
}

/// What is tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BenchmarkOf {
    /// The benchmark of the day.
    Market,
    /// The same weight in every name.
    Equal,
    /// Zero in every name.
    None,
}

/// A reward for exposure to a factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Tilt {
    /// Name of the factor.
    pub factor: String,
    /// Fraction of net asset value a year per unit of exposure.
    pub reward: f64,
}

/// Classes of constraints that may give, with the row kind they stand for.
pub(super) const CLASSES: [(&str, RowKind); 8] = [
    ("turnover", RowKind::Turnover),
    ("sector", RowKind::Sector),
    ("factor", RowKind::Factor),
    ("cash_max", RowKind::Budget),
    ("gain_budget", RowKind::GainBudget),
    ("tracking_error", RowKind::TrackingError),
    ("long_gross", RowKind::LongGross),
    ("short_gross", RowKind::ShortGross),
];

impl Policy {
    /// Reads a full set of parameters.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::MissingParameter`], and [`Error::Parameter`] for a value of the wrong type
    /// or out of range.
    pub fn new(params: &Params) -> Result<Self, Error> {
        let known = catalogue();
        if let Some(name) = params.settings.keys().find(|name| known.iter().all(|entry| entry.name != **name))
        {
            return Err(Error::UnknownParameter { name: name.clone() });
        }
        let read = Reader { params, known: &known };
        let policy = Self {
            buy_cost: read.cost("buy_cost_hundredth_bp")?,
            sell_cost: read.cost("sell_cost_hundredth_bp")?,
            cash_max: read.real("cash_max")?,
            cash_min: read.real("cash_min")?,
            exclude: read.list("exclude")?,
            no_buy: read.list("no_buy")?,
            factor_limit: read.limit("factor_limit")?,
            sector_limit: read.limit("sector_limit")?,
            turnover_max: read.limit("turnover_max")?,
            gain_budget: read.budget("gain_budget_currency")?,
            tracking_error_cap: read.limit("tracking_error_cap")?,
            loss_sale_with_recent_purchase: read.flag("loss_sale_with_recent_purchase")?,
            min_ticket: read.money("min_ticket_currency")?,
            relaxation_order: read.classes("relaxation_order")?,
            risk_aversion: read.real("risk_aversion")?,
            factor_form: read.choice("risk_form", ["dense", "factor"])? == 1,
            tax_weight: read.real("tax_weight")?,
            weight_cap: read.limit("weight_cap")?,
            weight_cap_glide: read.flag("weight_cap_glide")?,
            benchmark: [BenchmarkOf::Market, BenchmarkOf::Equal, BenchmarkOf::None]
                [read.choice("benchmark", ["market", "equal", "none"])?],
            exclude_sectors: read.list("exclude_sectors")?,
            factor_neutral: read.flag("factor_neutral")?,
            tilts: read.tilts("factor_tilts")?,
            alpha_weight: read.real("alpha_weight")?,
            gain_budget_by_term: [
                read.budget("gain_budget_short_currency")?,
                read.budget("gain_budget_long_currency")?,
            ],
            net_exposure: read.real_or_off("net_exposure")?,
            tracking_error_soft: match read.limit("tracking_error_soft")? {
                Some(limit) => Some((limit, read.real("tracking_error_soft_price")?)),
                None => None,
            },
            borrow_horizon_days: read.days("borrow_horizon_days")?,
            long_gross_max: read.limit("long_gross_max")?,
            short_gross_max: read.limit("short_gross_max")?,
            short_cap: read.real("short_cap")?,
            no_short: read.list("no_short")?,
            wait_days: read.days("wait_days")?,
            wait_cost: read.cost("wait_cost_hundredth_bp_day")?,
            flows: Flows {
                contribution: read.money("contribution_currency")?,
                withdrawal: read.money("withdrawal_currency")?,
                gift: read.money("gift_currency")?,
                cash_in_lieu: read.flag("cash_in_lieu")?,
            },
        };
        if policy.cash_min > policy.cash_max {
            return Err(wrong("cash_min", &Value::Real(policy.cash_min), "at most cash_max"));
        }
        Ok(policy)
    }
}
