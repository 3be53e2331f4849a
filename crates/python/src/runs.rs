//! A list of Runs.

use crate::handle::Handle;
use crate::run::Run;
use crate::table::Table;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PySlice};
use samebits_analytics::{Column, Kind, Rows, Value};
use samebits_store::RunHead;
use std::sync::Arc;

/// Runs in the order of their days: a sequence, and a table of their columns.
#[pyclass(frozen, sequence, module = "samebits")]
pub(crate) struct Runs {
    handle: Arc<Handle>,
    heads: Arc<[RunHead]>,
}

impl Runs {
    pub(crate) fn new(handle: Arc<Handle>, heads: Vec<RunHead>) -> Self {
        Self { handle, heads: heads.into() }
    }

    fn run(&self, at: usize) -> Run {
        Run::new(Arc::clone(&self.handle), self.heads[at].clone())
    }
}

#[pymethods]
impl Runs {
    fn __len__(&self) -> usize {
        self.heads.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = index.cast::<PySlice>() {
            let indices = slice.indices(self.heads.len() as isize)?;
            let at = (0..indices.slicelength as isize).map(|k| (indices.start + k * indices.step) as usize);
            let heads = at.map(|at| self.heads[at].clone()).collect();
            return Ok(Bound::new(py, Self::new(Arc::clone(&self.handle), heads))?.into_any());
        }
        let index: isize = index.extract()?;
        let at = if index < 0 { index + self.heads.len() as isize } else { index };
        match usize::try_from(at) {
            Ok(at) if at < self.heads.len() => Ok(Bound::new(py, self.run(at))?.into_any()),
            _ => Err(PyIndexError::new_err(format!("{index}: there are {} Runs", self.heads.len()))),
        }
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let runs = (0..self.heads.len()).map(|at| Bound::new(py, self.run(at)));
        PyList::new(py, runs.collect::<PyResult<Vec<_>>>()?)?.call_method0("__iter__")
    }

    fn __repr__(&self) -> String {
        format!("<samebits.Runs: {}>", self.heads.len())
    }

    /// The columns of the list as a table.
    #[getter]
    fn table(&self) -> Table {
        Table::new(rows(&self.heads))
    }

    /// The Arrow C stream of [`table`](Self::table).
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        self.table().__arrow_c_stream__(py, requested_schema)
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, optional: false }
}

/// Columns of the list: names and kinds of the export's table of Runs.
static LIST: samebits_analytics::Table = samebits_analytics::Table {
    name: "list",
    columns: &[
        column("run_id", Kind::Id),
        column("inputs_id", Kind::Id),
        column("result_id", Kind::Id),
        column("account", Kind::Text),
        column("sequence", Kind::Integer),
        column("as_of", Kind::Day),
        column("status", Kind::Text),
        column("solver", Kind::Text),
        column("recorded_at", Kind::Time),
        column("actor", Kind::Text),
        column("link", Kind::Id),
    ],
};

fn rows(heads: &[RunHead]) -> Rows {
    let of = |value: &dyn Fn(&RunHead) -> Value| heads.iter().map(value).collect::<Vec<_>>();
    let columns = vec![
        of(&|head| Value::Id(head.run_id)),
        of(&|head| Value::Id(head.inputs_id)),
        of(&|head| Value::Id(head.result_id)),
        of(&|head| Value::Text(head.account.clone())),
        of(&|head| Value::Integer(head.sequence)),
        of(&|head| Value::Day(head.as_of)),
        of(&|head| Value::Text(head.status.clone())),
        of(&|head| Value::Text(head.solver.clone())),
        of(&|head| Value::Time(head.recorded_at)),
        of(&|head| Value::Text(head.actor.clone())),
        of(&|head| Value::Id(head.link)),
    ];
    Rows { table: LIST, columns }
}
