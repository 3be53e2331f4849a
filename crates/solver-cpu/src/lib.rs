//! Solver backends on the CPU.
//!
//! | id | what |
//! |---|---|
//! | `clarabel/1` | the general conic interior-point solver Clarabel 0.11.1, every setting pinned, one thread |
//!
//! ```
//! let solver = samebits_solver_cpu::by_id("clarabel/1").expect("known");
//! assert_eq!(solver.id(), "clarabel/1");
//! assert!(samebits_solver_cpu::by_id("clarabel/0").is_none());
//! ```
//!
//! A backend's answer is judged by `samebits_qp::certify`; its own report is never believed. Left out on purpose: money,
//! records, and the choice of a backend.

mod clarabel;

pub use clarabel::Clarabel;
use samebits_qp::Solver;

/// The backends, by the names that Runs record.
static BACKENDS: [&dyn Solver; 1] = [&Clarabel];

/// The backend of this name and arithmetic version, if this build has it.
pub fn by_id(id: &str) -> Option<&'static dyn Solver> {
    BACKENDS.into_iter().find(|solver| solver.id() == id)
}

/// The names of all backends.
pub fn ids() -> Vec<&'static str> {
    BACKENDS.iter().map(|solver| solver.id()).collect()
}
