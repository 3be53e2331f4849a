//! Batches on a device that is described in a line, beside the CPU's answers.

use crate::compare::results_differ;
use crate::emulator::{Emulator, shipped};
use samebits_canon::Isa;
use samebits_ptx_run::{Options, Order};
use samebits_qp::{Error, Path, Problem, Settings, Solution, Solver};
use samebits_solver_cpu::{ActiveSet, Ipm, Iteration, RawIpm, Start};
use samebits_solver_gpu::{Device, GpuActiveSet, GpuIpm, Report, Shared, Solved};

/// Of every solve here, unless it says otherwise.
pub(crate) const SETTINGS: Settings = Settings::new(1e-9, 200);

/// A device and the memory that a batch may take of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    pub(crate) generation: u32,
    pub(crate) blocks: u32,
    pub(crate) order: Order,
    pub(crate) memory: u64,
    pub(crate) settings: Settings,
}

/// Compute 9.0, two blocks, plenty of memory.
pub(crate) const PLAIN: Stand =
    Stand { generation: 90, blocks: 2, order: Order::Forward, memory: 1 << 30, settings: SETTINGS };

/// What a batch is solved by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// `active-set/1`.
    ActiveSet,
    /// `ipm-raw/1`.
    Raw,
    /// `ipm/1`: iterations and the finish.
    Ipm,
}

impl By {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::ActiveSet, Self::Raw, Self::Ipm];

    /// The batch on a device.
    pub(crate) fn on(self, shared: &Shared, problems: &[Problem], settings: &Settings) -> Solved {
        match self {
            Self::ActiveSet => GpuActiveSet::new(shared.clone()).solve_batch(problems, settings),
            Self::Raw => GpuIpm::new(shared.clone()).raw_batch(problems, settings),
            Self::Ipm => GpuIpm::new(shared.clone()).solve_batch(problems, settings),
        }
    }

    /// The CPU's answers.
    pub(crate) fn on_cpu(self, problems: &[Problem], settings: &Settings) -> Vec<Result<Solution, Error>> {
        let isa = Isa::detect();
        let solver: Box<dyn Solver> = match self {
            Self::ActiveSet => Box::new(ActiveSet::new(isa, 1)),
            Self::Raw => Box::new(RawIpm { isa }),
            Self::Ipm => Box::new(Ipm::new(isa, 1)),
        };
        problems.iter().map(|problem| solver.solve(problem, settings)).collect()
    }

    /// Whether a device with room for everything gives the answer itself: a search that ends in a certified optimum, else an
    /// iteration that has begun and whose covariance is positive semidefinite.
    pub(crate) fn is_for_device(
        self,
        problem: &Problem,
        answer: &Result<Solution, Error>,
        settings: &Settings,
    ) -> bool {
        let Ok(answer) = answer else { return false };
        let begins = || matches!(Iteration::begin(Isa::detect(), problem, settings), Ok(Start::Open(_)));
        let climbed = self == Self::ActiveSet && answer.path == Path::Ascent;
        !climbed && ((self == Self::ActiveSet && answer.path == Path::ActiveSet) || begins())
    }
}

/// Compares results with the CPU's.
pub(crate) fn assert_same(
    who: &str,
    problems: &[Problem],
    found: &[Result<Solution, Error>],
    cpu: By,
    at: &Settings,
) {
    assert_eq!(found.len(), problems.len(), "{who}");
    for (k, (own, theirs)) in found.iter().zip(cpu.on_cpu(problems, at)).enumerate() {
        if let Some(what) = results_differ(own, &theirs) {
            panic!("{who}, problem {k} (n = {}): {what}", problems[k].n());
        }
    }
}

impl Stand {
    /// The device.
    pub(crate) fn device(&self) -> Emulator {
        let options = Options { order: self.order, limit: 1 << 34, ..Options::default() };
        Emulator::with_modules(shipped(self.generation), self.blocks, options)
    }

    /// The device, or a wrapper of it, for a backend.
    pub(crate) fn share(&self, device: Box<dyn Device + Send>) -> Shared {
        Shared::new(device, self.memory, Isa::detect())
    }

    /// Solves a batch; its answers are the CPU's, and those that are the device's work are the device's.
    pub(crate) fn check(&self, by: By, problems: &[Problem]) -> Report {
        let (found, report) = by.on(&self.share(Box::new(self.device())), problems, &self.settings);
        assert_eq!(report.lost, None, "{self:?} {by:?}");
        assert_same(&format!("{self:?} {by:?}"), problems, &found, by, &self.settings);
        let solved = found.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(report.on_device + report.on_cpu, solved, "{self:?} {by:?}");
        report
    }

    /// As [`Stand::check`], and the device gave every answer that it can give.
    pub(crate) fn check_all(&self, by: By, problems: &[Problem]) -> usize {
        let report = self.check(by, problems);
        let cpu = by.on_cpu(problems, &self.settings);
        let pairs = problems.iter().zip(&cpu);
        let wanted =
            pairs.filter(|(problem, answer)| by.is_for_device(problem, answer, &self.settings)).count();
        assert_eq!(report.on_device, wanted, "{self:?} {by:?}: answers of the device");
        report.on_device
    }
}
