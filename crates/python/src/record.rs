//! A question decided, recorded and appended.

use crate::backend::{clock, machine};
use crate::errors::{Fault, detached};
use crate::handle::Handle;
use crate::question::Question;
use crate::run::Run;
use crate::store::Store;
use pyo3::prelude::*;
use samebits_canon::Isa;
use samebits_replay::{Machine, equipped};
use samebits_snapshot::record::Inputs;
use samebits_snapshot::{DaySections, Digest, pack_shared};
use samebits_store::{Error, NewRun, RunHead};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Version of this code, as Runs record it.
pub(crate) const CODE: &str = env!("CARGO_PKG_VERSION");

/// Decides a question and appends it to a store that was opened with `append=True`; returns the Run.
#[pyfunction]
#[pyo3(signature = (store, question, *, actor, recorded_at_ns=None))]
pub(crate) fn record(
    py: Python<'_>,
    store: &Bound<'_, Store>,
    question: &Bound<'_, Question>,
    actor: &str,
    recorded_at_ns: Option<i64>,
) -> PyResult<Run> {
    let handle = store.get().handle();
    let (inputs, method) = question.get().parts();
    let recorded_at = recorded_at_ns.unwrap_or_else(now);
    let head = detached(py, || append(handle, inputs, method, (actor, recorded_at)))?;
    Ok(Run::new(Arc::clone(handle), head))
}

/// UTC nanoseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| since.as_nanos().try_into().ok()).unwrap_or(0)
}

fn append(
    handle: &Handle,
    inputs: Inputs,
    method: samebits_snapshot::record::Method,
    (actor, recorded_at): (&str, i64),
) -> Result<RunHead, Fault> {
    if !handle.writable() {
        let message = format!("{}: opened for reading", handle.place());
        return Err(Fault::input("python.read-only", "open it with append=True", message));
    }
    let sections = DaySections::new(&inputs.market, &inputs.risk)?;
    let ids = sections.input_ids(&inputs.account, &inputs.params)?;
    continues(handle, &inputs, &ids.account)?;
    let isa = Isa::detect();
    let (name, clock) = (machine(isa), clock());
    let machine = Machine { code: CODE, name: &name, isa, clock: &clock };
    let (run, _) = samebits_replay::record(inputs, &ids, method, &machine)?;
    let packed = pack_shared(&run, &sections)?;
    let mut store = equipped(handle.opener()?.write()?);
    store.append(&[NewRun { packed: &packed, run: &run, actor, recorded_at }])?;
    Ok(store.head(&packed.manifest.run_id)?)
}

/// An account goes on from the state that its last Run left, or `verify` would call its chain broken.
fn continues(handle: &Handle, inputs: &Inputs, account: &Digest) -> Result<(), Fault> {
    let question = &inputs.question;
    let Some(before) = question.sequence.checked_sub(1) else { return Ok(()) };
    let left = handle.with(|store| match store.find(&format!("{}/{before}", question.account)) {
        Ok(head) => Ok(Some(store.get(&head.run_id)?.run.outcome.stages.account_after)),
        // The append says which Run is missing.
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    })?;
    match left {
        Some(left) if left != *account => Err(Fault::input(
            "python.not-continued",
            "ask under another account's name: run.question(account=\"...\") begins a chain of its own",
            format!(
                "{}/{}: its lots, cash or locks are not what run {before} left",
                question.account, question.sequence
            ),
        )),
        _ => Ok(()),
    }
}
