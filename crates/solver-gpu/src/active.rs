//! Searches of the active set as work for a device.

use crate::batch::{Packed, Work};
use crate::device::Kernel;
use crate::pack::{self, Answer, Ending, Parts, Shape};
use crate::plan::Sizes;
use samebits_qp::{Path, Problem, Settings, Solution};
use samebits_solver_cpu::{Host, most_steps};

/// A problem that the active set is to solve, validated and with a positive risk aversion.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) problem: &'a Problem,
    /// Another solver's answer to start from.
    pub(crate) near: Option<&'a Solution>,
    pub(crate) path: Path,
}

/// What came of a search.
pub(crate) enum Found {
    /// A certified optimum.
    Optimum(Box<Solution>),
    /// It ended without one, as the CPU's does.
    Nothing,
    /// The device could not go on where the CPU can: more open trades than there is room for.
    NoRoom,
}

/// Searches.
pub(crate) struct Searches<'a> {
    pub(crate) tasks: &'a [Task<'a>],
    pub(crate) settings: Settings,
}

impl Work for Searches<'_> {
    type Answer = Found;

    fn kernel(&self) -> Kernel {
        Kernel::ActiveSet
    }

    fn preparation(&self) -> Kernel {
        Kernel::Sketch
    }

    fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.tasks.iter().map(|task| task.problem)
    }

    fn sizes(&self, task: usize, k: usize) -> Sizes {
        let shape = Shape::new(self.tasks[task].problem);
        let work = shape.work(k).max(pack::sketch_work(shape.n));
        Sizes {
            n: shape.n,
            input: shape.input(),
            state: shape.state(),
            output: shape.output(),
            work,
            whole: None,
        }
    }

    fn pack(&self, host: &mut Host, task: usize, parts: &Parts, into: Packed<'_>) {
        let Task { problem, near, .. } = self.tasks[task];
        let curves = host.prepare(problem);
        pack::problem(into.input, problem, &curves);
        let weight_scale = curves.weight_scale;
        let (start, slope) = match near {
            Some(raw) => host.near(problem, raw),
            None => host.cold(problem),
        };
        pack::state(into.state, start, slope);
        let rest = (most_steps(&self.settings), near.is_some(), weight_scale);
        pack::job(into.job, parts, problem, Shape::new(problem), rest);
    }

    fn read(&self, host: &mut Host, task: usize, state: &[u8], output: &[u8]) -> Found {
        let Task { problem, path, .. } = self.tasks[task];
        let answer = Answer::new(Shape::new(problem), state, output);
        match answer.ending {
            Ending::Optimal => {}
            Ending::Steps | Ending::Singular | Ending::Broken => return Found::Nothing,
            Ending::NoRoom | Ending::Unknown(_) => return Found::NoRoom,
        }
        let Some(arrival) = answer.arrival() else { return Found::NoRoom };
        host.prepare(problem);
        let solution = host.read(problem, &arrival, path, &self.settings);
        solution.map_or(Found::Nothing, |solution| Found::Optimum(Box::new(solution)))
    }
}
