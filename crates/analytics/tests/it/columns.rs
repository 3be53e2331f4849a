//! A Parquet file as columns of plain values.

use parquet::basic::{LogicalType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::Type;
use samebits_snapshot::Digest;
use samebits_units::{Date, Money, Price, Qty};
use std::collections::BTreeMap;
use std::path::Path;

/// A value as a reader finds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Absent,
    Flag(bool),
    Number(i128),
    Bits(u64),
    Bytes(Vec<u8>),
}

macro_rules! values {
    ($($from:ty, $value:ident => $to:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        })*
    };
}
values! {
    bool, value => Value::Flag(value);
    i64, value => Value::Number(value.into());
    u64, value => Value::Number(value.into());
    u32, value => Value::Number(value.into());
    Date, value => Value::Number(value.days().into());
    Money, value => Value::Number(value.micros().into());
    Qty, value => Value::Number(value.micros().into());
    Price, value => Value::Number(value.e8().into());
    f64, value => Value::Bits(value.to_bits());
    Digest, value => Value::Bytes(value.as_bytes().to_vec());
    &str, value => Value::Bytes(value.as_bytes().to_vec());
    &String, value => Value::Bytes(value.as_bytes().to_vec());
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Absent, Into::into)
    }
}

/// A file that was read back.
pub(crate) struct Columns {
    pub(crate) rows: usize,
    pub(crate) groups: Vec<usize>,
    pub(crate) created_by: String,
    pub(crate) facts: BTreeMap<String, String>,
    /// Name, type as Arrow calls it, whether values may be absent.
    pub(crate) schema: Vec<(String, String, bool)>,
    values: BTreeMap<String, Vec<Value>>,
}

impl Columns {
    pub(crate) fn read(path: &Path) -> Self {
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
        let meta = reader.metadata();
        let file = meta.file_metadata();
        let facts = file.key_value_metadata().unwrap();
        let groups = meta.row_groups().iter().map(|group| group.num_rows() as usize).collect();
        let mut read = Self {
            rows: file.num_rows() as usize,
            groups,
            created_by: file.created_by().unwrap().to_owned(),
            facts: facts.iter().map(|fact| (fact.key.clone(), fact.value.clone().unwrap())).collect(),
            schema: file.schema().get_fields().iter().map(|field| described(field)).collect(),
            values: BTreeMap::new(),
        };
        let fields = file.schema().get_fields();
        for group in 0..meta.num_row_groups() {
            let group = reader.get_row_group(group).unwrap();
            for (at, field) in fields.iter().enumerate() {
                let rows = group.metadata().num_rows() as usize;
                let values = chunk(group.get_column_reader(at).unwrap(), rows, field);
                read.values.entry(field.name().to_owned()).or_default().extend(values);
            }
        }
        read
    }

    /// The rows, each as its values of these columns.
    pub(crate) fn of<const N: usize>(&self, names: [&str; N]) -> Vec<[Value; N]> {
        let columns = names.map(|name| match self.values.get(name) {
            Some(values) => values.as_slice(),
            None if self.rows == 0 && self.schema.iter().any(|(known, ..)| known == name) => &[],
            None => panic!("no column {name}"),
        });
        (0..self.rows).map(|row| columns.map(|column| column[row].clone())).collect()
    }
}

/// A row that is expected: values by column.
pub(crate) type Line = Vec<(&'static str, Value)>;

/// Columns and their values in a row.
macro_rules! line {
    ($($name:ident: $value:expr),* $(,)?) => { vec![$((stringify!($name), $crate::columns::Value::from($value))),*] };
}
pub(crate) use line;

/// Compares the rows with what was expected; the first value that differs is shown.
pub(crate) fn same(read: &Columns, expected: &[Line]) {
    assert_eq!(read.rows, expected.len());
    for (row, line) in expected.iter().enumerate() {
        for (name, value) in line {
            let column = read.values.get(*name).unwrap_or_else(|| panic!("no column {name}"));
            assert_eq!(column[row], *value, "row {row}, column {name}");
        }
    }
}

fn chunk(reader: ColumnReader, rows: usize, field: &Type) -> Vec<Value> {
    let unsigned = matches!(field.get_basic_info().logical_type_ref(), Some(LogicalType::Integer(kind)) if !kind.is_signed);
    let decimal = matches!(field.get_basic_info().logical_type_ref(), Some(LogicalType::Decimal(_)));
    let fixed = |bytes: &[u8]| {
        if decimal {
            let first = i128::from(bytes[0].cast_signed());
            Value::Number(bytes[1..].iter().fold(first, |sum, byte| sum << 8 | i128::from(*byte)))
        } else {
            Value::Bytes(bytes.to_vec())
        }
    };
    match reader {
        ColumnReader::BoolColumnReader(reader) => values(reader, rows, |value| Value::Flag(*value)),
        ColumnReader::Int32ColumnReader(reader) => {
            values(reader, rows, |value| Value::Number((*value).into()))
        }
        ColumnReader::Int64ColumnReader(reader) => {
            values(
                reader,
                rows,
                |value| {
                    if unsigned { value.cast_unsigned().into() } else { (*value).into() }
                },
            )
        }
        ColumnReader::DoubleColumnReader(reader) => values(reader, rows, |value| (*value).into()),
        ColumnReader::ByteArrayColumnReader(reader) => {
            values(reader, rows, |value| Value::Bytes(value.data().to_vec()))
        }
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            values(reader, rows, |value| fixed(value.data()))
        }
        _ => panic!("a type that no column has"),
    }
}

fn values<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
    value: impl Fn(&T::T) -> Value,
) -> Vec<Value> {
    let (mut levels, mut found) = (Vec::new(), Vec::new());
    while let (records, ..) = reader.read_records(rows, Some(&mut levels), None, &mut found).unwrap()
        && records > 0
    {}
    let mut found = found.iter();
    if levels.is_empty() {
        return found.map(value).collect();
    }
    levels
        .iter()
        .map(|level| if *level == 0 { Value::Absent } else { value(found.next().unwrap()) })
        .collect()
}

/// Name, type as Arrow calls it, whether values may be absent: from the file alone.
fn described(field: &Type) -> (String, String, bool) {
    let Type::PrimitiveType { basic_info, physical_type, type_length, .. } = field else {
        panic!("a column within a column")
    };
    let kind = match (physical_type, basic_info.logical_type_ref()) {
        (Physical::FIXED_LEN_BYTE_ARRAY, None) => format!("fixed_size_binary({type_length})"),
        (Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Decimal(of))) => {
            format!("decimal128({}, {})", of.precision, of.scale)
        }
        (Physical::BYTE_ARRAY, Some(LogicalType::String)) => "string".to_owned(),
        (Physical::BOOLEAN, None) => "bool".to_owned(),
        (Physical::DOUBLE, None) => "double".to_owned(),
        (Physical::INT64, None) => "int64".to_owned(),
        (Physical::INT64, Some(LogicalType::Integer(of))) if !of.is_signed => format!("uint{}", of.bit_width),
        (Physical::INT32, Some(LogicalType::Date)) => "date32".to_owned(),
        (Physical::INT64, Some(LogicalType::Timestamp(of))) if of.is_adjusted_to_u_t_c => {
            format!("timestamp({}, UTC)", format!("{:?}", of.unit).to_lowercase().replace("nanos", "ns"))
        }
        other => panic!("{other:?}"),
    };
    (field.name().to_owned(), kind, field.is_optional())
}
