//! The arithmetic that every solver obeys: IEEE 754 binary64 with the order of operations written down.
//!
//! IEEE 754 defines each of `+ - * /`, square root and fused multiply-add to one bit pattern, on every processor. Only
//! the *order* is free, so the order is the specification; `docs/arithmetic.md` numbers its clauses and this crate
//! writes each clause as the plainest loop. A faster kernel equals its plain loop in all bits.
//!
//! | clause | here |
//! |---|---|
//! | A1 types | `f64` everywhere; `f32` is storage and widens exactly |
//! | A2 scalar operations | [`fma`], [`min`], [`max`], [`abs`] |
//! | A3 reductions in 32 lanes | [`dot`], [`dot_on`], [`sum`], [`max_abs`] |
//! | A4 ascending chains | [`chain()`], [`matvec`], [`gram`](gram::gram), [`add_product`], [`subtract_product`] |
//! | A5 Cholesky | [`Cholesky`] |
//! | A7 failure | [`Error`], [`assert_ieee`] |
//!
//! ```
//! let third = [1.0, 2.0, 2.0];
//! assert_eq!(samebits_canon::dot(&third, &third), 9.0);
//! ```
//!
//! Left out on purpose: threads, files, detection of the processor (an [`Isa`] is passed down from above, see
//! [`Isa::detect`]), and every function whose result a mathematics library decides (`exp`, `ln`, `pow`).

mod chain;
mod cholesky;
mod error;
pub mod gram;
mod ieee;
mod isa;
mod kernel;
mod matvec;
mod panels;
mod product;
mod reduce;
mod scalar;
mod small;
mod system;

pub use chain::{chain, matvec};
pub use cholesky::Cholesky;
pub use error::Error;
pub use ieee::assert_ieee;
pub use isa::Isa;
pub use matvec::{add_columns, matvec_on, matvec_symmetric, matvec_transposed, weighted_gram};
pub use product::{add_product, subtract_product};
pub use reduce::{dot, dot_on, max_abs, sum};
pub use scalar::{abs, fma, max, min};
pub use small::solve_small;
pub use system::System;
