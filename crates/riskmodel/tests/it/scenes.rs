//! Inputs: the frozen prices, and random walks from a seed.

use ndarray::Array2;
use samebits_panel::Panel;
use samebits_riskmodel::{Recipe, Window};
use samebits_units::{Date, Price};
use std::path::Path;

/// Everything a window borrows.
pub(crate) struct Scene {
    pub(crate) dates: Vec<Date>,
    pub(crate) prices: Array2<Price>,
    pub(crate) volumes: Array2<u64>,
    pub(crate) weights: Vec<f64>,
}

impl Scene {
    pub(crate) fn window(&self) -> Window<'_> {
        let (prices, volumes) = (self.prices.view(), self.volumes.view());
        Window { dates: &self.dates, prices, volumes, weights: &self.weights }
    }

    pub(crate) fn names(&self) -> usize {
        self.weights.len()
    }
}

/// The frozen prices up to the last session; weights grow with the column, so that no two names are alike.
pub(crate) fn fixture() -> Scene {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices");
    let panel = Panel::load(&dir).expect("the fixture loads");
    let n = panel.securities.len();
    let total = (n * (n + 1) / 2) as f64;
    let weights = (1..=n).map(|i| i as f64 / total).collect();
    Scene { dates: panel.dates, prices: panel.closes, volumes: panel.volumes, weights }
}

/// Random walks of at most 5 % a day with a common part.
pub(crate) fn walks(seed: u64, sessions: usize, names: usize) -> Scene {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 44) as i64 - (1 << 19)
    };
    let mut today = vec![5_000_000_000_i64; names];
    let (mut prices, mut volumes) = (Vec::new(), Vec::new());
    for _ in 0..sessions {
        let common = next();
        for (scale, price) in (20..).zip(&mut today) {
            *price += *price / 1_000_000 * (next() + common) / scale;
            prices.push(Price::from_e8(*price));
            volumes.push(next().unsigned_abs());
        }
    }
    Scene {
        dates: (0..).take(sessions).filter_map(Date::from_days).collect(),
        prices: Array2::from_shape_vec((sessions, names), prices).expect("sessions x names"),
        volumes: Array2::from_shape_vec((sessions, names), volumes).expect("sessions x names"),
        weights: (1..=names).map(|i| 1.0 / i as f64).collect(),
    }
}

/// A recipe for `days` returns.
pub(crate) fn recipe(days: usize) -> Recipe {
    let cut = |wanted: usize| if wanted < days { wanted } else { days };
    Recipe {
        window_days: days,
        beta_days: cut(252),
        momentum_days: cut(252),
        momentum_skip_days: cut(21) / 2,
        reversal_days: cut(21),
        size_days: cut(252),
        liquidity_days: cut(63),
        ..Recipe::default()
    }
}
