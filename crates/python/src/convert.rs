//! Dates, digests, decimals and data classes, from Python and to it.

use crate::errors::Fault;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use samebits_snapshot::Digest;
use samebits_store::Filter;
use samebits_units::Date;

/// Python counts days from the first one of the year 1.
const ORDINAL: i32 = 719_163;

/// A `datetime.date`.
pub(crate) fn date(py: Python<'_>, day: Date) -> PyResult<Bound<'_, PyAny>> {
    let class = py.import("datetime")?.getattr("date")?;
    class.call_method1("fromordinal", (i64::from(day.days()) + i64::from(ORDINAL),))
}

/// A date from a `date`, a `datetime`, a `Timestamp`, or text.
pub(crate) fn to_date(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Date> {
    // A datetime knows its day; a date is its own text.
    let day = if value.hasattr("date")? { value.call_method0("date")? } else { value.clone() };
    let text = day.str()?.to_string();
    text.parse().map_err(|_| {
        let help = "give a datetime.date or a text such as \"2017-03-01\"";
        Fault::input("python.date", help, format!("{name}: expected a date, found {text:?}")).into()
    })
}

/// The Runs of an account, of days, by keyword.
pub(crate) fn filter(
    account: Option<String>,
    start: Option<&Bound<'_, PyAny>>,
    end: Option<&Bound<'_, PyAny>>,
) -> PyResult<Filter> {
    Ok(Filter {
        account,
        from: start.map(|day| to_date("start", day)).transpose()?,
        to: end.map(|day| to_date("end", day)).transpose()?,
    })
}

/// A `decimal.Decimal` from a whole number of units of its last digit.
pub(crate) fn decimal(py: Python<'_>, units: i64, decimals: u32) -> PyResult<Bound<'_, PyAny>> {
    let text = samebits_units::decimal::format(units, decimals, decimals);
    py.import("decimal")?.getattr("Decimal")?.call1((text,))
}

/// A moment, UTC, to the microsecond.
pub(crate) fn moment(py: Python<'_>, nanoseconds: i64) -> PyResult<Bound<'_, PyAny>> {
    let datetime = py.import("datetime")?;
    let utc = datetime.getattr("timezone")?.getattr("utc")?;
    let epoch = datetime.getattr("datetime")?.call1((1970, 1, 1, 0, 0, 0, 0, utc))?;
    epoch.add(datetime.getattr("timedelta")?.call1((0, 0, nanoseconds.div_euclid(1_000)))?)
}

/// The id that a text of 64 hexadecimal digits stands for.
pub(crate) fn digest(text: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(Digest::from_bytes(bytes))
}

/// Python's objects of a JSON text.
pub(crate) fn from_json<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}

/// One of the data classes of `samebits._types`, by its fields in order.
pub(crate) fn made<'py, A>(py: Python<'py>, class: &str, fields: A) -> PyResult<Bound<'py, PyAny>>
where
    A: IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
{
    let fields = fields.into_pyobject(py)?;
    py.import("samebits._types")?.getattr(class)?.call1(fields)
}

/// Pairs as a dictionary, in their order.
pub(crate) fn dict<'py, V: IntoPyObject<'py>>(
    py: Python<'py>,
    pairs: impl IntoIterator<Item = (impl AsRef<str>, V)>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, value) in pairs {
        dict.set_item(key.as_ref(), value.into_bound_py_any(py)?)?;
    }
    Ok(dict)
}
