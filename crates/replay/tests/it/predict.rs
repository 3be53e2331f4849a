//! Covariances that a store has as the closes they were made of: the risk model computes them again, on every processor.

use crate::scene::{forty_days, runs};
use samebits_canon::Isa;
use samebits_replay::{RiskPredictor, open};
use samebits_snapshot::{BlobSource, Codec, Digest, Error, Limits, Predictor, PricePanel, Reader, Section};
use samebits_store::{Filter, Store};
use std::collections::BTreeMap;
use std::path::PathBuf;

struct Frozen(BTreeMap<Digest, Vec<u8>>);

impl BlobSource for Frozen {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(id).cloned())
    }
}

fn frozen() -> Frozen {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/snapshot/v1/sigma");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let blobs = files.filter(|path| path.extension().is_some_and(|kind| kind == "blob"));
    let blobs = blobs.map(|path| std::fs::read(path).unwrap());
    let head = |blob: &Vec<u8>| Section::read_head(blob, &Limits::default()).unwrap().id;
    Frozen(blobs.map(|blob| (head(&blob), blob)).collect())
}

#[test]
fn the_frozen_blobs_are_predicted_on_every_processor() {
    let (frozen, limits) = (frozen(), Limits::default());
    for isa in Isa::available() {
        let predictor = RiskPredictor::new(isa);
        let reader = Reader { predictor: Some(&predictor), ..Reader::new(&limits, &frozen) };
        let mut predicted = 0;
        for blob in frozen.0.values() {
            let (section, _) = reader.read_blob(blob).unwrap();
            predicted += u32::from(section.codec == Codec::SigmaPanel);
        }
        assert_eq!(predicted, 4, "two covariances and their panels");
    }
}

#[test]
fn what_is_no_recipe_of_ours_is_refused_with_its_reason() {
    let heads = open(&forty_days().1).unwrap().list(&Filter::default()).unwrap();
    let recorded = runs(&forty_days().1, &heads[0].account)[0].run.inputs.risk.recipe.clone();
    let predictor = RiskPredictor::new(Isa::Portable);
    let panel = PricePanel { sessions: 1, names: 1, closes: vec![samebits_units::Price::from_e8(1)] };
    let says = |recipe: &samebits_snapshot::record::Params| predictor.covariance(recipe, &panel).unwrap_err();
    assert!(says(&recorded).contains("sessions"), "{}", says(&recorded));
    for name in ["id", "window_days", "annualisation", "specific_variance_min"] {
        let mut recipe = recorded.clone();
        recipe.settings.remove(name);
        assert!(says(&recipe).contains(if name == "id" { "name" } else { name }), "{name}");
    }
    let mut recipe = recorded.clone();
    let id = recipe.settings.get_mut("id").unwrap();
    id.value = samebits_snapshot::record::Value::Text("another/1".to_owned());
    assert!(says(&recipe).contains("another/1"));
}

/// Forty days of the demo: two keyframes, and the store cannot be read without a predictor but says why.
#[test]
fn the_days_of_a_simulation_are_chained() {
    let path = &forty_days().1;
    let store = open(path).unwrap();
    assert_eq!(store.verify(&mut |_| {}).problems, []);
    let wanted = store.list(&Filter::default()).unwrap()[7].run_id;
    assert!(store.get(&wanted).is_ok());
    let without = Store::open_read_only(path).unwrap();
    let error = without.get(&wanted).unwrap_err();
    assert!(matches!(error, samebits_store::Error::Snapshot(Error::NeedsPredictor { .. })), "{error}");
    assert!(!error.is_damage());
    // Each day a market, a recipe, loadings, two matrices and 138 bytes of sigma; two panels of about 60 kB.
    let size = store.size().unwrap().blobs;
    assert!(size < 40 * 9_000 + 2 * 61_000, "{size}");
}
