//! Days of 24 names, each codec where it is the smallest; and a store in memory.

use crate::sample;
use ndarray::ArrayView2;
use samebits_canon::Isa;
use samebits_riskmodel::{Recipe, RecipeValue, Scratch, recomputed_in};
use samebits_snapshot::record::{FactorModel, Market, Matrix32, Params, RiskModel, Setting, Source, Value};
use samebits_snapshot::{
    Base, Blob, BlobSource, Codec, DaySections, Digest, Hints, Limits, Link, MasterHint, PanelHint,
    Predictor, PreviousHint, PricePanel, Section,
};
use samebits_units::Price;
use std::collections::BTreeMap;

pub(crate) const NAMES: usize = 24;
/// Returns in a window.
pub(crate) const DAYS: usize = 6;

/// The recipe of the scene.
pub(crate) fn recipe() -> Recipe {
    Recipe {
        window_days: DAYS,
        beta_days: DAYS,
        momentum_days: 4,
        momentum_skip_days: 1,
        reversal_days: 2,
        size_days: 3,
        liquidity_days: 3,
        ..Recipe::default()
    }
}

/// The risk model's own covariance.
#[derive(Debug)]
pub(crate) struct Own;

impl Predictor for Own {
    fn covariance(&self, recorded: &Params, panel: &PricePanel) -> Result<Vec<f32>, String> {
        if recorded.settings.get("id").map(|setting| &setting.value)
            != Some(&Value::Text(Recipe::ID.to_owned()))
        {
            return Err("not a recipe of this risk model".to_owned());
        }
        let closes = ArrayView2::from_shape((panel.sessions, panel.names), &panel.closes)
            .map_err(|error| error.to_string())?;
        recomputed_in(Isa::Portable, &recipe(), closes, &mut Scratch::default())
            .map_err(|error| error.to_string())
    }
}

/// A store in memory.
#[derive(Debug, Default, Clone)]
pub(crate) struct Kept(pub(crate) BTreeMap<Digest, Vec<u8>>);

impl Kept {
    pub(crate) fn of(blobs: impl IntoIterator<Item = Blob>) -> Self {
        Self(blobs.into_iter().map(|blob| (blob.id, blob.bytes)).collect())
    }

    pub(crate) fn add(&mut self, blobs: Vec<Blob>) {
        for blob in blobs {
            self.0.entry(blob.id).or_insert(blob.bytes);
        }
    }
}

impl BlobSource for Kept {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(id).cloned())
    }
}

/// A number from a seed, uniform below `below`.
pub(crate) fn noise(seed: u64, below: u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03;
    for _ in 0..3 {
        state ^= state >> 31;
        state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (state >> 17) % below
}

/// Between -0.5 and 0.5.
pub(crate) fn spread(seed: u64) -> f64 {
    noise(seed, 1 << 24) as f64 / f64::from(1 << 24) - 0.5
}

/// Closes in cents, a jump here and there.
fn close(session: usize, name: usize) -> i64 {
    let start = 2_000 + noise(name as u64, 20_000);
    let moves = (0..=session).fold(0, |sum, day| {
        let key = (day * 1009 + name) as u64;
        let jump = if noise(key + 7_777_777, 40) == 0 { 3_000 } else { 0 };
        sum + noise(key, start / 20) as i64 - (start / 40) as i64 + jump
    });
    1_000_000 * (start as i64 + moves).max(100)
}

/// The window whose last session is `last`, of `names` names.
pub(crate) fn window(last: usize, names: usize) -> PricePanel {
    let sessions = DAYS + 1;
    let first = last + 1 - sessions;
    let closes = (0..sessions * names).map(|at| Price::from_e8(close(first + at / names, at % names)));
    PricePanel { sessions, names, closes: closes.collect() }
}

/// A model with `sigma`, beside a factor model of three factors.
pub(crate) fn model(names: usize, sigma: Vec<f32>) -> RiskModel {
    let matrix = |rows, cols, values| Matrix32 { rows, cols, values };
    let value = |value| match value {
        RecipeValue::Integer(value) => Value::Integer(value),
        RecipeValue::Real(value) => Value::Real(value),
        RecipeValue::Text(value) => Value::Text(value),
    };
    let entries = recipe().entries().into_iter().map(|(name, found)| (name.to_owned(), value(found)));
    let setting = |(name, value)| (name, Setting { value, source: Source::Default });
    let loadings = (0..names * 2).map(|at| spread(at as u64 + 500) as f32).collect();
    let f = [0.021, 0.002, -0.001, 0.002, 0.012, 0.0005, -0.001, 0.0005, 0.007];
    RiskModel {
        recipe: Params { settings: entries.map(setting).collect() },
        factors: vec!["one".to_owned(), "two".to_owned()],
        sigma: matrix(names, names, sigma),
        loadings: matrix(names, 2, loadings),
        factor_model: FactorModel {
            covariance: matrix(3, 3, f.to_vec()),
            specific: matrix(names, 1, (0..names).map(|at| 0.03 + 0.02 * spread(at as u64) as f32).collect()),
        },
    }
}

/// The risk model's own covariance of the day.
pub(crate) fn own(last: usize, names: usize) -> RiskModel {
    let window = window(last, names);
    let none = model(names, Vec::new());
    model(names, Own.covariance(&none.recipe, &window).unwrap())
}

/// `B F B' + D` in `f32` and in another order than ours.
pub(crate) fn foreign(names: usize) -> RiskModel {
    let one = model(names, Vec::new());
    let (f, d) = (&one.factor_model.covariance.values, &one.factor_model.specific.values);
    let b = |i: usize, k: usize| if k == 0 { 1.0 } else { one.loadings.values[2 * i + k - 1] };
    let entry = |i: usize, j: usize| {
        let (i, j) = (i.max(j), i.min(j));
        let common = (0..9).rev().fold(0.0_f32, |sum, at| sum + b(i, at / 3) * b(j, at % 3) * f[at]);
        if i == j { common + d[i] } else { common }
    };
    model(names, (0..names * names).map(|at| entry(at / names, at % names)).collect())
}

/// An exponentially weighted covariance, a day after `before`.
pub(crate) fn weighted(before: &Matrix32, day: u64) -> RiskModel {
    let n = before.rows;
    let x: Vec<f64> = (0..n).map(|at| 0.2 * spread(at as u64 + 1000 * day)).collect();
    let entry = |at: usize| (0.94 * f64::from(before.values[at]) + 0.06 * (x[at / n] * x[at % n])) as f32;
    model(n, (0..n * n).map(entry).collect())
}

/// Every third bit pattern of the upper triangle one further: what a product of matrices in `f32` leaves.
pub(crate) fn lopsided(mut risk: RiskModel) -> RiskModel {
    let n = risk.sigma.rows;
    for at in (0..n * n).filter(|at| at / n < at % n && at % 3 == 0) {
        let value = &mut risk.sigma.values[at];
        *value = f32::from_bits(value.to_bits() ^ 1);
    }
    risk
}

pub(crate) fn market() -> Market {
    sample::market(NAMES, sample::day("2017-02-08"))
}

pub(crate) fn base<T>(link: Link, value: &T) -> Base<'_, T> {
    Base { link, value }
}

/// One blob of each codec, by its file's name, and everything that they build upon.
pub(crate) struct Golden {
    pub(crate) named: Vec<(&'static str, RiskModel, Blob)>,
    pub(crate) beside: Vec<Blob>,
}

fn sigma_of(sections: &DaySections, codec: Codec) -> Blob {
    let id = sections.sigma_link().id;
    let blob = sections.blobs().into_iter().find(|blob| blob.id == id).unwrap();
    assert_eq!(Section::read_head(&blob.bytes, &Limits::default()).unwrap().codec, codec);
    blob
}

pub(crate) fn golden() -> Golden {
    let market = market();
    let day = |risk: &RiskModel, hints: &Hints<'_>| DaySections::with_hints(&market, risk, hints).unwrap();
    let (mut named, mut beside) = (Vec::new(), Vec::new());
    let mut add = |name, risk: &RiskModel, codec, sections: &DaySections| {
        let sigma = sigma_of(sections, codec);
        let id = sigma.id;
        named.push((name, risk.clone(), sigma));
        // The market is no part of the scene.
        beside.extend(sections.blobs().into_iter().skip(1).filter(|blob| blob.id != id));
    };
    let first = own(20, NAMES);
    let alone = day(&first, &Hints::default());
    add("16-words", &first, Codec::SigmaWords, &alone);
    let full = lopsided(own(20, NAMES));
    add("16-words-full", &full, Codec::SigmaWords, &day(&full, &Hints::default()));
    let factor = foreign(NAMES);
    add("17-factor", &factor, Codec::SigmaFactor, &day(&factor, &Hints::default()));
    let next = weighted(&first.sigma, 1);
    let sigma = base(alone.sigma_link(), &first.sigma);
    let previous = Some(PreviousHint { sigma, directions: &[] });
    add("18-previous", &next, Codec::SigmaPrevious, &day(&next, &Hints { previous, ..Hints::default() }));
    let (before, today) = (window(29, NAMES), window(30, NAMES));
    let (then, now) = (own(29, NAMES), own(30, NAMES));
    let keyframe = Hints {
        predictor: Some(&Own),
        panel: Some(PanelHint { window: &before, base: None }),
        ..Hints::default()
    };
    let keyframe = day(&then, &keyframe);
    add("19-closes-keyframe", &then, Codec::SigmaPanel, &keyframe);
    let panel = PanelHint { window: &today, base: keyframe.panel_link().map(|link| base(link, &before)) };
    let append = Hints { predictor: Some(&Own), panel: Some(panel), ..Hints::default() };
    add("19-closes-append", &now, Codec::SigmaPanel, &day(&now, &append));
    let indices: Vec<u32> = (0..NAMES as u32).filter(|at| at % 5 != 2).collect();
    let mut part = model(indices.len(), gathered(&first.sigma, &indices));
    part.sigma.values[0] += 1e-7;
    let master = MasterHint { sigma: base(alone.sigma_link(), &first.sigma), indices: &indices };
    add(
        "20-part",
        &part,
        Codec::SigmaGather,
        &day(&part, &Hints { master: Some(master), ..Hints::default() }),
    );
    Golden { named, beside }
}

pub(crate) fn gathered(master: &Matrix32, indices: &[u32]) -> Vec<f32> {
    let n = indices.len();
    let entry = |at: usize| master.values[indices[at / n] as usize * master.cols + indices[at % n] as usize];
    (0..n * n).map(entry).collect()
}
