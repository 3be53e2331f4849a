//! Measurements, end to end: packing, transfers, kernels, reading, certificates.

use crate::Machine;
use crate::instances::{families, problems, with_factors};
use crate::row::{Row, Verdict};
use crate::timed::{Watch, timed};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use rayon::prelude::*;
use samebits_canon::{Cholesky, Isa, max};
use samebits_gpu_verify::check::{self, Backend};
use samebits_gpu_verify::draws::matrix;
use samebits_qp::{Problem, Settings, Solution, Status};
use samebits_solver_gpu::{GpuError, Shared, factor};
use samebits_testkit::Form;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

const WARM_UPS: usize = 2;
const ROUNDS: usize = 7;
/// The CPU is measured again while it has taken less than this.
const CPU_SECONDS: f64 = 10.0;

/// One measurement.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    what: String,
    problems: usize,
    ms: f64,
    ms_least: f64,
    /// The kernels alone, in a round of their own without overlap.
    ms_kernels: f64,
    /// What to reach, and what would be even better.
    target: Option<(f64, Option<f64>)>,
    /// Largest residual of a certificate.
    residual: f64,
    ms_cpu: f64,
    rounds_cpu: usize,
    differing: usize,
    /// Answers that are not optimal, by the status that both sides agree on.
    unsolved: usize,
}

impl Measured {
    pub(crate) fn json(&self) -> Value {
        let number = |x: f64| if x.is_finite() { Value::from(x) } else { Value::Null };
        json!({
            "what": self.what, "problems": self.problems, "ms": number(self.ms), "ms_least": number(self.ms_least),
            "ms_kernels": number(self.ms_kernels), "target_ms": self.target.map(|target| target.0),
            "stretch_ms": self.target.and_then(|target| target.1), "per_second": number(self.per_second()),
            "residual": number(self.residual), "ms_cpu": number(self.ms_cpu), "rounds": ROUNDS,
            "rounds_cpu": self.rounds_cpu, "ratio_to_cpu": number(self.ms_cpu / self.ms), "differing": self.differing,
            "unsolved": self.unsolved,
        })
    }

    fn per_second(&self) -> f64 {
        1e3 * self.problems as f64 / self.ms
    }

    fn target(&self) -> String {
        let Some((target, stretch)) = self.target else { return "-".to_owned() };
        let against = if self.ms_kernels.is_finite() && self.is_factor() { self.ms_kernels } else { self.ms };
        let reached = if against <= target { "reached" } else { "missed" };
        stretch.map_or_else(
            || format!("{target} {reached}"),
            |stretch| format!("{target} ({stretch}) {reached}"),
        )
    }

    fn is_factor(&self) -> bool {
        self.what.starts_with("cholesky")
    }
}

/// What a batch of problems is measured for.
struct Case {
    what: String,
    backend: Backend,
    problems: Vec<Problem>,
    tolerance: f64,
    target: Option<(f64, Option<f64>)>,
}

/// A table; the bits are compared once more.
pub(crate) fn step(machine: &Machine<'_>, show: &mut dyn FnMut(Row)) -> Vec<Measured> {
    let begun = Instant::now();
    let mut all = Vec::new();
    for part in [solvers, factors] {
        if let Err(error) = part(machine, &mut all) {
            show(Row::new("bench", "measurements", Verdict::Lost, error.to_string(), begun));
        }
    }
    let differing = all.iter().fold(0, |sum, measured| sum + measured.differing);
    let verdict = if differing == 0 { Verdict::Same } else { Verdict::Differs };
    let compared = all.iter().fold(0, |sum, measured| sum + measured.problems);
    let detail = format!("{compared} answers compared while measuring; {differing} differ");
    show(Row::new("bench", "measurements", verdict, detail, begun));
    print(&all);
    all
}

/// How large everything is: on a device, and in emulation, where only the program is tried.
struct Sizes {
    large: usize,
    small: usize,
    sessions: u64,
    many: usize,
}

fn sizes(machine: &Machine<'_>) -> Sizes {
    match (machine.arguments.emulate, machine.arguments.quick) {
        (true, _) => Sizes { large: 12, small: 5, sessions: 2, many: 4 },
        (false, true) => Sizes { large: 500, small: 100, sessions: 32, many: 320 },
        (false, false) => Sizes { large: 500, small: 100, sessions: 252, many: 10_000 },
    }
}

fn solvers(machine: &Machine<'_>, all: &mut Vec<Measured>) -> Result<(), GpuError> {
    let Sizes { large, small, sessions, many } = sizes(machine);
    let (device, watch) = timed((machine.open)()?);
    let shared = check::share(Box::new(device), machine.arguments.memory, machine.isa)?;
    let own = families(large, sessions);
    let count = own.len();
    let mut measure = |case: Case| measure(machine, &shared, &watch, case).map(|found| all.push(found));
    let case = |what: &str, backend: Backend, problems: Vec<Problem>, target: Option<(f64, Option<f64>)>| {
        let names = problems.first().map_or(0, Problem::n);
        let what = format!("{what}, {names} names, {}", backend.name());
        Case { what, backend, problems, tolerance: 1e-8, target }
    };
    let long_only = problems(&own, Form::LongOnly, count);
    let factors = with_factors(&long_only, 20.min(large));
    measure(case("long-only", Backend::RawIpm, long_only, Some((20.0, Some(9.0)))))?;
    let few = problems(&families(small, sessions), Form::LongOnly, count);
    measure(case("long-only", Backend::RawIpm, few, Some((3.0, None))))?;
    measure(case("long-only, 20 factors", Backend::RawIpm, factors.clone(), Some((3.0, None))))?;
    measure(case("long-only, 20 factors", Backend::ActiveSet, factors, None))?;
    let lots = problems(&own, Form::TaxLotsDense, count);
    measure(case("tax lots", Backend::ActiveSet, lots.clone(), Some((5.0, None))))?;
    measure(case("tax lots", Backend::Ipm, lots, Some((10.0, None))))?;
    // 20,000 and 100,000 problems a second.
    let per_second = |rate: f64| Some((1e3 * many as f64 / rate, None));
    let all_lots = problems(&own, Form::TaxLotsDense, many);
    measure(case("throughput, tax lots", Backend::ActiveSet, all_lots, per_second(2e4)))?;
    let all_factors = problems(&own, Form::Factor, many);
    measure(case("throughput, tax lots, 6 factors", Backend::ActiveSet, all_factors, per_second(1e5)))
}

fn measure(
    machine: &Machine<'_>,
    shared: &Shared,
    watch: &Arc<Watch>,
    case: Case,
) -> Result<Measured, GpuError> {
    let Case { what, backend, problems, tolerance, target } = case;
    let settings = Settings::new(tolerance, 200);
    let mut times = Vec::new();
    for _ in 0..WARM_UPS + ROUNDS {
        let begun = Instant::now();
        let (answers, report) = backend.on_device(shared, &problems, &settings);
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        drop(answers);
        if let Some(lost) = report.lost {
            return Err(lost);
        }
    }
    watch.start();
    let (answers, _) = backend.on_device(shared, &problems, &settings);
    let ms_kernels = watch.stop();
    let mut cpu = Vec::new();
    let mut wanted = Vec::new();
    let begun = Instant::now();
    while cpu.is_empty() || (cpu.len() < ROUNDS && begun.elapsed().as_secs_f64() < CPU_SECONDS) {
        let begun = Instant::now();
        wanted = backend.on_cpu(machine.isa, &problems, &settings);
        cpu.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let compared = check::answers_equal(backend, &problems, &answers, &wanted);
    let residual = answers.iter().flatten().map(worst).fold(0.0, max);
    let optimal = |answer: &&Solution| answer.status == Status::Optimal;
    let unsolved = problems.len() - answers.iter().flatten().filter(optimal).count();
    let times = &times[WARM_UPS..];
    Ok(Measured {
        what,
        problems: problems.len(),
        ms: median(times),
        ms_least: times.iter().copied().fold(f64::INFINITY, samebits_canon::min),
        ms_kernels,
        target,
        residual,
        ms_cpu: median(&cpu),
        rounds_cpu: cpu.len(),
        differing: compared.differing,
        unsolved,
    })
}

fn worst(solution: &Solution) -> f64 {
    let c = solution.certificate;
    [c.dual, c.complementarity, c.gap].into_iter().fold(c.primal, max)
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn factors(machine: &Machine<'_>, all: &mut Vec<Measured>) -> Result<(), GpuError> {
    let cases: [(usize, usize, f64); 3] = match (machine.arguments.emulate, machine.arguments.quick) {
        (true, _) => [(20, 2, 0.6), (33, 2, 3.5), (5, 4, 0.3)],
        (false, true) => [(500, 32, 0.6), (1000, 8, 3.5), (100, 256, 0.3)],
        (false, false) => [(500, 252, 0.6), (1000, 252, 3.5), (100, 2048, 0.3)],
    };
    for (n, count, target) in cases {
        all.push(factorisation(machine, n, count, target)?);
    }
    Ok(())
}

/// The time of a factorisation is that of its kernel: the target is for matrices that are on the device already.
fn factorisation(machine: &Machine<'_>, n: usize, count: usize, target: f64) -> Result<Measured, GpuError> {
    let (mut device, watch) = timed((machine.open)()?);
    let matrices: Vec<Vec<f64>> =
        (0..count as u64).into_par_iter().map(|seed| matrix(n, seed, None)).collect();
    let (mut whole, mut kernels) = (Vec::new(), Vec::new());
    let mut found = None;
    for _ in 0..WARM_UPS + ROUNDS {
        // So that only one round's factors are kept.
        drop(found.take());
        watch.start();
        let begun = Instant::now();
        let factors = factor(&mut device, &matrices, n)?;
        whole.push(begun.elapsed().as_secs_f64() * 1e3);
        kernels.push(watch.stop());
        found = Some(factors);
    }
    let (begun, isa) = (Instant::now(), machine.isa);
    let wanted: Vec<Option<Cholesky>> =
        matrices.par_iter().map(|matrix| Cholesky::new(isa, matrix, n).ok()).collect();
    let ms_cpu = begun.elapsed().as_secs_f64() * 1e3;
    let differs = |(own, wanted): (&Vec<f64>, &Option<Cholesky>)| {
        let Some(wanted) = wanted else { return true };
        (0..n).any(|i| {
            let (own, theirs) = (&own[i * n..=i * n + i], &wanted.l()[i * n..=i * n + i]);
            own.iter().zip(theirs).any(|(a, b)| a.to_bits() != b.to_bits())
        })
    };
    let differing = found.map_or(count, |found| found.l.iter().zip(&wanted).filter(|p| differs(*p)).count());
    let whole = &whole[WARM_UPS..];
    Ok(Measured {
        what: format!("cholesky, order {n}"),
        problems: count,
        ms: median(whole),
        ms_least: whole.iter().copied().fold(f64::INFINITY, samebits_canon::min),
        ms_kernels: median(&kernels[WARM_UPS..]),
        target: Some((target, None)),
        residual: f64::NAN,
        ms_cpu,
        rounds_cpu: 1,
        differing,
        unsolved: 0,
    })
}

fn print(all: &[Measured]) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "what",
        "count",
        "ms",
        "least",
        "kernels",
        "target ms",
        "a second",
        "residual",
        "CPU ms",
        "CPU / GPU",
        "differ",
        "unsolved",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for row in all {
        let short = |x: f64| if x.is_finite() { format!("{x:.1e}") } else { "-".to_owned() };
        table.add_row([
            row.what.clone(),
            row.problems.to_string(),
            format!("{:.3}", row.ms),
            format!("{:.3}", row.ms_least),
            format!("{:.3}", row.ms_kernels),
            row.target(),
            format!("{:.0}", row.per_second()),
            short(row.residual),
            format!("{:.1}", row.ms_cpu),
            format!("{:.1}", row.ms_cpu / row.ms),
            row.differing.to_string(),
            row.unsolved.to_string(),
        ]);
    }
    println!("{table}");
    println!(
        "median of {ROUNDS} after {WARM_UPS}; ms: end to end; kernels: alone, in a round of their own (targets of cholesky \
         are for these); CPU: {}, all cores",
        Isa::detect().name()
    );
}
