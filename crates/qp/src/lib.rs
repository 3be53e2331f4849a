//! The structured portfolio problem: matrices and vectors only.
//!
//! ```text
//! minimise    gamma/2 d' Sigma d  +  cost' t  -  alpha' w
//!             w = start + sum over trades of sign_t t (on the trade's asset),   d = w - benchmark
//! subject to  lower <= w <= upper
//!             0 <= t <= t_upper
//!             row_lower <= A_w w + A_t t <= row_upper
//!             sqrt(d' Sigma d) <= risk_cap                        (optional)
//! ```
//!
//! A backend implements [`Solver`]; whatever it returns is judged by [`certify`], which reads nothing but the problem and
//! the answer, and [`refutes`] checks a proof that there is none. [`relax`] resolves a conflict of constraints in a given
//! order. [`general`] is the plain sparse form, for problems of other kinds. Sums and products follow `docs/arithmetic.md`; the mathematics is in `docs/qp.md`.
//!
//! Left out on purpose: names of rows, money, tax; how a problem is solved.

mod beside;
mod certificate;
mod elastic;
mod error;
mod evaluate;
pub mod general;
mod problem;
mod refute;
mod risk;
pub mod sides;
mod solution;
mod state;
mod validate;

pub use beside::Beside;
pub use certificate::{certify, judge};
pub use elastic::{Class, Relaxed, relax};
pub use error::Error;
pub use evaluate::Parts;
pub use problem::{Problem, Risk, RowLimit, TradeVariable};
pub use refute::{Refutation, refutes};
pub use solution::{
    Certificate, DEGENERATE, Finish, Multipliers, Path, Search, Settings, Solution, Solver, Status,
};
pub use state::{AT_UPPER, AT_ZERO, BETWEEN, State};
