//! Covariances of any producer come back bit by bit, whatever is said to predict them.

use crate::sigma_scene::{Kept, Own, base, gathered, lopsided, market, model, own, spread, weighted, window};
use proptest::prelude::*;
use samebits_snapshot::record::{Matrix32, RiskModel};
use samebits_snapshot::{
    Codec, DaySections, Hints, Limits, MasterHint, PanelHint, PreviousHint, Reader, Section, Shared,
};

/// Who made a covariance.
#[derive(Debug, Clone, Copy)]
enum Producer {
    Own,
    /// Products in `f32`, the two triangles in different orders.
    Blas,
    /// Small eigenvalues lifted: here by a multiple of the identity and a projection.
    Clipped,
    /// Exponentially weighted.
    Weighted,
    /// Any finite floats at all.
    Noise,
    /// Few values, many zeros of both signs.
    Sparse,
}

fn made(producer: Producer, names: usize, day: usize, seed: u64) -> RiskModel {
    let x = |t: usize, i: usize| spread(seed ^ (t * 1009 + i) as u64) as f32;
    let at = |f: &dyn Fn(usize, usize) -> f32| {
        model(names, (0..names * names).map(|at| f(at / names, at % names)).collect())
    };
    match producer {
        Producer::Own => own(day, names),
        Producer::Blas => at(&|i, j| {
            let term = |sum: f32, t: usize| sum + x(t, i) * x(t, j);
            if i >= j { (0..9).fold(0.0, term) } else { (0..9).rev().fold(0.0, term) }
        }),
        Producer::Clipped => at(&|i, j| {
            let spread = (0..5).fold(0.0, |sum, t| sum + x(t, i) * x(t, j));
            spread * 0.97 + if i == j { 1e-3 } else { 0.0 }
        }),
        Producer::Weighted => weighted(&own(day, names).sigma, seed % 1000),
        Producer::Noise => at(&|i, j| {
            let bits = (spread(seed ^ (i * 77 + j) as u64).to_bits() >> 7) as u32;
            let value = f32::from_bits(bits);
            if value.is_finite() { value } else { f32::MIN_POSITIVE * 0.5 }
        }),
        Producer::Sparse => at(&|i, j| match (i * j + seed as usize) % 7 {
            0 => -0.0,
            1 => 1e-40,
            2 => -3.5,
            _ => 0.0,
        }),
    }
}

fn same_bits(a: &Matrix32, b: &Matrix32) -> bool {
    let bits = |matrix: &Matrix32| matrix.values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
    (a.rows, a.cols) == (b.rows, b.cols) && bits(a) == bits(b)
}

fn producer() -> impl Strategy<Value = Producer> {
    prop_oneof![
        Just(Producer::Own),
        Just(Producer::Blas),
        Just(Producer::Clipped),
        Just(Producer::Weighted),
        Just(Producer::Noise),
        Just(Producer::Sparse),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_producer_comes_back(
        producer in producer(),
        before in producer(),
        skewed in any::<bool>(),
        names in 1_usize..40,
        day in 12_usize..40,
        seed in any::<u64>(),
    ) {
        let market = market();
        let first = made(before, names, day - 1, seed ^ 5);
        let mut today = made(producer, names, day, seed);
        if skewed {
            today = lopsided(today);
        }
        let alone = DaySections::new(&market, &first).unwrap();
        let (then, now) = (window(day - 1, names), window(day, names));
        let keyframe = Hints {
            predictor: Some(&Own),
            panel: Some(PanelHint { window: &then, base: None }),
            ..Hints::default()
        };
        let panels = DaySections::with_hints(&market, &own(day - 1, names), &keyframe).unwrap();
        let mut kept = Kept::of(panels.blobs());
        kept.add(alone.blobs());
        let indices: Vec<u32> = (0..names as u32).rev().collect();
        let turned = model(names, gathered(&first.sigma, &indices));
        let sigma = || base(alone.sigma_link(), &first.sigma);
        let panel = || Some(PanelHint { window: &now, base: panels.panel_link().map(|link| base(link, &then)) });
        let previous = || Some(PreviousHint { sigma: sigma(), directions: &[] });
        let master = || Some(MasterHint { sigma: sigma(), indices: &indices });
        let limits = Limits::default();
        for (risk, hints) in [
            (&today, Hints::default()),
            (&today, Hints { predictor: Some(&Own), panel: panel(), ..Hints::default() }),
            (&today, Hints { previous: previous(), ..Hints::default() }),
            (&today, Hints { master: master(), ..Hints::default() }),
            (&turned, Hints { master: master(), ..Hints::default() }),
            (&today, Hints { predictor: Some(&Own), panel: panel(), previous: previous(), master: master() }),
        ] {
            let sections = DaySections::with_hints(&market, risk, &hints).unwrap();
            let id = sections.sigma_link().id;
            let mut kept = kept.clone();
            let blob = sections.blobs().into_iter().find(|blob| blob.id == id).unwrap();
            kept.add(sections.blobs());
            let shared = Shared::default();
            for shared in [None, Some(&shared), Some(&shared)] {
                let reader = Reader { limits: &limits, blobs: &kept, shared, predictor: Some(&Own), derive: None };
                let found = reader.read_matrix(&blob.bytes).unwrap();
                prop_assert!(same_bits(&found, &risk.sigma), "{producer:?} {names} {:?}", hints.previous.is_some());
            }
            let codec = Section::read_head(&blob.bytes, &limits).unwrap().codec;
            let alone = DaySections::new(&market, risk).unwrap();
            let by_itself = alone.blobs().into_iter().find(|blob| blob.id == id).unwrap();
            prop_assert!(codec == Codec::SigmaPanel || blob.bytes.len() <= by_itself.bytes.len());
            prop_assert_eq!(Reader::new(&limits, &samebits_snapshot::NoBlobs).read_matrix(&by_itself.bytes).unwrap().rows, names);
        }
    }
}
