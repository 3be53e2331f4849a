//! Solver backends on the CPU.
//!
//! | id | what |
//! |---|---|
//! | `active-set/1` | search over states: which limits hold; the default |
//! | `ipm/1` | Mehrotra's interior point on the structure of the portfolio problem, in the order of `canon`; finished |
//! | `ipm-raw/1` | the same without the finish |
//! | `clarabel/1` | the general conic interior-point solver Clarabel 0.11.1, every setting pinned, one thread |
//! | `clarabel-finished/1` | the same, then the canonical finish |
//!
//! ```
//! use samebits_canon::Isa;
//! let solver = samebits_solver_cpu::by_id("clarabel/1", Isa::Portable, 1).expect("known");
//! assert_eq!(solver.id(), "clarabel/1");
//! assert!(samebits_solver_cpu::by_id("clarabel/0", Isa::Portable, 1).is_none());
//! ```
//!
//! A backend's answer is judged by `samebits_qp::certify`; its own report is never believed. Left out on purpose: money,
//! records, and the choice of a backend.

mod active;
mod clarabel;
mod finished;
mod ipm;

pub use active::{ActiveSet, Arrival, Curves, Host, most_steps};
pub use clarabel::{Clarabel, solve_general};
pub use finished::Finished;
pub use ipm::{Ipm, Iterate, Iteration, RawIpm, Start, System, SystemRow, SystemSide};
use samebits_canon::Isa;
use samebits_qp::Solver;

/// The backend of this name and arithmetic version, if this build has it; `isa` says which instructions its kernels may
/// use and `threads` how many threads, and neither moves a bit.
pub fn by_id(id: &str, isa: Isa, threads: usize) -> Option<Box<dyn Solver>> {
    backends(isa, threads).into_iter().find(|solver| solver.id() == id)
}

/// The names of all backends.
pub fn ids() -> Vec<&'static str> {
    backends(Isa::Portable, 1).iter().map(|solver| solver.id()).collect()
}

fn backends(isa: Isa, threads: usize) -> [Box<dyn Solver>; 5] {
    [
        Box::new(ActiveSet::new(isa, threads)),
        Box::new(Ipm::new(isa, threads)),
        Box::new(RawIpm { isa }),
        Box::new(Clarabel { isa }),
        Box::new(Finished::new("clarabel-finished/1", Clarabel { isa }, isa, threads)),
    ]
}
