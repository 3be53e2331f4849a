//! Columns: their kinds, their Parquet types, and the values of a row group.

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{Type, TypePtr};
use samebits_snapshot::Digest;
use samebits_units::{Date, Money, Price, Qty};
use std::sync::Arc;

/// A table of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name; the file is called so, with `.parquet` behind it.
    pub name: &'static str,
    /// Its columns, in their order.
    pub columns: &'static [Column],
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether values may be absent.
    pub optional: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A content id: 32 bytes.
    Id,
    /// Text, UTF-8.
    Text,
    /// A switch.
    Flag,
    /// A count.
    Integer,
    /// The number of a lot.
    Lot,
    /// A calendar day.
    Day,
    /// A moment, UTC nanoseconds since 1970.
    Time,
    /// An amount of the Run's currency, six decimals.
    Money,
    /// Shares, six decimals.
    Shares,
    /// A price of a share in the Run's currency, eight decimals.
    Price,
    /// A binary float of 64 bits.
    Real,
}

/// Digits of every decimal: all that an integer of 64 bits can have.
const DIGITS: i32 = 19;
/// Bytes that hold so many digits and a sign: as few as there can be, as readers expect.
const DECIMAL: usize = 9;
const ID: usize = 32;

impl Kind {
    /// The type as Arrow calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "fixed_size_binary(32)",
            Self::Text => "string",
            Self::Flag => "bool",
            Self::Integer => "int64",
            Self::Lot => "uint64",
            Self::Day => "date32",
            Self::Time => "timestamp(ns, UTC)",
            Self::Money | Self::Shares => "decimal128(19, 6)",
            Self::Price => "decimal128(19, 8)",
            Self::Real => "double",
        }
    }

    /// Whether an export adds the values up, so that readers can be compared with it.
    pub(crate) const fn is_summed(self) -> bool {
        matches!(self, Self::Money | Self::Shares)
    }

    /// Bytes of a value of fixed length.
    const fn width(self) -> usize {
        match self {
            Self::Id => ID,
            _ => DECIMAL,
        }
    }

    fn physical(self) -> (Physical, Option<LogicalType>) {
        let decimal = |scale: u32| LogicalType::decimal(scale as i32, DIGITS);
        match self {
            Self::Id => (Physical::FIXED_LEN_BYTE_ARRAY, None),
            Self::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Self::Flag => (Physical::BOOLEAN, None),
            Self::Integer => (Physical::INT64, None),
            Self::Lot => (Physical::INT64, Some(LogicalType::integer(64, false))),
            Self::Day => (Physical::INT32, Some(LogicalType::Date)),
            Self::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::NANOS))),
            Self::Money => (Physical::FIXED_LEN_BYTE_ARRAY, Some(decimal(Money::DECIMALS))),
            Self::Shares => (Physical::FIXED_LEN_BYTE_ARRAY, Some(decimal(Qty::DECIMALS))),
            Self::Price => (Physical::FIXED_LEN_BYTE_ARRAY, Some(decimal(Price::DECIMALS))),
            Self::Real => (Physical::DOUBLE, None),
        }
    }
}

impl Table {
    /// Its schema.
    pub(crate) fn schema(&self) -> Result<TypePtr> {
        let fields = self.columns.iter().map(Column::field).collect::<Result<Vec<_>>>()?;
        Type::group_type_builder(self.name).with_fields(fields).build().map(Arc::new)
    }
}

impl Column {
    fn field(&self) -> Result<TypePtr> {
        let (physical, logical) = self.kind.physical();
        let mut field = Type::primitive_type_builder(self.name, physical)
            .with_repetition(if self.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED })
            .with_logical_type(logical.clone());
        if physical == Physical::FIXED_LEN_BYTE_ARRAY {
            field = field.with_length(self.kind.width() as i32);
        }
        if let Some(LogicalType::Decimal(decimal)) = logical {
            field = field.with_precision(decimal.precision).with_scale(decimal.scale);
        }
        field.build().map(Arc::new)
    }
}

/// A value of a row.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Absent,
    Id(Digest),
    Text(ByteArray),
    Flag(bool),
    Integer(i64),
    Lot(u64),
    Day(Date),
    Time(Nanoseconds),
    Money(Money),
    Shares(Qty),
    Price(Price),
    Real(f64),
}

/// What takes rows: one cell a column, in their order.
pub(crate) trait Sink {
    fn push<const N: usize>(&mut self, cells: [Cell; N]) -> std::result::Result<(), crate::Error>;
}

/// UTC nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nanoseconds(pub(crate) i64);

macro_rules! cells {
    ($($from:ty => $cell:ident),*) => {
        $(impl From<$from> for Cell {
            fn from(value: $from) -> Self {
                Self::$cell(value.into())
            }
        })*
    };
}
cells!(Digest => Id, ByteArray => Text, &str => Text, bool => Flag, i64 => Integer, u32 => Integer, u64 => Lot,
    Date => Day, Nanoseconds => Time, Money => Money, Qty => Shares, Price => Price, f64 => Real);

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

/// Values of a column that are not written yet.
pub(crate) struct Buffer {
    column: Column,
    values: Values,
    /// Of an optional column: whether each row has a value.
    levels: Vec<i16>,
    /// Sum of all values so far, those written included, in units of the last decimal.
    pub(crate) sum: i128,
}

enum Values {
    Flags(Vec<bool>),
    Days(Vec<i32>),
    Words(Vec<i64>),
    Reals(Vec<f64>),
    Texts(Vec<ByteArray>),
    /// Values of one length, one behind the other.
    Fixed(Vec<u8>),
}

impl Buffer {
    pub(crate) fn new(column: Column) -> Self {
        let values = match column.kind {
            Kind::Flag => Values::Flags(Vec::new()),
            Kind::Day => Values::Days(Vec::new()),
            Kind::Integer | Kind::Lot | Kind::Time => Values::Words(Vec::new()),
            Kind::Real => Values::Reals(Vec::new()),
            Kind::Text => Values::Texts(Vec::new()),
            Kind::Id | Kind::Money | Kind::Shares | Kind::Price => Values::Fixed(Vec::new()),
        };
        Self { column, values, levels: Vec::new(), sum: 0 }
    }

    pub(crate) fn column(&self) -> Column {
        self.column
    }

    /// The value of the next row.
    pub(crate) fn push(&mut self, cell: Cell) {
        let Column { name, kind, optional } = self.column;
        if optional {
            self.levels.push(i16::from(!matches!(cell, Cell::Absent)));
        }
        match (kind, &mut self.values, cell) {
            (_, _, Cell::Absent) if optional => {}
            (Kind::Id, Values::Fixed(bytes), Cell::Id(id)) => bytes.extend_from_slice(id.as_bytes()),
            (Kind::Text, Values::Texts(texts), Cell::Text(text)) => texts.push(text),
            (Kind::Flag, Values::Flags(flags), Cell::Flag(flag)) => flags.push(flag),
            (Kind::Integer, Values::Words(words), Cell::Integer(word)) => words.push(word),
            // As unsigned integers are stored: by their bits.
            (Kind::Lot, Values::Words(words), Cell::Lot(lot)) => words.push(lot.cast_signed()),
            (Kind::Day, Values::Days(days), Cell::Day(day)) => days.push(day.days()),
            (Kind::Time, Values::Words(words), Cell::Time(time)) => words.push(time.0),
            (Kind::Money, _, Cell::Money(money)) => self.decimal(money.micros()),
            (Kind::Shares, _, Cell::Shares(shares)) => self.decimal(shares.micros()),
            (Kind::Price, _, Cell::Price(price)) => self.decimal(price.e8()),
            (Kind::Real, Values::Reals(reals), Cell::Real(real)) => reals.push(real),
            (_, _, cell) => unreachable!("column {name} holds {kind:?}, not {cell:?}"),
        }
    }

    #[expect(clippy::big_endian_bytes, reason = "Parquet's decimals of fixed length are big-endian")]
    fn decimal(&mut self, value: i64) {
        self.sum += i128::from(value);
        if let Values::Fixed(bytes) = &mut self.values {
            let wide = i128::from(value).to_be_bytes();
            bytes.extend_from_slice(&wide[wide.len() - DECIMAL..]);
        }
    }

    /// Writes what has come in since the last time as a chunk of a row group, and begins anew.
    pub(crate) fn write(&mut self, writer: &mut ColumnWriter<'_>) -> Result<()> {
        let levels = std::mem::take(&mut self.levels);
        let levels = self.column.optional.then_some(levels.as_slice());
        match (&mut self.values, writer) {
            (Values::Flags(flags), ColumnWriter::BoolColumnWriter(writer)) => {
                writer.write_batch(flags, levels, None)?;
                flags.clear();
            }
            (Values::Days(days), ColumnWriter::Int32ColumnWriter(writer)) => {
                writer.write_batch(days, levels, None)?;
                days.clear();
            }
            (Values::Words(words), ColumnWriter::Int64ColumnWriter(writer)) => {
                writer.write_batch(words, levels, None)?;
                words.clear();
            }
            (Values::Reals(reals), ColumnWriter::DoubleColumnWriter(writer)) => {
                writer.write_batch(reals, levels, None)?;
                reals.clear();
            }
            (Values::Texts(texts), ColumnWriter::ByteArrayColumnWriter(writer)) => {
                writer.write_batch(texts, levels, None)?;
                texts.clear();
            }
            (Values::Fixed(bytes), ColumnWriter::FixedLenByteArrayColumnWriter(writer)) => {
                let (all, width) = (ByteArray::from(std::mem::take(bytes)), self.column.kind.width());
                let values: Vec<FixedLenByteArray> =
                    (0..all.len() / width).map(|at| all.slice(at * width, width).into()).collect();
                writer.write_batch(&values, levels, None)?;
            }
            _ => return Err(ParquetError::General(format!("column {} has another type", self.column.name))),
        }
        Ok(())
    }
}
