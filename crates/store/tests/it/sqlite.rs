//! The suite on a file.

use crate::suite::Place;
use rusqlite::{Connection, params, types::Value};
use samebits_store::Opener;
use std::path::PathBuf;

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        Self { _folder: folder, path }
    }
}

suite!(Some(File::new()));

impl File {
    fn raw(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    /// Without triggers.
    fn bare(&self) -> Connection {
        let raw = self.raw();
        let drops: String = raw
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| Ok(format!("DROP TRIGGER {};", row.get::<_, String>(0)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        raw.execute_batch(&drops).unwrap();
        raw
    }
}

impl Place for File {
    fn opener(&self) -> Opener {
        Opener::from(&self.path)
    }

    fn accident(&self, statement: &str) -> Result<(), String> {
        self.raw().execute(statement, []).map(drop).map_err(|error| error.to_string())
    }

    fn forge(&self, statement: &str) {
        self.bare().execute_batch(statement).unwrap();
    }

    fn flip(&self, table: &str, column: &str, row: usize, at: usize) -> bool {
        let raw = self.bare();
        let key = match (table, column) {
            ("heads", _) => "account",
            ("corrections", "link") => "run_id",
            ("corrections", _) => "link",
            _ => "rowid",
        };
        let query = format!("SELECT {key}, {column} FROM {table} ORDER BY {key} LIMIT 1 OFFSET ?1");
        let (id, value): (Value, Value) =
            raw.query_row(&query, [row as i64], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let Some(other) = changed(&value, at) else { return false };
        raw.execute(&format!("UPDATE {table} SET {column} = ?1 WHERE {key} = ?2"), params![other, id]).is_ok()
    }

    fn literal(&self, bytes: &[u8]) -> String {
        format!("x'{}'", crate::suite::hex(bytes))
    }

    fn overriding(&self) -> &'static str {
        ""
    }

    fn every_byte(&self) -> bool {
        true
    }
}

/// The value with one bit changed; `None` past its end.
fn changed(value: &Value, at: usize) -> Option<Value> {
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        *bytes.get_mut(at)? ^= 1;
        Some(bytes)
    };
    match value {
        Value::Integer(number) => (at < 8).then(|| Value::Integer(number ^ (1 << (8 * at)))),
        Value::Text(text) => Some(Value::Text(String::from_utf8(flip(text.as_bytes())?).unwrap())),
        Value::Blob(bytes) => Some(Value::Blob(flip(bytes)?)),
        _ => None,
    }
}
