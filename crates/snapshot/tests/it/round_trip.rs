//! A Run survives every way of packing it, and its ids depend on content alone.

use crate::sample;
use samebits_snapshot::{
    BlobSource, DaySections, Digest, Error, Limits, NoBlobs, Packed, input_ids, pack, pack_interchange,
    pack_shared, unpack,
};
use std::sync::Arc;

struct Blobs<'a>(&'a Packed);

impl BlobSource for Blobs<'_> {
    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.blobs.iter().find(|blob| blob.id == *id).map(|blob| blob.bytes.clone()))
    }
}

#[test]
fn every_form_gives_back_the_run_and_the_same_ids() {
    let run = sample::run();
    let day = DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap();
    let shared = pack_shared(&run, &day).unwrap();
    let plain = pack(&run).unwrap();
    let flat = pack_interchange(&run).unwrap();
    assert_eq!(shared.blobs.len(), 7);
    for packed in [&shared, &plain, &flat] {
        let back = unpack(&packed.bytes, &Limits::default(), &Blobs(&shared)).unwrap();
        assert_eq!(back.run, run);
        assert_eq!(back.manifest, plain.manifest);
        assert_eq!(back.ids, input_ids(&run.inputs).unwrap());
    }
    assert!(matches!(
        unpack(&shared.bytes, &Limits::default(), &NoBlobs),
        Err(Error::MissingBlob { part: "risk recipe", .. })
    ));
}

/// Each part moves the ids that it should, and no other.
#[test]
fn ids_depend_on_what_they_name() {
    let base = sample::run();
    let ids = |run: &samebits_snapshot::record::Run| pack(run).unwrap().manifest;
    let known = ids(&base);
    let mut other = base.clone();
    other.info.machine = "another".into();
    assert_eq!(ids(&other), known, "information is part of no id");

    let mut other = base.clone();
    other.method.solver = "other/1".into();
    let found = ids(&other);
    assert_eq!((found.inputs_id, found.result_id), (known.inputs_id, known.result_id));
    assert_ne!((found.method_id, found.run_id), (known.method_id, known.run_id));

    let changes: [fn(&mut samebits_snapshot::record::Run); 6] = [
        |run| run.inputs.question.sequence += 1,
        |run| run.inputs.account.lots[1].basis = samebits_units::Money::from_micros(1),
        |run| Arc::make_mut(&mut run.inputs.market).prices[2] = samebits_units::Price::from_e8(1),
        |run| Arc::make_mut(&mut run.inputs.risk).loadings.values[3] += 0.25,
        |run| Arc::make_mut(&mut run.inputs.risk).factor_model.specific.values[0] += 0.25,
        |run| {
            run.inputs.params.settings.remove("te_cap");
        },
    ];
    for change in changes {
        let mut other = base.clone();
        change(&mut other);
        let found = ids(&other);
        assert_ne!(found.inputs_id, known.inputs_id);
        assert_ne!(found.run_id, known.run_id);
        assert_eq!((found.result_id, found.method_id), (known.result_id, known.method_id));
    }
}

#[test]
fn a_run_that_cannot_be_stored_says_why() {
    let mut run = sample::run();
    run.outcome.weights[1] = f64::NAN;
    assert!(pack(&run).unwrap_err().to_string().contains("outcome"));
    let mut run = sample::run();
    Arc::make_mut(&mut run.inputs.risk).loadings.values.pop();
    assert!(pack(&run).unwrap_err().to_string().contains("9 entries for 5 x 2"));
    let mut run = sample::run();
    Arc::make_mut(&mut run.inputs.risk).factor_model.specific.values[4] = f32::INFINITY;
    assert!(pack(&run).unwrap_err().to_string().contains("entry 4 is inf"));
}

/// What is written can be read: a name that makes a manifest which no reader accepts is refused before it is recorded.
#[test]
fn a_name_is_stored_only_when_it_can_be_read() {
    let mut refused = 0;
    for length in (500_000..=1 << 20).step_by(10_000) {
        let mut run = sample::run();
        run.inputs.question.account = "n".repeat(length);
        match pack(&run) {
            Ok(packed) => {
                assert_eq!(refused, 0, "{length}");
                unpack(&packed.bytes, &Limits::default(), &NoBlobs).unwrap();
            }
            Err(Error::NotStorable { part: "manifest", .. }) => refused += 1,
            Err(error) => panic!("{length}: {error}"),
        }
    }
    assert!((20..54).contains(&refused), "{refused}");
}
