//! The rows of one record in memory, for readers of columns in the same process.

use crate::column::{Cell, Sink};
use crate::record::{Days, Place, Record};
use crate::tables::{Row, State, exposures, lots, runs, tables, trades, weights};
use crate::{Error, Table};
use samebits_snapshot::Digest;
use samebits_store::StoredRun;
use samebits_units::{Date, Money, Price, Qty};

/// The rows of a table, column by column.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The table.
    pub table: Table,
    /// The values of each column, one a row.
    pub columns: Vec<Vec<Value>>,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Absent,
    /// A content id.
    Id(Digest),
    /// Text.
    Text(String),
    /// A switch.
    Flag(bool),
    /// A count.
    Integer(i64),
    /// The number of a lot.
    Lot(u64),
    /// A calendar day.
    Day(Date),
    /// UTC nanoseconds since 1970.
    Time(i64),
    /// An amount of the Run's currency.
    Money(Money),
    /// Shares.
    Shares(Qty),
    /// A price of a share.
    Price(Price),
    /// A binary float.
    Real(f64),
}

/// The rows of a Run in every table, in the order of [`tables`]; lots before trading and after. `superseded_by` is the
/// correction that took its place.
///
/// # Errors
/// A record whose parts do not fit one another.
pub fn rows(stored: &StoredRun, superseded_by: Option<Digest>) -> Result<[Rows; 5], Error> {
    let head = &stored.head;
    let place = Place {
        run_id: head.run_id,
        account: head.account.as_str().into(),
        as_of: head.as_of,
        superseded_by,
        name: format!("{}/{}", head.account, head.sequence),
    };
    let day = Days::default().of(&place, &stored.run)?;
    let record = Record::new(&place, &stored.run, day)?;
    let mut all = tables().map(Rows::new);
    let [of_trades, of_lots, of_exposures, of_weights, of_runs] = &mut all;
    trades(of_trades, &record)?;
    lots(of_lots, &record, State::Before)?;
    lots(of_lots, &record, State::After)?;
    exposures(of_exposures, &record)?;
    weights(of_weights, &record)?;
    runs(of_runs, &record, &Row::of_run(head))?;
    Ok(all)
}

impl Rows {
    fn new(table: Table) -> Self {
        Self { table, columns: table.columns.iter().map(|_| Vec::new()).collect() }
    }
}

impl Sink for Rows {
    fn push<const N: usize>(&mut self, cells: [Cell; N]) -> Result<(), Error> {
        debug_assert_eq!(N, self.columns.len());
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell.into());
        }
        Ok(())
    }
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Absent => Self::Absent,
            Cell::Id(id) => Self::Id(id),
            // It came from a string.
            Cell::Text(text) => Self::Text(String::from_utf8_lossy(text.data()).into_owned()),
            Cell::Flag(flag) => Self::Flag(flag),
            Cell::Integer(integer) => Self::Integer(integer),
            Cell::Lot(lot) => Self::Lot(lot),
            Cell::Day(day) => Self::Day(day),
            Cell::Time(time) => Self::Time(time.0),
            Cell::Money(money) => Self::Money(money),
            Cell::Shares(shares) => Self::Shares(shares),
            Cell::Price(price) => Self::Price(price),
            Cell::Real(real) => Self::Real(real),
        }
    }
}
