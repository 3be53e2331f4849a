//! `active-set/1` on the device against the CPU's.

use crate::compare::difference;
use crate::emulator::Emulator;
use samebits_canon::Isa;
use samebits_ptx_run::Options;
use samebits_qp::{Problem, Settings, Solver};
use samebits_solver_cpu::{ActiveSet, Ipm, RawIpm};
use samebits_solver_gpu::{GpuActiveSet, GpuIpm, Shared};
use samebits_testkit::{Form, Tracking};

const SETTINGS: Settings = Settings { tolerance: 1e-9, max_iterations: 200 };

/// Solves on both sides; returns how many answers were the device's.
fn check(generation: u32, blocks: u32, options: Options, problems: &[Problem]) -> usize {
    let device = Emulator::new(generation, blocks, options);
    let gpu = GpuActiveSet::new(Shared::new(Box::new(device), 1 << 30, Isa::detect()));
    let (answers, report) = gpu.solve_batch(problems, &SETTINGS);
    assert_eq!(report.lost, None);
    let cpu = ActiveSet::new(Isa::detect(), 1);
    for (k, (problem, answer)) in problems.iter().zip(answers).enumerate() {
        let (own, theirs) = (answer.expect("valid"), cpu.solve(problem, &SETTINGS).expect("valid"));
        if let Some(what) = difference(&own, &theirs) {
            panic!("generation {generation}, problem {k} (n = {}): {what}", problem.n());
        }
    }
    report.on_device
}

fn problems(sizes: impl Iterator<Item = usize>, form: Form) -> Vec<Problem> {
    sizes
        .map(|n| {
            let draw = Tracking::new(n, 7 + n as u64);
            let cap = if form == Form::TaxLotsCap {
                let free = ActiveSet::new(Isa::detect(), 1)
                    .solve(&draw.problem(Form::TaxLotsDense, 0.0), &SETTINGS)
                    .expect("valid");
                let base = draw.problem(Form::TaxLotsDense, 0.0);
                (0.8 * base.variance(&base.active(&free.weights)).sqrt()).max(1e-6)
            } else {
                0.0
            };
            draw.problem(form, cap)
        })
        .collect()
}

#[test]
fn every_form_at_small_sizes() {
    for form in [Form::TaxLotsDense, Form::TaxLotsCap, Form::Factor, Form::LongOnly] {
        let all = problems((1..=64).step_by(3), form);
        let t = std::time::Instant::now();
        let found = check(90, 2, Options::default(), &all);
        println!("{form:?} {found} of {} {:?}", all.len(), t.elapsed());
    }
}

/// Iterates on both sides; returns how many answers were the device's.
fn check_ipm(generation: u32, blocks: u32, options: Options, problems: &[Problem]) -> usize {
    let device = Emulator::new(generation, blocks, options);
    let gpu = GpuIpm::new(Shared::new(Box::new(device), 1 << 30, Isa::detect()));
    let (raw, report) = gpu.raw_batch(problems, &SETTINGS);
    assert_eq!(report.lost, None);
    let cpu = RawIpm { isa: Isa::detect() };
    for (k, (problem, answer)) in problems.iter().zip(raw).enumerate() {
        let (own, theirs) = (answer.expect("valid"), cpu.solve(problem, &SETTINGS).expect("valid"));
        if let Some(what) = difference(&own, &theirs) {
            panic!("generation {generation}, problem {k} (n = {}): {what}", problem.n());
        }
    }
    report.on_device
}

#[test]
fn ipm_every_form_at_small_sizes() {
    for form in [Form::TaxLotsDense, Form::TaxLotsCap, Form::Factor, Form::LongOnly] {
        let all = problems((1..=64).step_by(3), form);
        let t = std::time::Instant::now();
        let found = check_ipm(90, 2, Options::default(), &all);
        println!("{form:?} {found} of {} {:?}", all.len(), t.elapsed());
    }
}

#[test]
fn the_whole_device() {
    let mut all = problems([20, 70, 140].into_iter(), Form::TaxLotsCap);
    all.extend(problems([33, 100].into_iter(), Form::LongOnly));
    let device = Emulator::new(90, 2, Options::default());
    let gpu = GpuIpm::new(Shared::new(Box::new(device), 1 << 30, Isa::detect()).with_whole_device_from(16));
    let (raw, report) = gpu.raw_batch(&all, &SETTINGS);
    assert_eq!(report.lost, None);
    assert_eq!(report.on_device, all.len());
    let cpu = RawIpm { isa: Isa::detect() };
    for (problem, answer) in all.iter().zip(raw) {
        let (own, theirs) = (answer.expect("valid"), cpu.solve(problem, &SETTINGS).expect("valid"));
        assert_eq!(difference(&own, &theirs), None, "n = {}", problem.n());
    }
}
