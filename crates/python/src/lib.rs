//! The Python package `samebits`: stores, Runs, replays and tables for people who work in Python.
//!
//! ```text
//! Store --handle--> samebits-store     Run.replay, Run.why, record --> samebits-replay
//! Run.trades, ... --analytics rows--> Arrow C stream     Run.sigma, ... --array interface--> numpy views
//! ```
//!
//! Thin: every method parses its arguments, calls one library function without the interpreter's lock, and hands the answer
//! over. Answers are the data classes of `python/samebits/_types.py`. `docs/python.md` is the manual.
//!
//! Left out on purpose: decisions, checks, formats; a wheel has no dependency, so numpy, Arrow readers and engines are the
//! caller's.
#![allow(
    clippy::disallowed_methods,
    clippy::unused_self,
    reason = "the top of a program: it reads the clock and counts processors, and passes both down"
)]

mod answers;
mod backend;
mod capsule;
mod convert;
mod errors;
mod handle;
mod input;
mod interrupt;
mod matrix;
mod page;
mod qp;
mod question;
mod record;
mod run;
mod runs;
mod store;
mod table;
mod tables;

use pyo3::prelude::*;

/// The extension module.
#[pymodule]
mod _samebits {
    #[pymodule_export]
    use crate::errors::fault;
    #[pymodule_export]
    use crate::matrix::View;
    #[pymodule_export]
    use crate::qp::solve;
    #[pymodule_export]
    use crate::question::Question;
    #[pymodule_export]
    use crate::record::record;
    #[pymodule_export]
    use crate::run::{Run, compare};
    #[pymodule_export]
    use crate::runs::Runs;
    #[pymodule_export]
    use crate::store::{Store, open};
    #[pymodule_export]
    use crate::table::Table;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
