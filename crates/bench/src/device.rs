//! Our solvers on the machine's GPU, one problem at a time: latency, transfers included. Batches are measured by
//! `cargo xtask gpu-verify`.

use samebits_canon::Isa;
use samebits_qp::{Error, Problem, Settings, Solution, Solver};
use samebits_solver_gpu::{Gpu, GpuActiveSet, GpuError, GpuIpm};

/// Names of the rows.
pub(crate) const NAMES: [&str; 2] = ["active-set/1@cuda", "ipm/1@cuda"];

/// A solver under the name of its row.
struct Named {
    id: &'static str,
    solver: Box<dyn Solver>,
}

impl Solver for Named {
    fn id(&self) -> &'static str {
        self.id
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, Error> {
        self.solver.solve(problem, settings)
    }
}

/// The solvers of the device, in the order of [`NAMES`].
///
/// # Errors
/// Why there is none.
pub(crate) fn solvers(isa: Isa) -> Result<Vec<Box<dyn Solver>>, GpuError> {
    let shared = Gpu::open()?.share(None, isa)?;
    let all: [Box<dyn Solver>; 2] =
        [Box::new(GpuActiveSet::new(shared.clone())), Box::new(GpuIpm::new(shared))];
    let named = |(id, solver)| Box::new(Named { id, solver }) as Box<dyn Solver>;
    Ok(NAMES.into_iter().zip(all).map(named).collect())
}
