//! Tapes, captures and logs: their limits are their own, see `docs/hostile.md`.

use crate::{bomb, refusal};
use samebits_executor::Instrument;
use samebits_tape::{
    Error, Options, Sorted, Source, Tape, binance::Binance, csv::Csv, decompressed, itch::Itch,
};
use samebits_tape_import::Dbn;
use std::fmt::Write;
use std::io::{Cursor, Read};

/// Bytes of a block of a tape at most, and of its columns before they are packed; of a header; of a line of text.
const BLOCK: u64 = 1 << 24;
const HEADER: u64 = 1 << 20;
const LINE: usize = 1 << 22;
/// What a reader of text or of another format holds: a million events.
const HELD: u64 = 160 << 20;

/// A tape of a header and one block, with the checksums that fit.
fn tape(header: &[u8], rows: u32, plain: u32, packed: &[u8]) -> Vec<u8> {
    let mut bytes = b"sbtape\n\x01".to_vec();
    let crc = |bytes: &[u8]| crc32c::crc32c(bytes).to_le_bytes();
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(crc(header));
    bytes.extend_from_slice(header);
    let block = bytes.len() as u64;
    for word in [rows, packed.len() as u32, plain] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(crc(packed));
    bytes.extend_from_slice(packed);
    let offset = bytes.len() as u64;
    let mut index: Vec<u8> =
        [block, 0, 0, u64::from(rows), offset, u64::from(rows)].map(u64::to_le_bytes).concat();
    index.extend(1_u32.to_le_bytes());
    let sum = crc(&index);
    bytes.extend(index);
    bytes.extend(sum);
    bytes.extend_from_slice(b"sbtapend");
    bytes
}

/// Everything of a source.
fn drain(mut source: impl Source) -> Result<u64, Error> {
    let mut events = 0;
    while source.next_event()?.is_some() {
        events += 1;
    }
    Ok(events)
}

const SYMBOL: &str = "{\"name\":\"\",\"tick\":\"1\",\"lot\":\"1\",\"market\":\"orders\"}";

#[test]
fn blocks_and_headers() {
    let header = format!("{{\"symbols\":[{SYMBOL}],\"source\":\"\"}}");
    let plain = (1_u32 << 14) * 9 * 20 + 9 * 64;
    let zeros = |length: usize| zstd::bulk::compress(&vec![0; length], 19).unwrap();
    for (rows, plain, packed) in [
        (1 << 14, plain, zeros(plain as usize)),
        (1 << 14, plain, zeros(64 << 20)),
        (1 << 14, plain, zeros(1)),
        (1 << 14, plain + 1, zeros(1)),
        ((1 << 14) + 1, plain, zeros(1)),
        (1, 1, vec![0; BLOCK as usize]),
        (1, 1, vec![0; BLOCK as usize + 1]),
        (u32::MAX, u32::MAX, vec![0; 9]),
    ] {
        let bytes = tape(header.as_bytes(), rows, plain, &packed);
        let read = || Tape::open(Cursor::new(&bytes)).and_then(drain);
        let found = bomb("a block", BLOCK, read);
        assert!(matches!(found, Err(Error::Malformed { .. } | Error::TooLarge { .. })), "{found:?}");
    }
    // The shortest symbols there are.
    let count = (HEADER as usize - 100) / (SYMBOL.len() + 1);
    let header = format!("{{\"symbols\":[{}],\"source\":\"\"}}", vec![SYMBOL; count].join(","));
    let bytes = tape(header.as_bytes(), 1, 1, &[0]);
    let found = bomb("a header", BLOCK, || Tape::open(Cursor::new(&bytes)).and_then(drain));
    assert!(matches!(found, Err(Error::Malformed { .. })), "{found:?}");
    for text in ["[".repeat(HEADER as usize), " ".repeat(HEADER as usize), " ".repeat(HEADER as usize + 1)] {
        let bytes = tape(text.as_bytes(), 1, 1, &[0]);
        let found = bomb("a header", 2 * HEADER, || Tape::open(Cursor::new(&bytes)).map(drop));
        assert!(matches!(found, Err(Error::Malformed { .. } | Error::TooLarge { .. })), "{found:?}");
    }
    // Lengths that are not there.
    let whole = tape(b"{\"symbols\":[],\"source\":\"\"}", 1, 1, &[0]);
    for at in [8, whole.len() - 16, whole.len() - 32] {
        let mut bytes = whole.clone();
        bytes[at..at + 4].fill(0xff);
        assert!(refusal("a length", || Tape::open(Cursor::new(&bytes)).map(drop)).is_err());
    }
}

#[test]
fn text_without_end() {
    let options = Options::default();
    for (start, part) in [
        ("", "x"),
        ("", ","),
        ("time,", "kind,"),
        ("time,kind,symbol,side,price,qty,id,last\n", ","),
        ("time,kind,symbol,side,price,qty,id,last\n1,trade,", "S"),
        ("time,price,qty\n", "1"),
        ("1723161256112000000 ", "["),
        ("1723161256112000000 {\"stream\":\"", "x"),
    ] {
        let text = format!("{start}{}", part.repeat(2 * LINE / part.len()));
        let bytes = text.as_bytes();
        assert!(bomb("a long line", LINE as u64, || Csv::new(bytes, &options).and_then(drain)).is_err());
        assert!(bomb("a long line", 2 * LINE as u64, || drain(Binance::new([bytes], &options))).is_err());
    }
    // Symbols of long names.
    let mut text = "time,kind,symbol,side,price,qty,id,last\n".to_owned();
    for k in 0..5_000 {
        let _ = writeln!(text, "1,trade,{k}{},,1,1,,", "S".repeat(250 - k.to_string().len()));
    }
    let found = bomb("many symbols", LINE as u64, || Csv::new(text.as_bytes(), &options).and_then(drain));
    assert!(found.unwrap_err().to_string().contains("4,096 symbols"));
    let text = text.replace("S,", &format!("{},", "S".repeat(1_000)));
    let found = bomb("a long symbol", 1 << 17, || Csv::new(text.as_bytes(), &options).and_then(drain));
    assert!(found.unwrap_err().to_string().contains("at most 256"));
}

/// Rows that are held back until a snapshot comes, and events of one instant.
#[test]
fn events_that_are_held() {
    let options = Options::default();
    let level = "[\"1\",\"1\"],";
    let levels = level.repeat((LINE - 300) / level.len());
    let update = format!(
        "1723161256112000000 {{\"stream\":\"x@depth\",\"data\":{{\"E\":1,\"U\":1,\"u\":1,\"b\":[{}],\"a\":[]}}}}\n",
        levels.trim_end_matches(',')
    );
    let repeated = std::io::BufReader::new(Repeated { text: update.into_bytes(), at: 0, times: 40 });
    let found = bomb("rows held back", HELD, || drain(Binance::new([repeated], &options)));
    assert!(found.unwrap_err().to_string().contains("and no snapshot"));
    let text = b"1,trade,,,1,1,,\n".to_vec();
    let head = std::io::Cursor::new(b"time,kind,symbol,side,price,qty,id,last\n");
    let repeated = std::io::BufReader::new(head.chain(Repeated { text, at: 0, times: 1 << 21 }));
    let found = bomb("events of one instant", HELD, || {
        drain(Sorted::new(Csv::new(repeated, &options)?, options.window_ns))
    });
    assert!(matches!(found, Err(Error::TooLarge { .. })), "{found:?}");
}

/// A text again and again.
struct Repeated {
    text: Vec<u8>,
    at: usize,
    times: usize,
}

impl Read for Repeated {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.text.len() {
            (self.at, self.times) = (0, self.times - 1);
        }
        if self.times == 0 {
            return Ok(0);
        }
        let count = into.len().min(self.text.len() - self.at);
        into[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[test]
fn other_formats() {
    let options = Options::default();
    // ITCH: orders that are never taken away. A message is 38 bytes, an order in the book a little more.
    let mut bytes = vec![0, 0, b'R'];
    bytes.resize(2 + 39, 0);
    for order in 0..100_000_u32 {
        let mut message = vec![0, 0, b'A'];
        message.resize(2 + 36, 0);
        message[13 + 4..13 + 8].copy_from_slice(&order.to_le_bytes());
        message[21] = b'B';
        message[25] = 1;
        message[37] = 1;
        bytes.extend(message);
    }
    let length = bytes.len() as u64;
    let found = bomb("orders", 4 * length, || drain(Itch::new(&bytes[..], &options)));
    assert!(matches!(found, Ok(100_000)), "{found:?}");
    // DBN: metadata that announces much.
    for (length, fill) in
        [(u32::MAX, 0), (1 << 24, 0), ((1 << 24) + 1, 0), (1 << 16, 1), (1 << 16, 0xff), (1 << 20, 1)]
    {
        for version in 1..=4 {
            let mut bytes = b"DBN".to_vec();
            bytes.push(version);
            bytes.extend(length.to_le_bytes());
            bytes.extend(vec![fill; (length as usize).min(1 << 20)]);
            let declared = u64::from(length.min(1 << 24)).max(1 << 18);
            let found = bomb("metadata", declared, || Dbn::new(&bytes[..], &options).and_then(drain));
            assert!(found.is_err());
        }
    }
}

/// Metadata of the shortest symbols that a version allows, as many as there are bytes: what they come to is at most eight
/// times their length.
#[test]
fn symbols_of_dbn() {
    let options = Options::default();
    for (version, width) in [(1, 22), (2, 22), (3, 22), (3, 71), (3, 1), (3, 0), (2, 21)] {
        for mappings in [false, true] {
            let mut fixed = vec![0; 16];
            fixed.extend([0xff, 0xff]);
            fixed.extend([0; 24]);
            fixed.extend(vec![0; if version == 1 { 8 } else { 0 }]);
            // From the raw symbol to the number of the instrument.
            fixed.extend([1, 0, 0]);
            if version > 1 {
                fixed.extend(u16::to_le_bytes(width));
            }
            // The rest, and no layout of records.
            fixed.resize(104, 0);
            let width = usize::from(width);
            let symbol = [&b"1"[..], &vec![0; width]].concat();
            let item = [&symbol[..width], &[0; 4][..if mappings { 4 } else { 0 }]].concat();
            let count = (1_usize << 18) / item.len().max(1);
            let lists = if mappings { vec![0, 0, 0, count] } else { vec![count, 0, 0, 0] };
            for list in lists {
                fixed.extend((list as u32).to_le_bytes());
                fixed.extend(item.repeat(list));
            }
            let bytes = [&b"DBN"[..], &[version], &(fixed.len() as u32).to_le_bytes(), &fixed].concat();
            let declared = 4 * fixed.len() as u64;
            let found = bomb("symbols", declared, || Dbn::new(&bytes[..], &options).and_then(drain));
            assert_eq!(found.is_ok(), width >= 22, "{version}, {width}: {found:?}");
        }
    }
}

/// Fills: the shortest there are, and lines without end.
#[test]
fn logs_of_fills() {
    let line = b"8=FIX|35=8|32=1|31=1|54=1|55=|60=20240808-23:54:16\n";
    let log = line.repeat(20_000);
    let steps = Instrument::new("X");
    let read = |bytes: &[u8]| samebits_live::read(&mut &*bytes, &steps).map(|fills| fills.len());
    let count = bomb("fills", 4 * log.len() as u64, || read(&log));
    assert!(count.is_ok_and(|count| count == 20_000));
    // Lines that say nothing count too.
    let text = [&vec![b' '; 60_000][..], b"\n"].concat();
    let mut empty = std::io::BufReader::new(Repeated { text, at: 0, times: 18_000 });
    let found = bomb("an empty log", 1 << 17, || samebits_live::read(&mut empty, &steps).map(drop));
    assert!(found.unwrap_err().to_string().contains("the log is beyond 1073741824"));
    for start in ["8=FIX|", "{", ""] {
        let long = format!("{start}{}", "1=".repeat(1 << 20));
        assert!(bomb("a long fill", 1 << 17, || read(long.as_bytes())).is_err());
        let many = format!("{start}{}", "1|".repeat(1 << 14));
        assert!(bomb("many fields", 1 << 20, || read(many.as_bytes())).is_err());
    }
}

/// Files that are packed: how far a frame may look back is limited, at 128 MiB.
#[test]
fn packed_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape");
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        bomb("a packed tape", 80 << 20, || {
            let mut one = [0];
            decompressed(&path).map(|mut input| input.read(&mut one).is_ok())
        })
    };
    for (log, read) in [(20, true), (27, true), (28, false), (31, false), (41, false)] {
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 3, 0, 16, 7];
        assert_eq!(open(&frame).unwrap(), read, "{log}");
    }
    assert!(open(&zstd::bulk::compress(&vec![7; 64 << 20], 19).unwrap()).unwrap());
}
