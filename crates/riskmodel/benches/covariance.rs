//! From integer prices to a checked covariance and to the whole model, for each instruction set.

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use samebits_canon::{Cholesky, Isa, gram};
use samebits_panel::Panel;
use samebits_riskmodel::{Recipe, Returns, RiskModel, Scratch, Window, covariance, covariance_in};
use samebits_units::{Date, Price};
use std::path::Path;

/// 505 sessions of `names` random walks with a common part, from a fixed seed.
fn synthetic(names: usize) -> (Vec<Date>, Array2<Price>) {
    let sessions = Recipe::default().sessions();
    let mut state = 20_260_131_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 44) as i64 - (1 << 19)
    };
    let mut today = vec![5_000_000_000_i64; names];
    let mut all = Vec::with_capacity(sessions * names);
    for _ in 0..sessions {
        let common = next();
        for price in &mut today {
            *price += *price / 1_000_000 * (next() + common) / 25;
            all.push(Price::from_e8(*price));
        }
    }
    let dates = (0..sessions as i32).filter_map(Date::from_days).collect();
    (dates, Array2::from_shape_vec((sessions, names), all).expect("sessions x names"))
}

fn fixture() -> (Vec<Date>, Array2<Price>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices");
    let panel = Panel::load(&dir).expect("the fixture loads");
    let sessions = Recipe::default().sessions();
    let prices = panel.closes_until(755, sessions).expect("504 returns").to_owned();
    (panel.dates_until(755, sessions).expect("504 returns").to_vec(), prices)
}

fn covariances(c: &mut Criterion) {
    let recipe = Recipe::default();
    for (dates, prices) in [fixture(), synthetic(476)] {
        let n = prices.ncols();
        let x = Returns::of(prices.view());
        let sigma =
            covariance(Isa::detect(), &recipe, &dates, prices.view()).expect("positive definite").sigma;
        let wide: Vec<f64> = sigma.iter().map(|&entry| f64::from(entry)).collect();
        let volumes = Array2::from_elem(prices.dim(), 1_000_000_u64);
        let weights = vec![1.0 / n as f64; n];
        let window =
            Window { dates: &dates, prices: prices.view(), volumes: volumes.view(), weights: &weights };
        for isa in Isa::available() {
            let id = |name: &str| format!("{name}/{n}/{}", isa.name());
            c.bench_function(&id("covariance"), |b| {
                b.iter(|| covariance(isa, &recipe, &dates, prices.view()));
            });
            let mut kept = Scratch::default();
            c.bench_function(&id("covariance_in"), |b| {
                b.iter(|| covariance_in(isa, &recipe, &dates, prices.view(), &mut kept));
            });
            c.bench_function(&id("model"), |b| b.iter(|| RiskModel::build(isa, &recipe, &window)));
            c.bench_function(&id("gram"), |b| b.iter(|| gram::gram(isa, x.values(), n)));
            c.bench_function(&id("cholesky"), |b| b.iter(|| Cholesky::new(isa, &wide, n)));
        }
    }
}

criterion_group!(benches, covariances);
criterion_main!(benches);
