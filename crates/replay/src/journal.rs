//! What a long replay has done so far, so that it can be taken up again.
//!
//! A text file, one line a Run: run id, verdict, code version. A line that was cut off is ignored. Only Runs found
//! identical by the same code version are skipped.

use crate::{Error, Verdict};
use samebits_snapshot::Digest;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The journal of a replay.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    code: String,
    file: std::fs::File,
    identical: BTreeSet<String>,
}

impl Journal {
    /// Opens or creates the journal at `path` for the code version `code`.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub fn open(path: &Path, code: &str) -> Result<Self, Error> {
        let fault = |error: std::io::Error| fault(path, &error);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(fault(error)),
        };
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let identical = whole.lines().filter_map(|line| identical(line, code)).collect();
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(fault)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n").map_err(fault)?;
        }
        Ok(Self { path: path.to_owned(), code: code.to_owned(), file, identical })
    }

    /// Whether the Run was found identical by this code version before.
    pub fn has(&self, run_id: &Digest) -> bool {
        self.identical.contains(&run_id.to_string())
    }

    /// Adds a Run.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub fn add(&mut self, run_id: &Digest, verdict: Verdict) -> Result<(), Error> {
        let line = format!("{run_id} {} {}\n", verdict.name(), self.code);
        self.file.write_all(line.as_bytes()).map_err(|error| fault(&self.path, &error))
    }
}

fn identical(line: &str, code: &str) -> Option<String> {
    let (id, rest) = line.split_once(' ')?;
    let (verdict, version) = rest.split_once(' ')?;
    (verdict == Verdict::Identical.name() && version == code && id.len() == 64).then(|| id.to_owned())
}

fn fault(path: &Path, error: &std::io::Error) -> Error {
    Error::Journal { path: path.display().to_string(), problem: error.to_string() }
}
