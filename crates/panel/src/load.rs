//! Files of a directory: plain or zstd-compressed by their extension.

use crate::error::Error;
use crate::limits::CONTENT_BYTES_MAX;
use crate::panel::Panel;
use crate::{read_bar_volumes, read_closes, read_quotes, read_sectors, read_volumes};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The files of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Closing prices.
    pub closes: PathBuf,
    /// Volumes.
    pub volumes: PathBuf,
    /// Names and sectors.
    pub sectors: PathBuf,
    /// How the first two are laid out.
    pub layout: Layout,
}

/// How the closes and volumes of a panel are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Two wide tables of the same sessions and names, without an empty cell; sectors of exactly these names.
    Fixed,
    /// A wide table of closes with empty cells before a name's first quote, and bars with a line a session and ticker.
    /// The panel keeps the names that have a close in every session, in the order of their tickers; a volume without
    /// a line is 0; sectors of other names are ignored.
    Complete,
}

impl Sources {
    /// The files of the small fixture in `dir`.
    pub fn sp100(dir: &Path) -> Self {
        Self {
            closes: dir.join("sp100_756d_close.csv"),
            volumes: dir.join("sp100_756d_volume.csv.zst"),
            sectors: dir.join("sp100_sectors.csv"),
            layout: Layout::Fixed,
        }
    }

    /// The files of the five years of the S&P 500 in `dir`.
    pub fn sp500(dir: &Path) -> Self {
        Self {
            closes: dir.join("sp500_5y_close_clean.csv.zst"),
            volumes: dir.join("sp500_5y_ohlcv_raw.csv.zst"),
            sectors: dir.join("sp500_constituents.csv"),
            layout: Layout::Complete,
        }
    }
}

impl Panel {
    /// The small fixture in `dir` (100 names, 756 sessions); [`Panel::load_files`] reads other files.
    ///
    /// # Errors
    /// As [`Panel::load_files`].
    pub fn load(dir: &Path) -> Result<Self, Error> {
        Self::load_files(&Sources::sp100(dir))
    }

    /// The five years of the S&P 500 in `dir`: the names that are complete over the whole span.
    ///
    /// # Errors
    /// As [`Panel::load_files`].
    pub fn load_sp500(dir: &Path) -> Result<Self, Error> {
        Self::load_files(&Sources::sp500(dir))
    }

    /// Reads and joins three files; one whose name ends in `.zst` is decompressed.
    ///
    /// # Errors
    /// [`Error::Io`] when a file is missing or damaged, [`Error::TooLarge`], [`Error::NoneComplete`], and every fault
    /// of the contents.
    pub fn load_files(sources: &Sources) -> Result<Self, Error> {
        let closes = read_file(&sources.closes)?;
        let volumes = read_file(&sources.volumes)?;
        let sectors = read_file(&sources.sectors)?;
        let mut rows = read_sectors(&sectors.name, sectors.bytes.as_slice())?;
        let (table, shares) = match sources.layout {
            Layout::Fixed => {
                let table = read_closes(&closes.name, closes.bytes.as_slice())?;
                (table, read_volumes(&volumes.name, volumes.bytes.as_slice())?)
            }
            Layout::Complete => {
                let quotes = read_quotes(&closes.name, closes.bytes.as_slice())?;
                let shares = read_bar_volumes(&volumes.name, volumes.bytes.as_slice(), &quotes)?;
                let table = quotes.complete();
                if table.tickers.is_empty() {
                    return Err(Error::NoneComplete { file: closes.name });
                }
                let kept: BTreeSet<&String> = table.tickers.iter().collect();
                rows.retain(|row| kept.contains(&row.ticker));
                let shares = shares.only(&table.tickers);
                (table, shares)
            }
        };
        Self::join(table, (&volumes.name, &shares), (&sectors.name, &rows))
    }
}

pub(crate) struct Content {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn read_file(path: &Path) -> Result<Content, Error> {
    let name = path.display().to_string();
    let packed = path.extension().is_some_and(|extension| extension == "zst");
    let file = File::open(path).map_err(|source| Error::Io { file: name.clone(), source })?;
    let bytes = decompress(&name, BufReader::new(file), packed, CONTENT_BYTES_MAX)?;
    Ok(Content { name, bytes })
}

/// The bytes of a file as they are, or decompressed; `name` stands for the file in errors. `allowed`: most bytes of content,
/// and how far back the decompressor may look, each a power of two, or taken as the next one for the latter.
///
/// # Errors
/// [`Error::Io`] for what is damaged or looks back further, [`Error::TooLarge`].
pub fn decompress(name: &str, from: impl BufRead, packed: bool, allowed: u64) -> Result<Vec<u8>, Error> {
    let bytes = contents(from, packed, allowed);
    let bytes = bytes.map_err(|source| Error::Io { file: name.to_owned(), source })?;
    bytes.ok_or_else(|| Error::TooLarge { file: name.to_owned(), what: "content", allowed })
}

/// The decompressed bytes, or `None` when there are more than `allowed`.
fn contents(from: impl BufRead, packed: bool, allowed: u64) -> std::io::Result<Option<Vec<u8>>> {
    if !packed {
        return at_most(from, allowed);
    }
    let mut decoder = zstd::Decoder::with_buffer(from)?;
    decoder.window_log_max(window_log(allowed))?;
    at_most(decoder, allowed)
}

/// Logarithm of the longest way that a zstd frame may look back: all of what is allowed, within what zstd has.
fn window_log(allowed: u64) -> u32 {
    let up = u64::BITS - allowed.saturating_sub(1).leading_zeros();
    up.clamp(10, 27)
}

/// Bytes by which a list of bytes grows at least.
const STEP: usize = 1 << 13;

/// All bytes, or `None` when there are more than `allowed`. The list is never longer than that and a byte.
fn at_most(mut from: impl Read, allowed: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut filled = 0;
    loop {
        if filled == bytes.len() {
            let room = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_add(1) - filled;
            let more = (filled / 4).max(STEP).min(room);
            bytes.reserve_exact(more);
            bytes.resize(filled + more, 0);
        }
        match from.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if filled as u64 > allowed {
            return Ok(None);
        }
    }
    bytes.truncate(filled);
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_decompressed_bytes() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices/sp100_756d_volume.csv.zst");
        let packed = std::fs::read(path).unwrap();
        let read = |allowed| contents(packed.as_slice(), true, allowed);
        assert_eq!(read(628_688).unwrap().unwrap().len(), 628_688);
        assert_eq!(read(628_687).unwrap(), None);
        // A frame that looks back further than all of what is allowed is refused before memory is asked for.
        let error = read(100_000).unwrap_err().to_string();
        assert!(error.contains("memory"), "{error}");
        for allowed in [0, 1, STEP as u64, 99_999] {
            let plain = vec![7; allowed as usize];
            assert_eq!(contents(plain.as_slice(), false, allowed).unwrap(), Some(plain.clone()));
            assert_eq!(contents([&plain[..], &[7]].concat().as_slice(), false, allowed).unwrap(), None);
        }
    }
}
