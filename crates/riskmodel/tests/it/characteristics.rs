//! Recipe `/2`: six columns as before and the caller's behind them, the same bits on every instruction set.

use crate::model::{bits, dense_variance};
use crate::scenes::{Scene, fixture, recipe, walks};
use samebits_canon::{Cholesky, Isa};
use samebits_panel::{CharacteristicColumn, Panel, read_characteristics};
use samebits_riskmodel::{
    Characteristic, Error, FACTORS, Recipe, RiskModel, Scratch, attribution, loadings, scaled_ranks,
};
use std::path::Path;

/// The synthetic book-to-price and gross profitability of the fixture's names on the last session.
fn columns(scene: &Scene) -> Vec<CharacteristicColumn> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let panel = Panel::load(&dir.join("prices")).expect("the fixture loads");
    let bytes = std::fs::read(dir.join("market/synthetic_characteristics.csv")).expect("the fixture");
    let all = read_characteristics("characteristics", bytes.as_slice()).expect("the fixture");
    all.on(scene.dates[scene.dates.len() - 1], &panel.tickers())
}

fn build(
    isa: Isa,
    recipe: &Recipe,
    scene: &Scene,
    brought: &[CharacteristicColumn],
) -> Result<RiskModel, Error> {
    let brought: Vec<Characteristic<'_>> =
        brought.iter().map(|column| Characteristic { name: &column.name, values: &column.values }).collect();
    RiskModel::build_with(isa, recipe, &scene.window(), &brought, &mut Scratch::default())
}

/// The model of the frozen prices with both synthetic characteristics.
pub(crate) fn model(scene: &Scene, isa: Isa) -> RiskModel {
    build(isa, &Recipe::with_characteristics(), scene, &columns(scene)).expect("a model")
}

#[test]
fn the_model_of_the_fixture_with_characteristics() {
    let scene = fixture();
    let plain = RiskModel::build(Isa::detect(), &Recipe::default(), &scene.window()).unwrap();
    let found = model(&scene, Isa::Portable);
    for isa in Isa::available() {
        assert_eq!(bits(&model(&scene, isa)), bits(&found), "{}", isa.name());
    }
    assert_eq!(found.factors[..6], FACTORS);
    assert_eq!(found.factors[6..], ["book_to_price", "gross_profitability"]);
    assert_eq!(plain.factors, FACTORS);
    assert_eq!(found.sigma, plain.sigma, "the covariance does not know of loadings");
    assert_eq!((found.loadings.len(), found.factor_form.covariance.len()), (800, 81));
    for (row, six) in found.loadings.chunks_exact(8).zip(plain.loadings.chunks_exact(6)) {
        assert_eq!(row[..6], *six);
    }
    for (at, column) in (6..).zip(columns(&scene)) {
        let known: Vec<f64> = column.values.iter().copied().flatten().collect();
        let mut ranks = scaled_ranks(&known).into_iter();
        for (row, value) in found.loadings.chunks_exact(8).zip(&column.values) {
            assert_eq!(row[at], value.map_or(0.0, |_| ranks.next().unwrap()));
        }
        assert!(known.len() < 100 && known.len() > 80, "some have none: {}", known.len());
    }
    let wide: Vec<f64> = found.factor_form.covariance.iter().map(|&x| f64::from(x)).collect();
    assert!(Cholesky::reference(&wide, 9).is_ok());
    let explained = |model: &RiskModel| model.factor_form.specific.iter().fold(0.0, |s, &d| s + f64::from(d));
    assert!(explained(&found) < explained(&plain), "more columns leave less over");
}

#[test]
fn attribution_of_any_number_of_factors() {
    let scene = fixture();
    let model = model(&scene, Isa::detect());
    let d: Vec<f64> = (0..100).map(|i| if i % 7 == 0 { 0.012 } else { -0.002 }).collect();
    let found = attribution(&d, &model.loadings, &model.factor_form).unwrap();
    assert_eq!((found.exposures.len(), found.factors.len()), (9, 9));
    assert!((found.variance / dense_variance(&d, &model) - 1.0).abs() < 1e-12);
    let value = (0..100).fold(0.0, |sum, i| sum + d[i] * f64::from(model.loadings[i * 8 + 6]));
    assert!((found.exposures[7] - value).abs() < 1e-15);
    let shape = |what, found, expected| Error::Shape { what, found, expected };
    let mut form = model.factor_form.clone();
    let error = attribution(&d, &model.loadings[..700], &form).unwrap_err();
    assert_eq!(error, shape("loadings", 700, 800));
    form.covariance.truncate(80);
    let error = attribution(&d, &model.loadings, &form).unwrap_err();
    assert_eq!(error, shape("factor covariance", 80, 64));
    form.covariance.clear();
    assert_eq!(attribution(&d, &[], &form).unwrap_err(), shape("factor covariance", 0, 1));
    form.covariance.push(0.04);
    let lone = attribution(&d, &[], &form).unwrap();
    assert_eq!((lone.exposures, lone.specific), (vec![found.exposures[0]], found.specific));
}

#[test]
fn characteristics_with_a_fault() {
    let scene = walks(3, 61, 20);
    let two = Recipe { id: Recipe::ID_WITH_CHARACTERISTICS.to_owned(), ..recipe(60) };
    let column =
        |name: &str, values: Vec<Option<f64>>| CharacteristicColumn { name: name.to_owned(), values };
    let rising = |n: usize| (0..n).map(|i| Some((i * i) as f64)).collect::<Vec<_>>();
    let good = column("value", rising(20));
    let check = |recipe: &Recipe, brought: &[CharacteristicColumn], expected: &str| {
        let error = build(Isa::detect(), recipe, &scene, brought).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    assert!(build(Isa::detect(), &two, &scene, std::slice::from_ref(&good)).is_ok());
    check(&two, &[], "recipe `ledoit-wolf-identity/2` takes at least one characteristics, found 0");
    check(
        &recipe(60),
        std::slice::from_ref(&good),
        "`ledoit-wolf-identity/1` takes no characteristics, found 1",
    );
    for name in ["", "size", "intercept"] {
        check(&two, &[column(name, rising(20))], &format!("characteristic `{name}`: empty, or the name"));
    }
    check(&two, &[good.clone(), good.clone()], "characteristic `value`: empty, or the name of another");
    check(&two, &[column("value", rising(19))], "values of a characteristic: 19 entries instead of 20");
    let mut spoiled = rising(20);
    spoiled[4] = Some(f64::NAN);
    check(&two, &[column("value", spoiled)], "value, column 4: not a number");
    check(
        &two,
        &[good.clone(), column("none", vec![None; 20])],
        "factor none depends on the factors before it",
    );
    check(&two, &[column("flat", vec![Some(2.5); 20])], "factor flat depends on the factors before it");
    let few = walks(3, 61, 8);
    let error = build(Isa::detect(), &two, &few, &[column("value", rising(8))]).unwrap_err();
    assert_eq!(error, Error::TooFewNames { found: 8, needed: 9 });
    let error = loadings(Isa::detect(), &two, &scene.window()).unwrap_err();
    assert!(matches!(error, Error::Characteristics { found: 0, .. }), "{error}");
}

/// Two names for one thing, and its mirror: rounding alone would let some of them pass.
#[test]
fn one_characteristic_under_two_names() {
    for seed in 0..20 {
        let scene = walks(seed, 61, 40);
        let two = Recipe { id: Recipe::ID_WITH_CHARACTERISTICS.to_owned(), ..recipe(60) };
        let values: Vec<f64> = (0..40_u64).map(|i| ((i * i + seed) * 7919 % 104_729) as f64).collect();
        for sign in [1.0, -1.0] {
            let column = |name: &str, scale: f64| CharacteristicColumn {
                name: name.to_owned(),
                values: values.iter().map(|value| Some(scale * value)).collect(),
            };
            let error =
                build(Isa::detect(), &two, &scene, &[column("one", 1.0), column("other", 3.0 * sign)]);
            assert!(
                matches!(&error, Err(Error::FactorsDependent { factor, .. }) if factor == "other"),
                "{seed}: {error:?}"
            );
        }
    }
}

/// Golden: the model of the frozen prices with the synthetic characteristics, all stored bits, as FNV-1a.
#[test]
fn the_frozen_model_with_characteristics_has_its_frozen_bits() {
    let model = model(&fixture(), Isa::detect());
    let all = bits(&model).into_iter().flat_map(u32::to_le_bytes);
    let digest = all.chain(model.intensity.to_le_bytes()).fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    assert_eq!(digest, 0x7083_df9d_1e78_b030, "found {digest:#018x}");
}
