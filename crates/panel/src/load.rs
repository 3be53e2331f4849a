//! Files of a directory: plain or zstd-compressed by their extension.

use crate::error::Error;
use crate::panel::Panel;
use crate::{read_bar_volumes, read_closes, read_quotes, read_sectors, read_volumes};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of content that a file may have, after decompression: about 20 years of 5,000 names.
pub const CONTENT_BYTES_MAX: u64 = 256 << 20;

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
    let bytes =
        contents(path, CONTENT_BYTES_MAX).map_err(|source| Error::Io { file: name.clone(), source })?;
    match bytes {
        Some(bytes) => Ok(Content { name, bytes }),
        None => Err(Error::TooLarge { file: name, allowed: CONTENT_BYTES_MAX }),
    }
}

/// The decompressed bytes, or `None` when there are more than `allowed`.
fn contents(path: &Path, allowed: u64) -> std::io::Result<Option<Vec<u8>>> {
    let file = BufReader::new(File::open(path)?);
    let mut bytes = Vec::new();
    let limit = allowed.saturating_add(1);
    if path.extension().is_some_and(|extension| extension == "zst") {
        zstd::Decoder::with_buffer(file)?.take(limit).read_to_end(&mut bytes)?;
    } else {
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok((bytes.len() as u64 <= allowed).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_decompressed_bytes() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices/sp100_756d_volume.csv.zst");
        assert_eq!(contents(&path, 628_687).unwrap(), None);
        assert_eq!(contents(&path, 628_688).unwrap().unwrap().len(), 628_688);
    }
}
