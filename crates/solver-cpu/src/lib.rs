//! Solver backends on the CPU.
//!
//! | id | what |
//! |---|---|
//! | `active-set/1` | search over states: which limits hold; the default |
//! | `ipm/1` | Mehrotra's interior point on the structure of the portfolio problem, in the order of `canon`; finished |
//! | `clarabel/1` | the general conic interior-point solver Clarabel 0.11.1, every setting pinned, one thread |
//!
//! ```
//! use samebits_canon::Isa;
//! let solver = samebits_solver_cpu::by_id("clarabel/1", Isa::Portable).expect("known");
//! assert_eq!(solver.id(), "clarabel/1");
//! assert!(samebits_solver_cpu::by_id("clarabel/0", Isa::Portable).is_none());
//! ```
//!
//! A backend's answer is judged by `samebits_qp::certify`; its own report is never believed. Left out on purpose: money,
//! records, and the choice of a backend.

mod active;
mod clarabel;
mod ipm;

pub use active::ActiveSet;
pub use clarabel::Clarabel;
pub use ipm::Ipm;
use samebits_canon::Isa;
use samebits_qp::Solver;

/// The backend of this name and arithmetic version, if this build has it; `isa` says which instructions its kernels may
/// use and moves no bit.
pub fn by_id(id: &str, isa: Isa) -> Option<Box<dyn Solver>> {
    let backends: [Box<dyn Solver>; 2] = [Box::new(ActiveSet::new(isa, 1)), Box::new(Clarabel { isa })];
    backends.into_iter().find(|solver| solver.id() == id)
}

/// The names of all backends.
pub fn ids() -> Vec<&'static str> {
    vec![ActiveSet::new(Isa::Portable, 1).id(), Clarabel { isa: Isa::Portable }.id()]
}
