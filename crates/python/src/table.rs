//! Tables that speak the Arrow `PyCapsule` protocol.

use crate::capsule;
use crate::convert::{date, decimal};
use crate::errors::Fault;
use crate::run::Loaded;
use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList};
use samebits_analytics::{Column, Kind, Rows, Value};
use samebits_units::{Money, Price, Qty};
use std::sync::Arc;

/// Digits of a decimal: all that an integer of 64 bits can have.
const DIGITS: u8 = 19;

/// A table without columns.
const NOTHING: samebits_analytics::Table = samebits_analytics::Table { name: "nothing", columns: &[] };

/// A table: columns of one length, without a dependency. pyarrow, polars, pandas and `DuckDB` read it as it is.
#[pyclass(frozen, module = "samebits")]
pub(crate) struct Table {
    rows: Arc<Rows>,
}

impl Table {
    pub(crate) fn new(rows: Rows) -> Self {
        Self { rows: Arc::new(rows) }
    }

    /// One of the export's tables of a Run.
    pub(crate) fn analytics(loaded: &Loaded, which: usize) -> Result<Self, Fault> {
        let all = samebits_analytics::rows(&loaded.stored, loaded.superseded_by())?;
        let found = all.into_iter().nth(which);
        Ok(Self::new(found.unwrap_or(Rows { table: NOTHING, columns: Vec::new() })))
    }

    fn length(&self) -> usize {
        self.rows.columns.first().map_or(0, Vec::len)
    }

    fn columns(&self) -> &'static [Column] {
        self.rows.table.columns
    }
}

#[pymethods]
impl Table {
    /// Its name.
    #[getter]
    fn name(&self) -> &'static str {
        self.rows.table.name
    }

    /// Names of its columns.
    #[getter]
    fn column_names(&self) -> Vec<&'static str> {
        self.columns().iter().map(|column| column.name).collect()
    }

    /// The Arrow type of each column.
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        crate::convert::dict(py, self.columns().iter().map(|column| (column.name, column.kind.name())))
    }

    fn __len__(&self) -> usize {
        self.length()
    }

    fn __repr__(&self) -> String {
        format!("<samebits.Table {}: {} rows, {} columns>", self.name(), self.length(), self.columns().len())
    }

    /// The values of one column.
    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let at = self.columns().iter().position(|column| column.name == name);
        let Some(at) = at else { return Err(PyKeyError::new_err(name.to_owned())) };
        let values = self.rows.columns[at].iter().map(|value| object(py, value));
        PyList::new(py, values.collect::<PyResult<Vec<_>>>()?)
    }

    /// One dictionary a row: money as `Decimal`, days as `date`, ids as bytes.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for row in 0..self.length() {
            let dict = PyDict::new(py);
            for (column, values) in self.columns().iter().zip(&self.rows.columns) {
                dict.set_item(column.name, object(py, &values[row])?)?;
            }
            list.append(dict)?;
        }
        Ok(list)
    }

    /// The Arrow C stream of its rows.
    #[pyo3(signature = (requested_schema=None))]
    pub(crate) fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer leave casts to the consumer.
        drop(requested_schema);
        capsule::stream(py, batch(&self.rows).map_err(capsule::unexpected)?)
    }

    /// The Arrow C schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &schema(self.columns()))
    }
}

fn object<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Absent => Ok(py.None().into_bound(py)),
        Value::Id(id) => Ok(PyBytes::new(py, id.as_bytes()).into_any()),
        Value::Text(text) => text.into_bound_py_any(py),
        Value::Flag(flag) => flag.into_bound_py_any(py),
        Value::Integer(integer) => integer.into_bound_py_any(py),
        Value::Lot(lot) => lot.into_bound_py_any(py),
        Value::Day(day) => date(py, *day),
        Value::Time(time) => crate::convert::moment(py, *time),
        Value::Money(money) => decimal(py, money.micros(), Money::DECIMALS),
        Value::Shares(shares) => decimal(py, shares.micros(), Qty::DECIMALS),
        Value::Price(price) => decimal(py, price.e8(), Price::DECIMALS),
        Value::Real(real) => real.into_bound_py_any(py),
    }
}

fn kind(kind: Kind) -> DataType {
    match kind {
        Kind::Id => DataType::FixedSizeBinary(32),
        Kind::Text => DataType::Utf8,
        Kind::Flag => DataType::Boolean,
        Kind::Integer => DataType::Int64,
        Kind::Lot => DataType::UInt64,
        Kind::Day => DataType::Date32,
        Kind::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        Kind::Money | Kind::Shares => DataType::Decimal128(DIGITS, Money::DECIMALS as i8),
        Kind::Price => DataType::Decimal128(DIGITS, Price::DECIMALS as i8),
        Kind::Real => DataType::Float64,
    }
}

fn schema(columns: &[Column]) -> Schema {
    let field = |column: &Column| Field::new(column.name, kind(column.kind), column.optional);
    Schema::new(columns.iter().map(field).collect::<Vec<_>>())
}

fn batch(rows: &Rows) -> Result<RecordBatch, ArrowError> {
    let columns = rows.table.columns;
    let arrays = columns.iter().zip(&rows.columns).map(|(column, values)| array(column.kind, values));
    RecordBatch::try_new(Arc::new(schema(columns)), arrays.collect::<Result<_, _>>()?)
}

fn array(of: Kind, values: &[Value]) -> Result<ArrayRef, ArrowError> {
    macro_rules! of {
        ($array:ident, $variant:ident, $name:ident => $value:expr) => {
            values
                .iter()
                .map(|value| match value {
                    Value::$variant($name) => Some($value),
                    _ => None,
                })
                .collect::<$array>()
        };
    }
    let six = Money::DECIMALS as i8;
    Ok(match of {
        Kind::Id => {
            let mut ids = FixedSizeBinaryBuilder::with_capacity(values.len(), 32);
            for value in values {
                match value {
                    Value::Id(id) => ids.append_value(id.as_bytes())?,
                    _ => ids.append_null(),
                }
            }
            Arc::new(ids.finish())
        }
        Kind::Text => Arc::new(of!(StringArray, Text, text => text.as_str())),
        Kind::Flag => Arc::new(of!(BooleanArray, Flag, flag => *flag)),
        Kind::Integer => Arc::new(of!(Int64Array, Integer, integer => *integer)),
        Kind::Lot => Arc::new(of!(UInt64Array, Lot, lot => *lot)),
        Kind::Day => Arc::new(of!(Date32Array, Day, day => day.days())),
        Kind::Time => Arc::new(of!(TimestampNanosecondArray, Time, time => *time).with_timezone("UTC")),
        Kind::Money => {
            let money = of!(Decimal128Array, Money, money => i128::from(money.micros()));
            Arc::new(money.with_precision_and_scale(DIGITS, six)?)
        }
        Kind::Shares => {
            let shares = of!(Decimal128Array, Shares, shares => i128::from(shares.micros()));
            Arc::new(shares.with_precision_and_scale(DIGITS, six)?)
        }
        Kind::Price => {
            let prices = of!(Decimal128Array, Price, price => i128::from(price.e8()));
            Arc::new(prices.with_precision_and_scale(DIGITS, Price::DECIMALS as i8)?)
        }
        Kind::Real => Arc::new(of!(Float64Array, Real, real => *real)),
    })
}
