//! A device that is lost: at any call, every answer is still the CPU's, and nobody asks the device again.

use crate::scene::{family, mixed};
use crate::stand::{By, PLAIN, Stand, assert_same};
use crate::watch::{Watch, seen};
use samebits_canon::Isa;
use samebits_qp::{Problem, Settings, Solver, Status};
use samebits_solver_cpu::ActiveSet;
use samebits_solver_gpu::{GpuActiveSet, GpuError};
use samebits_testkit::{Form, hostile};

/// Loses the device at each call of a batch in turn.
fn lose_at_every_call(stand: Stand, by: By, problems: &[Problem]) {
    let (device, log) = Watch::new(stand.device());
    let (found, report) = by.on(&stand.share(Box::new(device)), problems, &stand.settings);
    assert_same("whole", problems, &found, by, &stand.settings);
    assert_eq!(report.lost, None);
    let (calls, on_device) = (seen(&log).calls, report.on_device);
    assert!(calls > 15 && on_device > 0, "{by:?}: {calls} calls, {report:?}");
    for call in 0..calls {
        let (device, log) = Watch::new(stand.device());
        let shared = stand.share(Box::new(device.failing_at(call)));
        let (found, report) = by.on(&shared, problems, &stand.settings);
        assert_same(&format!("lost at call {call}"), problems, &found, by, &stand.settings);
        assert!(matches!(report.lost, Some(GpuError::Lost { .. })), "{by:?}, {call}: {report:?}");
        assert!(report.on_device <= on_device, "{by:?}, {call}: {report:?}");
        let solved = found.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(report.on_device + report.on_cpu, solved, "{by:?}, {call}");
        // What it holds may be given back, as far as that goes.
        let calls = seen(&log).calls;
        assert!(calls <= call + 2, "{by:?}: {calls} calls, lost at {call}");
        let (found, report) = by.on(&shared, &problems[..2], &stand.settings);
        assert_same("after the loss", &problems[..2], &found, by, &stand.settings);
        assert_eq!((report.on_device, report.lost), (0, None), "{by:?}: a batch after the loss");
        assert_eq!(seen(&log).calls, calls, "{by:?}: calls of a later batch");
    }
}

/// A few problems; an infeasible one pauses, so that there is a second launch; a little memory, so that there are waves.
#[test]
fn at_every_call() {
    let mut problems = family([10, 3].into_iter(), Form::TaxLotsDense);
    let small = |seed: &u64| hostile(*seed).n() < 6;
    let mut paused = (0..200).filter(small).map(hostile).filter(|problem| {
        let raw = &By::Raw.on_cpu(std::slice::from_ref(problem), &PLAIN.settings)[0];
        raw.as_ref().is_ok_and(|raw| raw.status == Status::Infeasible && (3..20).contains(&raw.iterations))
    });
    problems.extend(paused.next());
    // A search of a problem without an answer goes to its last step.
    let brief = Stand { settings: Settings { max_iterations: 20, ..PLAIN.settings }, ..PLAIN };
    for by in [By::Raw, By::Ipm] {
        lose_at_every_call(brief, by, &problems);
    }
    let problems = family([3, 10, 8].into_iter(), Form::TaxLotsCap);
    lose_at_every_call(brief, By::ActiveSet, &problems);
    lose_at_every_call(Stand { memory: 700 << 10, ..brief }, By::ActiveSet, &problems);
}

/// A kernel that does nothing and says so with success: no answer is taken from what lies in memory.
#[test]
fn kernels_that_do_nothing() {
    let problems = mixed(8, 12, 6);
    for by in By::ALL {
        let (device, _) = Watch::new(PLAIN.device());
        let shared = PLAIN.share(Box::new(device.idle()));
        let (found, report) = by.on(&shared, &problems, &PLAIN.settings);
        assert_same("idle", &problems, &found, by, &PLAIN.settings);
        assert_eq!((report.on_device, report.lost), (0, None), "{by:?}");
    }
}

/// One problem at a time through the trait, before and after a loss.
#[test]
fn one_at_a_time() {
    let problems = family([5, 20].into_iter(), Form::TaxLotsDense);
    let (device, _) = Watch::new(PLAIN.device());
    let gpu = GpuActiveSet::new(PLAIN.share(Box::new(device.failing_at(20))));
    let cpu = ActiveSet::new(Isa::detect(), 1);
    assert_eq!((gpu.id(), gpu.isa()), (cpu.id(), cpu.isa()));
    for problem in problems.iter().chain(&problems) {
        let (own, theirs) = (gpu.solve(problem, &PLAIN.settings), cpu.solve(problem, &PLAIN.settings));
        assert_eq!(crate::compare::results_differ(&own, &theirs), None);
    }
}
