//! Any tape by its content.

use crate::Error;
use crate::binance::Binance;
use crate::container::Tape;
use crate::csv::Csv;
use crate::itch::Itch;
use crate::sorted::Sorted;
use crate::source::Source;
use samebits_executor::Market;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Logarithm of the longest way that a zstd frame may look back: 128 MiB.
const WINDOW_LOG: u32 = 27;

/// What a file does not say itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Symbol of a file without one.
    pub symbol: String,
    /// Tick of formats that do not state it, as decimal text.
    pub tick: String,
    /// Lot of formats that do not state it, as decimal text.
    pub lot: String,
    /// Whether tick and lot were given, not taken by default.
    pub steps_given: bool,
    /// Market data of CSV events.
    pub market: Market,
    /// How long a bar lasts, ns.
    pub bar_ns: i64,
    /// Midnight of an ITCH file's day in its own time zone, ns UTC.
    pub midnight_ns: i64,
    /// Whether best quotes beside a full book become events.
    pub tops: bool,
    /// Whether a break in the ids of updates is an error, not a note.
    pub strict: bool,
    /// Events are sorted within this window, ns.
    pub window_ns: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            symbol: "X".to_owned(),
            tick: "0.01".to_owned(),
            lot: "1".to_owned(),
            steps_given: false,
            market: Market::Levels,
            bar_ns: 60_000_000_000,
            midnight_ns: 0,
            tops: false,
            strict: false,
            window_ns: 2_000_000_000,
        }
    }
}

/// Opens files as one tape: a samebits tape, CSV, captured Binance lines, or ITCH 5.0; plain, gzip or zstd.
///
/// # Errors
/// Files that cannot be read, that are none of these, or that are of different formats.
pub fn open(paths: &[PathBuf], options: &Options) -> Result<Box<dyn Source>, Error> {
    let Some(first) = paths.first() else {
        return Err(Error::NotTape { expected: "list of files", found: "nothing".to_owned() });
    };
    let format = sniff(first)?;
    for (index, path) in paths.iter().enumerate().skip(1) {
        let found = sniff(path)?;
        if found != format || format != "binance" {
            return Err(Error::MixedFormats { index: index + 1, found, first: format });
        }
    }
    Ok(match format {
        "tape" => Box::new(Tape::open(BufReader::new(file(first)?))?),
        "csv" => Box::new(Csv::new(decompressed(first)?, options)?),
        "binance" => {
            let inputs = paths.iter().map(|path| decompressed(path)).collect::<Result<Vec<_>, _>>()?;
            Box::new(Sorted::new(Binance::new(inputs, options), options.window_ns))
        }
        _ => Box::new(Itch::new(decompressed(first)?, options)),
    })
}

fn file(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| Error::Io { what: "opening a tape", source })
}

/// A file's content, unpacked if it is gzip or zstd.
///
/// # Errors
/// A file that cannot be opened.
pub fn decompressed(path: &Path) -> Result<Box<dyn BufRead>, Error> {
    let mut input = BufReader::with_capacity(1 << 16, file(path)?);
    let start = input.fill_buf().map_err(Error::io("the first bytes"))?;
    let (gzip, zstd) = (start.starts_with(&[0x1f, 0x8b]), start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    Ok(if gzip {
        Box::new(BufReader::with_capacity(1 << 16, flate2::bufread::MultiGzDecoder::new(input)))
    } else if zstd {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(Error::io("zstd"))?;
        decoder.window_log_max(WINDOW_LOG).map_err(Error::io("zstd"))?;
        Box::new(BufReader::with_capacity(1 << 16, decoder))
    } else {
        Box::new(input)
    })
}

/// The format of a file by its first bytes.
fn sniff(path: &Path) -> Result<&'static str, Error> {
    let mut start = [0; 64];
    let mut length = 0;
    let mut input = decompressed(path)?;
    while length < start.len() {
        match input.read(&mut start[length..]).map_err(Error::io("the first bytes"))? {
            0 => break,
            read => length += read,
        }
    }
    let start = &start[..length];
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let has = |part: &[u8]| line.windows(part.len()).any(|window| window == part);
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if start.starts_with(b"sbtape\n") {
        Ok("tape")
    } else if digits >= 10 && line.get(digits..digits + 2) == Some(b" {") {
        Ok("binance")
    } else if has(b"time") && has(b",") {
        Ok("csv")
    } else if matches!(
        start.get(..3),
        Some([0, _, b'S' | b'R' | b'H' | b'Y' | b'L' | b'V' | b'W' | b'A' | b'P'])
    ) {
        Ok("itch")
    } else {
        let found = String::from_utf8_lossy(start).escape_debug().take(48).collect();
        Err(Error::NotTape { expected: "tape, CSV, captured Binance lines or ITCH 5.0", found })
    }
}
