//! Columns of tables that callers hand in, and what is wrong with them: which column, which row, what was expected.

use crate::capsule;
use crate::errors::Fault;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use pyo3::prelude::*;
use samebits_snapshot::record::{Account, Lot, Market, ShortLot};
use samebits_units::{Date, Money, Price, Qty, decimal};
use std::collections::BTreeMap;

/// Below it every whole number is a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A table that was handed in.
pub(crate) struct Given {
    name: &'static str,
    batches: Vec<RecordBatch>,
}

/// A value of a cell, as far as the types of tables go.
enum Cell {
    Text(String),
    Integer(i128),
    /// In units of the last of so many decimals.
    Decimal(i128, i32),
    Day(i32),
    Flag(bool),
    Real(f64),
}

impl Given {
    pub(crate) fn new(name: &'static str, table: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { name, batches: capsule::batches(name, table)? })
    }

    fn fault(&self, column: &str, row: Option<usize>, message: &str) -> Fault {
        let place = row.map_or_else(String::new, |row| format!(" row {row}"));
        let help =
            "cast the column to the type that is named; money and prices are decimals or text, never floats";
        Fault::input("python.column", help, format!("{} column `{column}`{place}: {message}", self.name))
    }

    fn has(&self, column: &str) -> bool {
        self.batches.first().is_none_or(|batch| batch.column_by_name(column).is_some())
    }

    /// The cells of a column; `None` where the table has none.
    fn cells(&self, column: &str, expected: &str) -> Result<Vec<Option<Cell>>, Fault> {
        let mut all = Vec::new();
        for batch in &self.batches {
            let array = batch.column_by_name(column);
            let Some(array) = array else {
                let schema = batch.schema();
                let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
                let message = format!("missing; expected {expected}; the table has {}", names.join(", "));
                return Err(self.fault(column, None, &message));
            };
            for row in 0..array.len() {
                let none = array.data_type() == &DataType::Null || array.is_null(row);
                let read = if none { Ok(None) } else { cell(array.as_ref(), row).map(Some) };
                all.push(read.map_err(|kind| {
                    self.fault(column, None, &format!("expected {expected}, found {kind}"))
                })?);
            }
        }
        Ok(all)
    }

    fn read<T>(
        &self,
        column: &str,
        expected: &str,
        take: impl Fn(Cell) -> Option<T>,
    ) -> Result<Vec<Option<T>>, Fault> {
        let cells = self.cells(column, expected)?.into_iter().enumerate();
        let one = |(row, cell): (usize, Option<Cell>)| {
            let Some(cell) = cell else { return Ok(None) };
            let found = cell.to_string();
            let wrong = || self.fault(column, Some(row), &format!("expected {expected}, found {found}"));
            take(cell).map(Some).ok_or_else(wrong)
        };
        cells.map(one).collect()
    }

    fn filled<T>(&self, column: &str, expected: &str, values: Vec<Option<T>>) -> Result<Vec<T>, Fault> {
        let values = values.into_iter().enumerate();
        let missing = |row| self.fault(column, Some(row), &format!("expected {expected}, found null"));
        values.map(|(row, value)| value.ok_or_else(|| missing(row))).collect()
    }

    fn texts(&self, column: &str) -> Result<Vec<String>, Fault> {
        let text = |cell| if let Cell::Text(text) = cell { Some(text) } else { None };
        self.filled(column, "text", self.read(column, "text", text)?)
    }

    /// Exact numbers in units of the last of `decimals` decimals.
    fn exact(&self, column: &str, decimals: u32, expected: &str) -> Result<Vec<Option<i64>>, Fault> {
        self.read(column, expected, |cell| exact(&cell, decimals))
    }

    fn days(&self, column: &str) -> Result<Vec<Option<Date>>, Fault> {
        self.read(column, "date32 or text such as 2017-03-01", |cell| match cell {
            Cell::Day(days) => Date::from_days(days),
            Cell::Text(text) => text.parse().ok(),
            _ => None,
        })
    }

    fn flags(&self, column: &str) -> Result<Vec<bool>, Fault> {
        let flag = |cell| if let Cell::Flag(flag) = cell { Some(flag) } else { None };
        self.filled(column, "bool", self.read(column, "bool", flag)?)
    }

    fn numbers(&self, column: &str) -> Result<Vec<Option<u64>>, Fault> {
        self.read(column, "an integer that is not negative", |cell| match cell {
            Cell::Integer(value) => u64::try_from(value).ok(),
            // pandas makes floats of a column of integers with gaps.
            Cell::Real(value) if (0.0..EXACT).contains(&value) && value.fract() == 0.0 => Some(value as u64),
            _ => None,
        })
    }

    /// Position in the universe of each row's ticker.
    fn securities(&self, market: &Market) -> Result<Vec<usize>, Fault> {
        let known: BTreeMap<&str, usize> =
            market.securities.iter().enumerate().map(|(at, one)| (one.ticker.as_str(), at)).collect();
        let tickers = self.texts("ticker")?.into_iter().enumerate();
        let unknown = |row, ticker: &str| {
            let message = format!("unknown ticker `{ticker}`; the universe has {} names", known.len());
            self.fault("ticker", Some(row), &message)
        };
        tickers
            .map(|(row, ticker)| known.get(ticker.as_str()).copied().ok_or_else(|| unknown(row, &ticker)))
            .collect()
    }
}

fn exact(cell: &Cell, decimals: u32) -> Option<i64> {
    let scale = |digits: u32| 10_i128.checked_pow(digits);
    let value = match cell {
        Cell::Text(text) => return decimal::parse(text, decimals, "number").ok(),
        Cell::Integer(value) => value.checked_mul(scale(decimals)?)?,
        Cell::Decimal(value, own) => {
            let more = i32::try_from(decimals).ok()? - own;
            let factor = scale(more.unsigned_abs())?;
            if more >= 0 {
                value.checked_mul(factor)?
            } else if value % factor == 0 {
                value / factor
            } else {
                return None;
            }
        }
        Cell::Day(_) | Cell::Flag(_) | Cell::Real(_) => return None,
    };
    i64::try_from(value).ok()
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{:?}", text.chars().take(40).collect::<String>()),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Decimal(value, scale) => write!(f, "{value}e-{scale}"),
            Self::Day(days) => write!(f, "day {days}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Real(real) => write!(f, "the float {real}"),
        }
    }
}

/// The value at `row`; the name of the type when it is none that a question has.
fn cell(array: &dyn Array, row: usize) -> Result<Cell, String> {
    macro_rules! integer {
        ($of:ty) => {
            Cell::Integer(array.as_primitive::<$of>().value(row).into())
        };
    }
    Ok(match array.data_type() {
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Cell::Text(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Cell::Text(array.as_string_view().value(row).to_owned()),
        DataType::Int8 => integer!(Int8Type),
        DataType::Int16 => integer!(Int16Type),
        DataType::Int32 => integer!(Int32Type),
        DataType::Int64 => integer!(Int64Type),
        DataType::UInt8 => integer!(UInt8Type),
        DataType::UInt16 => integer!(UInt16Type),
        DataType::UInt32 => integer!(UInt32Type),
        DataType::UInt64 => integer!(UInt64Type),
        DataType::Decimal128(_, scale) => {
            Cell::Decimal(array.as_primitive::<Decimal128Type>().value(row), i32::from(*scale))
        }
        DataType::Date32 => Cell::Day(array.as_primitive::<Date32Type>().value(row)),
        DataType::Float64 => Cell::Real(array.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Flag(array.as_boolean().value(row)),
        other => return Err(other.to_string()),
    })
}

/// Sets closes by ticker.
pub(crate) fn prices(market: &mut Market, given: &Given) -> Result<(), Fault> {
    let expected = "a positive decimal128 with up to 8 decimals, an integer, or text";
    let securities = given.securities(market)?;
    let prices = given.filled("price", expected, given.exact("price", Price::DECIMALS, expected)?)?;
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for (row, (security, price)) in securities.into_iter().zip(prices).enumerate() {
        if price <= 0 {
            let message = format!("expected {expected}, found {}", Price::from_e8(price));
            return Err(given.fault("price", Some(row), &message));
        }
        if let Some(first) = seen.insert(security, row) {
            return Err(given.fault("ticker", Some(row), &format!("was in row {first} already")));
        }
        market.prices[security] = Price::from_e8(price);
    }
    Ok(())
}

/// Sets the open lots, long and short.
pub(crate) fn lots(market: &Market, account: &mut Account, given: &Given) -> Result<(), Fault> {
    const MONEY: &str = "decimal128 with up to 6 decimals, an integer, or text";
    let securities = given.securities(market)?;
    let rows = securities.len();
    let id = given.filled("lot", "an integer", given.numbers("lot")?)?;
    let quantity = given.filled("quantity", MONEY, given.exact("quantity", Qty::DECIMALS, MONEY)?)?;
    let acquired = given.filled("acquired", "date32", given.days("acquired")?)?;
    let or_null = |column| {
        if given.has(column) { given.exact(column, Money::DECIMALS, MONEY) } else { Ok(vec![None; rows]) }
    };
    let (basis, proceeds, fair_value) = (or_null("basis")?, or_null("proceeds")?, or_null("fair_value")?);
    let held_from = if given.has("held_from") { given.days("held_from")? } else { vec![None; rows] };
    let parent = if given.has("parent") { given.numbers("parent")? } else { vec![None; rows] };
    let replacement = if given.has("replacement") { given.flags("replacement")? } else { vec![false; rows] };
    let side = if given.has("side") { given.texts("side")? } else { vec!["long".to_owned(); rows] };
    let state = if given.has("state") { given.texts("state")? } else { vec!["before".to_owned(); rows] };
    let (mut long, mut short): (BTreeMap<u64, Lot>, BTreeMap<u64, ShortLot>) = Default::default();
    for row in (0..rows).filter(|&row| state[row] == "before") {
        let wrong = |column, message: &str| given.fault(column, Some(row), message);
        if quantity[row] <= 0 {
            return Err(wrong("quantity", "expected a positive number of shares"));
        }
        if long.contains_key(&id[row]) || short.contains_key(&id[row]) {
            return Err(wrong("lot", &format!("lot {} is there twice", id[row])));
        }
        let (id, security, quantity) = (id[row], securities[row] as u32, Qty::from_micros(quantity[row]));
        let amount = |column, value: Option<i64>| {
            let missing = || wrong(column, &format!("expected {MONEY}, found null"));
            value.map(Money::from_micros).ok_or_else(missing)
        };
        match side[row].as_str() {
            "long" => {
                let lot = Lot {
                    id,
                    parent: parent[row],
                    security,
                    quantity,
                    basis: amount("basis", basis[row])?,
                    acquired: acquired[row],
                    held_from: held_from[row].unwrap_or(acquired[row]),
                    replacement: replacement[row],
                    fair_value: fair_value[row].map(Money::from_micros),
                };
                long.insert(id, lot);
            }
            "short" => {
                // What no table shows stays as the account has it.
                let known = account.shorts.iter().find(|known| known.id == id);
                let lot = ShortLot {
                    id,
                    security,
                    quantity,
                    proceeds: amount("proceeds", proceeds[row])?,
                    opened: acquired[row],
                    replacement: replacement[row],
                    against_long_term: known.is_some_and(|known| known.against_long_term),
                };
                short.insert(id, lot);
            }
            other => return Err(wrong("side", &format!("expected long or short, found {other:?}"))),
        }
    }
    let last = long.keys().chain(short.keys()).max().copied();
    let Some(next) = last.map_or(Some(0), |last| last.checked_add(1)) else {
        return Err(given.fault("lot", None, "no number is left for a new lot"));
    };
    account.next_lot = account.next_lot.max(next);
    account.lots = long.into_values().collect();
    account.shorts = short.into_values().collect();
    Ok(())
}
