//! Returns of a day: the benchmark's from the markets of two days, the account's from its values.
//!
//! Order: sums over securities are ascending, starting from zero; every division is one correctly rounded operation.

use crate::{Error, Exact};
use samebits_snapshot::record::{ActionKind, Market};
use samebits_units::{Price, rate};

/// Sessions of a year: what annual figures are scaled by.
pub(crate) const SESSIONS: f64 = 252.0;

/// What the next day's benchmark return starts from.
pub(crate) struct Base {
    prices: Vec<Price>,
    weights: Vec<f64>,
}

/// A day of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct BenchmarkReturn {
    /// Prices, splits undone, and distributions.
    pub(crate) total: f64,
    /// The part of it that is dividends.
    pub(crate) dividends: f64,
}

impl Base {
    pub(crate) fn of(market: &Market) -> Self {
        Self { prices: market.prices.clone(), weights: market.benchmark.weights.clone() }
    }

    /// `sum of w_i ((P_i s_i + d_i) / P0_i - 1)`: weights and prices of the day before, prices and actions of `market`.
    pub(crate) fn until(&self, market: &Market) -> Result<BenchmarkReturn, Error> {
        let known = self.prices.len().min(self.weights.len());
        if market.prices.len() != known {
            let security = market.prices.len() as u32;
            return Err(Error::NoSecurity { day: market.as_of, security, known });
        }
        let holdings = per_share(market)?;
        let mut day = BenchmarkReturn::default();
        for (i, holding) in holdings.iter().enumerate() {
            let before = rate::price(self.prices[i]);
            if self.weights[i] != 0.0 && before > 0.0 {
                let now = rate::price(market.prices[i]) * holding.shares + holding.value;
                day.total += self.weights[i] * (now / before - 1.0);
                day.dividends += self.weights[i] * (holding.dividends / before);
            }
        }
        Ok(day)
    }
}

/// What one share of the day before has become.
#[derive(Clone, Copy)]
struct Holding {
    shares: f64,
    /// Cash and other companies' shares.
    value: f64,
    dividends: f64,
}

fn per_share(market: &Market) -> Result<Vec<Holding>, Error> {
    let mut holdings = vec![Holding { shares: 1.0, value: 0.0, dividends: 0.0 }; market.prices.len()];
    for action in &market.actions {
        let known = holdings.len();
        let outside = |security: u32| Error::NoSecurity { day: market.as_of, security, known };
        let quoted = |into: Option<u32>, value: Price| match into {
            None => Ok(rate::price(value)),
            Some(at) => {
                market.prices.get(at as usize).map(|price| rate::price(*price)).ok_or_else(|| outside(at))
            }
        };
        let holding = holdings.get_mut(action.security as usize).ok_or_else(|| outside(action.security))?;
        let ratio = |new: u32, old: u32| f64::from(new) / f64::from(old);
        match action.kind {
            ActionKind::Split { new, old } => holding.shares *= ratio(new, old),
            ActionKind::Dividend { amount, .. } => {
                holding.dividends += holding.shares * rate::price(amount);
                holding.value += holding.shares * rate::price(amount);
            }
            ActionKind::ReturnOfCapital { amount } => holding.value += holding.shares * rate::price(amount),
            ActionKind::SpinOff { into, new, old, value, .. } => {
                holding.value += holding.shares * ratio(new, old) * quoted(into, value)?;
            }
            ActionKind::Merger { into, new, old, cash, value } => {
                let shares = if new == 0 { 0.0 } else { ratio(new, old) * quoted(into, value)? };
                holding.value += holding.shares * (rate::price(cash) + shares);
                holding.shares = 0.0;
            }
            ActionKind::SymbolChange { .. } => {}
        }
    }
    Ok(holdings)
}

/// An amount in units of the currency.
pub(crate) fn amount(exact: Exact) -> f64 {
    exact.units() as f64 / 1e14
}

/// `part / whole`; 0 of nothing.
pub(crate) fn ratio(part: Exact, whole: Exact) -> f64 {
    if whole == Exact::ZERO { 0.0 } else { part.units() as f64 / whole.units() as f64 }
}

/// The returns of each day linked: `product of (1 + r) - 1`.
pub(crate) fn linked(returns: impl Iterator<Item = f64>) -> f64 {
    returns.fold(1.0, |level, r| level * (1.0 + r)) - 1.0
}

/// Annualised sample standard deviation (one degree of freedom less than days); 0 below two days.
pub(crate) fn deviation(returns: &[f64]) -> f64 {
    if returns.len() < 2 {
        return 0.0;
    }
    let n = returns.len() as f64;
    let mean = returns.iter().fold(0.0, |sum, r| sum + r) / n;
    let squares = returns.iter().fold(0.0, |sum, r| sum + (r - mean) * (r - mean));
    (squares / (n - 1.0) * SESSIONS).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_deviations() {
        assert_eq!(linked([0.5, -0.5].into_iter()), -0.25);
        assert_eq!(linked(std::iter::empty()), 0.0);
        // Mean 0.01, squares 2e-4 over one degree of freedom.
        let found = deviation(&[0.02, 0.0]);
        assert!((found - (2e-4_f64 * 252.0).sqrt()).abs() < 1e-15, "{found}");
        assert_eq!(deviation(&[0.3]), 0.0);
    }
}
