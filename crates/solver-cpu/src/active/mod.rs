//! The backend `active-set/1`, and the canonical finish.
//!
//! A [`State`](samebits_qp::State) says which limits hold; it decides the weights ([`point`]). The search ([`engine`])
//! starts from a state, moves to its optimum, changes whatever is on the wrong side there ([`moves`]), and repeats until
//! nothing is: a semismooth Newton method on the assets' piecewise-linear curves ([`layout`]). The answer is then computed
//! from the state alone, so it carries the same bits whoever found the state. The method has no proof of convergence; a
//! search that does not end climbs the dual of the rows ([`ascent`]), and goes to the interior point, whose answer is
//! finished in the same way, when that does not end either.

mod ascent;
mod device;
mod engine;
mod layout;
mod moves;
mod point;
mod session;
mod sigma;

pub use device::{Arrival, Curves, Host};
use engine::Engine;
use samebits_canon::Isa;
use samebits_qp::sides::Session;
use samebits_qp::{Error, Path, Problem, Search, Settings, Solution, Solver, State};
use std::sync::Mutex;

/// The active-set backend. It keeps the memory of its solves.
#[derive(Debug)]
pub struct ActiveSet {
    isa: Isa,
    threads: usize,
    kept: Mutex<Vec<Engine>>,
}

impl ActiveSet {
    /// A backend whose kernels use `isa` and up to `threads` threads; neither moves a bit.
    pub fn new(isa: Isa, threads: usize) -> Self {
        Self { isa, threads, kept: Mutex::new(Vec::new()) }
    }

    /// An engine with the memory of an earlier solve, if one is idle.
    fn engine(&self) -> Engine {
        let kept = self.kept.lock().ok().and_then(|mut kept| kept.pop());
        kept.unwrap_or_else(|| Engine::new(self.isa, self.threads))
    }

    fn keep(&self, engine: Engine) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.push(engine);
        }
    }

    fn with_engine<T>(&self, kind: Search, work: impl FnOnce(&mut Engine) -> T) -> T {
        let mut engine = self.engine();
        (engine.kind, engine.cutoff) = (kind, f64::INFINITY);
        let result = work(&mut engine);
        self.keep(engine);
        result
    }

    /// The search alone: `None` where it finds no certified optimum.
    ///
    /// # Errors
    /// A malformed problem.
    pub fn fast(&self, problem: &Problem, settings: &Settings) -> Result<Option<Solution>, Error> {
        problem.validate()?;
        if !(problem.gamma > 0.0) {
            return Ok(None);
        }
        self.with_engine(settings.search, |engine| {
            engine.fill(problem)?;
            engine.start_cold(problem);
            let found = engine.search(problem, most_steps(settings), false).is_ok();
            let found =
                found.then(|| engine.accepted(problem, Path::ActiveSet, settings.tolerance)).flatten();
            Ok(found.or_else(|| engine.climbed(problem, None, Path::Ascent, settings)))
        })
    }

    /// Up the dual of the rows, as [`ActiveSet::fast`] goes when the search does not end; `None` where that is not asked for or
    /// does not end either.
    ///
    /// # Errors
    /// A malformed problem.
    pub fn climb(&self, problem: &Problem, settings: &Settings) -> Result<Option<Solution>, Error> {
        problem.validate()?;
        if !(problem.gamma > 0.0) {
            return Ok(None);
        }
        self.with_engine(settings.search, |engine| {
            engine.fill(problem)?;
            Ok(engine.climbed(problem, None, Path::Ascent, settings))
        })
    }

    fn interior_point(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        let raw = crate::ipm::raw(self.isa, problem, settings)?;
        self.finish_or_keep(problem, raw, Path::InteriorPoint, settings)
    }

    /// The canonical finish: from another solver's answer to the state next to it, and from state to state until none is
    /// on a wrong side; where that does not end, from the search's own start. `None` where neither ends in a certified
    /// optimum.
    ///
    /// # Errors
    /// A malformed problem.
    pub fn finish(
        &self,
        problem: &Problem,
        raw: &Solution,
        path: Path,
        settings: &Settings,
    ) -> Result<Option<Solution>, Error> {
        problem.validate()?;
        if !(problem.gamma > 0.0) {
            return Ok(None);
        }
        let most = most_steps(settings);
        self.with_engine(settings.search, |engine| {
            engine.fill(problem)?;
            engine.start_near(problem, raw);
            if engine.search(problem, most, true).is_ok() {
                let found = engine.accepted(problem, path, settings.tolerance);
                if found.is_some() {
                    return Ok(found);
                }
            }
            let near = engine.prices_near(problem, raw);
            if let Some(found) = engine.climbed(problem, Some(near), path, settings) {
                return Ok(Some(found));
            }
            engine.start_cold(problem);
            let found = engine.search(problem, most, false).is_ok();
            let found = found.then(|| engine.accepted(problem, path, settings.tolerance)).flatten();
            Ok(found.or_else(|| engine.climbed(problem, None, path, settings)))
        })
    }
}

impl ActiveSet {
    /// The point that `state` decides, without a search: one factorisation. `None` where the state has none, or where its
    /// certificate is not within the tolerance, so that it is not the state of an optimum.
    ///
    /// # Errors
    /// A malformed problem, a state that cannot be one of it.
    pub fn at(
        &self,
        problem: &Problem,
        state: &State,
        settings: &Settings,
    ) -> Result<Option<Solution>, Error> {
        problem.validate()?;
        state.check(problem)?;
        self.with_engine(settings.search, |engine| {
            engine.fill(problem)?;
            engine.state.clone_from(state);
            let found = problem.gamma > 0.0 && engine.settle(problem).is_ok();
            Ok(found.then(|| engine.accepted(problem, Path::Finished, settings.tolerance)).flatten())
        })
    }
}

/// Most steps of a search over states.
pub fn most_steps(settings: &Settings) -> u32 {
    match settings.search {
        Search::First => settings.max_iterations,
        Search::Second => settings.max_iterations.min(ascent::STEPS_BEFORE),
    }
}

impl Solver for ActiveSet {
    fn id(&self) -> &'static str {
        "active-set/1"
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        if let Some(solution) = self.fast(problem, settings)? {
            return Ok(solution);
        }
        self.interior_point(problem, settings)
    }

    fn solve_from(&self, problem: &Problem, settings: &Settings, from: &State) -> Result<Solution, Error> {
        self.solve_warm(problem, settings, from)
    }

    fn isa(&self) -> Isa {
        self.isa
    }

    fn session<'a>(
        &'a self,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Option<Box<dyn Session + 'a>>, Error> {
        Ok(Some(Box::new(session::Warm::new(self, problem, settings)?)))
    }
}
