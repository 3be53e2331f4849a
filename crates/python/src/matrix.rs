//! Numbers of a Run as numpy arrays, without a copy.

use crate::errors::Fault;
use crate::page::Family;
use crate::run::Loaded;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use samebits_snapshot::record::Matrix32;
use std::sync::Arc;

/// Which numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Numbers {
    Weights,
    Benchmark,
    Alpha,
    Sigma,
    Loadings,
    Covariance,
    Specific,
}

/// Numbers of a Run that numpy reads where they are; keeps them alive.
#[pyclass(frozen, module = "samebits", name = "_View")]
pub(crate) struct View {
    loaded: Arc<Loaded>,
    numbers: Numbers,
}

#[pymethods]
impl View {
    /// Where the numbers are, of which type and shape; never to be written to.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let inputs = &self.loaded.stored.run.inputs;
        let (market, risk) = (&inputs.market, &inputs.risk);
        let matrix =
            |matrix: &Matrix32| (matrix.values.as_ptr() as usize, vec![matrix.rows, matrix.cols], "<f4");
        let vector = |values: &Vec<f64>| (values.as_ptr() as usize, vec![values.len()], "<f8");
        let (address, shape, kind) = match self.numbers {
            Numbers::Weights => vector(&self.loaded.stored.run.outcome.weights),
            Numbers::Benchmark => vector(&market.benchmark.weights),
            Numbers::Alpha => vector(&market.alpha),
            Numbers::Sigma => matrix(&risk.sigma),
            Numbers::Loadings => matrix(&risk.loadings),
            Numbers::Covariance => matrix(&risk.factor_model.covariance),
            Numbers::Specific => {
                let specific = &risk.factor_model.specific.values;
                (specific.as_ptr() as usize, vec![specific.len()], "<f4")
            }
        };
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("typestr", kind)?;
        interface.set_item("shape", pyo3::types::PyTuple::new(py, shape)?)?;
        interface.set_item("data", (address, true))?;
        Ok(interface)
    }
}

/// A read-only array over `numbers` of a Run.
pub(crate) fn view(py: Python<'_>, loaded: Arc<Loaded>, numbers: Numbers) -> PyResult<Bound<'_, PyAny>> {
    numpy(py)?.call_method1("asarray", (View { loaded, numbers },))
}

/// numpy, which a wheel does not depend on.
pub(crate) fn numpy(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("numpy").map_err(|error| {
        let help = "pip install numpy, or read the tables, which need nothing";
        Fault::new(Family::Machine, "python.no-numpy", help, format!("numpy cannot be imported: {error}"))
            .into()
    })
}
