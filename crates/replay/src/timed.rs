//! A solver whose time is counted.

use crate::record::Clock;
use samebits_canon::Isa;
use samebits_qp::sides::Session;
use samebits_qp::{Error, Problem, Settings, Solution, Solver, State};
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the nanoseconds of all solves, those of its sessions included.
pub(crate) struct Timed<'a> {
    solver: &'a dyn Solver,
    clock: Clock<'a>,
    spent: AtomicU64,
}

impl<'a> Timed<'a> {
    pub(crate) fn new(solver: &'a dyn Solver, clock: Clock<'a>) -> Self {
        Self { solver, clock, spent: AtomicU64::new(0) }
    }

    /// Nanoseconds so far.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let begun = (self.clock)();
        let result = work();
        self.spent.fetch_add((self.clock)().saturating_sub(begun), Ordering::Relaxed);
        result
    }
}

impl Solver for Timed<'_> {
    fn id(&self) -> &'static str {
        self.solver.id()
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        self.time(|| self.solver.solve(problem, settings))
    }

    fn solve_from(&self, problem: &Problem, settings: &Settings, from: &State) -> Result<Solution, Error> {
        self.time(|| self.solver.solve_from(problem, settings, from))
    }

    fn isa(&self) -> Isa {
        self.solver.isa()
    }

    fn session<'a>(
        &'a self,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Option<Box<dyn Session + 'a>>, Error> {
        let session = self.time(|| self.solver.session(problem, settings))?;
        Ok(session.map(|session| Box::new(TimedSession { timed: self, session }) as Box<dyn Session + 'a>))
    }
}

struct TimedSession<'a> {
    timed: &'a Timed<'a>,
    session: Box<dyn Session + 'a>,
}

impl Session for TimedSession<'_> {
    fn set_upper(&mut self, trade: usize, upper: f64) {
        self.session.set_upper(trade, upper);
    }

    fn set_cutoff(&mut self, objective: f64) {
        self.session.set_cutoff(objective);
    }

    fn solve(&mut self, from: Option<&State>) -> Result<Option<f64>, Error> {
        self.timed.time(|| self.session.solve(from))
    }

    fn state(&self) -> Option<State> {
        self.session.state()
    }

    fn solution(&mut self) -> Result<Solution, Error> {
        self.timed.time(|| self.session.solution())
    }
}
