//! A table's file: row groups of one size, under a temporary name until the whole export is complete.

use crate::column::{Buffer, Cell, Sink, Table};
use crate::{Column, Error};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a row group; the last one of a file may have fewer. It bounds what is in memory.
const ROW_GROUP: usize = 1 << 17;
/// Level of compression.
const LEVEL: i32 = 3;

/// A table that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub table: Table,
    /// Its file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// Length of the file, bytes.
    pub bytes: u64,
    /// Sums of the columns of money and shares, in millionths, by column.
    pub sums: Vec<(Column, i128)>,
}

/// A table's file that is being written. Dropped before it is [kept](Complete::keep), it leaves nothing.
pub(crate) struct TableFile {
    table: Table,
    partial: Partial,
    writer: SerializedFileWriter<File>,
    buffers: Vec<Buffer>,
    in_group: usize,
    rows: u64,
}

/// A file under its temporary name; removed when dropped.
struct Partial {
    path: PathBuf,
    last: PathBuf,
    kept: bool,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed is named by the next export.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

fn in_file(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    |source| Error::File { path, source }
}

impl TableFile {
    /// A new file in `folder`; `facts` go into its metadata.
    pub(crate) fn create(
        folder: &Path,
        table: Table,
        facts: &[(&str, String)],
        replace: bool,
    ) -> Result<Self, Error> {
        let last = folder.join(format!("{}.parquet", table.name));
        let path = folder.join(format!(".{}.parquet.partial", table.name));
        let mut options = OpenOptions::new();
        if replace {
            options.write(true).create(true).truncate(true);
        } else if last.exists() {
            return Err(Error::Exists { path: last });
        } else {
            options.write(true).create_new(true);
        }
        let file = options.open(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => Error::Unfinished { path: path.clone() },
            _ => Error::File { path: path.clone(), source },
        })?;
        let partial = Partial { path, last, kept: false };
        let writer = table
            .schema()
            .and_then(|schema| SerializedFileWriter::new(file, schema, Arc::new(properties(table, facts)?)))
            .map_err(in_table(table))?;
        let buffers = table.columns.iter().map(|column| Buffer::new(*column)).collect();
        Ok(Self { table, partial, writer, buffers, in_group: 0, rows: 0 })
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.in_group = 0;
        write_group(&mut self.writer, &mut self.buffers).map_err(in_table(self.table))
    }

    /// Everything on disk, still under the temporary name.
    pub(crate) fn complete(mut self) -> Result<Complete, Error> {
        if self.in_group > 0 {
            self.flush()?;
        }
        let file = self.writer.into_inner().map_err(in_table(self.table))?;
        let at = |error| in_file(&self.partial.path)(error);
        file.sync_all().map_err(at)?;
        let bytes = file.metadata().map_err(at)?.len();
        let summed = self.buffers.iter().filter(|buffer| buffer.column().kind.is_summed());
        let sums = summed.map(|buffer| (buffer.column(), buffer.sum)).collect();
        let path = self.partial.last.clone();
        let written = Written { table: self.table, path, rows: self.rows, bytes, sums };
        Ok(Complete { partial: self.partial, written })
    }
}

impl Sink for TableFile {
    fn push<const N: usize>(&mut self, cells: [Cell; N]) -> Result<(), Error> {
        debug_assert_eq!(N, self.buffers.len());
        for (buffer, cell) in self.buffers.iter_mut().zip(cells) {
            buffer.push(cell);
        }
        self.in_group += 1;
        self.rows += 1;
        if self.in_group == ROW_GROUP { self.flush() } else { Ok(()) }
    }
}

/// A file that only needs its name.
pub(crate) struct Complete {
    partial: Partial,
    written: Written,
}

impl Complete {
    /// Gives it its name.
    pub(crate) fn keep(mut self) -> Result<Written, Error> {
        std::fs::rename(&self.partial.path, &self.partial.last).map_err(in_file(&self.partial.last))?;
        self.partial.kept = true;
        Ok(self.written)
    }
}

fn in_table(table: Table) -> impl FnOnce(ParquetError) -> Error {
    move |source| Error::Parquet { table: table.name, source }
}

fn write_group(writer: &mut SerializedFileWriter<File>, buffers: &mut [Buffer]) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for buffer in buffers {
        let wanting = || ParquetError::General("fewer columns than the table has".to_owned());
        let mut column = group.next_column()?.ok_or_else(wanting)?;
        buffer.write(column.untyped())?;
        column.close()?;
    }
    group.close()?;
    Ok(())
}

/// What every file is written with. Each of these decides bytes.
fn properties(table: Table, facts: &[(&str, String)]) -> Result<WriterProperties, ParquetError> {
    let facts = [("samebits.table", table.name.to_owned())].into_iter().chain(facts.iter().cloned());
    let metadata = facts.map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect();
    Ok(WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("samebits".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_key_value_metadata(Some(metadata))
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use samebits_units::Money;

    const TABLE: Table = Table {
        name: "t",
        columns: &[
            Column { name: "a", kind: Kind::Integer, optional: false },
            Column { name: "b", kind: Kind::Money, optional: true },
        ],
    };

    fn push(file: &mut TableFile, rows: i64) {
        for row in 0..rows {
            let money = (row % 3 > 0).then(|| Money::from_micros(-row));
            file.push([Cell::from(row), Cell::from(money)]).unwrap();
        }
    }

    #[test]
    fn row_groups_of_one_size() {
        let folder = tempfile::tempdir().unwrap();
        for (rows, groups) in
            [(0, vec![]), (ROW_GROUP, vec![ROW_GROUP]), (2 * ROW_GROUP + 5, vec![ROW_GROUP, ROW_GROUP, 5])]
        {
            let mut file = TableFile::create(folder.path(), TABLE, &[], true).unwrap();
            push(&mut file, rows as i64);
            let written = file.complete().unwrap().keep().unwrap();
            let sum = (0..rows as i128).filter(|row| row % 3 > 0).sum::<i128>();
            assert_eq!((written.rows, written.sums), (rows as u64, vec![(TABLE.columns[1], -sum)]));
            assert_eq!(std::fs::metadata(&written.path).unwrap().len(), written.bytes);
            let reader = SerializedFileReader::new(File::open(&written.path).unwrap()).unwrap();
            let found = reader.metadata().row_groups().iter().map(|group| group.num_rows() as usize);
            assert_eq!(found.collect::<Vec<_>>(), groups);
        }
    }

    #[test]
    fn what_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let left = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut file = TableFile::create(folder.path(), TABLE, &[], false).unwrap();
        push(&mut file, 7);
        assert_eq!(left(), 1);
        drop(file);
        assert_eq!(left(), 0);
        let file = TableFile::create(folder.path(), TABLE, &[], false).unwrap();
        drop(file.complete().unwrap());
        assert_eq!(left(), 0);
    }
}
