//! Units of a fleet, answered by this process.

use crate::backend::{backend, clock, machine};
use crate::convert::made;
use crate::errors::detached;
use crate::handle::Handle;
use crate::record::{CODE, now};
use pyo3::prelude::*;
use pyo3::types::PyList;
use samebits_canon::Isa;
use samebits_replay::Machine;
use samebits_replay::fleet::{Worker, answer as decided};
use samebits_snapshot::Digest;
use samebits_store::{Answer, Found};

/// Answers to `ids`, in their order; market and risk model of a day are read once by a process.
pub(crate) fn answer<'py>(
    py: Python<'py>,
    handle: &Handle,
    ids: &[Digest],
    worker: &str,
    backend: &str,
) -> PyResult<Bound<'py, PyList>> {
    let answers = detached(py, || {
        let isa = Isa::detect();
        let (name, clock, backend) = (machine(isa), clock(), self::backend(backend)?);
        let machine = Machine { code: CODE, name: &name, isa, clock: &clock };
        let worker = Worker { name: worker, machine, now: &now, backend: &backend, threads: 1, again: true };
        handle.with(|store| {
            let one = |id: &Digest| decided(store, &store.head(id)?, &worker);
            Ok(ids.iter().map(one).collect::<Result<Vec<_>, _>>()?)
        })
    })?;
    PyList::new(py, answers.iter().map(|answer| object(py, answer)).collect::<PyResult<Vec<_>>>()?)
}

fn object<'py>(py: Python<'py>, answer: &Answer) -> PyResult<Bound<'py, PyAny>> {
    let (result_id, stage, problem) = match &answer.found {
        Found::Outcome { result_id, stage } => (Some(result_id.to_string()), stage.clone(), None),
        Found::Failed(problem) => (None, None, Some(problem.clone())),
    };
    let fields = (
        answer.key.inputs_id.to_string(),
        &answer.key.solver,
        answer.run_id.to_string(),
        result_id,
        stage,
        problem,
        &answer.worker,
        &answer.machine,
        &answer.code,
        answer.took_ns as f64 / 1e6,
    );
    made(py, "Answer", fields)
}
