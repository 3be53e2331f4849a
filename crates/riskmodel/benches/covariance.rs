//! Time of a covariance and of a whole risk model.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "criterion's macro makes a public function; a bench may stop"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use samebits_canon::Isa;
use samebits_riskmodel::{Recipe, Returns, Window, covariance, estimate};
use samebits_units::{Date, Price};

/// A seeded walk; the seed is part of the benchmark.
fn panel(sessions: usize, n: usize) -> (Vec<Date>, Array2<Price>, Array2<u64>) {
    let mut state = 20_261_120_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64 % 2_001 - 1_000
    };
    let mut closes = Array2::from_elem((sessions, n), Price::from_e8(5_000_000_000));
    for t in 1..sessions {
        let market = draw();
        for i in 0..n {
            let before = closes[[t - 1, i]].e8();
            closes[[t, i]] = Price::from_e8(before + before / 200_000 * (market + 2 * draw()));
        }
    }
    let volumes = Array2::from_shape_fn((sessions, n), |_| (draw() + 2_000).unsigned_abs() * 1_000);
    let dates = (0..sessions as i32).filter_map(Date::from_days).collect();
    (dates, closes, volumes)
}

fn bench(criterion: &mut Criterion) {
    let recipe = Recipe::default();
    for n in [100, 476] {
        let (dates, closes, volumes) = panel(505, n);
        let window = Window { dates: &dates, closes: closes.view(), volumes: volumes.view() };
        let market = vec![1.0 / n as f64; n];
        for isa in Isa::available() {
            let name = |what: &str| format!("{what}/N={n}/T=504/{}", isa.name());
            criterion.bench_function(&name("covariance with check"), |bencher| {
                bencher.iter(|| {
                    let returns = Returns::new(&window, recipe.window_days).unwrap();
                    covariance(isa, &returns, &recipe).unwrap()
                });
            });
            criterion.bench_function(&name("risk model"), |bencher| {
                bencher.iter(|| estimate(isa, &window, &market, &recipe).unwrap());
            });
        }
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = bench }
criterion_main!(benches);
