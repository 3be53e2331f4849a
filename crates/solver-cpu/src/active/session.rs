//! Repeated solves of one problem while the bounds of its trades move.

use super::ActiveSet;
use super::engine::Engine;
use super::most_steps;
use super::point::Stop;
use samebits_qp::sides::Session;
use samebits_qp::{
    AT_UPPER, AT_ZERO, BETWEEN, Error, Path, Problem, Search, Settings, Solution, Solver, State, Status,
};

/// Steps from a given state before the solve starts anew.
const WARM_STEPS: u32 = 40;

/// A session of [`ActiveSet`]: the problem is prepared once, each solve starts from a state.
pub(super) struct Warm<'a> {
    solver: &'a ActiveSet,
    problem: Problem,
    settings: Settings,
    engine: Engine,
    /// The answer of the fallback, when the search did not find one.
    fallback: Option<Solution>,
}

impl<'a> Warm<'a> {
    pub(super) fn new(solver: &'a ActiveSet, problem: &Problem, settings: &Settings) -> Result<Self, Error> {
        problem.validate()?;
        let mut engine = solver.engine();
        (engine.kind, engine.cutoff) = (settings.search, f64::INFINITY);
        engine.fill(problem)?;
        Ok(Self { solver, problem: problem.clone(), settings: *settings, engine, fallback: None })
    }

    fn search(&mut self, from: Option<&State>) -> Reached {
        let Self { problem, settings, engine, .. } = self;
        if !(problem.gamma > 0.0) {
            return Reached::Nothing;
        }
        let start = |engine: &mut Engine| match from {
            Some(from) => {
                engine.state.clone_from(from);
                engine.fit_state(problem);
                engine.steps = 0;
            }
            None => engine.start_cold(problem),
        };
        start(engine);
        let few = if from.is_some() { WARM_STEPS } else { u32::MAX };
        if engine.search(problem, few.min(most_steps(settings)), from.is_some()).is_ok() {
            return Reached::Optimum;
        }
        if settings.search == Search::Second {
            start(engine);
            match engine.climb_from_state(problem) {
                Ok(()) => return Reached::Optimum,
                Err(Stop::Beyond) if engine.cutoff < f64::INFINITY => return Reached::Beyond,
                Err(_) => {}
            }
        }
        if from.is_none() {
            return Reached::Nothing;
        }
        engine.start_cold(problem);
        match engine.search(problem, most_steps(settings), false) {
            Ok(()) => Reached::Optimum,
            Err(_) => Reached::Nothing,
        }
    }
}

impl ActiveSet {
    /// [`Solver::solve_from`]: the search, and the ascent, from a state of the problem under other limits.
    pub(super) fn solve_warm(
        &self,
        problem: &Problem,
        settings: &Settings,
        from: &State,
    ) -> Result<Solution, Error> {
        problem.validate()?;
        if settings.search == Search::Second && from.check(problem).is_ok() {
            let mut warm = Warm::new(self, problem, settings)?;
            if matches!(warm.search(Some(from)), Reached::Optimum)
                && let Some(found) = warm.engine.accepted(problem, Path::ActiveSet, settings.tolerance)
            {
                return Ok(found);
            }
        }
        self.solve(problem, settings)
    }
}

/// How a search ended.
enum Reached {
    Optimum,
    /// There is nothing at or below the objective that is wanted.
    Beyond,
    Nothing,
}

impl Session for Warm<'_> {
    fn set_upper(&mut self, trade: usize, upper: f64) {
        self.engine.layout.upper[trade] = upper;
        self.problem.trades[trade].upper = upper;
    }

    fn set_cutoff(&mut self, objective: f64) {
        self.engine.cutoff = objective;
    }

    fn solve(&mut self, from: Option<&State>) -> Result<Option<f64>, Error> {
        self.fallback = None;
        match self.search(from) {
            Reached::Optimum => {
                let objective = self.engine.objective(&self.problem);
                return Ok(Some(objective).filter(|objective| *objective <= self.engine.cutoff));
            }
            Reached::Beyond => return Ok(None),
            Reached::Nothing => {}
        }
        let solution = match self.settings.search {
            Search::First => self.solver.solve(&self.problem, &self.settings)?,
            // The search was tried just now.
            Search::Second => self.solver.interior_point(&self.problem, &self.settings)?,
        };
        let objective = (solution.status == Status::Optimal).then_some(solution.objective);
        self.fallback = Some(solution);
        Ok(objective.filter(|objective| *objective <= self.engine.cutoff))
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
        if self.settings.search == Search::First {
            return Ok(self.engine.solution(&self.problem, Path::ActiveSet));
        }
        match self.engine.accepted(&self.problem, Path::ActiveSet, self.settings.tolerance) {
            Some(solution) => Ok(solution),
            None => self.solver.solve(&self.problem, &self.settings),
        }
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
