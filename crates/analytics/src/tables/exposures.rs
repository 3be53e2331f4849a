//! `exposures`: a line a factor and a line a sector.

use super::table;
use crate::Error;
use crate::column::Sink;
use crate::record::Record;
use parquet::data_type::ByteArray;

struct Row<'a> {
    record: &'a Record<'a>,
    kind: &'static str,
    name: ByteArray,
    portfolio: f64,
    benchmark: f64,
    active: f64,
}

table! { "exposures", |row: &Row<'_>|
    run_id: Id = row.record.place.run_id;
    account: Text = row.record.place.account.clone();
    as_of: Day = row.record.place.as_of;
    superseded: Flag = row.record.place.superseded_by.is_some();
    kind: Text = row.kind;
    name: Text = row.name.clone();
    portfolio: Real = row.portfolio;
    benchmark: Real = row.benchmark;
    active: Real = row.active;
}

/// The lines of a record.
pub(crate) fn exposures(sink: &mut impl Sink, record: &Record<'_>) -> Result<(), Error> {
    for (kind, name, [portfolio, benchmark, active]) in record.exposures() {
        add(sink, &Row { record, kind, name, portfolio, benchmark, active })?;
    }
    Ok(())
}
