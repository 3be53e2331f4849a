//! The structured portfolio problem: matrices and vectors only.
//!
//! ```text
//! minimise    gamma/2 d' Sigma d  +  cost' t  -  alpha' w          w = start + sum over trades of sign_t * t,  d = w - benchmark
//! subject to  lower <= w <= upper
//!             0 <= t <= t_upper
//!             row_lower <= A_w w + A_t t <= row_upper
//!             sqrt(d' Sigma d) <= risk_cap                        (optional)
//! ```

mod error;
mod problem;
mod solution;

pub use error::Error;
pub use problem::{Problem, Risk, RowLimit, TradeVariable};
pub use solution::{Certificate, Multipliers, Settings, Solution, Solver, Status};
