//! Solves of many threads gathered into batches.
//!
//! A decision asks for one solve after another, and a device wants many at once. Threads that decide enter; a solve waits
//! until at least half of those inside wait too, and then one of them solves for all. Who solves beside whom moves no bit.

use samebits_canon::Isa;
use samebits_qp::sides::Session;
use samebits_qp::{Error, Problem, Settings, Solution, Solver};
use samebits_solver_gpu::{GpuActiveSet, GpuIpm, Report, Solved};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A backend that solves many problems at once.
pub(crate) trait BatchSolver: Solver {
    fn solve_many(&self, problems: &[Problem], settings: &Settings) -> Solved;
}

impl BatchSolver for GpuActiveSet {
    fn solve_many(&self, problems: &[Problem], settings: &Settings) -> Solved {
        self.solve_batch(problems, settings)
    }
}

impl BatchSolver for GpuIpm {
    fn solve_many(&self, problems: &[Problem], settings: &Settings) -> Solved {
        self.solve_batch(problems, settings)
    }
}

/// A backend whose single solves are gathered.
pub(crate) struct Gather<S> {
    solver: S,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Threads that decide.
    inside: usize,
    waiting: Vec<(u64, Problem, Settings)>,
    solved: Vec<(u64, Result<Solution, Error>)>,
    next: u64,
    solving: bool,
    /// A batch did not come back: everyone solves alone.
    broken: bool,
    report: Report,
}

impl Queue {
    fn is_ripe(&self) -> bool {
        !self.solving && !self.waiting.is_empty() && 2 * self.waiting.len() >= self.inside
    }
}

/// A thread is inside as long as this lives.
pub(crate) struct Entered<'a, S: BatchSolver> {
    gather: &'a Gather<S>,
}

impl<S: BatchSolver> Drop for Entered<'_, S> {
    fn drop(&mut self) {
        self.gather.lock().inside -= 1;
        // What waits may be ripe now.
        self.gather.changed.notify_all();
    }
}

impl<S: BatchSolver> Gather<S> {
    pub(crate) fn new(solver: S) -> Self {
        Self { solver, queue: Mutex::default(), changed: Condvar::new() }
    }

    /// Counts the calling thread among those that decide.
    pub(crate) fn enter(&self) -> Entered<'_, S> {
        self.lock().inside += 1;
        Entered { gather: self }
    }

    /// The backend itself.
    pub(crate) fn solver(&self) -> &S {
        &self.solver
    }

    /// What all batches came to.
    pub(crate) fn report(&self) -> Report {
        self.lock().report.clone()
    }

    /// A poisoned queue is as good as any: nothing in it is half-written while it is locked.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Solves for all that wait; returns with the queue locked.
    fn solve_for_all<'a>(&'a self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        let settings = queue.waiting[0].2;
        let (batch, others) =
            std::mem::take(&mut queue.waiting).into_iter().partition(|one| one.2 == settings);
        queue.waiting = others;
        queue.solving = true;
        drop(queue);
        let batch: Vec<(u64, Problem, Settings)> = batch;
        let (tickets, problems): (Vec<u64>, Vec<Problem>) =
            batch.into_iter().map(|(ticket, problem, _)| (ticket, problem)).unzip();
        // On a thread of its own: a thread of a pool that waits for work of another pool takes up work of its own pool
        // meanwhile, and that would wait here for this very batch.
        let solved = std::thread::scope(|scope| {
            let batch = scope.spawn(|| self.solver.solve_many(&problems, &settings));
            batch.join()
        });
        let mut queue = self.lock();
        let (solutions, report) = match solved {
            Ok(solved) => solved,
            Err(panic) => {
                // A fault of ours; those who wait must not wait for ever.
                queue.broken = true;
                self.changed.notify_all();
                drop(queue);
                std::panic::resume_unwind(panic);
            }
        };
        queue.solved.extend(tickets.into_iter().zip(solutions));
        queue.solving = false;
        queue.report.on_device += report.on_device;
        queue.report.on_cpu += report.on_cpu;
        queue.report.lost = queue.report.lost.take().or(report.lost);
        self.changed.notify_all();
        queue
    }
}

impl<S: BatchSolver> Solver for Gather<S> {
    fn id(&self) -> &'static str {
        self.solver.id()
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        let mut queue = self.lock();
        let ticket = queue.next;
        queue.next += 1;
        queue.waiting.push((ticket, problem.clone(), *settings));
        loop {
            if let Some(at) = queue.solved.iter().position(|(own, _)| *own == ticket) {
                return queue.solved.swap_remove(at).1;
            }
            if queue.broken {
                drop(queue);
                return self.solver.solve(problem, settings);
            }
            queue = if queue.is_ripe() {
                self.solve_for_all(queue)
            } else {
                self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }

    fn isa(&self) -> Isa {
        self.solver.isa()
    }

    fn session<'a>(
        &'a self,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Option<Box<dyn Session + 'a>>, Error> {
        self.solver.session(problem, settings)
    }
}
