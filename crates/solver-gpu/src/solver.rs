//! The backends: batches on the device, everything that does not end there on the CPU.

use crate::GpuError;
use crate::active::{Found, Searches, Task};
use crate::barrier::{Ending, Iterations, Open};
use crate::batch::{self, Work};
use crate::device::Device;
use rayon::prelude::*;
use samebits_canon::Isa;
use samebits_qp::sides::Session;
use samebits_qp::{Error, Path, Problem, Settings, Solution, Solver, State, Status};
use samebits_solver_cpu::{ActiveSet, Ipm, Iteration, RawIpm, Start};
use std::sync::{Arc, Mutex};

/// How a batch was solved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Problems whose answer is the device's.
    pub on_device: usize,
    /// Problems that the CPU solved: the device's work did not end in an answer, or they have no room there.
    pub on_cpu: usize,
    /// The device was lost; what was left went to the CPU.
    pub lost: Option<GpuError>,
}

/// What a batch comes to: one result a problem, in their order.
pub type Solved = (Vec<Result<Solution, Error>>, Report);

/// A device that backends share, and how much of it they may take.
#[derive(Clone)]
pub struct Shared {
    /// Empty after the device was lost.
    device: Arc<Mutex<Option<Box<dyn Device + Send>>>>,
    isa: Isa,
    memory: u64,
    /// Threads of the host's part; the caller's where there are none.
    threads: Option<Arc<rayon::ThreadPool>>,
    whole_from: usize,
}

/// From so many assets on an interior point may take the whole device.
const WHOLE_FROM: usize = 1500;
/// At most so many of them in a batch; more are as soon done side by side.
const FEW: usize = 24;

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("isa", &self.isa).field("memory", &self.memory).finish_non_exhaustive()
    }
}

impl Shared {
    /// Shares `device`, up to `memory` bytes of it; `isa` is for the work on the host.
    pub fn new(device: Box<dyn Device + Send>, memory: u64, isa: Isa) -> Self {
        Self {
            device: Arc::new(Mutex::new(Some(device))),
            isa,
            memory,
            threads: None,
            whole_from: WHOLE_FROM,
        }
    }

    /// Gives the host's part (packing, reading, what goes to the CPU) threads of its own; they move no bit. Without them it
    /// uses those of the caller's pool.
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub fn with_threads(mut self, threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        self.threads = Some(Arc::new(pool));
        Ok(self)
    }

    /// Lets the interior point take the whole device from `assets` assets on, 1,500 by default; moves no bit.
    #[must_use]
    pub fn with_whole_device_from(mut self, assets: usize) -> Self {
        self.whole_from = assets;
        self
    }

    fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.threads {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Runs `work` where there is a device; an answer stays `None` for what it did not come to.
    fn run<W: Work>(&self, work: &W, count: usize) -> (Vec<Option<W::Answer>>, Option<GpuError>) {
        let mut answers = Vec::new();
        answers.resize_with(count, || None);
        if count == 0 {
            return (answers, None);
        }
        let Ok(mut guard) = self.device.lock() else { return (answers, None) };
        let Some(device) = guard.as_mut() else { return (answers, None) };
        let ended = batch::run(device.as_mut(), work, self.memory, self.isa, &mut answers);
        let lost = ended.err().inspect(|error| {
            tracing::warn!(%error, "the device is lost; its problems go to the CPU");
            // Drops the context: nothing of it can be trusted any more.
            *guard = None;
        });
        (answers, lost)
    }

    /// The active set's search for each task; `None` for what the device did not come to.
    fn search(&self, tasks: &[Task<'_>], settings: &Settings) -> (Vec<Option<Found>>, Option<GpuError>) {
        self.run(&Searches { tasks, settings: *settings }, tasks.len())
    }
}

/// `active-set/1` on a device: the same steps, the same state, the same bits. A problem whose search does not end in a
/// certified optimum climbs the dual of its rows on the CPU; else it goes to the interior point and its finish, on the device
/// too; what the device cannot do goes to the CPU.
#[derive(Debug)]
pub struct GpuActiveSet {
    shared: Shared,
    cpu: ActiveSet,
    fallback: GpuIpm,
}

impl GpuActiveSet {
    /// A backend on a device.
    pub fn new(shared: Shared) -> Self {
        let cpu = ActiveSet::new(shared.isa, 1);
        Self { fallback: GpuIpm::new(shared.clone()), shared, cpu }
    }

    /// Solves every problem; the answers are those of `active-set/1` on the CPU in every bit.
    ///
    /// Order: of the problems; who solves what, and beside whom, moves no bit.
    pub fn solve_batch(&self, problems: &[Problem], settings: &Settings) -> Solved {
        self.shared.within(|| self.solve_within(problems, settings))
    }

    fn solve_within(&self, problems: &[Problem], settings: &Settings) -> Solved {
        let valid: Vec<Result<(), Error>> = problems.par_iter().map(Problem::validate).collect();
        let fit = |k: &usize| valid[*k].is_ok() && problems[*k].gamma > 0.0;
        let chosen: Vec<usize> = (0..problems.len()).filter(fit).collect();
        let task = |&k: &usize| Task { problem: &problems[k], near: None, path: Path::ActiveSet };
        let tasks: Vec<Task<'_>> = chosen.iter().map(task).collect();
        let (found, mut lost) = self.shared.search(&tasks, settings);
        let mut answers: Vec<Option<Result<Solution, Error>>> =
            valid.into_iter().map(|valid| valid.err().map(Err)).collect();
        // Without a risk aversion there is no search, on the CPU either.
        let mut others: Vec<usize> =
            (0..problems.len()).filter(|&k| answers[k].is_none() && !(problems[k].gamma > 0.0)).collect();
        let (mut on_device, mut stuck) = (0, Vec::new());
        for (k, found) in chosen.into_iter().zip(found) {
            match found {
                Some(Found::Optimum(solution)) => {
                    on_device += 1;
                    answers[k] = Some(Ok(*solution));
                }
                Some(Found::Nothing) => stuck.push(k),
                Some(Found::NoRoom) | None => {}
            }
        }
        // Up the dual of the rows: step by step, so on the CPU.
        let climb = |&k: &usize| (k, self.cpu.climb(&problems[k], settings).transpose());
        for (k, climbed) in stuck.par_iter().map(climb).collect::<Vec<_>>() {
            match climbed {
                None => others.push(k),
                climbed => answers[k] = climbed,
            }
        }
        others.sort_unstable();
        if !others.is_empty() && lost.is_none() {
            let problems: Vec<Problem> = others.iter().map(|&k| problems[k].clone()).collect();
            let (solutions, report) = self.fallback.finish_within(&problems, settings);
            on_device += report.on_device;
            lost = report.lost;
            for (k, solution) in others.into_iter().zip(solutions) {
                answers[k] = Some(solution);
            }
        }
        let rest = |(answer, problem): (Option<Result<Solution, Error>>, &Problem)| {
            answer.unwrap_or_else(|| self.cpu.solve(problem, settings))
        };
        let solutions: Vec<_> = answers.into_par_iter().zip(problems).map(rest).collect();
        let report = report(&solutions, on_device, lost);
        (solutions, report)
    }
}

fn report(solutions: &[Result<Solution, Error>], on_device: usize, lost: Option<GpuError>) -> Report {
    let solved = solutions.iter().filter(|solution| solution.is_ok()).count();
    Report { on_device, on_cpu: solved - on_device, lost }
}

impl Solver for GpuActiveSet {
    /// That of the CPU's backend: a Run names the arithmetic, not the machine.
    fn id(&self) -> &'static str {
        self.cpu.id()
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        let (mut solutions, _) = self.solve_batch(std::slice::from_ref(problem), settings);
        solutions.pop().unwrap_or_else(|| self.cpu.solve(problem, settings))
    }

    /// A few steps from state to state: on the CPU.
    fn solve_from(&self, problem: &Problem, settings: &Settings, from: &State) -> Result<Solution, Error> {
        self.cpu.solve_from(problem, settings, from)
    }

    fn isa(&self) -> Isa {
        self.shared.isa
    }

    /// Repeated solves of one problem go on from state to state: one at a time, so on the CPU.
    fn session<'a>(
        &'a self,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Option<Box<dyn Session + 'a>>, Error> {
        self.cpu.session(problem, settings)
    }
}

/// `ipm/1` on a device: iterations and the canonical finish, with the CPU's bits. Proofs of infeasibility are the host's.
#[derive(Debug)]
pub struct GpuIpm {
    shared: Shared,
    cpu: Ipm,
    raw: RawIpm,
    finish: ActiveSet,
}

/// What the iteration of a problem came to.
enum Raw<'a> {
    Open(Open<'a>),
    /// Who solved it: the device or the CPU.
    Done(Result<Solution, Error>, bool),
}

impl GpuIpm {
    /// A backend on a device.
    pub fn new(shared: Shared) -> Self {
        let isa = shared.isa;
        Self { shared, cpu: Ipm::new(isa, 1), raw: RawIpm { isa }, finish: ActiveSet::new(isa, 1) }
    }

    /// Iterates on every problem, without the finish: the answers are those of `ipm-raw/1` on the CPU in every bit.
    pub fn raw_batch(&self, problems: &[Problem], settings: &Settings) -> Solved {
        self.shared.within(|| self.raw_within(problems, settings))
    }

    fn raw_within(&self, problems: &[Problem], settings: &Settings) -> Solved {
        let begin = |problem| match Iteration::begin(self.shared.isa, problem, settings) {
            Err(error) => Raw::Done(Err(error), false),
            Ok(Start::Solved(solution)) => Raw::Done(Ok(*solution), false),
            Ok(Start::Open(iteration)) => Raw::Open(Open::new(problem, iteration)),
        };
        let mut done: Vec<Option<(Result<Solution, Error>, bool)>> = Vec::new();
        done.resize_with(problems.len(), || None);
        let begun: Vec<Raw<'_>> = problems.par_iter().map(begin).collect();
        let mut next: Vec<(usize, Raw<'_>)> = begun.into_iter().enumerate().collect();
        let mut lost = None;
        loop {
            let (mut indices, mut open) = (Vec::new(), Vec::new());
            for (k, raw) in next {
                match raw {
                    Raw::Done(solution, device) => done[k] = Some((solution, device)),
                    Raw::Open(own) => {
                        indices.push(k);
                        open.push(own);
                    }
                }
            }
            if open.is_empty() {
                break;
            }
            let work = Iterations { open: &open, settings: *settings, whole_from: self.whole_from(&open) };
            let (answers, ended) = self.shared.run(&work, open.len());
            lost = lost.or(ended);
            let after = |(own, answer)| self.after(own, answer, settings);
            let after: Vec<Raw<'_>> = open.into_par_iter().zip(answers).map(after).collect();
            next = indices.into_iter().zip(after).collect();
        }
        let ended: Vec<(Result<Solution, Error>, bool)> = done.into_iter().flatten().collect();
        let on_device = ended.iter().filter(|(solution, device)| *device && solution.is_ok()).count();
        let solutions: Vec<_> = ended.into_iter().map(|(solution, _)| solution).collect();
        let report = report(&solutions, on_device, lost);
        (solutions, report)
    }

    /// From how many assets on a problem takes the whole device: where few are large, one after another is sooner.
    fn whole_from(&self, open: &[Open<'_>]) -> usize {
        let large = open.iter().filter(|open| open.problem.n() >= self.shared.whole_from).count();
        if large <= FEW { self.shared.whole_from } else { usize::MAX }
    }

    /// What follows on the device's answer for a problem.
    fn after<'a>(
        &self,
        mut open: Open<'a>,
        answer: Option<(Ending, Vec<u8>)>,
        settings: &Settings,
    ) -> Raw<'a> {
        match answer {
            Some((Ending::Look, state)) if open.look(&state) => Raw::Open(open),
            Some((Ending::Settled | Ending::Look, state)) => Raw::Done(open.conclude(&state, false), true),
            Some((Ending::Limited, state)) => Raw::Done(open.conclude(&state, true), true),
            Some((Ending::NotConvex | Ending::Unknown(_), _)) | None => {
                Raw::Done(self.raw.solve(open.problem, settings), false)
            }
        }
    }

    /// [`GpuIpm::raw_batch`] of one problem.
    ///
    /// # Errors
    /// A malformed problem, a covariance that is not positive semidefinite.
    pub fn solve_raw(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        let (mut solutions, _) = self.raw_batch(std::slice::from_ref(problem), settings);
        solutions.pop().unwrap_or_else(|| self.raw.solve(problem, settings))
    }

    /// Solves every problem; the answers are those of `ipm/1` on the CPU in every bit.
    pub fn solve_batch(&self, problems: &[Problem], settings: &Settings) -> Solved {
        self.shared.within(|| self.finish_within(problems, settings))
    }

    fn finish_within(&self, problems: &[Problem], settings: &Settings) -> Solved {
        let (raw, mut report) = self.raw_within(problems, settings);
        let wants = |k: &usize| {
            raw[*k].as_ref().is_ok_and(|raw| {
                raw.status != Status::Infeasible && raw.weights.iter().all(|w| w.is_finite())
            }) && problems[*k].gamma > 0.0
        };
        let chosen: Vec<usize> = (0..problems.len()).filter(wants).collect();
        let task = |&k: &usize| Task {
            problem: &problems[k],
            near: raw[k].as_ref().ok(),
            path: Path::InteriorPoint,
        };
        let tasks: Vec<Task<'_>> = chosen.iter().map(task).collect();
        let (finished, lost) = self.shared.search(&tasks, settings);
        drop(tasks);
        report.lost = report.lost.or(lost);
        let mut answers: Vec<Option<Solution>> = vec![None; problems.len()];
        for (k, finished) in chosen.into_iter().zip(finished) {
            answers[k] = match finished {
                Some(Found::Optimum(solution)) => Some(*solution),
                Some(Found::Nothing | Found::NoRoom) | None => None,
            };
        }
        let solutions: Vec<_> = raw
            .into_par_iter()
            .zip(answers)
            .zip(problems)
            .map(|((raw, finished), problem)| {
                let raw = raw?;
                match finished {
                    Some(found) => Ok(Solution { iterations: raw.iterations + found.iterations, ..found }),
                    None => self.finish.finish_or_keep(problem, raw, Path::InteriorPoint, settings),
                }
            })
            .collect();
        (solutions, report)
    }
}

impl Solver for GpuIpm {
    /// That of the CPU's backend: a Run names the arithmetic, not the machine.
    fn id(&self) -> &'static str {
        self.cpu.id()
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        let (mut solutions, _) = self.solve_batch(std::slice::from_ref(problem), settings);
        solutions.pop().unwrap_or_else(|| self.cpu.solve(problem, settings))
    }

    fn isa(&self) -> Isa {
        self.shared.isa
    }
}
