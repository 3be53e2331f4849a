//! Six factor exposures of each asset, each a cross-sectional rank from -1 to 1.
//!
//! | factor | ranked measure |
//! |---|---|
//! | market beta | slope of the asset's returns on the market's over the window |
//! | size | mean dollar volume (stands in for capitalisation, for which the panel has no shares outstanding) |
//! | momentum | price 21 sessions ago over price 252 sessions ago, less 1 |
//! | residual volatility | root mean square of the residuals of the beta regression |
//! | short-term reversal | minus the return of the last 21 sessions |
//! | liquidity | minus the mean of |return| over dollar volume (Amihud, Journal of Financial Markets 5, 2002) |

use crate::{Error, Recipe, Returns, Window, rank};
use samebits_canon::{abs, dot, fma};
use samebits_units::rate;

/// Names of the factors, in the order of the columns.
pub const FACTORS: [&str; 6] =
    ["market_beta", "size", "momentum", "residual_volatility", "short_term_reversal", "liquidity"];

/// Exposures, `n x 6`, row-major.
pub(crate) fn loadings(
    window: &Window<'_>,
    returns: &Returns,
    market: &[f64],
    recipe: &Recipe,
) -> Result<Vec<f32>, Error> {
    let n = returns.n;
    if market.len() != n {
        return Err(Error::Shape { what: "market weights", found: market.len(), expected: n });
    }
    let needed =
        recipe.momentum_days.max(recipe.size_days).max(recipe.liquidity_days).max(recipe.reversal_days) + 1;
    let sessions = window.closes.nrows();
    if sessions < needed || returns.days + 1 < needed {
        return Err(Error::TooShort { last: returns.last.clone(), found: sessions, needed });
    }
    let (betas, residuals) = regress(returns, market, recipe.size_days);
    let growth = |from: usize, to: usize| -> Vec<f64> {
        let (then, now) = (window.closes.row(sessions - 1 - from), window.closes.row(sessions - 1 - to));
        then.iter().zip(now).map(|(then, now)| now.e8() as f64 / then.e8() as f64 - 1.0).collect()
    };
    let reversal: Vec<f64> = growth(recipe.reversal_days, 0).iter().map(|r| -r).collect();
    let measures = [
        betas,
        dollar_volume(window, recipe.size_days),
        growth(recipe.momentum_days, recipe.reversal_days),
        residuals,
        reversal,
        liquidity(window, returns, recipe.liquidity_days)?,
    ];
    let ranks = measures.map(|measure| rank(&measure));
    Ok((0..n).flat_map(|i| ranks.iter().map(move |rank| rank[i]).collect::<Vec<_>>()).collect())
}

/// Beta over the whole window; mean square residual over its last `days`.
fn regress(returns: &Returns, market: &[f64], days: usize) -> (Vec<f64>, Vec<f64>) {
    let n = returns.n;
    let x = returns.demeaned();
    let m: Vec<f64> = x.chunks_exact(n).map(|day| dot(day, market)).collect();
    let variance = dot(&m, &m);
    let mut slopes = vec![0.0; n];
    for (day, m) in x.chunks_exact(n).zip(&m) {
        for (sum, r) in slopes.iter_mut().zip(day) {
            *sum = fma(*m, *r, *sum);
        }
    }
    for slope in &mut slopes {
        *slope = if variance > 0.0 { *slope / variance } else { 0.0 };
    }
    let mut squares = vec![0.0; n];
    for (day, m) in x.chunks_exact(n).zip(&m).skip(returns.days - days) {
        for ((sum, r), slope) in squares.iter_mut().zip(day).zip(&slopes) {
            let residual = fma(-slope, *m, *r);
            *sum = fma(residual, residual, *sum);
        }
    }
    (slopes, squares)
}

/// Sum of dollar volume over the last `days`: ranks as its mean does.
fn dollar_volume(window: &Window<'_>, days: usize) -> Vec<f64> {
    let sessions = window.closes.nrows();
    let mut total = vec![0.0; window.closes.ncols()];
    for t in sessions - days..sessions {
        for (i, sum) in total.iter_mut().enumerate() {
            *sum = fma(rate::price(window.closes[[t, i]]), window.volumes[[t, i]] as f64, *sum);
        }
    }
    total
}

/// Minus the mean illiquidity over the last `days`; sessions without volume are left out of the mean.
fn liquidity(window: &Window<'_>, returns: &Returns, days: usize) -> Result<Vec<f64>, Error> {
    let sessions = window.closes.nrows();
    let mut measures = Vec::with_capacity(returns.n);
    for asset in 0..returns.n {
        let (mut total, mut count) = (0.0, 0_u32);
        for back in (0..days).rev() {
            let t = sessions - 1 - back;
            let volume = window.volumes[[t, asset]];
            if volume > 0 {
                let traded = rate::price(window.closes[[t, asset]]) * volume as f64;
                total += abs(returns.day(returns.days - 1 - back)[asset]) / traded;
                count += 1;
            }
        }
        if count == 0 {
            let (first, last) = (returns.first.clone(), returns.last.clone());
            return Err(Error::NoTrades { first, last, asset, sessions: days });
        }
        measures.push(-(total / f64::from(count)));
    }
    Ok(measures)
}
