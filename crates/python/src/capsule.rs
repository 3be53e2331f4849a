//! The Arrow C interface in capsules: the one place of this crate that is not safe Rust.
#![allow(unsafe_code, reason = "a consumer takes a C stream over from a capsule by its pointer")]

use crate::errors::Fault;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchIterator};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, Schema};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// A stream of one batch.
pub(crate) fn stream(py: Python<'_>, batch: RecordBatch) -> PyResult<Bound<'_, PyCapsule>> {
    let schema = batch.schema();
    let batches = RecordBatchIterator::new(std::iter::once(Ok(batch)), schema);
    let stream = FFI_ArrowArrayStream::new(Box::new(batches));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

/// A schema.
pub(crate) fn schema<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(schema).map_err(unexpected)?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

/// The batches of whatever exports an Arrow C stream: a table of pyarrow, polars, pandas, `DuckDB`, or our own.
pub(crate) fn batches(name: &str, table: &Bound<'_, PyAny>) -> PyResult<Vec<RecordBatch>> {
    let fault = |found: &str| {
        let help =
            "pass a pyarrow.Table, a polars.DataFrame, a pandas.DataFrame (2.2 or later) or a samebits.Table";
        Fault::input(
            "python.table",
            help,
            format!("{name}: expected a table with __arrow_c_stream__, {found}"),
        )
    };
    if !table.hasattr("__arrow_c_stream__")? {
        return Err(fault(&format!("found {}", table.get_type().name()?)).into());
    }
    let exported = table.call_method0("__arrow_c_stream__")?;
    let Ok(capsule) = exported.cast::<PyCapsule>() else {
        return Err(fault("which did not return a capsule").into());
    };
    let Ok(pointer) = capsule.pointer_checked(Some(c"arrow_array_stream")) else {
        return Err(fault("which returned another kind of capsule").into());
    };
    // SAFETY: a capsule of this name holds a valid stream (the Arrow PyCapsule protocol); it is moved out, and what stays
    // behind is marked as released, so that the capsule's destructor leaves it alone.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) };
    let broken = |error: ArrowError| fault(&format!("whose stream fails: {error}"));
    let reader = RecordBatchStreamReader::try_new(stream).map_err(broken)?;
    Ok(reader.collect::<Result<_, _>>().map_err(broken)?)
}

/// What only a defect of ours makes Arrow say.
pub(crate) fn unexpected(error: ArrowError) -> PyErr {
    Fault::new(crate::page::Family::Internal, "python.internal", "report it", format!("Arrow: {error}"))
        .into()
}
