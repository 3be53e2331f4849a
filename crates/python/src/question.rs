//! Questions made of a recorded one, with parts of it replaced.

use crate::convert::{date, to_date};
use crate::errors::{Fault, detached};
use crate::input::{self, Given};
use crate::run::Loaded;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};
use samebits_rebalance::Policy;
use samebits_snapshot::record::{Inputs, Method, Params, Setting, Source, Value};
use samebits_units::{Date, Money};
use std::sync::Arc;

/// What a decision depends on, and the method that decides. Never changes: every `with_...` returns another one.
#[pyclass(frozen, module = "samebits")]
pub(crate) struct Question {
    inputs: Inputs,
    method: Method,
}

impl Question {
    /// The question of a Run; under another account's name it is the first of that account.
    pub(crate) fn of(loaded: &Loaded, account: Option<String>) -> Self {
        let run = &loaded.stored.run;
        let mut inputs = run.inputs.clone();
        if let Some(account) = account {
            (inputs.question.account, inputs.question.sequence) = (account, 0);
        }
        Self { inputs, method: run.method.clone() }
    }

    /// The question of the day `day`, after the Run.
    pub(crate) fn next(loaded: &Loaded, day: Date) -> Result<Self, Fault> {
        let run = &loaded.stored.run;
        let mut next = Self::of(loaded, None);
        if day <= run.inputs.question.as_of {
            let message = format!("date: {day} does not follow {}", run.inputs.question.as_of);
            return Err(Fault::input("python.date", "name a later day", message));
        }
        next.inputs.account = samebits_ledger::apply(&run.inputs.account, &run.outcome.events)?;
        next.inputs.question.sequence += 1;
        next.inputs.question.as_of = day;
        let market = Arc::make_mut(&mut next.inputs.market);
        market.as_of = day;
        // Those of the Run's day were applied then.
        market.actions.clear();
        market.execution = None;
        Ok(next)
    }

    pub(crate) fn parts(&self) -> (Inputs, Method) {
        (self.inputs.clone(), self.method.clone())
    }

    fn changed(&self, change: impl FnOnce(&mut Inputs) -> Result<(), Fault>) -> Result<Self, Fault> {
        let mut inputs = self.inputs.clone();
        change(&mut inputs)?;
        Ok(Self { inputs, method: self.method.clone() })
    }
}

#[pymethods]
impl Question {
    #[getter]
    fn account(&self) -> &str {
        &self.inputs.question.account
    }

    #[getter]
    fn sequence(&self) -> u64 {
        self.inputs.question.sequence
    }

    /// The day of the decision.
    #[getter]
    fn date<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        date(py, self.inputs.question.as_of)
    }

    #[getter]
    fn solver(&self) -> &str {
        &self.method.solver
    }

    /// Id of the question: the one that its Run will have.
    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let ids = detached(py, || Ok(samebits_snapshot::input_ids(&self.inputs)?))?;
        let ids =
            [("market", ids.market), ("risk", ids.risk), ("account", ids.account), ("params", ids.params)];
        crate::convert::dict(py, ids.map(|(name, id)| (name, id.to_string())))
    }

    /// With other closes: a table of `ticker` and `price`; names that it leaves out keep theirs.
    fn with_prices(&self, py: Python<'_>, table: &Bound<'_, PyAny>) -> PyResult<Self> {
        let given = Given::new("prices", table)?;
        detached(py, || self.changed(|inputs| input::prices(Arc::make_mut(&mut inputs.market), &given)))
    }

    /// With other open lots, all of them: a table with the columns of `Run.lots` (`state` other than `before` is left out).
    fn with_lots(&self, py: Python<'_>, table: &Bound<'_, PyAny>) -> PyResult<Self> {
        let given = Given::new("lots", table)?;
        detached(py, || {
            self.changed(|inputs| input::lots(&inputs.market.clone(), &mut inputs.account, &given))
        })
    }

    /// With another amount of cash: a `Decimal`, an `int`, or text.
    fn with_cash(&self, cash: &Bound<'_, PyAny>) -> PyResult<Self> {
        if cash.is_instance_of::<PyFloat>() {
            let help = "pass a decimal.Decimal, an int, or a text such as \"1000.25\"";
            let message = format!("cash: expected an exact amount, found float {cash}");
            return Err(Fault::input("python.type", help, message).into());
        }
        let text = cash.str()?.to_string();
        let cash: Money = text.parse().map_err(Fault::from)?;
        Ok(self.changed(|inputs| {
            inputs.account.cash = cash;
            Ok(())
        })?)
    }

    /// With other parameters: `None` switches a rule off; `reason` is kept with each.
    #[pyo3(signature = (params, *, reason))]
    fn with_params(&self, params: &Bound<'_, PyDict>, reason: &str) -> PyResult<Self> {
        let mut all = self.inputs.params.clone();
        for (name, value) in params {
            let name: String = name.extract()?;
            all = set(&all, &name, &value, reason)?;
        }
        Ok(self.changed(|inputs| {
            inputs.params = all;
            Ok(())
        })?)
    }

    /// With another solver: `active-set/1`, `ipm/1`, `clarabel-finished/1`, ...
    fn with_solver(&self, solver: String) -> Self {
        Self { inputs: self.inputs.clone(), method: Method { solver, ..self.method.clone() } }
    }

    /// Under another account's name: the first Run of that account, on `date` if one is named.
    #[pyo3(signature = (account, *, date=None))]
    fn with_account(&self, account: String, date: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let day = date.map(|day| to_date("date", day)).transpose()?;
        Ok(self.changed(|inputs| {
            (inputs.question.account, inputs.question.sequence) = (account, 0);
            if let Some(day) = day {
                inputs.question.as_of = day;
                Arc::make_mut(&mut inputs.market).as_of = day;
            }
            Ok(())
        })?)
    }

    fn __repr__(&self) -> String {
        let question = &self.inputs.question;
        format!(
            "<samebits.Question {}/{} of {}, {}>",
            question.account, question.sequence, question.as_of, self.method.solver
        )
    }
}

/// The parameters with one of them set.
fn set(params: &Params, name: &str, value: &Bound<'_, PyAny>, reason: &str) -> Result<Params, Fault> {
    let mut last = None;
    for value in readings(name, value)? {
        let mut all = params.clone();
        let source = Source::Override(reason.to_owned());
        all.settings.insert(name.to_owned(), Setting { value, source });
        match Policy::new(&all) {
            Ok(_) => return Ok(all),
            Err(error) => last = last.or(Some(error)),
        }
    }
    match last {
        Some(error) => Err(error.into()),
        None => Ok(params.clone()),
    }
}

/// What a value of Python may stand for: an `int` is a count or a coefficient.
fn readings(name: &str, value: &Bound<'_, PyAny>) -> Result<Vec<Value>, Fault> {
    let wrong = || {
        let found = value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
        let help = "pass None, a bool, an int, a float, a text, or a list of texts";
        Fault::input("python.type", help, format!("parameter {name}: found {found}"))
    };
    let read = || -> PyResult<Vec<Value>> {
        Ok(if value.is_none() {
            vec![Value::Off]
        } else if value.is_instance_of::<PyBool>() {
            vec![Value::Flag(value.extract()?)]
        } else if value.is_instance_of::<PyInt>() {
            vec![Value::Integer(value.extract()?), Value::Real(value.extract()?)]
        } else if value.is_instance_of::<PyString>() {
            vec![Value::Text(value.extract()?)]
        } else if let Ok(real) = value.extract::<f64>() {
            vec![Value::Real(real)]
        } else {
            vec![Value::List(value.extract()?)]
        })
    };
    read().map_err(|_| wrong())
}
