//! Errors of the libraries as exceptions, work without the interpreter's lock, panics that stay inside.

use crate::page::Family;
use pyo3::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Fault {
    family: Family,
    code: &'static str,
    help: &'static str,
    message: String,
}

impl Fault {
    /// Its stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// An error of this package itself.
    pub(crate) fn new(
        family: Family,
        code: &'static str,
        help: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { family, code, help, message: message.into() }
    }

    /// An argument that cannot be used.
    pub(crate) fn input(code: &'static str, help: &'static str, message: impl Into<String>) -> Self {
        Self::new(Family::Input, code, help, message)
    }

    fn panicked(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let help = "a defect of samebits; nothing was changed. Report it with the message";
        Self::new(Family::Internal, "python.internal", help, format!("internal fault: {text}"))
    }

    /// The exception.
    pub(crate) fn exception<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let class = py.import("samebits._errors")?.getattr(self.family.class())?;
        class.call1((&self.message, self.code, self.help))
    }
}

macro_rules! faults {
    ($($of:ty),*) => {
        $(impl From<$of> for Fault {
            fn from(error: $of) -> Self {
                let (family, page) = Family::of(&error);
                Self::new(family, page.code, page.help, error.to_string())
            }
        })*
    };
}
faults!(
    samebits_store::Error,
    samebits_replay::Error,
    samebits_snapshot::Error,
    samebits_analytics::Error,
    samebits_rebalance::Error,
    samebits_ledger::Error,
    samebits_qp::Error,
    samebits_units::Error,
    samebits_solver_gpu::GpuError
);

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> Self {
        Python::attach(|py| fault.exception(py).map_or_else(|error| error, Self::from_value))
    }
}

/// Does `work` without the interpreter's lock; a panic becomes an exception.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Fault> + Send,
) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(done) => Ok(done?),
        Err(panic) => Err(Fault::panicked(&*panic).into()),
    }
}

/// Panics inside, for the tests of the package.
#[pyfunction]
#[pyo3(name = "_fault")]
pub(crate) fn fault(py: Python<'_>) -> PyResult<()> {
    detached(py, || std::panic::panic_any("asked for"))
}
