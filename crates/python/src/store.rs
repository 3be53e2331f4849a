//! A store of Runs.

use crate::answers;
use crate::backend::{backend, clock, threads};
use crate::convert::{digest, filter, made};
use crate::errors::{Fault, detached};
use crate::handle::Handle;
use crate::interrupt::interruptible;
use crate::run::{Run, replay};
use crate::runs::Runs;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use samebits_replay::{Item, each_run};
use samebits_snapshot::Digest;
use samebits_store::{RunHead, StoredRun};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Opens a store: the path of a file, or `postgres://USER@HOST/DATABASE`.
#[pyfunction]
#[pyo3(signature = (location, *, append=false, create=false))]
pub(crate) fn open(
    py: Python<'_>,
    location: &Bound<'_, PyAny>,
    append: bool,
    create: bool,
) -> PyResult<Store> {
    let path = py.import("os")?.call_method1("fspath", (location,))?;
    let location: String = path.extract()?;
    let handle = detached(py, || Handle::open(&location, append, create))?;
    Ok(Store { handle: Arc::new(handle) })
}

/// A store of Runs.
#[pyclass(frozen, module = "samebits", mapping)]
pub(crate) struct Store {
    handle: Arc<Handle>,
}

impl Store {
    pub(crate) fn handle(&self) -> &Arc<Handle> {
        &self.handle
    }

    fn find(&self, py: Python<'_>, wanted: &str) -> PyResult<RunHead> {
        detached(py, || self.handle.with(|store| Ok(store.find(wanted)?)))
    }

    fn heads(
        &self,
        py: Python<'_>,
        account: Option<String>,
        days: [Option<&Bound<'_, PyAny>>; 2],
    ) -> PyResult<Vec<RunHead>> {
        let filter = filter(account, days[0], days[1])?;
        detached(py, || self.handle.with(|store| Ok(store.list(&filter)?)))
    }
}

#[pymethods]
impl Store {
    /// Where it is; without a password.
    #[getter]
    fn place(&self) -> String {
        self.handle.place()
    }

    #[getter]
    fn closed(&self) -> bool {
        self.handle.closed()
    }

    /// Whether it was opened to append.
    #[getter]
    fn writable(&self) -> bool {
        self.handle.writable()
    }

    /// The Run that `wanted` names: a unique prefix of its id, `ACCOUNT/SEQUENCE`, or `latest`.
    fn __getitem__(&self, py: Python<'_>, wanted: &str) -> PyResult<Run> {
        Ok(Run::new(Arc::clone(&self.handle), self.find(py, wanted)?))
    }

    fn __contains__(&self, py: Python<'_>, wanted: &str) -> PyResult<bool> {
        use samebits_store::Error::{Ambiguous, NotFound};
        let found = |store: &samebits_store::Store| match store.find(wanted) {
            Ok(_) => Ok(true),
            Err(NotFound { .. } | Ambiguous { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        };
        detached(py, || self.handle.with(found))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || self.handle.with(|store| Ok(store.count()? as usize)))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let runs = Runs::new(Arc::clone(&self.handle), self.heads(py, None, [None, None])?);
        Bound::new(py, runs)?.call_method0("__iter__")
    }

    /// The Runs that fit, by day, then account; of more than `limit` the last ones.
    #[pyo3(signature = (*, account=None, start=None, end=None, limit=None))]
    fn runs(
        &self,
        py: Python<'_>,
        account: Option<String>,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
        limit: Option<usize>,
    ) -> PyResult<Runs> {
        let mut heads = self.heads(py, account, [start, end])?;
        if let Some(limit) = limit {
            heads.drain(..heads.len().saturating_sub(limit));
        }
        Ok(Runs::new(Arc::clone(&self.handle), heads))
    }

    /// Decides Runs again on several threads: those named by `ids`, or those that fit; the result is in their order.
    #[pyo3(signature = (ids=None, *, account=None, start=None, end=None, threads=None, backend="cpu"))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn replay<'py>(
        &self,
        py: Python<'py>,
        ids: Option<Vec<Bound<'py, PyAny>>>,
        account: Option<String>,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
        threads: Option<usize>,
        backend: &str,
    ) -> PyResult<Bound<'py, PyList>> {
        let heads = match ids {
            Some(ids) => ids.iter().map(|id| self.find(py, &name(id)?)).collect::<PyResult<Vec<_>>>()?,
            None => self.heads(py, account, [start, end])?,
        };
        let run_ids: Vec<Digest> = heads.iter().map(|head| head.run_id).collect();
        let items = interruptible(py, |stop| {
            let backend = self::backend(backend)?;
            let (threads, clock) = (self::threads(threads, &backend), clock());
            let one = |stored: &StoredRun| {
                if stop.load(Ordering::Relaxed) {
                    return Err(samebits_replay::Error::Threads("interrupted".to_owned()));
                }
                samebits_replay::replay(&stored.run, &stored.ids, &backend, &clock)
            };
            Ok(each_run(self.handle.opener()?, &run_ids, threads, &one, &|_| ())?)
        })?;
        let all = heads.iter().zip(items).map(|(head, item)| replayed(py, head, item));
        PyList::new(py, all.collect::<PyResult<Vec<_>>>()?)
    }

    /// Reads every row, blob, id and chain.
    fn verify<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = detached(py, || self.handle.with(|store| Ok(store.verify(&mut |_| ()))))?;
        let problems = report.problems.iter().map(|one| {
            let run = one.run.as_ref().map(|(account, sequence)| format!("{account}/{sequence}"));
            made(py, "Problem", (run, &one.part, &one.problem))
        });
        let problems = PyTuple::new(py, problems.collect::<PyResult<Vec<_>>>()?)?;
        made(py, "Report", (report.runs, report.corrections, report.blobs, report.accounts, problems))
    }

    /// The Runs that fit in units of work: at most `block` Runs of one day.
    #[pyo3(signature = (*, block=64, account=None, start=None, end=None))]
    fn units<'py>(
        &self,
        py: Python<'py>,
        block: usize,
        account: Option<String>,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let heads = self.heads(py, account, [start, end])?;
        let units = samebits_replay::fleet::units(&heads, block);
        let units = units.iter().map(|unit| {
            let runs = PyTuple::new(py, unit.runs.iter().map(ToString::to_string))?;
            made(py, "Unit", (crate::convert::date(py, unit.day)?, runs))
        });
        PyList::new(py, units.collect::<PyResult<Vec<_>>>()?)
    }

    /// Decides the Runs of a unit again on this thread; each answer is kept by question and solver.
    #[pyo3(signature = (unit, *, worker="python", backend="cpu"))]
    fn answer<'py>(
        &self,
        py: Python<'py>,
        unit: &Bound<'py, PyAny>,
        worker: &str,
        backend: &str,
    ) -> PyResult<Bound<'py, PyList>> {
        let ids: Vec<String> = unit.getattr("runs")?.extract()?;
        let ids = ids.iter().map(|id| {
            let wrong =
                || Fault::input("python.id", "pass a Unit of store.units()", format!("`{id}` is not an id"));
            digest(id).ok_or_else(wrong)
        });
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        answers::answer(py, &self.handle, &ids, worker, backend)
    }

    /// Closes every idle handle; the store cannot be used afterwards.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.handle.close());
    }

    fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _class: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _trace: &Bound<'_, PyAny>,
    ) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        let state = match (self.handle.closed(), self.handle.writable()) {
            (true, _) => ", closed",
            (_, true) => ", to append",
            _ => "",
        };
        format!("<samebits.Store {}{state}>", self.handle.place())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let open = py.import("samebits._types")?.getattr("_reopened")?;
        (open, (self.handle.location(), self.handle.writable())).into_pyobject(py)
    }
}

/// A Run, or what names one.
fn name(id: &Bound<'_, PyAny>) -> PyResult<String> {
    match id.cast::<Run>() {
        Ok(run) => run.getattr("id")?.extract(),
        Err(_) => id.extract(),
    }
}

fn replayed<'py>(py: Python<'py>, head: &RunHead, item: Item) -> PyResult<Bound<'py, PyAny>> {
    match item.result {
        Ok(done) => replay(py, head, &done),
        Err(error) => {
            let verdict = if error.is_damage() { "DAMAGED" } else { "ERROR" };
            let error = Fault::from(error).exception(py)?;
            let class = py.import("samebits._types")?.getattr("Replay")?;
            let name = format!("{}/{}", head.account, head.sequence);
            class.call_method1("_failed", (head.run_id.to_string(), name, verdict, error))
        }
    }
}
