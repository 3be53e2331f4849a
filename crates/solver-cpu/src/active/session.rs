//! Repeated solves of one problem while the bounds of its trades move.

use super::ActiveSet;
use super::engine::Engine;
use samebits_qp::sides::Session;
use samebits_qp::{
    AT_UPPER, AT_ZERO, BETWEEN, Error, Path, Problem, Settings, Solution, Solver, State, Status,
};

/// Steps from a given state before the solve starts anew.
const WARM_STEPS: u32 = 40;

/// A session of [`ActiveSet`]: the problem is prepared once, each solve starts from a state.
pub(super) struct Warm<'a> {
    solver: &'a ActiveSet,
    problem: &'a Problem,
    settings: Settings,
    engine: Engine,
    /// The answer of the fallback, when the search did not find one.
    fallback: Option<Solution>,
}

impl<'a> Warm<'a> {
    pub(super) fn new(
        solver: &'a ActiveSet,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Self, Error> {
        problem.validate()?;
        let mut engine = solver.engine();
        engine.fill(problem)?;
        Ok(Self { solver, problem, settings: *settings, engine, fallback: None })
    }

    /// The problem under the present bounds.
    fn bounded(&self) -> Problem {
        let mut problem = self.problem.clone();
        for (trade, upper) in problem.trades.iter_mut().zip(&self.engine.layout.upper) {
            trade.upper = *upper;
        }
        problem
    }

    fn search(&mut self, from: Option<&State>) -> bool {
        if !(self.problem.gamma > 0.0) {
            return false;
        }
        let engine = &mut self.engine;
        if let Some(from) = from {
            engine.state.clone_from(from);
            engine.fit_state(self.problem);
            engine.steps = 0;
            if engine.search(self.problem, WARM_STEPS, true).is_ok() {
                return true;
            }
        }
        engine.start_cold(self.problem);
        engine.search(self.problem, self.settings.max_iterations, false).is_ok()
    }
}

impl Session for Warm<'_> {
    fn set_upper(&mut self, trade: usize, upper: f64) {
        self.engine.layout.upper[trade] = upper;
    }

    fn solve(&mut self, from: Option<&State>) -> Result<Option<f64>, Error> {
        self.fallback = None;
        if self.search(from) {
            return Ok(Some(self.engine.objective(self.problem)));
        }
        let solution = self.solver.solve(&self.bounded(), &self.settings)?;
        let objective = (solution.status == Status::Optimal).then_some(solution.objective);
        self.fallback = Some(solution);
        Ok(objective)
    }

    fn state(&self) -> Option<State> {
        match &self.fallback {
            None => Some(self.engine.state.clone()),
            Some(solution) => solution.finish.as_ref().map(|finish| finish.state.clone()),
        }
    }

    fn solution(&mut self) -> Result<Solution, Error> {
        if let Some(solution) = &self.fallback {
            return Ok(solution.clone());
        }
        let bounded = self.bounded();
        Ok(self.engine.solution(&bounded, Path::ActiveSet))
    }
}

impl Drop for Warm<'_> {
    fn drop(&mut self) {
        self.solver.keep(std::mem::take(&mut self.engine));
    }
}

impl Engine {
    /// Makes a state of other bounds one of the present ones: a barred trade is at zero, one without an upper bound is not
    /// at it.
    fn fit_state(&mut self, problem: &Problem) {
        for (place, upper) in self.state.trades.iter_mut().zip(&self.layout.upper) {
            if *upper <= 0.0 {
                *place = AT_ZERO;
            } else if *place == AT_UPPER && *upper == f64::INFINITY {
                *place = BETWEEN;
            }
        }
        for (i, bound) in self.state.bounds.iter_mut().enumerate() {
            if self.layout.of(i).iter().all(|&t| self.state.trades[t] != BETWEEN) {
                *bound = 0;
            }
        }
        debug_assert_eq!(self.state.rows.len(), problem.rows.len());
    }
}
