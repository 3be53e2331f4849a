//! The tables: a line a column, with where its value comes from.

mod exposures;
mod lots;
mod runs;
mod trades;
mod weights;

use crate::Table;
use crate::file::TableFile;

pub(crate) use exposures::exposures;
pub(crate) use lots::{State, lots};
pub(crate) use runs::{Row, runs};
pub(crate) use trades::trades;
pub(crate) use weights::weights;

/// The tables of an export, in the order in which their files are named.
pub const fn tables() -> [Table; 5] {
    [trades::TABLE, lots::TABLE, exposures::TABLE, weights::TABLE, runs::TABLE]
}

/// The files of the tables.
pub(crate) struct Files {
    pub(crate) trades: TableFile,
    pub(crate) lots: TableFile,
    pub(crate) exposures: TableFile,
    pub(crate) weights: TableFile,
    pub(crate) runs: TableFile,
}

/// Declares a table: its name, its row, and for each column name, kind, `null` if values may be absent, and the value. The
/// schema and the cells of a row come from the same lines.
macro_rules! table {
    ($name:literal, |$row:ident: &$of:ty| $($column:ident: $kind:ident $($null:ident)? = $value:expr;)*) => {
        pub(super) const TABLE: crate::Table = crate::Table {
            name: $name,
            columns: &[$(crate::Column {
                name: stringify!($column),
                kind: crate::Kind::$kind,
                optional: $crate::tables::table!(@ $($null)?),
            }),*],
        };

        fn add(sink: &mut impl crate::column::Sink, $row: &$of) -> Result<(), crate::Error> {
            sink.push([$(crate::column::Cell::from($value)),*])
        }
    };
    (@) => { false };
    (@ null) => { true };
}
use table;
