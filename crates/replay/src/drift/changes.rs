//! Recorded and rebuilt inputs side by side.

use super::causes::{Cause, Correction};
use super::rebuild::Built;
use crate::Error;
use samebits_canon::{abs, max};
use samebits_snapshot::record::{Market, Matrix32, RiskModel, Value};
use samebits_snapshot::{Difference, canonical, diff};
use samebits_units::{Date, Price};

/// Name of the one setting of a recipe that comes out of the data.
pub(crate) const INTENSITY: &str = "shrinkage_intensity";
/// Names and loadings that are listed of a covariance.
const NAMES_LISTED: usize = 5;
/// A price this near to its rescaled self is the same price in other units.
const SAME_UNIT: f64 = 1e-3;

/// A part of a Run's inputs that is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The day's prices.
    Prices,
    /// The benchmark's weights.
    Benchmark,
    /// Covariance, loadings and factor form.
    Risk,
    /// Expected returns.
    Alpha,
    /// Everything else of the market: laws, corporate actions, borrow fees, sectors, groups.
    Terms,
}

impl Part {
    /// All, in their order.
    pub const ALL: [Self; 5] = [Self::Prices, Self::Benchmark, Self::Risk, Self::Alpha, Self::Terms];

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prices => "prices",
            Self::Benchmark => "benchmark",
            Self::Risk => "risk",
            Self::Alpha => "alpha",
            Self::Terms => "terms",
        }
    }
}

/// A part that differs, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct PartChange {
    /// The part.
    pub part: Part,
    /// Corrections that it has read, by ticker, the largest first.
    pub causes: Vec<Cause>,
    /// It also differs from the record with every correction undone: something changed that the list does not say.
    pub unexplained: bool,
}

/// A price that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceChange {
    /// Ticker.
    pub ticker: String,
    /// In the Run.
    pub recorded: Price,
    /// In the tables, in the Run's units.
    pub today: Price,
    /// No correction of the list accounts for it.
    pub unexplained: bool,
}

impl PriceChange {
    /// Today / recorded.
    pub fn ratio(&self) -> f64 {
        self.today.e8() as f64 / self.recorded.e8() as f64
    }
}

/// A price in other units, as after a split: not a change of value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescaled {
    /// Ticker.
    pub ticker: String,
    /// In the Run.
    pub recorded: Price,
    /// In the tables, in their units.
    pub today: Price,
    /// Then / now over the whole correction, 1e-9.
    pub ratio_e9: u64,
    /// What decisions on rebuilt inputs use: the recorded price, or today's in the Run's units where the two differ.
    pub used: Price,
}

/// How far the benchmark's weights moved.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightsChange {
    /// Its rebalance day in the Run and in the tables.
    pub rebalanced: (Date, Date),
    /// The largest change of a weight.
    pub largest: ValueChange,
    /// Half the sum of all absolute changes, as a fraction.
    pub moved: f64,
}

/// A number of a security that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueChange {
    /// Ticker.
    pub ticker: String,
    /// In the Run.
    pub recorded: f64,
    /// Rebuilt.
    pub today: f64,
}

/// A security whose row of the covariance moved.
#[derive(Debug, Clone, PartialEq)]
pub struct NameChange {
    /// Ticker.
    pub ticker: String,
    /// Norm of the change of its row over the norm of the row.
    pub change: f64,
}

/// The largest change of a factor's loadings.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadingChange {
    /// The factor.
    pub factor: String,
    /// Where.
    pub largest: ValueChange,
}

/// How far the risk model moved.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskChange {
    /// Frobenius norm of the change of the covariance over the norm of the recorded one.
    pub sigma: f64,
    /// The securities whose rows moved most.
    pub names: Vec<NameChange>,
    /// Shrinkage intensity in the Run and rebuilt.
    pub intensity: (f64, f64),
    /// The largest change of each factor that changed.
    pub loadings: Vec<LoadingChange>,
    /// As `sigma`, of the covariance of the factors.
    pub factor_covariance: f64,
    /// As `sigma`, of the specific variances.
    pub specific: f64,
}

/// Everything that differs between a Run's inputs and today's.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Market and risk model have the recorded bits.
    pub same: bool,
    /// The parts that differ, in their order.
    pub parts: Vec<PartChange>,
    /// Prices that differ.
    pub prices: Vec<PriceChange>,
    /// Prices in other units.
    pub rescaled: Vec<Rescaled>,
    /// The benchmark, where it differs.
    pub benchmark: Option<WeightsChange>,
    /// The risk model, where it differs.
    pub risk: Option<RiskChange>,
    /// The largest change of an expected return.
    pub alpha: Option<ValueChange>,
    /// Fields of everything else that differ.
    pub terms: Vec<Difference>,
}

pub(crate) fn compare(
    (market, risk): (&Market, &RiskModel),
    built: &Built,
    corrections: &[Correction],
) -> Result<Changes, Error> {
    let tickers: Vec<&str> = market.securities.iter().map(|one| one.ticker.as_str()).collect();
    let rescaled = rescaled(market, &built.market, corrections);
    let mut changes = Changes {
        same: false,
        parts: Vec::new(),
        prices: prices(market, &built.market, &rescaled),
        rescaled,
        benchmark: benchmark(market, &built.market, &tickers),
        risk: risk_change(risk, &built.risk, &tickers),
        alpha: largest(&tickers, market.alpha.iter().copied(), built.market.alpha.iter().copied()),
        terms: terms(market, &built.market)?,
    };
    let differs = [
        (Part::Prices, !changes.prices.is_empty()),
        (Part::Benchmark, changes.benchmark.is_some()),
        (Part::Risk, changes.risk.is_some()),
        (Part::Alpha, changes.alpha.is_some()),
        (Part::Terms, !changes.terms.is_empty()),
    ];
    changes.parts = differs.into_iter().filter(|part| part.1).map(|part| PartChange::new(part.0)).collect();
    Ok(changes)
}

/// The rebuilt market with the prices of rescaled securities in the units of the Run, whose lots are in them.
pub(crate) fn keep_units(market: &mut Market, rescaled: &[Rescaled]) {
    for (security, price) in market.securities.iter().zip(&mut market.prices) {
        if let Some(found) = rescaled.iter().find(|one| one.ticker == security.ticker) {
            *price = found.used;
        }
    }
}

fn rescaled(recorded: &Market, now: &Market, corrections: &[Correction]) -> Vec<Rescaled> {
    let today: Vec<&Correction> = corrections.iter().filter(|one| one.date == recorded.as_of).collect();
    let prices = recorded.securities.iter().zip(recorded.prices.iter().zip(&now.prices));
    prices
        .filter(|(_, (then, now))| then != now)
        .filter_map(|(security, (&then, &now))| {
            let ratio_e9 = today.iter().find(|one| one.ticker == security.ticker)?.rescaled_e9?;
            let product = i128::from(now.e8()) * i128::from(ratio_e9);
            let scaled = Price::from_e8(i64::try_from((product + 500_000_000) / 1_000_000_000).ok()?);
            let near = abs(then.e8() as f64 / scaled.e8() as f64 - 1.0) <= SAME_UNIT;
            let used = if near { then } else { scaled };
            Some(Rescaled { ticker: security.ticker.clone(), recorded: then, today: now, ratio_e9, used })
        })
        .collect()
}

fn prices(recorded: &Market, now: &Market, rescaled: &[Rescaled]) -> Vec<PriceChange> {
    let pairs = recorded.securities.iter().zip(recorded.prices.iter().zip(&now.prices));
    let all = pairs.map(|(security, (&recorded, &today))| {
        let in_units = rescaled.iter().find(|one| one.ticker == security.ticker);
        let today = in_units.map_or(today, |one| one.used);
        PriceChange { ticker: security.ticker.clone(), recorded, today, unexplained: false }
    });
    all.filter(|price| price.recorded != price.today).collect()
}

fn benchmark(recorded: &Market, now: &Market, tickers: &[&str]) -> Option<WeightsChange> {
    let (then, now) = (&recorded.benchmark, &now.benchmark);
    let largest = largest(tickers, then.weights.iter().copied(), now.weights.iter().copied());
    if largest.is_none() && then.rebalanced == now.rebalanced {
        return None;
    }
    let none = || ValueChange { ticker: String::new(), recorded: 0.0, today: 0.0 };
    let moved = then.weights.iter().zip(&now.weights).fold(0.0, |sum, (a, b)| sum + abs(a - b));
    let rebalanced = (then.rebalanced, now.rebalanced);
    Some(WeightsChange { rebalanced, largest: largest.unwrap_or_else(none), moved: moved / 2.0 })
}

fn risk_change(then: &RiskModel, now: &RiskModel, tickers: &[&str]) -> Option<RiskChange> {
    let pairs = [
        (&then.sigma, &now.sigma),
        (&then.loadings, &now.loadings),
        (&then.factor_model.covariance, &now.factor_model.covariance),
        (&then.factor_model.specific, &now.factor_model.specific),
    ];
    let intensity = (intensity(then), intensity(now));
    if pairs.iter().all(|(a, b)| same_bits(a, b)) && intensity.0.to_bits() == intensity.1.to_bits() {
        return None;
    }
    let n = tickers.len();
    let rows = then.sigma.values.chunks_exact(n).zip(now.sigma.values.chunks_exact(n));
    let mut names: Vec<NameChange> = tickers
        .iter()
        .zip(rows)
        .map(|(ticker, (then, now))| NameChange { ticker: (*ticker).to_owned(), change: relative(then, now) })
        .filter(|name| name.change > 0.0)
        .collect();
    names.sort_by(|a, b| b.change.total_cmp(&a.change).then_with(|| a.ticker.cmp(&b.ticker)));
    names.truncate(NAMES_LISTED);
    let k = then.factors.len();
    let column = |matrix: &'_ Matrix32, at: usize| -> Vec<f64> {
        matrix.values.iter().skip(at).step_by(k).map(|value| f64::from(*value)).collect()
    };
    let loadings = then.factors.iter().enumerate().filter_map(|(at, factor)| {
        let largest =
            largest(tickers, column(&then.loadings, at).into_iter(), column(&now.loadings, at).into_iter())?;
        Some(LoadingChange { factor: factor.clone(), largest })
    });
    let of = |(a, b): (&Matrix32, &Matrix32)| relative(&a.values, &b.values);
    Some(RiskChange {
        sigma: of(pairs[0]),
        names,
        intensity,
        loadings: loadings.collect(),
        factor_covariance: of(pairs[2]),
        specific: of(pairs[3]),
    })
}

fn intensity(model: &RiskModel) -> f64 {
    match model.recipe.settings.get(INTENSITY).map(|setting| &setting.value) {
        Some(Value::Real(value)) => *value,
        _ => 0.0,
    }
}

fn same_bits(a: &Matrix32, b: &Matrix32) -> bool {
    let bits = |matrix: &Matrix32| matrix.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    (a.rows, a.cols) == (b.rows, b.cols) && bits(a) == bits(b)
}

/// Norm of the change over the norm of `then`; ascending sums.
fn relative(then: &[f32], now: &[f32]) -> f64 {
    let (change, size) = then.iter().zip(now).fold((0.0, 0.0), |(change, size), (a, b)| {
        let (a, b) = (f64::from(*a), f64::from(*b));
        (change + (b - a) * (b - a), size + a * a)
    });
    if change > 0.0 { (change / max(size, f64::MIN_POSITIVE)).sqrt() } else { 0.0 }
}

/// The largest absolute change; the first of equal ones; `None` when all bits are equal.
pub(crate) fn largest(
    tickers: &[&str],
    then: impl ExactSizeIterator<Item = f64>,
    now: impl ExactSizeIterator<Item = f64>,
) -> Option<ValueChange> {
    let mut found: Option<(f64, ValueChange)> = None;
    for (ticker, (recorded, today)) in tickers.iter().zip(then.zip(now)) {
        let change = abs(today - recorded);
        let more = found.as_ref().is_none_or(|(most, _)| change > *most);
        if recorded.to_bits() != today.to_bits() && more {
            found = Some((change, ValueChange { ticker: (*ticker).to_owned(), recorded, today }));
        }
    }
    found.map(|(_, change)| change)
}

/// Every field of the market that no other part has.
fn terms(recorded: &Market, now: &Market) -> Result<Vec<Difference>, Error> {
    let rest = |market: &Market| {
        let mut rest = market.clone();
        rest.prices.clear();
        rest.benchmark.weights.clear();
        rest.benchmark.rebalanced = market.as_of;
        rest.alpha.clear();
        rest.execution = None;
        canonical::to_tree("market", &rest)
    };
    Ok(diff(&rest(recorded)?, &rest(now)?))
}
