//! Runs replayed with their solver on a device: the shipped PTX in the interpreter, solves of many threads gathered into
//! batches.

use crate::scene::{clock, forty_days, runs};
use samebits_canon::Isa;
use samebits_gpu_verify::Emulator;
use samebits_ptx_run::Options;
use samebits_replay::{Backend, Contender, Error, Verdict, compare, replay_all};
use samebits_snapshot::{Digest, input_ids};
use samebits_solver_gpu::Shared;

fn backend() -> Backend {
    let device = Emulator::new(90, 2, Options::default()).unwrap();
    let shared = Shared::new(Box::new(device), 1 << 28, Isa::detect()).with_threads(2).unwrap();
    Backend::device(shared, Isa::detect())
}

/// A dozen Runs on seven threads: every field of every outcome, and each final solve is the device's.
#[test]
fn runs_replay_identically_on_a_device() {
    let stored = runs(&forty_days().1, "A1");
    let ids: Vec<Digest> = stored.iter().take(12).map(|stored| stored.head.run_id).collect();
    let backend = backend();
    let items = replay_all(&forty_days().1, &ids, 7, &backend, &clock, &|_| {}).unwrap();
    for item in &items {
        let replayed = item.result.as_ref().unwrap();
        assert_eq!(replayed.verdict, Verdict::Identical, "{:?}", replayed.differences);
    }
    let report = backend.report().unwrap();
    assert_eq!((report.on_cpu, report.lost), (0, None));
    assert!(report.on_device >= ids.len(), "{}", report.on_device);
}

/// Solvers on the device beside those on the processor.
#[test]
fn contenders_on_a_device() {
    let stored = runs(&forty_days().1, "A2");
    let run = &stored[3].run;
    let backend = backend();
    let names = ["active-set", "active-set@cuda", "ipm@cuda"];
    let contenders: Vec<Contender> =
        names.iter().map(|name| Contender::new(name, &backend).unwrap()).collect();
    let found = compare(run, &input_ids(&run.inputs).unwrap(), &contenders, &clock).unwrap();
    assert!(found.iter().all(|one| one.solved && one.bit_equal && one.trades_equal), "{found:?}");
    let on_cpu = Contender::new("ipm", &backend).unwrap();
    let raw = compare(
        run,
        &input_ids(&run.inputs).unwrap(),
        &[on_cpu, contenders.into_iter().last().unwrap()],
        &clock,
    );
    let raw = raw.unwrap();
    assert_eq!(raw[0].raw_difference.to_bits(), raw[1].raw_difference.to_bits());
    let refused = Contender::new("clarabel@cuda", &backend).map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::NotOnDevice { .. }), "{refused}");
    let nowhere = Contender::new("ipm@cuda", &Backend::cpu(Isa::detect())).map(|_| ()).unwrap_err();
    assert!(nowhere.to_string().contains("there is no device"), "{nowhere}");
}
