//! The benchmark: dollar-volume weights with a cap, rebalanced every quarter, drifting with prices in between.
//!
//! Methodology `dollar-volume-100/1`: on a rebalance day the weight of a name is its mean dollar volume over the trailing
//! `VOLUME_DAYS` sessions, as a share of the universe; what exceeds `CAP` is spread over the others in proportion, until
//! nothing exceeds it. The fixture has no shares outstanding, so this stands in for a capitalisation-weighted index.

use ndarray::{ArrayView1, ArrayView2};
use samebits_canon::sum;
use samebits_snapshot::record::Benchmark;
use samebits_units::{Date, Price, rate};

/// Name and version of the methodology.
pub const METHODOLOGY: &str = "dollar-volume-100/1";
/// Sessions of the trailing mean.
pub const VOLUME_DAYS: usize = 252;
/// Largest weight on a rebalance day.
pub const CAP: f64 = 0.05;
/// Sessions between rebalances.
pub const REBALANCE_SESSIONS: usize = 63;

/// Weights on the last day of the windows (rows: sessions, oldest first).
///
/// Order: each name's dollar volume is an ascending sum over the days of `price x volume`, then one division by the
/// total of all names (clause A3).
pub(crate) fn weights(closes: ArrayView2<'_, Price>, volumes: ArrayView2<'_, u64>) -> Vec<f64> {
    capped(&dollar_volumes(closes, volumes))
}

/// Dollar volume of each name over the windows, an ascending sum over the days.
pub(crate) fn dollar_volumes(closes: ArrayView2<'_, Price>, volumes: ArrayView2<'_, u64>) -> Vec<f64> {
    let names = closes.columns().into_iter().zip(volumes.columns());
    names
        .map(|(prices, shares)| {
            let days = prices.iter().zip(shares);
            days.fold(0.0, |total, (price, shares)| total + rate::price(*price) * (*shares as f64))
        })
        .collect()
}

fn capped(raw: &[f64]) -> Vec<f64> {
    let total = sum(raw);
    let mut weights: Vec<f64> = raw.iter().map(|value| value / total).collect();
    let mut fixed = vec![false; raw.len()];
    loop {
        let over: Vec<usize> = (0..raw.len()).filter(|&i| !fixed[i] && weights[i] > CAP).collect();
        if over.is_empty() || CAP * raw.len() as f64 <= 1.0 {
            return weights;
        }
        for i in over {
            fixed[i] = true;
        }
        let free: Vec<f64> = (0..raw.len()).map(|i| if fixed[i] { 0.0 } else { raw[i] }).collect();
        let capped_names = fixed.iter().filter(|is| **is).count() as f64;
        let scale = (1.0 - CAP * capped_names) / sum(&free);
        for i in 0..raw.len() {
            weights[i] = if fixed[i] { CAP } else { raw[i] * scale };
        }
    }
}

/// The benchmark of a later day: weights of the rebalance day, grown with prices and scaled to 1.
pub(crate) fn drifted(
    rebalanced: Date,
    weights: &[f64],
    then: ArrayView1<'_, Price>,
    now: ArrayView1<'_, Price>,
) -> Benchmark {
    let grown: Vec<f64> = weights
        .iter()
        .zip(then.iter().zip(now))
        .map(|(weight, (then, now))| weight * (now.e8() as f64 / then.e8() as f64))
        .collect();
    let total = sum(&grown);
    Benchmark {
        id: METHODOLOGY.to_owned(),
        rebalanced,
        weights: grown.iter().map(|weight| weight / total).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capped_weights_sum_to_one() {
        let raw: Vec<f64> = (1..=100).map(|i| f64::from(i) * f64::from(i) * f64::from(i * i * i)).collect();
        let weights = capped(&raw);
        assert!((sum(&weights) - 1.0).abs() < 1e-12);
        assert!(weights.iter().all(|w| *w <= CAP + 1e-15));
        assert!(weights.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(weights[99], CAP);
    }
}
