//! Protects the model itself: its bits on every instruction set, and what every consumer relies on.

use crate::scenes::{Scene, fixture, recipe, walks};
use samebits_canon::{Cholesky, Isa};
use samebits_riskmodel::{Attribution, FACTORS, Recipe, RiskModel, Scratch, attribution, covariance_in};

pub(crate) fn bits(model: &RiskModel) -> Vec<u32> {
    let form = &model.factor_form;
    let all = [&model.sigma, &model.loadings, &form.covariance, &form.specific];
    all.into_iter().flatten().map(|x| x.to_bits()).collect()
}

/// Equal bits everywhere, symmetric, positive definite, ranks and variances in range.
pub(crate) fn check(scene: &Scene, recipe: &Recipe) -> RiskModel {
    let expected = RiskModel::build(Isa::Portable, recipe, &scene.window()).expect("a model");
    for isa in Isa::available() {
        let found = RiskModel::build(isa, recipe, &scene.window()).expect("a model");
        assert_eq!(bits(&found), bits(&expected), "{}", isa.name());
        assert_eq!(found.intensity.to_bits(), expected.intensity.to_bits(), "{}", isa.name());
    }
    for (values, n) in [(&expected.sigma, scene.names()), (&expected.factor_form.covariance, 7)] {
        for i in 0..n {
            for j in 0..i {
                assert_eq!(values[i * n + j].to_bits(), values[j * n + i].to_bits());
            }
        }
        let wide: Vec<f64> = values.iter().map(|&x| f64::from(x)).collect();
        assert!(Cholesky::reference(&wide, n).is_ok());
    }
    assert!((0.0..=1.0).contains(&expected.intensity));
    assert!(expected.loadings.iter().all(|x| (-1.0..=1.0).contains(x)));
    assert!(expected.factor_form.specific.iter().all(|&x| x > 0.0 && x.is_finite()));
    expected
}

#[test]
fn the_model_of_the_fixture() {
    let scene = fixture();
    let model = check(&scene, &Recipe::default());
    assert!(model.intensity > 0.0 && model.intensity < 0.2, "{}", model.intensity);
    assert_eq!((model.names, model.last), (100, scene.dates[755]));
    assert_eq!(model.first, scene.dates[251]);
    for k in 0..FACTORS.len() {
        let column: Vec<f32> = model.loadings.iter().skip(k).step_by(6).copied().collect();
        assert!(column.iter().fold(0.0, |sum, &x| sum + f64::from(x)).abs() < 1e-6);
    }
}

/// Sizes around the edges of a tile.
#[test]
fn models_of_many_sizes() {
    for names in [8, 9, 23, 24, 25, 49] {
        check(&walks(names as u64, 131, names), &recipe(130));
    }
}

/// A longer history changes nothing: only the last sessions of the recipe are read.
#[test]
fn only_the_window_is_read() {
    let scene = fixture();
    let all = scene.window();
    let sessions = Recipe::default().sessions();
    let start = scene.dates.len() - sessions;
    let short = samebits_riskmodel::Window {
        dates: &scene.dates[start..],
        prices: all.prices.slice_move(ndarray::s![start.., ..]),
        volumes: all.volumes.slice_move(ndarray::s![start.., ..]),
        weights: all.weights,
    };
    let build = |window| RiskModel::build(Isa::detect(), &Recipe::default(), window).unwrap();
    assert_eq!(build(&all), build(&short));
}

/// Memory that held another model gives the same bits.
#[test]
fn kept_memory_changes_nothing() {
    let mut kept = Scratch::default();
    for (names, days) in [(60, 90), (12, 130), (40, 40)] {
        let (scene, recipe) = (walks(5, days + 1, names), recipe(days));
        for isa in Isa::available() {
            let found = RiskModel::build_in(isa, &recipe, &scene.window(), &mut kept).unwrap();
            assert_eq!(found, RiskModel::build(isa, &recipe, &scene.window()).unwrap());
            let again = covariance_in(isa, &recipe, &scene.dates, scene.prices.view(), &mut kept).unwrap();
            assert_eq!(again.sigma, found.sigma);
        }
    }
}

#[test]
fn attribution_adds_up() {
    let scene = fixture();
    let model = RiskModel::build(Isa::detect(), &Recipe::default(), &scene.window()).unwrap();
    let mut d: Vec<f64> = (0..100).map(|i| if i % 3 == 0 { 0.004 } else { -0.002 }).collect();
    d[0] += 0.03;
    let found = attribution(&d, &model.loadings, &model.factor_form).unwrap();
    let variance = dense_variance(&d, &model);
    assert!((found.variance / variance - 1.0).abs() < 1e-12, "{} {variance}", found.variance);
    let parts = found.factors.iter().fold(found.specific, |sum, part| sum + part);
    assert!((parts / found.variance - 1.0).abs() < 1e-14);
    assert!((found.exposures[0] - d.iter().fold(0.0, |sum, x| sum + x)).abs() < 1e-15);
    assert!((found.volatility() * found.volatility() / found.variance - 1.0).abs() < 1e-15);
    assert!(found.specific > 0.0);
    assert_eq!((Attribution::name(0), Attribution::name(6)), (Some("intercept"), Some("liquidity")));
    assert_eq!(Attribution::name(7), None);
    assert!(attribution(&d[1..], &model.loadings, &model.factor_form).is_err());
}

/// `d'(B F B' + D)d` with the matrix written out.
pub(crate) fn dense_variance(d: &[f64], model: &RiskModel) -> f64 {
    let count = model.factors.len();
    let m = count + 1;
    let b = |i: usize, k: usize| if k == 0 { 1.0 } else { f64::from(model.loadings[i * count + k - 1]) };
    let mut variance = 0.0;
    for i in 0..d.len() {
        for j in 0..d.len() {
            let mut entry = if i == j { f64::from(model.factor_form.specific[i]) } else { 0.0 };
            for k in 0..m {
                for l in 0..m {
                    entry += b(i, k) * f64::from(model.factor_form.covariance[k * m + l]) * b(j, l);
                }
            }
            variance += d[i] * entry * d[j];
        }
    }
    variance
}

/// Golden: the model of the frozen prices, all stored bits, as FNV-1a. Another processor, compiler or thread count must
/// print the same number. Here for the day a kernel or a formula moves one bit without saying so.
#[test]
fn the_frozen_model_has_its_frozen_bits() {
    let scene = fixture();
    let model = RiskModel::build(Isa::detect(), &Recipe::default(), &scene.window()).unwrap();
    let all = bits(&model).into_iter().flat_map(u32::to_le_bytes);
    let digest = all.chain(model.intensity.to_le_bytes()).fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    assert_eq!(digest, 0x56ff_8ca3_66b0_fa52, "found {digest:#018x}");
}
