//! A Run: its columns from the list, its record when it is first asked for.

use crate::backend::{backend, clock};
use crate::convert::{date, dict, from_json, made, moment};
use crate::errors::{Fault, detached};
use crate::handle::Handle;
use crate::matrix::{Numbers, view};
use crate::question::Question;
use crate::table::Table;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use samebits_canon::Isa;
use samebits_present::Shown;
use samebits_replay::why::{Counterfactual, explain};
use samebits_replay::{Contender, Replayed};
use samebits_snapshot::record::Value;
use samebits_snapshot::{Digest, Tree};
use samebits_store::{CorrectionHead, RunHead, StoredRun};
use samebits_units::Bps;
use serde_json::json;
use std::sync::{Arc, OnceLock};

/// A record, verified.
pub(crate) struct Loaded {
    pub(crate) stored: StoredRun,
    /// What took its place, in order.
    superseded: Vec<CorrectionHead>,
}

impl Loaded {
    /// What took its place last.
    pub(crate) fn superseded_by(&self) -> Option<Digest> {
        self.superseded.last().map(|head| head.run_id)
    }
}

/// A recorded decision.
#[pyclass(frozen, module = "samebits")]
pub(crate) struct Run {
    handle: Arc<Handle>,
    head: RunHead,
    loaded: OnceLock<Arc<Loaded>>,
}

impl Run {
    pub(crate) fn new(handle: Arc<Handle>, head: RunHead) -> Self {
        Self { handle, head, loaded: OnceLock::new() }
    }

    /// The record; read and verified the first time.
    pub(crate) fn loaded(&self, py: Python<'_>) -> PyResult<Arc<Loaded>> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(Arc::clone(loaded));
        }
        let loaded = detached(py, || {
            self.handle.with(|store| {
                let stored = store.get(&self.head.run_id)?;
                let superseded = store.corrections_of(&self.head.run_id)?;
                Ok(Arc::new(Loaded { stored, superseded }))
            })
        })?;
        // Two threads may have read it; both have the same.
        Ok(Arc::clone(self.loaded.get_or_init(|| loaded)))
    }

    fn table(
        &self,
        py: Python<'_>,
        of: impl FnOnce(&Loaded) -> Result<Table, Fault> + Send,
    ) -> PyResult<Table> {
        let loaded = self.loaded(py)?;
        detached(py, || of(&loaded))
    }

    fn view<'py>(&self, py: Python<'py>, numbers: Numbers) -> PyResult<Bound<'py, PyAny>> {
        view(py, self.loaded(py)?, numbers)
    }
}

#[pymethods]
impl Run {
    /// Its id, 64 hexadecimal digits.
    #[getter]
    fn id(&self) -> String {
        self.head.run_id.to_string()
    }

    /// `ACCOUNT/SEQUENCE`.
    #[getter]
    fn name(&self) -> String {
        format!("{}/{}", self.head.account, self.head.sequence)
    }

    #[getter]
    fn account(&self) -> &str {
        &self.head.account
    }

    #[getter]
    fn sequence(&self) -> i64 {
        self.head.sequence
    }

    /// The day of the decision.
    #[getter]
    fn date<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        date(py, self.head.as_of)
    }

    /// Id of its question: equal for every solver asked.
    #[getter]
    fn inputs_id(&self) -> String {
        self.head.inputs_id.to_string()
    }

    /// Id of its answer.
    #[getter]
    fn result_id(&self) -> String {
        self.head.result_id.to_string()
    }

    /// Its link in the chain of the account.
    #[getter]
    fn link(&self) -> String {
        self.head.link.to_string()
    }

    #[getter]
    fn solver(&self) -> &str {
        &self.head.solver
    }

    /// `solved`, `relaxed` or `unsolved`.
    #[getter]
    fn status(&self) -> &str {
        &self.head.status
    }

    #[getter]
    fn actor(&self) -> &str {
        &self.head.actor
    }

    /// When it was recorded, UTC, to the microsecond.
    #[getter]
    fn recorded_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        moment(py, self.head.recorded_at)
    }

    /// Id of the correction that took its place last.
    #[getter]
    fn superseded_by(&self, py: Python<'_>) -> PyResult<Option<String>> {
        Ok(self.loaded(py)?.superseded_by().map(|id| id.to_string()))
    }

    /// Digests of the stages of the decision, as recorded.
    #[getter]
    fn stages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let loaded = self.loaded(py)?;
        dict(py, loaded.stored.run.outcome.stages.list().map(|(name, id)| (name, id.to_string())))
    }

    /// The universe, in the order of every vector and matrix.
    #[getter]
    fn tickers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let loaded = self.loaded(py)?;
        PyList::new(py, loaded.stored.run.inputs.market.securities.iter().map(|one| one.ticker.as_str()))
    }

    /// Names of the columns of `loadings`.
    #[getter]
    fn factors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let loaded = self.loaded(py)?;
        PyList::new(py, loaded.stored.run.inputs.risk.factors.iter().map(String::as_str))
    }

    /// The parameters in force, by name.
    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let loaded = self.loaded(py)?;
        let settings = &loaded.stored.run.inputs.params.settings;
        let values = settings.iter().map(|(name, setting)| Ok((name, parameter(py, &setting.value)?)));
        dict(py, values.collect::<PyResult<Vec<_>>>()?)
    }

    /// Continuous optimum, one weight a security; read-only, without a copy.
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py, Numbers::Weights)
    }

    /// Weights of the benchmark; read-only, without a copy.
    #[getter]
    fn benchmark<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py, Numbers::Benchmark)
    }

    /// Expected annual returns beyond the benchmark; empty where no strategy reads them.
    #[getter]
    fn alpha<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py, Numbers::Alpha)
    }

    /// Annualised covariance, N x N, float32; read-only, without a copy.
    #[getter]
    fn sigma<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py, Numbers::Sigma)
    }

    /// Factor exposures, N x k, float32; read-only, without a copy.
    #[getter]
    fn loadings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py, Numbers::Loadings)
    }

    /// Covariance of the factor returns, (k + 1) x (k + 1); the first factor is the market intercept.
    #[getter]
    fn factor_covariance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py, Numbers::Covariance)
    }

    /// Specific variances, one a security.
    #[getter]
    fn specific<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.view(py, Numbers::Specific)
    }

    /// A line a trade in one lot.
    #[getter]
    fn trades(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Table::analytics(loaded, 0))
    }

    /// A line an open lot, `state` says whether before or after the day.
    #[getter]
    fn lots(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Table::analytics(loaded, 1))
    }

    /// A line a factor and a line a sector.
    #[getter]
    fn exposures(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Table::analytics(loaded, 2))
    }

    /// A line a security: shares, target and final weight, weight in the benchmark.
    #[getter]
    fn holdings(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Table::analytics(loaded, 3))
    }

    /// One line: net asset value, tracking error, taxes, the parts of the objective.
    #[getter]
    fn summary(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Table::analytics(loaded, 4))
    }

    /// A line a security: ticker, sector, close, borrow fee.
    #[getter]
    fn prices(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Ok(Table::prices(loaded)))
    }

    /// A line a constraint: limits, values, multiplier.
    #[getter]
    fn constraints(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Ok(Table::constraints(loaded)))
    }

    /// A line a wash-sale lock in force before the day.
    #[getter]
    fn locks(&self, py: Python<'_>) -> PyResult<Table> {
        self.table(py, |loaded| Ok(Table::locks(loaded)))
    }

    /// The whole record but its matrices, as `samebits show --json` has it.
    #[getter]
    fn record<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let loaded = self.loaded(py)?;
        let json = detached(py, || {
            let shown = Shown::of(loaded.stored.clone(), loaded.superseded.clone());
            Ok(shown.json().to_string())
        })?;
        from_json(py, &json)
    }

    /// Decides the recorded question again and compares every field with the recorded answer.
    #[pyo3(signature = (*, backend="cpu"))]
    fn replay<'py>(&self, py: Python<'py>, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        let loaded = self.loaded(py)?;
        let replayed = detached(py, || {
            let backend = self::backend(backend)?;
            Ok(samebits_replay::replay(&loaded.stored.run, &loaded.stored.ids, &backend, &clock())?)
        })?;
        replay(py, &self.head, &replayed)
    }

    /// Why: every trade, or the one name, with its reasons; and what would have been decided with one thing changed.
    #[pyo3(signature = (ticker=None, *, cap_bp=None, keep_lot=None, without_lock=None, rate_bp=None))]
    fn why<'py>(
        &self,
        py: Python<'py>,
        ticker: Option<String>,
        cap_bp: Option<&Bound<'py, PyAny>>,
        keep_lot: Option<&Bound<'py, PyAny>>,
        without_lock: Option<&Bound<'py, PyAny>>,
        rate_bp: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (caps, lots) = (one_or_more::<f64>(cap_bp)?, one_or_more::<u64>(keep_lot)?);
        let (locks, rates) = (one_or_more::<String>(without_lock)?, one_or_more::<i32>(rate_bp)?);
        let asked = counterfactuals(locks, &caps, &lots, &rates)?;
        let loaded = self.loaded(py)?;
        let json = detached(py, || {
            let answer = explain(&loaded.stored.run, ticker.as_deref(), &asked, Isa::detect())?;
            Ok(json!(answer).to_string())
        })?;
        from_json(py, &json)
    }

    /// The question of this Run: for `with_...` and `record`.
    #[pyo3(signature = (account=None))]
    fn question(&self, py: Python<'_>, account: Option<String>) -> PyResult<Question> {
        let loaded = self.loaded(py)?;
        Ok(Question::of(&loaded, account))
    }

    /// The question of the account's next day: what this Run left, its market, its parameters.
    fn next(&self, py: Python<'_>, date: &Bound<'_, PyAny>) -> PyResult<Question> {
        let day = crate::convert::to_date("date", date)?;
        let loaded = self.loaded(py)?;
        detached(py, || Question::next(&loaded, day))
    }

    fn __repr__(&self) -> String {
        let head = &self.head;
        format!(
            "<samebits.Run {}/{} of {}: {}, {}>",
            head.account,
            head.sequence,
            head.as_of,
            head.status,
            head.run_id.short()
        )
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().head.run_id == self.head.run_id)
    }

    fn __hash__(&self) -> u64 {
        self.head.run_id.as_bytes().iter().take(8).fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let open = py.import("samebits._types")?.getattr("_reopened_run")?;
        let arguments = (self.handle.location(), self.id());
        (open, arguments).into_pyobject(py)
    }
}

/// A parameter's value.
fn parameter<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Off => Ok(py.None().into_bound(py)),
        Value::Flag(flag) => flag.into_bound_py_any(py),
        Value::Integer(integer) => integer.into_bound_py_any(py),
        Value::Real(real) => real.into_bound_py_any(py),
        Value::Text(text) => text.into_bound_py_any(py),
        Value::List(names) => names.into_bound_py_any(py),
    }
}

/// A value, or several of them.
fn one_or_more<T>(value: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<T>>
where
    T: for<'a, 'py> FromPyObject<'a, 'py, Error: Into<PyErr>>,
{
    let Some(value) = value else { return Ok(Vec::new()) };
    match value.extract::<T>() {
        Ok(one) => Ok(vec![one]),
        Err(_) => value.extract::<Vec<T>>(),
    }
}

fn counterfactuals(
    without_lock: Vec<String>,
    cap_bp: &[f64],
    keep_lot: &[u64],
    rate_bp: &[i32],
) -> Result<Vec<Counterfactual>, Fault> {
    let wrong = |message: String| Fault::input("python.argument", "see help(samebits.Run.why)", message);
    let mut all: Vec<Counterfactual> = without_lock.into_iter().map(Counterfactual::WithoutLock).collect();
    for &bp in cap_bp {
        if !(bp.is_finite() && bp > 0.0) {
            return Err(wrong(format!("cap_bp={bp}: expected a positive number of basis points")));
        }
        all.push(Counterfactual::Cap(bp));
    }
    all.extend(keep_lot.iter().copied().map(Counterfactual::KeepLot));
    for &bp in rate_bp {
        if !(-10_000..=10_000).contains(&bp) {
            return Err(wrong(format!("rate_bp={bp}: expected -10000 to 10000 basis points")));
        }
        all.push(Counterfactual::Rate(Bps::from_hundredths(bp * 100)));
    }
    Ok(all)
}

/// A replay that came to a verdict.
pub(crate) fn replay<'py>(
    py: Python<'py>,
    head: &RunHead,
    replayed: &Replayed,
) -> PyResult<Bound<'py, PyAny>> {
    let text = |value: &Option<Tree>| value.as_ref().map(ToString::to_string);
    let difference = |one: &samebits_snapshot::Difference| {
        made(py, "Difference", (&one.field, text(&one.recorded), text(&one.replayed), one.ulps))
    };
    let differences = replayed.differences.iter().map(difference).collect::<PyResult<Vec<_>>>()?;
    let stages = dict(py, replayed.stages.list().map(|(name, id)| (name, id.to_string())))?;
    made(
        py,
        "Replay",
        (
            head.run_id.to_string(),
            format!("{}/{}", head.account, head.sequence),
            replayed.verdict.name(),
            replayed.first_stage,
            PyTuple::new(py, differences)?,
            stages,
            replayed.weights_equal,
            replayed.trades_equal,
            replayed.largest_weight_difference,
            replayed.replay_ns as f64 / 1e6,
        ),
    )
}

/// Puts a Run's question to several solvers; the others are compared with the first one.
#[pyfunction]
#[pyo3(signature = (run, solvers=None))]
pub(crate) fn compare<'py>(
    py: Python<'py>,
    run: &Bound<'py, Run>,
    solvers: Option<Vec<String>>,
) -> PyResult<Bound<'py, PyList>> {
    let names = solvers.unwrap_or_else(|| ["active-set", "ipm", "clarabel"].map(str::to_owned).to_vec());
    let loaded = run.get().loaded(py)?;
    let found = detached(py, || {
        let device = names.iter().any(|name| name.ends_with("@cuda"));
        let backend = self::backend(if device { "cuda" } else { "cpu" })?;
        let contenders = names.iter().map(|name| Contender::new(name, &backend));
        let contenders = contenders.collect::<Result<Vec<_>, _>>()?;
        let (run, ids) = (&loaded.stored.run, &loaded.stored.ids);
        Ok(samebits_replay::compare(run, ids, &contenders, &clock())?)
    })?;
    let all = names.iter().zip(&found).map(|(name, one)| {
        let fields = (
            name,
            one.solved,
            one.bit_equal,
            one.trades_equal,
            one.raw_trades_equal,
            one.difference,
            one.raw_difference,
            one.objective_bp,
            one.after_tax_bp,
            one.raw_ns as f64 / 1e6,
            one.finished_ns as f64 / 1e6,
            one.degenerate,
        );
        made(py, "Compared", fields)
    });
    PyList::new(py, all.collect::<PyResult<Vec<_>>>()?)
}
