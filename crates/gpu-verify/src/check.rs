//! The checks: what the device finds against what the CPU finds, in all bits.

use crate::difference;
use crate::draws::{Mixture, hostile, matrix};
use crate::{Count, Counted};
use rayon::prelude::*;
use samebits_canon::{Cholesky, Error as CanonError, Isa};
use samebits_qp::{Error, Problem, Settings, Solution, Solver};
use samebits_solver_cpu::{ActiveSet, Ipm, RawIpm};
use samebits_solver_gpu::{Device, GpuActiveSet, GpuError, GpuIpm, Report, Shared, Solved, factor};

/// What the solvers are asked for.
pub const SETTINGS: Settings = Settings::new(1e-9, 200);
/// A search or an iteration that stops early: its answer has to have the CPU's bits too.
pub const STOPPED: Settings = Settings::new(1e-12, 7);

/// Opens a device; every check opens its own, so that one that is lost ends one check only.
pub type Open<'a> = &'a dyn Fn() -> Result<Box<dyn Device + Send>, GpuError>;

/// A solver on a device, and its counterpart on the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// `active-set/1`.
    ActiveSet,
    /// `ipm-raw/1`.
    RawIpm,
    /// `ipm/1`.
    Ipm,
    /// `ipm-raw/1`, each dense problem on the whole device.
    WholeDevice,
}

impl Backend {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ActiveSet, Self::RawIpm, Self::Ipm, Self::WholeDevice];

    /// The name that is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActiveSet => "active-set/1",
            Self::RawIpm => "ipm-raw/1",
            Self::Ipm => "ipm/1",
            Self::WholeDevice => "ipm-raw/1, whole device",
        }
    }

    /// The device's answers.
    pub fn on_device(self, shared: &Shared, problems: &[Problem], settings: &Settings) -> Solved {
        match self {
            Self::ActiveSet => GpuActiveSet::new(shared.clone()).solve_batch(problems, settings),
            Self::RawIpm => GpuIpm::new(shared.clone()).raw_batch(problems, settings),
            Self::Ipm => GpuIpm::new(shared.clone()).solve_batch(problems, settings),
            Self::WholeDevice => {
                let ipm = GpuIpm::new(shared.clone().with_whole_device_from(1));
                let (mut all, mut report) = (Vec::new(), Report::default());
                // Only a batch of few takes the whole device.
                for few in problems.chunks(8) {
                    let (solutions, own) = ipm.raw_batch(few, settings);
                    all.extend(solutions);
                    report.on_device += own.on_device;
                    report.on_cpu += own.on_cpu;
                    report.lost = report.lost.or(own.lost);
                }
                (all, report)
            }
        }
    }

    /// The CPU's answers, on all of its cores.
    pub fn on_cpu(self, isa: Isa, problems: &[Problem], settings: &Settings) -> Vec<Result<Solution, Error>> {
        let solver: Box<dyn Solver> = match self {
            Self::ActiveSet => Box::new(ActiveSet::new(isa, 1)),
            Self::RawIpm | Self::WholeDevice => Box::new(RawIpm { isa }),
            Self::Ipm => Box::new(Ipm::new(isa, 1)),
        };
        problems.par_iter().map(|problem| solver.solve(problem, settings)).collect()
    }
}

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Problems, or matrices, compared.
    pub problems: usize,
    /// Of these, answered by the device.
    pub on_device: usize,
    /// Handed to the CPU: compared too, but no proof of anything.
    pub on_cpu: usize,
    /// Whose bits differ. Must be 0.
    pub differing: usize,
    /// The first difference.
    pub first: Option<String>,
    /// The device was lost.
    pub lost: Option<GpuError>,
}

impl Compared {
    /// Adds what another comparison came to.
    pub fn add(&mut self, other: Self) {
        self.problems += other.problems;
        self.on_device += other.on_device;
        self.on_cpu += other.on_cpu;
        self.differing += other.differing;
        self.first = self.first.take().or(other.first);
        self.lost = self.lost.take().or(other.lost);
    }

    fn differs(&mut self, what: impl FnOnce() -> String) {
        self.differing += 1;
        self.first.get_or_insert_with(what);
    }

    /// Whether every bit was equal and the device was not lost.
    pub fn is_same(&self) -> bool {
        self.differing == 0 && self.lost.is_none()
    }

    /// Whether the device answered nine of ten problems: fewer, and the comparison says little about it.
    pub fn is_telling(&self) -> bool {
        10 * self.on_device >= 9 * self.problems
    }
}

/// Shares a device up to `memory` bytes, or half of what is free.
///
/// # Errors
/// A lost device.
pub fn share(device: Box<dyn Device + Send>, memory: Option<u64>, isa: Isa) -> Result<Shared, GpuError> {
    let memory = match memory {
        Some(bytes) => bytes,
        None => device.free_memory()? / 2,
    };
    Ok(Shared::new(device, memory, isa))
}

/// Solves `problems` on both sides and compares.
pub fn batch(
    shared: &Shared,
    backend: Backend,
    problems: &[Problem],
    settings: Settings,
    isa: Isa,
) -> Compared {
    let (answers, report) = backend.on_device(shared, problems, &settings);
    let wanted = backend.on_cpu(isa, problems, &settings);
    let mut compared = answers_equal(backend, problems, &answers, &wanted);
    (compared.on_device, compared.on_cpu, compared.lost) = (report.on_device, report.on_cpu, report.lost);
    compared
}

/// Compares two lists of answers to `problems`.
pub fn answers_equal(
    backend: Backend,
    problems: &[Problem],
    answers: &[Result<Solution, Error>],
    wanted: &[Result<Solution, Error>],
) -> Compared {
    let mut compared = Compared { problems: problems.len(), ..Compared::default() };
    if answers.len() != problems.len() || wanted.len() != problems.len() {
        compared.differs(|| format!("{}, {} answers", answers.len(), wanted.len()));
        return compared;
    }
    for (k, (problem, (own, theirs))) in problems.iter().zip(answers.iter().zip(wanted)).enumerate() {
        let found = match (own, theirs) {
            (Ok(own), Ok(theirs)) => difference(own, theirs),
            (Err(own), Err(theirs)) if own.to_string() == theirs.to_string() => None,
            (own, theirs) => Some(format!("{:?} and {:?}", own.as_ref().err(), theirs.as_ref().err())),
        };
        if let Some(what) = found {
            compared.differs(|| format!("{}, problem {k} of {} names: {what}", backend.name(), problem.n()));
        }
    }
    compared
}

/// All batches of `mixture` by `backend`.
///
/// # Errors
/// No device.
pub fn mixture(
    open: Open<'_>,
    backend: Backend,
    mixture: &Mixture,
    settings: Settings,
    memory: Option<u64>,
    isa: Isa,
) -> Result<Compared, GpuError> {
    batches(open, backend, mixture.batches(), settings, memory, isa)
}

/// Problems at the edges, by `backend`, in batches of 250.
///
/// # Errors
/// No device.
pub fn edges(
    open: Open<'_>,
    backend: Backend,
    seeds: u64,
    memory: Option<u64>,
    isa: Isa,
) -> Result<Compared, GpuError> {
    let starts = (0..seeds).step_by(250);
    let all = starts.map(|start| hostile(start..seeds.min(start + 250)));
    batches(open, backend, all, SETTINGS, memory, isa)
}

/// Batches one after another; a device that is lost is opened again for the next one.
///
/// # Errors
/// No device.
pub fn batches(
    open: Open<'_>,
    backend: Backend,
    all: impl Iterator<Item = Vec<Problem>>,
    settings: Settings,
    memory: Option<u64>,
    isa: Isa,
) -> Result<Compared, GpuError> {
    let mut shared = share(open()?, memory, isa)?;
    let mut compared = Compared::default();
    for problems in all {
        let found = batch(&shared, backend, &problems, settings, isa);
        let lost = found.lost.is_some();
        compared.add(found);
        if lost {
            drop(shared);
            shared = share(open()?, memory, isa)?;
        }
    }
    Ok(compared)
}

/// Factors of matrices of order `n` against `canon`'s plainest loop: `count` matrices, every fourth of which has a pivot that
/// is not positive.
///
/// # Errors
/// A lost device.
pub fn cholesky(device: &mut dyn Device, n: usize, count: u64) -> Result<Compared, GpuError> {
    let broken = |seed: u64| (seed % 4 == 3).then(|| (seed as usize * 7) % n.max(1));
    let matrices: Vec<Vec<f64>> =
        (0..count).into_par_iter().map(|seed| matrix(n, seed, broken(seed))).collect();
    let found = factor(device, &matrices, n)?;
    let wanted: Vec<Result<Cholesky, CanonError>> =
        matrices.par_iter().map(|matrix| Cholesky::reference(matrix, n)).collect();
    let mut compared =
        Compared { problems: matrices.len(), on_device: matrices.len(), ..Compared::default() };
    for (k, wanted) in wanted.iter().enumerate() {
        let what = match (wanted, found.failed[k]) {
            (Ok(wanted), None) => factors_differ(wanted, &found.l[k], &found.reciprocals[k]),
            (Err(CanonError::NotPositive { column, .. }), Some(own)) if *column == own => None,
            (wanted, own) => Some(format!("column {own:?}, canon says {:?}", wanted.as_ref().err())),
        };
        if let Some(what) = what {
            compared.differs(|| format!("order {n}, matrix {k}: {what}"));
        }
    }
    Ok(compared)
}

fn factors_differ(wanted: &Cholesky, l: &[f64], reciprocals: &[f64]) -> Option<String> {
    let n = wanted.n();
    for i in 0..n {
        let (own, theirs) = (&l[i * n..=i * n + i], &wanted.l()[i * n..=i * n + i]);
        if let Some(j) = (0..=i).find(|&j| own[j].to_bits() != theirs[j].to_bits()) {
            return Some(format!("entry ({i}, {j}): {:e} and {:e}", own[j], theirs[j]));
        }
        if reciprocals[i].to_bits() != wanted.reciprocals()[i].to_bits() {
            return Some(format!("reciprocal {i}"));
        }
    }
    None
}

/// What a batch took of the device's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounded {
    /// Bytes that were allowed.
    pub budget: u64,
    /// What was counted; nothing may be live at the end.
    pub count: Count,
    /// The comparison of its answers.
    pub compared: Compared,
}

impl Bounded {
    /// Whether the budget was kept and all memory given back.
    pub fn is_kept(&self) -> bool {
        self.count.most <= self.budget && self.count.live == 0
    }
}

/// Solves `problems` by the active set and by the interior point within `budget` bytes.
///
/// # Errors
/// No device.
pub fn bounded(open: Open<'_>, budget: u64, problems: &[Problem], isa: Isa) -> Result<Bounded, GpuError> {
    let (device, counter) = Counted::new(open()?);
    let shared = Shared::new(Box::new(device), budget, isa);
    let mut compared = batch(&shared, Backend::ActiveSet, problems, SETTINGS, isa);
    compared.add(batch(&shared, Backend::Ipm, problems, SETTINGS, isa));
    Ok(Bounded { budget, count: counter.get(), compared })
}
