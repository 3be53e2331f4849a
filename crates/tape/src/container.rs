//! The container: header, blocks of columns, index. Every byte is under a checksum; `docs/tape.md` has the table.

use crate::source::{Source, Symbol};
use crate::{Error, column};
use samebits_executor::{Event, Kind, Side, mutant};
use serde::{Deserialize, Serialize};
use std::io::{Read, Seek, SeekFrom, Write};

/// Rows of a full block.
pub const BLOCK_ROWS: usize = 1 << 14;
const MAGIC: [u8; 7] = *b"sbtape\n";
const END: [u8; 8] = *b"sbtapend";
const VERSION: u8 = 1;
const COLUMNS: usize = 9;
/// Rows, compressed bytes, plain bytes, checksum.
const BLOCK_HEADER: usize = 16;
const INDEX_ENTRY: usize = 32;
/// Index offset, events, blocks, checksum of the index, closing magic.
const FOOTER: usize = 32;
const HEADER_LIMIT: u64 = 1 << 20;
const PLAIN_LIMIT: u64 = (BLOCK_ROWS * COLUMNS * 20 + COLUMNS * 64) as u64;
const BLOCK_LIMIT: u64 = 1 << 24;
const LEVEL: i32 = 3;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    symbols: Vec<Symbol>,
    source: String,
}

#[derive(Debug, Clone, Copy)]
struct IndexEntry {
    offset: u64,
    first_event: u64,
    first_time: i64,
    rows: u32,
}

/// Writes a tape.
pub struct Writer<W: Write> {
    out: W,
    rows: Vec<Event>,
    index: Vec<IndexEntry>,
    offset: u64,
    events: u64,
    last_time: i64,
}

impl<W: Write> Writer<W> {
    /// Begins a tape; `source` says where it came from.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn new(out: W, symbols: &[Symbol], source: &str) -> Result<Self, Error> {
        let header = Header { symbols: symbols.to_vec(), source: source.to_owned() };
        let text = serde_json::to_vec(&header)
            .map_err(|error| Error::Io { what: "the header of a tape", source: error.into() })?;
        let mut writer = Self {
            out,
            rows: Vec::with_capacity(BLOCK_ROWS),
            index: Vec::new(),
            offset: 0,
            events: 0,
            last_time: i64::MIN,
        };
        writer.put(&MAGIC)?;
        writer.put(&[VERSION])?;
        writer.put(&(text.len() as u32).to_le_bytes())?;
        writer.put(&crc32c::crc32c(&text).to_le_bytes())?;
        writer.put(&text)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.write_all(bytes).map_err(Error::io("writing a tape"))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Appends an event; they come sorted by venue time.
    ///
    /// # Errors
    /// [`Error::Late`] for an event before the one before it, [`Error::Io`].
    pub fn push(&mut self, event: &Event) -> Result<(), Error> {
        if event.venue < self.last_time {
            let late = self.last_time.saturating_sub(event.venue);
            return Err(Error::Late { event: self.events + 1, time: event.venue, late, window: 0 });
        }
        self.last_time = event.venue;
        self.events += 1;
        self.rows.push(*event);
        if self.rows.len() == BLOCK_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let Some(first) = self.rows.first() else { return Ok(()) };
        let entry = IndexEntry {
            offset: self.offset,
            first_event: self.events - self.rows.len() as u64,
            first_time: first.venue,
            rows: self.rows.len() as u32,
        };
        let mut plain = Vec::new();
        for get in GETTERS {
            column::encode(&self.rows.iter().map(get).collect::<Vec<_>>(), &mut plain);
        }
        let packed = zstd::bulk::compress(&plain, LEVEL).map_err(Error::io("compressing a block"))?;
        let checksum = crc32c::crc32c(&packed);
        for word in [entry.rows, packed.len() as u32, plain.len() as u32, checksum] {
            self.put(&word.to_le_bytes())?;
        }
        self.put(&packed)?;
        self.index.push(entry);
        self.rows.clear();
        Ok(())
    }

    /// Ends the tape; gives the number of its events and bytes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(mut self) -> Result<(u64, u64), Error> {
        self.flush()?;
        let offset = self.offset;
        let mut index = Vec::new();
        for entry in &self.index {
            index.extend_from_slice(&entry.offset.to_le_bytes());
            index.extend_from_slice(&entry.first_event.to_le_bytes());
            index.extend_from_slice(&entry.first_time.to_le_bytes());
            index.extend_from_slice(&u64::from(entry.rows).to_le_bytes());
        }
        index.extend_from_slice(&offset.to_le_bytes());
        index.extend_from_slice(&self.events.to_le_bytes());
        index.extend_from_slice(&(self.index.len() as u32).to_le_bytes());
        let checksum = crc32c::crc32c(&index);
        self.put(&index)?;
        self.put(&checksum.to_le_bytes())?;
        self.put(&END)?;
        self.out.flush().map_err(Error::io("writing a tape"))?;
        Ok((self.events, self.offset))
    }
}

/// Kind, side and end of group in one number.
fn code(event: &Event) -> i64 {
    let side = match event.side {
        None => 0,
        Some(Side::Buy) => 1,
        Some(Side::Sell) => 2,
    };
    i64::from(event.kind as u8) << 3 | side << 1 | i64::from(event.last)
}

const GETTERS: [fn(&Event) -> i64; COLUMNS] = [
    |event| event.venue,
    |event| event.receive.wrapping_sub(event.venue),
    |event| event.price,
    |event| event.qty,
    |event| event.id as i64,
    |event| event.sequence as i64,
    |event| i64::from(event.symbol),
    |event| i64::from(event.source),
    code,
];

/// A tape that is being read.
pub struct Tape<R> {
    input: R,
    header: Header,
    index: Vec<IndexEntry>,
    events: u64,
    packed: Vec<u8>,
    plain: Vec<u8>,
    columns: [Vec<i64>; COLUMNS],
    decoder: zstd::bulk::Decompressor<'static>,
    buffer: Vec<Event>,
    at: usize,
    next_block: usize,
}

impl<R: Read + Seek> Tape<R> {
    /// Opens a tape: verifies header, footer and index; blocks are verified as they are read.
    ///
    /// # Errors
    /// Input that is no tape, is cut off, damaged, or newer than this build.
    pub fn open(mut input: R) -> Result<Self, Error> {
        let io = Error::io("the header of a tape");
        let mut start = [0; 16];
        input.read_exact(&mut start).map_err(&io)?;
        if !start.starts_with(&MAGIC) {
            return Err(Error::NotTape {
                expected: "tape of samebits",
                found: format!("{:02x?}", &start[..8]),
            });
        }
        if start[7] != VERSION {
            return Err(Error::TooNew { found: start[7], supported: VERSION });
        }
        let (length, checksum) = (word(&start, 8), word(&start, 12));
        limited("the header", 8, u64::from(length), HEADER_LIMIT)?;
        let mut text = vec![0; length as usize];
        input.read_exact(&mut text).map_err(&io)?;
        verify("the header", 16, checksum, &text)?;
        let header: Header =
            serde_json::from_slice(&text).map_err(|error| malformed("the header", 16, &error.to_string()))?;
        let (index, events) = read_index(&mut input, 16 + u64::from(length))?;
        let decoder = zstd::bulk::Decompressor::new().map_err(Error::io("zstd"))?;
        Ok(Self {
            input,
            header,
            index,
            events,
            packed: Vec::new(),
            plain: Vec::new(),
            columns: std::array::from_fn(|_| Vec::new()),
            decoder,
            buffer: Vec::new(),
            at: 0,
            next_block: 0,
        })
    }

    /// Events in the tape.
    pub const fn len(&self) -> u64 {
        self.events
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Blocks in the tape.
    pub const fn blocks(&self) -> usize {
        self.index.len()
    }

    /// Where it came from.
    pub fn origin(&self) -> &str {
        &self.header.source
    }

    /// Reads a block into `into`.
    ///
    /// # Errors
    /// A block that is damaged or makes no sense.
    pub fn block(&mut self, number: usize, into: &mut Vec<Event>) -> Result<(), Error> {
        into.clear();
        let Some(entry) = self.index.get(number).copied() else { return Ok(()) };
        let what = "a block";
        let io = Error::io(what);
        self.input.seek(SeekFrom::Start(entry.offset)).map_err(&io)?;
        let mut start = [0; BLOCK_HEADER];
        self.input.read_exact(&mut start).map_err(&io)?;
        let (rows, packed, plain, checksum) =
            (word(&start, 0), word(&start, 4), word(&start, 8), word(&start, 12));
        limited(what, entry.offset, u64::from(rows), BLOCK_ROWS as u64)?;
        limited(what, entry.offset, u64::from(packed), BLOCK_LIMIT)?;
        limited(what, entry.offset, u64::from(plain), PLAIN_LIMIT)?;
        if rows != entry.rows {
            let problem = format!("{rows} rows, the index says {}", entry.rows);
            return Err(malformed(what, entry.offset, &problem));
        }
        self.packed.resize(packed as usize, 0);
        self.input.read_exact(&mut self.packed).map_err(&io)?;
        verify(what, entry.offset, checksum, &self.packed)?;
        self.plain.resize(plain as usize, 0);
        let length = self
            .decoder
            .decompress_to_buffer(&self.packed, &mut self.plain[..])
            .map_err(|error| malformed(what, entry.offset, &error.to_string()))?;
        let bad = |problem: String| malformed(what, entry.offset, &problem);
        let mut used = 0;
        for column in &mut self.columns {
            let rest = self.plain.get(used..length).unwrap_or_default();
            used += column::decode(rest, rows as usize, column).map_err(bad)?;
        }
        if used != length || length != plain as usize {
            return Err(bad(format!("{used} of {plain} bytes used")));
        }
        self.assemble(rows as usize, into).map_err(bad)
    }

    fn assemble(&self, rows: usize, into: &mut Vec<Event>) -> Result<(), String> {
        let [venue, delay, price, qty, id, sequence, symbol, source, code] =
            self.columns.each_ref().map(|column| &column[..rows]);
        let symbols = self.header.symbols.len() as i64;
        let inside = |values: &[i64], limit: i64| values.iter().all(|value| (0..limit).contains(value));
        if !inside(symbol, symbols) || !inside(source, 1 << 16) || !inside(code, 17 << 3) {
            return Err("a symbol, source or kind that is unknown".to_owned());
        }
        if code.iter().any(|code| code >> 1 & 3 == 3) {
            return Err("a side that is unknown".to_owned());
        }
        into.reserve(rows);
        for row in 0..rows {
            let bits = code[row] as u8;
            into.push(Event {
                venue: venue[row],
                receive: venue[row].wrapping_add(delay[row]),
                price: price[row],
                qty: qty[row],
                id: id[row] as u64,
                sequence: sequence[row] as u64,
                symbol: symbol[row] as u16,
                source: source[row] as u16,
                kind: Kind::from_code(bits >> 3).unwrap_or(Kind::Trade),
                side: [None, Some(Side::Buy), Some(Side::Sell)][usize::from(bits >> 1 & 3)],
                last: bits & 1 == 1,
            });
        }
        Ok(())
    }

    /// Goes to event `number`, from 0: the next one read is it.
    ///
    /// # Errors
    /// As [`block`](Self::block).
    pub fn seek(&mut self, number: u64) -> Result<(), Error> {
        let after = self.index.partition_point(|entry| entry.first_event <= number);
        self.go_to(after.saturating_sub(1))?;
        let first = self.index.get(after.saturating_sub(1)).map_or(0, |entry| entry.first_event);
        self.at = (number.saturating_sub(first) as usize).min(self.buffer.len());
        Ok(())
    }

    /// Goes to the first event at or after a time.
    ///
    /// # Errors
    /// As [`block`](Self::block).
    pub fn seek_time(&mut self, time: i64) -> Result<(), Error> {
        let after = self.index.partition_point(|entry| entry.first_time < time);
        self.go_to(after.saturating_sub(1))?;
        self.at = self.buffer.partition_point(|event| event.venue < time);
        Ok(())
    }

    fn go_to(&mut self, block: usize) -> Result<(), Error> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = self.block(block, &mut buffer);
        self.buffer = buffer;
        self.at = 0;
        self.next_block = block + 1;
        read
    }
}

impl<R: Read + Seek> Source for Tape<R> {
    fn symbols(&self) -> &[Symbol] {
        &self.header.symbols
    }

    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        while self.at >= self.buffer.len() {
            if self.next_block >= self.index.len() {
                return Ok(None);
            }
            self.go_to(self.next_block)?;
        }
        let event = self.buffer[self.at];
        self.at += 1;
        Ok(Some(event))
    }

    fn format(&self) -> &'static str {
        "samebits tape"
    }
}

fn read_index<R: Read + Seek>(input: &mut R, blocks_from: u64) -> Result<(Vec<IndexEntry>, u64), Error> {
    let what = "the index";
    let io = Error::io(what);
    let size = input.seek(SeekFrom::End(0)).map_err(&io)?;
    let Some(footer_at) = size.checked_sub(FOOTER as u64).filter(|at| *at >= blocks_from) else {
        return Err(Error::Truncated { what, offset: size });
    };
    input.seek(SeekFrom::Start(footer_at)).map_err(&io)?;
    let mut footer = [0; FOOTER];
    input.read_exact(&mut footer).map_err(&io)?;
    if footer[24..] != END {
        let what = "a tape: its closing mark is missing";
        return mutant!(
            "codec.end-ignored",
            Err(Error::Truncated { what, offset: size }),
            Ok((Vec::new(), 0))
        );
    }
    let (offset, events) = (long(&footer, 0), long(&footer, 8));
    let (blocks, checksum) = (u64::from(word(&footer, 16)), word(&footer, 20));
    if offset < blocks_from || offset.checked_add(blocks * INDEX_ENTRY as u64) != Some(footer_at) {
        return Err(malformed(what, footer_at, &format!("{blocks} blocks listed at byte {offset}")));
    }
    input.seek(SeekFrom::Start(offset)).map_err(&io)?;
    let mut bytes = vec![0; (footer_at - offset) as usize];
    input.read_exact(&mut bytes).map_err(&io)?;
    let listed = bytes.len();
    bytes.extend_from_slice(&footer[..20]);
    verify(what, offset, checksum, &bytes)?;
    let mut index = Vec::with_capacity(blocks as usize);
    let mut expected = 0;
    for entry in bytes[..listed].chunks_exact(INDEX_ENTRY) {
        let entry = IndexEntry {
            offset: long(entry, 0),
            first_event: long(entry, 8),
            first_time: long(entry, 16) as i64,
            rows: long(entry, 24) as u32,
        };
        if entry.first_event != expected || entry.offset >= offset || entry.rows as usize > BLOCK_ROWS {
            return Err(malformed(what, offset, "its entries do not follow each other"));
        }
        expected += u64::from(entry.rows);
        index.push(entry);
    }
    if expected != mutant!("codec.event-count", events, expected) {
        return Err(malformed(what, offset, &format!("{expected} events in blocks, {events} in the tape")));
    }
    Ok((index, events))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn verify(what: &'static str, offset: u64, expected: u32, bytes: &[u8]) -> Result<(), Error> {
    let found = mutant!("codec.checksum-ignored", crc32c::crc32c(bytes), expected);
    if found == expected { Ok(()) } else { Err(Error::Damaged { what, offset, expected, found }) }
}

const fn limited(what: &'static str, offset: u64, found: u64, limit: u64) -> Result<(), Error> {
    if found <= limit { Ok(()) } else { Err(Error::TooLarge { what, offset, found, limit }) }
}

fn malformed(what: &'static str, offset: u64, problem: &str) -> Error {
    Error::Malformed { what, offset, problem: problem.to_owned() }
}
