//! Six characteristics a name and those of the caller, each as a scaled rank.

use crate::covariance::ends;
use crate::returns::{Returns, mean_squares, simple};
use crate::{Characteristic, Error, FACTORS, Recipe, Window, characteristic, scaled_ranks};
use samebits_canon::{Isa, abs, add_product, dot, subtract_product, sum};
use samebits_units::rate;

/// Factor loadings, `N x 6`, row-major, in the order of [`FACTORS`], each in `[-1, 1]`.
///
/// | column | before ranking | days |
/// |---|---|---|
/// | `market_beta` | slope on the weighted market return | 252 |
/// | `size` | mean dollar volume (a proxy: no shares outstanding) | 252 |
/// | `momentum` | `p[t-21] / p[t-252] - 1` | 252 without the last 21 |
/// | `residual_volatility` | root mean square of what the slope leaves | 252 |
/// | `short_term_reversal` | `-(p[t] / p[t-21] - 1)` | 21 |
/// | `liquidity` | minus the mean of `abs(r) / dollar volume` over days with volume | 63 |
///
/// Bits: every [`Isa`].
///
/// # Errors
/// [`Error::FlatMarket`], [`Error::NoVolume`], [`Error::NotANumber`], [`Error::Characteristics`] for a recipe that needs
/// some ([`RiskModel::build_with`](crate::RiskModel::build_with) takes them), and the faults of the inputs.
pub fn loadings(isa: Isa, recipe: &Recipe, window: &Window<'_>) -> Result<Vec<f32>, Error> {
    let window = window.cut(recipe)?;
    characteristic::check(recipe, &[], window.prices.ncols())?;
    of_returns(isa, recipe, &window, &Returns::of(window.prices), &[])
}

/// The loadings of a window that is already cut, with its returns and checked characteristics: `N x k`.
pub(crate) fn of_returns(
    isa: Isa,
    recipe: &Recipe,
    window: &Window<'_>,
    returns: &Returns,
    characteristics: &[Characteristic<'_>],
) -> Result<Vec<f32>, Error> {
    let (beta, volatility) = regression(isa, recipe, window, returns)?;
    let columns = [
        beta,
        mean_dollar_volume(recipe, window),
        price_change(window, recipe.momentum_days, recipe.momentum_skip_days, 1.0),
        volatility,
        price_change(window, recipe.reversal_days, 0, -1.0),
        liquidity(recipe, window, returns)?,
    ];
    let k = FACTORS.len() + characteristics.len();
    let mut loadings = vec![0.0; returns.names() * k];
    let mut put = |at: usize, ranks: Vec<f32>| {
        for (row, rank) in loadings.chunks_exact_mut(k).zip(ranks) {
            row[at] = rank;
        }
    };
    for (at, (values, factor)) in columns.iter().zip(FACTORS).enumerate() {
        if let Some(column) = values.iter().position(|value| value.is_nan()) {
            return Err(Error::NotANumber { factor: factor.to_owned(), column });
        }
        put(at, scaled_ranks(values));
    }
    for (at, brought) in (FACTORS.len()..).zip(characteristics) {
        put(at, characteristic::ranks(brought.values));
    }
    Ok(loadings)
}

/// Slope of each name on the market and the root mean square of the residual, over the last `beta_days` returns.
///
/// Order: `m[t]` is an ascending chain over the names of `r[t][i] * w[i]`; its mean and its squared norm by A3;
/// the slope is an ascending chain over the days, divided by that norm; the residual is `fma(-m[t], slope, r[t][i])`;
/// its squares are rounded and added in ascending order.
fn regression(
    isa: Isa,
    recipe: &Recipe,
    window: &Window<'_>,
    returns: &Returns,
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let recent = returns.last(recipe.beta_days);
    let (n, days) = (recent.names(), recent.days());
    let mut market = vec![0.0; days];
    add_product(isa, &mut market, recent.values(), window.weights, n, 1);
    let mean = sum(&market) / days as f64;
    for value in &mut market {
        *value -= mean;
    }
    let norm = dot(&market, &market);
    if !(norm > 0.0 && norm.is_finite()) {
        let (first, last) = ends(&window.dates[window.dates.len() - days - 1..]);
        return Err(Error::FlatMarket { first, last });
    }
    let recent = recent.centred();
    let mut slope = vec![0.0; n];
    add_product(isa, &mut slope, &market, recent.values(), days, n);
    for value in &mut slope {
        *value /= norm;
    }
    let mut residual = recent.values().to_vec();
    subtract_product(isa, &mut residual, &market, &slope, 1, n);
    let volatility = mean_squares(&residual, n).into_iter().map(f64::sqrt).collect();
    Ok((slope, volatility))
}

/// Mean of `price * volume` in the currency, over the last `size_days` sessions, days ascending.
fn mean_dollar_volume(recipe: &Recipe, window: &Window<'_>) -> Vec<f64> {
    let start = window.dates.len() - recipe.size_days;
    let mut sums = vec![0.0; window.prices.ncols()];
    for (prices, volumes) in window.prices.outer_iter().zip(window.volumes.outer_iter()).skip(start) {
        for ((sum, &price), &volume) in sums.iter_mut().zip(prices).zip(volumes) {
            *sum += rate::price(price) * volume as f64;
        }
    }
    sums.iter().map(|sum| sum / recipe.size_days as f64).collect()
}

/// `sign * (p[t - skip] / p[t - days] - 1)`.
fn price_change(window: &Window<'_>, days: usize, skip: usize, sign: f64) -> Vec<f64> {
    let last = window.dates.len() - 1;
    let (before, after) = (window.prices.row(last - days), window.prices.row(last - skip));
    before.iter().zip(after).map(|(&before, &after)| sign * simple(before, after)).collect()
}

/// Minus the mean of `abs(return) / dollar volume` over the last `liquidity_days` sessions; sessions without volume are
/// left out of the sum and of the count (Amihud, Journal of Financial Markets 5 (2002) 31-56).
fn liquidity(recipe: &Recipe, window: &Window<'_>, returns: &Returns) -> Result<Vec<f64>, Error> {
    let (n, days) = (returns.names(), recipe.liquidity_days);
    let start = window.dates.len() - days;
    let mut sums = vec![(0.0, 0_u32); n];
    let moves = returns.values()[(returns.days() - days) * n..].chunks_exact(n);
    let quotes = window.prices.outer_iter().zip(window.volumes.outer_iter()).skip(start);
    for (moves, (prices, volumes)) in moves.zip(quotes) {
        for (((sum, &value), &price), &volume) in sums.iter_mut().zip(moves).zip(prices).zip(volumes) {
            if volume > 0 {
                sum.0 += abs(value) / (rate::price(price) * volume as f64);
                sum.1 += 1;
            }
        }
    }
    if let Some(column) = sums.iter().position(|sum| sum.1 == 0) {
        let (first, last) = ends(&window.dates[start..]);
        return Err(Error::NoVolume { first, last, column });
    }
    Ok(sums.into_iter().map(|(sum, count)| -(sum / f64::from(count))).collect())
}
