//! Any solver, and then the canonical finish.

use crate::ActiveSet;
use samebits_canon::Isa;
use samebits_qp::{Error, Path, Problem, Settings, Solution, Solver, Status};

/// A solver whose answers are finished canonically, so that they carry the bits that every finished answer carries. An
/// answer that cannot be finished is handed on as it is, with [`Path::Raw`].
#[derive(Debug)]
pub struct Finished<S> {
    id: &'static str,
    raw: S,
    active: ActiveSet,
}

impl<S: Solver> Finished<S> {
    /// `raw` under the name `id`; the finish uses `isa` and up to `threads` threads, which move no bit.
    pub fn new(id: &'static str, raw: S, isa: Isa, threads: usize) -> Self {
        Self { id, raw, active: ActiveSet::new(isa, threads) }
    }
}

impl<S: Solver> Solver for Finished<S> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        let raw = self.raw.solve(problem, settings)?;
        self.active.finish_or_keep(problem, raw, Path::Finished, settings)
    }

    fn isa(&self) -> Isa {
        self.active.isa()
    }
}

impl ActiveSet {
    /// The finished answer, or `raw` when it is infeasible or cannot be finished.
    ///
    /// # Errors
    /// A malformed problem.
    pub fn finish_or_keep(
        &self,
        problem: &Problem,
        raw: Solution,
        path: Path,
        settings: &Settings,
    ) -> Result<Solution, Error> {
        if raw.status == Status::Infeasible || raw.weights.iter().any(|w| !w.is_finite()) {
            return Ok(raw);
        }
        let finished = self.finish(problem, &raw, path, settings)?;
        Ok(match finished {
            // What the finish adds to the solver's own iterations are its steps from state to state.
            Some(finished) => Solution { iterations: raw.iterations + finished.iterations, ..finished },
            None => raw,
        })
    }
}
