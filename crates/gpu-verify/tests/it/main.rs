//! The checks and the program, in emulation.

use samebits_canon::Isa;
use samebits_gpu_verify::check::{self, Backend, SETTINGS};
use samebits_gpu_verify::draws::{self, Mixture};
use samebits_gpu_verify::{Emulator, Error, taken_apart};
use samebits_ptx_run::Options;
use samebits_solver_gpu::{Device, GpuError, Shared, ptx};
use std::process::Command;

const GENERATION: u32 = 80;

const LOOK: Options =
    Options { order: samebits_ptx_run::Order::Forward, races: true, uninitialised: true, limit: 1 << 40 };

fn open() -> Result<Box<dyn Device + Send>, GpuError> {
    Ok(Box::new(Emulator::new(GENERATION, 2, LOOK)?))
}

fn few() -> Mixture {
    Mixture { sizes: vec![(1, 1), (6, 1), (17, 1)], accounts: 1, batch: 2, seed: 1 }
}

#[test]
fn every_check_finds_the_same_bits() {
    let isa = Isa::detect();
    for backend in Backend::ALL {
        let found = check::mixture(&open, backend, &few(), SETTINGS, None, isa).expect("a device");
        assert!(found.is_same() && found.is_telling() && found.problems == few().count(), "{found:?}");
        let found = check::edges(&open, backend, 6, None, isa).expect("a device");
        assert!(found.is_same() && found.problems == 6, "{found:?}");
    }
    let mut device = open().expect("a device");
    for n in [1, 17, 40] {
        let found = check::cholesky(device.as_mut(), n, 4).expect("a device");
        assert!(found.is_same(), "{found:?}");
    }
    let problems: Vec<_> = few().batches().flatten().collect();
    let found = check::bounded(&open, 1 << 20, &problems, isa).expect("a device");
    assert!(found.is_kept() && found.compared.is_same() && found.count.most > 0, "{found:?}");
    // Too little for anything: the CPU answers, and the comparison says that it tells nothing.
    let found = check::bounded(&open, 1 << 10, &problems, isa).expect("a device");
    assert!(found.is_kept() && found.compared.is_same() && !found.compared.is_telling(), "{found:?}");
}

fn broken(module: &'static str, which: usize) -> Emulator {
    let text = |own: &'static str| {
        let text = ptx::text(own, GENERATION)?;
        if own == module { taken_apart(text, which) } else { Some(text.to_owned()) }
    };
    Emulator::with_text(text, 2, LOOK).expect("valid PTX")
}

/// One fused operation rounded twice: of every twentieth of them at least a fifth show in the answers to twelve small problems.
#[test]
fn an_operation_of_the_interior_point_that_is_taken_apart_differs() {
    let problems: Vec<_> = few().batches().flatten().collect();
    let text = ptx::text("ipm", GENERATION).expect("a module");
    let sites: Vec<usize> =
        (0..).step_by(20).take_while(|&which| taken_apart(text, which).is_some()).collect();
    let mut seen = 0;
    for &which in &sites {
        let shared = Shared::new(Box::new(broken("ipm", which)), 1 << 28, Isa::detect());
        let found = check::batch(&shared, Backend::RawIpm, &problems, SETTINGS, Isa::detect());
        assert_eq!(found.differing > 0, !found.is_same() && found.first.is_some(), "{which}: {found:?}");
        seen += usize::from(found.differing > 0);
    }
    assert!(sites.len() > 10 && 5 * seen >= sites.len(), "{seen} of {}", sites.len());
}

/// The same of a factorisation: each of these operations is reached from some order on.
#[test]
fn an_operation_of_the_factor_that_is_taken_apart_differs() {
    for (which, n) in [(0, 24), (10, 24), (20, 24), (30, 72), (40, 72), (53, 136)] {
        let found = check::cholesky(&mut broken("cholesky", which), n, 4).expect("a device");
        assert!(found.differing > 0, "{which}: {found:?}");
    }
    let text = ptx::text("cholesky", GENERATION).expect("a module");
    assert!(taken_apart(text, 1000).is_none());
}

/// The program says so, too.
#[test]
fn the_program_finds_a_mutant() {
    let args = ["--emulate", "--sizes", "6", "--skip-bench", "--mutant", "89"];
    let output = Command::new(env!("CARGO_BIN_EXE_samebits-gpu-verify")).args(args).output();
    let output = output.expect("the program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("DIFFERS") && text.contains("weights["), "{text}");
}

#[test]
fn an_emulator_that_cannot_be_is_an_error() {
    let none = Emulator::new(75, 1, Options::default());
    assert!(matches!(none, Err(Error::NoModule { generation: 75, .. })), "{none:?}");
    let wrong = Emulator::with_text(|_| Some("no PTX".to_owned()), 1, Options::default());
    assert!(matches!(wrong, Err(Error::Ptx { module: "active_set", .. })), "{wrong:?}");
    let mut device = open().expect("a device");
    assert!(device.input(7, 8).is_err());
    assert!(device.send(0, 0..8, 0).is_err());
}

#[test]
fn edges_and_order_come_from_the_seed() {
    let names = |mixture: &Mixture| -> Vec<usize> {
        mixture.batches().flatten().map(|problem| problem.n()).collect()
    };
    assert_eq!(names(&few()), names(&few()));
    assert_eq!(names(&few()).len(), few().count());
    assert_ne!(names(&few()), names(&Mixture { seed: 2, ..few() }));
    assert_eq!(draws::hostile(3..5), [samebits_testkit::hostile(3), samebits_testkit::hostile(4)]);
}

#[test]
fn the_program_runs_in_emulation() {
    let json = tempfile::NamedTempFile::new().expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_samebits-gpu-verify"))
        .args(["--emulate", "--sizes", "3,9", "--peers", "--json"])
        .arg(json.path())
        .output()
        .expect("the program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.ends_with("SAME BITS\n"), "{text}");
    let value: serde_json::Value =
        serde_json::from_slice(&std::fs::read(json.path()).expect("a file")).expect("JSON");
    assert_eq!(value["same"], true);
    assert!(value["rows"].as_array().is_some_and(|rows| rows.len() > 15));
    assert!(value["measured"].as_array().is_some_and(|measured| measured.len() == 11));
}

/// Without a driver: one sentence, exit code 2. With one there is nothing to see here.
#[test]
fn no_device_is_said_in_one_sentence() {
    let args = ["--quick", "--skip-bench", "--skip-sanitizer", "--sizes", "2"];
    let output = Command::new(env!("CARGO_BIN_EXE_samebits-gpu-verify")).args(args).output();
    let output = output.expect("the program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() == Some(2) {
        assert!(text.starts_with("no device: ") && text.lines().count() == 1, "{text}");
    } else {
        assert_eq!(output.status.code(), Some(0), "{text}");
    }
}
