//! The slow, obvious model: plain loops in the order of the formulas, no canonical arithmetic. Agreement to 1e-12
//! relative before the rounding to `f32`, which is the last step of both.

use crate::scenes::{Scene, fixture};
use samebits_canon::Isa;
use samebits_riskmodel::{Recipe, Returns, RiskModel};

/// Centred returns, column by column.
fn centred(scene: &Scene, days: usize) -> Vec<Vec<f64>> {
    let start = scene.dates.len() - days;
    let column = |j: usize| -> Vec<f64> {
        let price = |t: usize| scene.prices[[t, j]].e8() as f64;
        let r: Vec<f64> = (start..scene.dates.len()).map(|t| price(t) / price(t - 1) - 1.0).collect();
        let mean = total(&r) / days as f64;
        r.iter().map(|x| x - mean).collect()
    };
    (0..scene.names()).map(column).collect()
}

fn total(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, x| sum + x)
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}

/// The intensity by its definition: the distance of every day's `x x'` from `S`, entry by entry.
fn intensity(x: &[Vec<f64>], s: &[Vec<f64>]) -> (f64, f64) {
    let (n, days) = (x.len(), x[0].len());
    let mu = (0..n).fold(0.0, |sum, i| sum + s[i][i]) / n as f64;
    let (mut d2, mut b2) = (0.0, 0.0);
    for i in 0..n {
        for j in 0..n {
            let target = if i == j { mu } else { 0.0 };
            d2 += (s[i][j] - target) * (s[i][j] - target);
            for (xi, xj) in x[i].iter().zip(&x[j]) {
                let gap = xi * xj - s[i][j];
                b2 += gap * gap;
            }
        }
    }
    (b2 / (days * days) as f64 / d2, mu)
}

/// `found` is the rounding to `f32` of a number within 1e-12 relative of `expected` (`scale` where it nearly cancels).
fn assert_close(what: &str, found: f32, expected: f64, scale: f64) {
    let slack = 1e-12 * scale;
    let (low, high) = ((expected - slack) as f32, (expected + slack) as f32);
    assert!(low <= found && found <= high, "{what}: {found:e} instead of {expected:e}");
}

#[test]
fn the_covariance_is_the_obvious_one() {
    let (scene, recipe) = (fixture(), Recipe::default());
    let model = RiskModel::build(Isa::detect(), &recipe, &scene.window()).unwrap();
    let x = centred(&scene, recipe.window_days);
    let n = scene.names();
    let s: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| product(&x[i], &x[j]) / recipe.window_days as f64).collect()).collect();
    let (rho, mu) = intensity(&x, &s);
    assert!((model.intensity / rho - 1.0).abs() < 1e-12, "{} {rho}", model.intensity);
    for i in 0..n {
        for j in 0..n {
            let target = if i == j { rho * mu } else { 0.0 };
            let expected = 252.0 * ((1.0 - rho) * s[i][j] + target);
            let scale = 252.0 * (s[i][i] * s[j][j]).sqrt();
            assert_close("sigma", model.sigma[i * n + j], expected, scale);
        }
    }
}

#[test]
fn the_factor_form_is_the_obvious_one() {
    let (scene, recipe) = (fixture(), Recipe::default());
    let model = RiskModel::build(Isa::detect(), &recipe, &scene.window()).unwrap();
    check_factor_form(&scene, &model, 6);
}

#[test]
fn the_factor_form_with_characteristics_is_the_obvious_one() {
    let scene = fixture();
    check_factor_form(&scene, &crate::characteristics::model(&scene, Isa::detect()), 8);
}

/// Least squares by Gaussian elimination with pivoting, day by day, on `count` loadings.
fn check_factor_form(scene: &Scene, model: &RiskModel, count: usize) {
    let (recipe, m) = (&model.recipe, count + 1);
    let (x, n, days) = (centred(scene, recipe.window_days), scene.names(), recipe.window_days);
    let b: Vec<Vec<f64>> = (0..m)
        .map(|k| {
            (0..n).map(|i| if k == 0 { 1.0 } else { f64::from(model.loadings[i * count + k - 1]) }).collect()
        })
        .collect();
    let mut f = vec![vec![0.0; days]; m];
    let mut specific = vec![0.0; n];
    for t in 0..days {
        let today: Vec<f64> = x.iter().map(|column| column[t]).collect();
        let mut system: Vec<Vec<f64>> = (0..m)
            .map(|k| (0..m).map(|l| product(&b[k], &b[l])).chain([product(&b[k], &today)]).collect())
            .collect();
        let answer = eliminate(&mut system);
        for i in 0..n {
            let fitted = (0..m).fold(0.0, |sum, k| sum + b[k][i] * answer[k]);
            specific[i] += (today[i] - fitted) * (today[i] - fitted) / days as f64;
        }
        for k in 0..m {
            f[k][t] = answer[k];
        }
    }
    for k in 0..m {
        for l in 0..m {
            let scale = 252.0 * (product(&f[k], &f[k]) * product(&f[l], &f[l])).sqrt() / days as f64;
            let expected = 252.0 * product(&f[k], &f[l]) / days as f64;
            assert_close("factor covariance", model.factor_form.covariance[k * m + l], expected, scale);
        }
    }
    for (&found, variance) in model.factor_form.specific.iter().zip(specific) {
        assert_close("specific", found, 252.0 * variance, 252.0 * variance);
    }
}

fn eliminate(system: &mut [Vec<f64>]) -> Vec<f64> {
    let n = system.len();
    for k in 0..n {
        let best = (k..n).max_by(|&a, &b| system[a][k].abs().total_cmp(&system[b][k].abs())).unwrap_or(k);
        system.swap(k, best);
        let pivot = system[k].clone();
        for (_, row) in system.iter_mut().enumerate().filter(|(i, _)| *i != k) {
            let factor = row[k] / pivot[k];
            for (entry, p) in row.iter_mut().zip(&pivot) {
                *entry -= factor * p;
            }
        }
    }
    (0..n).map(|k| system[k][n] / system[k][k]).collect()
}

/// Each column of the loadings puts the names in the order of its characteristic, computed the obvious way.
#[test]
fn loadings_are_monotone_in_their_characteristic() {
    let (scene, recipe) = (fixture(), Recipe::default());
    let loadings = samebits_riskmodel::loadings(Isa::detect(), &recipe, &scene.window()).unwrap();
    let last = scene.dates.len() - 1;
    let price = |t: usize, i: usize| scene.prices[[t, i]].e8() as f64 / 1e8;
    let dollars = |t: usize, i: usize| price(t, i) * scene.volumes[[t, i]] as f64;
    let r = |t: usize, i: usize| price(t, i) / price(t - 1, i) - 1.0;
    let span = |days: usize| last + 1 - days..=last;
    let market: Vec<f64> =
        span(252).map(|t| (0..100).fold(0.0, |sum, i| sum + scene.weights[i] * r(t, i))).collect();
    let centre = |values: &[f64]| -> Vec<f64> {
        values.iter().map(|v| v - total(values) / values.len() as f64).collect()
    };
    let m = centre(&market);
    let own = |i: usize| centre(&span(252).map(|t| r(t, i)).collect::<Vec<f64>>());
    let beta = |i: usize| product(&own(i), &m) / product(&m, &m);
    let left = |i: usize| {
        let e: Vec<f64> = own(i).iter().zip(&m).map(|(x, m)| x - beta(i) * m).collect();
        product(&e, &e)
    };
    let characteristic: [&dyn Fn(usize) -> f64; 6] = [
        &beta,
        &|i| span(252).fold(0.0, |sum, t| sum + dollars(t, i)),
        &|i| price(last - 21, i) / price(last - 252, i),
        &left,
        &|i| -price(last, i) / price(last - 21, i),
        &|i| -span(63).fold(0.0, |sum, t| sum + r(t, i).abs() / dollars(t, i)),
    ];
    for (k, value) in characteristic.iter().enumerate() {
        let mut order: Vec<(f64, f32)> = (0..100).map(|i| (value(i), loadings[i * 6 + k])).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(order.is_sorted_by(|a, b| a.1 < b.1), "{}", samebits_riskmodel::FACTORS[k]);
        assert_eq!((order[0].1, order[99].1), (-1.0, 1.0));
    }
}

#[test]
fn returns_are_rounded_once() {
    let scene = fixture();
    let returns = Returns::of(scene.prices.view());
    assert_eq!((returns.days(), returns.names()), (755, 100));
    for (at, found) in returns.values().iter().enumerate() {
        let (t, j) = (at / 100, at % 100);
        let ratio = scene.prices[[t + 1, j]].e8() as f64 / scene.prices[[t, j]].e8() as f64 - 1.0;
        assert!((found - ratio).abs() <= 2.3e-16, "{found:e} {ratio:e}");
    }
}
