//! Windows without a model: each gives its own error, with the place.

use crate::scenes::{Scene, recipe, walks};
use samebits_canon::Isa;
use samebits_riskmodel::{Error, Recipe, RiskModel, Window, covariance};
use samebits_units::{Date, Price};

const DAYS: usize = 60;

fn scene() -> Scene {
    walks(1, DAYS + 1, 12)
}

fn build(scene: &Scene) -> Result<RiskModel, Error> {
    RiskModel::build(Isa::detect(), &recipe(DAYS), &scene.window())
}

fn date(day: usize) -> Date {
    Date::from_days(day as i32).expect("a day")
}

#[test]
fn constant_prices() {
    let mut scene = scene();
    scene.prices.fill(Price::from_e8(100));
    let (first, last) = (date(0), date(DAYS));
    assert_eq!(build(&scene).unwrap_err(), Error::NoVariance { first, last });
    let found = covariance(Isa::detect(), &recipe(DAYS), &scene.dates, scene.prices.view()).unwrap_err();
    assert_eq!(found, Error::NoVariance { first, last });
    assert!(found.to_string().contains("1970-01-01 to 1970-03-02"), "{found}");
}

#[test]
fn one_constant_name_still_has_a_model() {
    let mut scene = scene();
    scene.prices.column_mut(3).fill(Price::from_e8(100));
    let model = build(&scene).unwrap();
    assert_eq!(model.factor_form.specific.len(), 12);
    assert!(model.sigma[3 * 12 + 3] > 0.0, "shrinkage gives it a variance");
    assert_eq!(model.sigma[3 * 12 + 4], 0.0);
}

#[test]
fn a_flat_market() {
    let mut scene = scene();
    scene.weights.fill(0.0);
    assert_eq!(build(&scene).unwrap_err(), Error::FlatMarket { first: date(0), last: date(DAYS) });
}

#[test]
fn a_close_that_is_not_positive() {
    for bad in [0, -1] {
        let mut scene = scene();
        scene.prices[[17, 5]] = Price::from_e8(bad);
        assert_eq!(build(&scene).unwrap_err(), Error::PriceNotPositive { date: date(17), column: 5 });
    }
}

#[test]
fn days_without_volume() {
    let mut scene = scene();
    scene.volumes.column_mut(4).fill(0);
    assert_eq!(build(&scene).unwrap_err(), Error::NoVolume { first: date(1), last: date(DAYS), column: 4 });
    scene.volumes[[30, 4]] = 1;
    assert!(build(&scene).is_ok(), "one traded day is enough");
}

#[test]
fn identical_cross_sections() {
    let mut scene = scene();
    let column = scene.prices.column(0).to_owned();
    for mut other in scene.prices.columns_mut() {
        other.assign(&column);
    }
    let found = build(&scene).unwrap_err();
    assert!(
        matches!(found, Error::FactorsDependent { ref factor, .. } if factor == "market_beta"),
        "{found}"
    );
}

#[test]
fn shapes_and_weights() {
    let good = scene();
    let check = |window: Window<'_>, expected: Error| {
        let found = RiskModel::build(Isa::detect(), &recipe(DAYS), &window).unwrap_err();
        assert_eq!(found, expected);
    };
    let window = good.window();
    let shape = |what, found, expected| Error::Shape { what, found, expected };
    check(Window { weights: &good.weights[1..], ..window }, shape("market weights", 11, 12));
    check(Window { dates: &good.dates[1..], ..window }, shape("dates", DAYS, DAYS + 1));
    let volumes = good.volumes.slice(ndarray::s![1.., ..]);
    check(Window { volumes, ..window }, shape("rows of volumes", DAYS, DAYS + 1));
    let volumes = good.volumes.slice(ndarray::s![.., 1..]);
    check(Window { volumes, ..window }, shape("columns of volumes", 11, 12));
    let mut weights = good.weights.clone();
    weights[7] = -0.5;
    check(Window { weights: &weights, ..window }, Error::BadWeight { column: 7, found: -0.5 });
    let found = RiskModel::build(Isa::detect(), &Recipe::default(), &window).unwrap_err();
    assert_eq!(found, Error::HistoryTooShort { found: DAYS + 1, needed: 505 });
    let few = walks(1, DAYS + 1, 7);
    assert_eq!(build(&few).unwrap_err(), Error::TooFewNames { found: 7, needed: 8 });
}

#[test]
fn recipes() {
    let good = scene();
    let check = |recipe: &Recipe, part: &str| {
        let found = RiskModel::build(Isa::detect(), recipe, &good.window()).unwrap_err().to_string();
        assert!(found.contains(part), "{found}");
    };
    check(&Recipe { id: "ledoit-wolf-identity/3".to_owned(), ..recipe(DAYS) }, "unknown");
    check(&Recipe { beta_days: 1, ..recipe(DAYS) }, "beta_days is 1");
    check(&Recipe { size_days: DAYS + 1, ..recipe(DAYS) }, "size_days is 61");
    check(&Recipe { momentum_skip_days: DAYS, ..recipe(DAYS) }, "momentum_skip_days is 60");
    check(&Recipe { annualisation: 0, ..recipe(DAYS) }, "annualisation is 0");
    check(&Recipe { specific_variance_min: 1e-60, ..recipe(DAYS) }, "specific_variance_min");
    let entries = Recipe::default().entries();
    assert_eq!(entries.len(), 10);
    assert_eq!(entries[1].0, "window_days");
}
