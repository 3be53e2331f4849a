//! Databento DBN (versions 1 to 3, plain or zstd) as a [`Source`] of events.
//!
//! | schema | events |
//! |---|---|
//! | `mbo` | add, modify, cancel, `hit` for a fill (the book changes with the cancel or modify that follows), trade, snapshot |
//! | `mbp-1`, `tbbo` | best bid and ask, and the trade that made them |
//! | `mbp-10` | a snapshot of ten levels a side |
//! | `trades` | trades |
//! | `ohlcv-*` | the four rows of a bar |
//! | `status` | session changes |
//!
//! Other schemas are counted as skipped. Prices are 1e-9 of the currency in the file; ticks are those of the options, 1e-9
//! by default. Everything here is a leaf: the `dbn` package is used nowhere else.
#![deny(clippy::float_arithmetic)]

use dbn::SymbolIndex;
use dbn::decode::DbnMetadata;
use dbn::decode::dbn::Decoder;
use dbn::{FlagSet, Record, RecordRef, RecordRefEnum, TsSymbolMap, VersionUpgradePolicy};
use dbn::{HasRType, MboMsg, Mbp1Msg, Mbp10Msg, OhlcvMsg, StatusMsg, TradeMsg};
use samebits_executor::{Event, Instrument, Kind, Market, SessionChange, Side};
use samebits_tape::{Error, Notes, Options, Source, Symbol, decompressed};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, Read};
use std::path::Path;

/// Bytes before the metadata: magic, version, length.
const PRELUDE: u64 = 8;
/// Longest metadata taken.
const METADATA_LIMIT: u64 = 1 << 24;
/// A price that is not there.
const NO_PRICE: i64 = i64::MAX;
const NANO: u32 = 9;

/// Whether a file is DBN by its first bytes.
///
/// # Errors
/// A file that cannot be opened.
pub fn is_dbn(path: &Path) -> Result<bool, Error> {
    let mut input = decompressed(path)?;
    let start = input.fill_buf().map_err(|source| Error::Io { what: "the first bytes", source })?;
    Ok(start.starts_with(b"DBN"))
}

/// Opens files as one tape: DBN here, everything else as [`samebits_tape::open`] does.
///
/// # Errors
/// As that.
pub fn open(paths: &[std::path::PathBuf], options: &Options) -> Result<Box<dyn Source>, Error> {
    match paths {
        [path] if is_dbn(path)? => Ok(Box::new(Dbn::new(decompressed(path)?, options)?)),
        _ => samebits_tape::open(paths, options),
    }
}

/// Counts what the decoder reads, does not let it take a cut for the end, and checks the length of every record before
/// the decoder sees it: records lie on eight bytes, and the decoder takes that for granted. So with the length of symbols in
/// the metadata: texts of no length would be as many as there are bytes, and a text in memory is longer than that.
struct Counted<R> {
    input: R,
    read: u64,
    /// Length of the symbols of the metadata, where the file states it, as far as it was read.
    symbol: Option<u64>,
    /// Where the next record begins.
    next: u64,
}

/// Bytes of the smallest record: its header.
const SMALLEST: u64 = 16;
/// Latest version that is read.
const VERSION: u8 = 3;
/// Where the length of symbols is stated (two bytes), from this version on; the least there is.
const SYMBOL_AT: u64 = PRELUDE + 45;
const SYMBOL_FROM: u8 = 2;
const SYMBOL_LEAST: u64 = 22;

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer).map_err(|error| {
            if error.kind() == std::io::ErrorKind::UnexpectedEof {
                std::io::Error::other("the file is cut off")
            } else {
                error
            }
        })?;
        let begun = self.read;
        self.read += read as u64;
        if let Some(length) = &mut self.symbol {
            for (at, shift) in [(SYMBOL_AT, 0), (SYMBOL_AT + 1, 8)] {
                let place = at.checked_sub(begun).and_then(|place| buffer[..read].get(place as usize));
                *length |= place.map_or(0, |byte| u64::from(*byte) << shift);
            }
            if self.read > SYMBOL_AT + 1 && *length < SYMBOL_LEAST {
                let problem = format!("symbols of {length} bytes, the shortest have {SYMBOL_LEAST}");
                return Err(std::io::Error::other(problem));
            }
        }
        while self.next < self.read {
            let words = buffer.get((self.next - begun) as usize).copied().unwrap_or(0);
            let length = 4 * u64::from(words);
            if length < SMALLEST || length % 8 != 0 {
                let problem = format!("byte {}: a record of {length} bytes", self.next);
                return Err(std::io::Error::other(problem));
            }
            self.next += length;
        }
        Ok(read)
    }
}

/// Reads DBN.
pub struct Dbn<R> {
    decoder: Decoder<Counted<R>>,
    names: TsSymbolMap,
    steps: Instrument,
    options: Options,
    symbols: Vec<Symbol>,
    /// Instrument numbers of the file, to symbols.
    known: BTreeMap<u32, u16>,
    queue: VecDeque<Event>,
    notes: Notes,
    latest: i64,
    taken: u64,
    events: u64,
}

impl<R: BufRead> Dbn<R> {
    /// Reads the metadata.
    ///
    /// # Errors
    /// Input that is no DBN, or metadata that cannot be read.
    pub fn new(mut input: R, options: &Options) -> Result<Self, Error> {
        let mut prelude = [0; PRELUDE as usize];
        let start = input.fill_buf().map_err(|source| Error::Io { what: "the first bytes", source })?;
        let Some(found) = start.first_chunk::<{ PRELUDE as usize }>() else {
            return Err(Error::Truncated { what: "the metadata of a DBN file", offset: 0 });
        };
        prelude.copy_from_slice(found);
        let length = u64::from(u32::from_le_bytes([prelude[4], prelude[5], prelude[6], prelude[7]]));
        if !prelude.starts_with(b"DBN") {
            return Err(Error::NotTape { expected: "DBN file", found: format!("{prelude:02x?}") });
        }
        if prelude[3] > VERSION {
            return Err(Error::TooNew { found: prelude[3], supported: VERSION });
        }
        if length > METADATA_LIMIT {
            let what = "the metadata of a DBN file";
            return Err(Error::TooLarge { what, offset: 4, found: length, limit: METADATA_LIMIT });
        }
        let malformed = |error: dbn::Error| Error::Malformed {
            what: "a DBN file",
            offset: 0,
            problem: error.to_string(),
        };
        let symbol = (prelude[3] >= SYMBOL_FROM).then_some(0);
        let counted = Counted { input, read: 0, symbol, next: PRELUDE + length };
        let decoder = Decoder::with_upgrade_policy(counted, VersionUpgradePolicy::AsIs).map_err(malformed)?;
        let names = decoder.metadata().symbol_map().unwrap_or_default();
        let tick = if options.steps_given { options.tick.as_str() } else { "0.000000001" };
        let lot = if options.steps_given { options.lot.as_str() } else { "1" };
        let steps = Symbol::new("", tick, lot, Market::Prints).instrument();
        let steps = steps.map_err(|error| Error::Malformed {
            what: "the options",
            offset: 0,
            problem: error.to_string(),
        })?;
        Ok(Self {
            decoder,
            names,
            steps,
            options: Options { tick: tick.to_owned(), lot: lot.to_owned(), ..options.clone() },
            symbols: Vec::new(),
            known: BTreeMap::new(),
            queue: VecDeque::new(),
            notes: Notes::default(),
            latest: i64::MIN,
            taken: PRELUDE + length,
            events: 0,
        })
    }

    fn read(&mut self) -> Result<bool, Error> {
        let place = (self.events, self.notes.messages + 1, self.taken);
        let bad =
            |problem: String| Error::BadLine { event: place.0, line: place.1, offset: place.2, problem };
        let Some(record) = self.decoder.decode_ref().map_err(|error| bad(error.to_string()))? else {
            let read = self.decoder.get_ref().read;
            return if read == self.taken {
                Ok(false)
            } else {
                Err(Error::Truncated { what: "a DBN record", offset: self.taken })
            };
        };
        self.taken += record.record_size() as u64;
        self.notes.messages += 1;
        let mut made = Made {
            names: &self.names,
            steps: &self.steps,
            options: &self.options,
            symbols: &mut self.symbols,
            known: &mut self.known,
            latest: &mut self.latest,
            sequence: self.notes.messages,
            out: &mut self.queue,
        };
        let taken = made.record(record).map_err(bad)?;
        self.notes.skipped += u64::from(!taken);
        Ok(true)
    }
}

/// What a record is made into.
struct Made<'a> {
    names: &'a TsSymbolMap,
    steps: &'a Instrument,
    options: &'a Options,
    symbols: &'a mut Vec<Symbol>,
    known: &'a mut BTreeMap<u32, u16>,
    latest: &'a mut i64,
    sequence: u64,
    out: &'a mut VecDeque<Event>,
}

impl Made<'_> {
    /// Makes the events of a record; `false` if its kind carries none.
    fn record(&mut self, record: RecordRef<'_>) -> Result<bool, String> {
        if !is_whole(record)? {
            return Ok(false);
        }
        let parsed = record.as_enum().map_err(|error| error.to_string())?;
        let venue = record.header().ts_event;
        match parsed {
            RecordRefEnum::Mbo(mbo) => {
                let base = self.base(record, venue, mbo.ts_recv, Market::Orders)?;
                let side = side(mbo.side);
                let event = Event { side, id: mbo.order_id, last: last(mbo.flags), ..base };
                return self.mbo(event, mbo.action as u8, mbo.price, mbo.size);
            }
            RecordRefEnum::Trade(trade) => {
                let base = self.base(record, venue, trade.ts_recv, Market::Prints)?;
                self.trade(base, trade.side, trade.price, trade.size)?;
            }
            RecordRefEnum::Mbp1(quote) => {
                let base = self.base(record, venue, quote.ts_recv, Market::Levels)?;
                if quote.action as u8 == b'T' {
                    self.trade(base, quote.side, quote.price, quote.size)?;
                }
                self.quote(base, &quote.levels[0])?;
            }
            RecordRefEnum::Mbp10(quote) => {
                let base = self.base(record, venue, quote.ts_recv, Market::Levels)?;
                if quote.action as u8 == b'T' {
                    self.trade(base, quote.side, quote.price, quote.size)?;
                }
                self.push(Event { kind: Kind::Snapshot, last: false, ..base })?;
                for level in &quote.levels {
                    self.side(base, Kind::Level, Side::Buy, level.bid_px, level.bid_sz)?;
                    self.side(base, Kind::Level, Side::Sell, level.ask_px, level.ask_sz)?;
                }
                self.close_group();
            }
            RecordRefEnum::Ohlcv(bar) => {
                let base = self.base(record, venue, venue, Market::Prints)?;
                let qty = i64::try_from(bar.volume).map_err(|_| "volume is out of range".to_owned())?;
                let path = [
                    (Kind::BarOpen, bar.open),
                    (Kind::BarHigh, bar.high),
                    (Kind::BarLow, bar.low),
                    (Kind::BarClose, bar.close),
                ];
                for (kind, price) in path {
                    self.push(Event { kind, price: self.ticks(price)?, qty, id: self.sequence, ..base })?;
                }
            }
            RecordRefEnum::Status(status) => {
                let change = match status.action {
                    7 => SessionChange::Resume,
                    8..=10 => SessionChange::Halt,
                    12 => SessionChange::Close,
                    _ => return Ok(false),
                };
                let base = self.base(record, venue, status.ts_recv, Market::Prints)?;
                self.push(Event { kind: Kind::Session, id: change as u64, ..base })?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn mbo(&mut self, event: Event, action: u8, price: i64, size: u32) -> Result<bool, String> {
        let qty = i64::from(size);
        let kind = match action {
            b'A' => Kind::Add,
            b'M' => Kind::Modify,
            b'C' => Kind::Cancel,
            b'T' => Kind::Trade,
            b'F' => Kind::Hit,
            b'R' => {
                self.push(Event { kind: Kind::Snapshot, id: 0, side: None, ..event })?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        // A trade of the venue's own making names no price.
        if price == NO_PRICE {
            return Ok(false);
        }
        self.push(Event { kind, price: self.ticks(price)?, qty, ..event })?;
        Ok(true)
    }

    fn trade(
        &mut self,
        base: Event,
        aggressor: std::ffi::c_char,
        price: i64,
        size: u32,
    ) -> Result<(), String> {
        let event = Event { kind: Kind::Trade, side: side(aggressor), price: self.ticks(price)?, ..base };
        self.push(Event { qty: i64::from(size), ..event })
    }

    fn quote(&mut self, base: Event, level: &dbn::BidAskPair) -> Result<(), String> {
        self.side(base, Kind::Top, Side::Buy, level.bid_px, level.bid_sz)?;
        self.side(base, Kind::Top, Side::Sell, level.ask_px, level.ask_sz)?;
        self.close_group();
        Ok(())
    }

    fn side(&mut self, base: Event, kind: Kind, side: Side, price: i64, size: u32) -> Result<(), String> {
        if price == NO_PRICE {
            return Ok(());
        }
        let price = self.ticks(price)?;
        self.push(Event { kind, side: Some(side), price, qty: i64::from(size), last: false, ..base })
    }

    fn close_group(&mut self) {
        if let Some(event) = self.out.back_mut() {
            event.last = true;
        }
    }

    fn push(&mut self, event: Event) -> Result<(), String> {
        event.check().map_err(|problem| problem.to_string())?;
        self.out.push_back(event);
        Ok(())
    }

    /// A price of 1e-9 in ticks, exactly.
    fn ticks(&self, nano: i64) -> Result<i64, String> {
        let (mantissa, decimals) = self.steps.tick.parts();
        let power = |exponent: u32| 10_i128.pow(exponent);
        let exponent = NANO.max(decimals);
        let (up, down) =
            (i128::from(nano) * power(exponent - NANO), i128::from(mantissa) * power(exponent - decimals));
        if up % down != 0 {
            return Err(format!("off_tick: price {nano}e-9 is not a multiple of {}", self.steps.tick));
        }
        i64::try_from(up / down).map_err(|_| format!("price {nano}e-9 is out of range"))
    }

    /// An event with the symbol and the times of a record. Records of a snapshot carry the times of their orders, which lie
    /// before: time does not go back.
    fn base(
        &mut self,
        record: RecordRef<'_>,
        venue: u64,
        receive: u64,
        market: Market,
    ) -> Result<Event, String> {
        let time = |value: u64| i64::try_from(value).map_err(|_| format!("time {value} is out of range"));
        let venue = time(venue)?;
        let venue = if venue > *self.latest { venue } else { *self.latest };
        *self.latest = venue;
        let receive = if receive == u64::MAX { venue } else { time(receive)? };
        let id = record.header().instrument_id;
        let symbol = if let Some(symbol) = self.known.get(&id) {
            *symbol
        } else {
            let name = self.names.get_for_rec(&record).cloned();
            let name = name.unwrap_or_else(|| format!("instrument {id}"));
            let number = self.symbols.len() as u16;
            self.symbols.push(Symbol::new(&name, &self.options.tick, &self.options.lot, market));
            self.known.insert(id, number);
            number
        };
        Ok(Event { receive, symbol, sequence: self.sequence, ..Event::new(venue, Kind::Trade) })
    }
}

/// Whether a record is of a kind that carries events; one that says it is, and is too short for it, is an error: the
/// decoder would stop the program.
fn is_whole(record: RecordRef<'_>) -> Result<bool, String> {
    fn needed<T: HasRType<Header = dbn::RecordHeader>>(record: RecordRef<'_>) -> Option<usize> {
        record.has::<T>().then_some(size_of::<T>())
    }
    let kinds = [
        needed::<MboMsg>,
        needed::<TradeMsg>,
        needed::<Mbp1Msg>,
        needed::<Mbp10Msg>,
        needed::<OhlcvMsg>,
        needed::<StatusMsg>,
    ];
    match kinds.iter().find_map(|needed| needed(record)) {
        None => Ok(false),
        Some(needed) if record.record_size() < needed => {
            Err(format!("a record of {} bytes, its kind has {needed}", record.record_size()))
        }
        Some(_) => Ok(true),
    }
}

fn side(code: std::ffi::c_char) -> Option<Side> {
    match code as u8 {
        b'B' => Some(Side::Buy),
        b'A' => Some(Side::Sell),
        _ => None,
    }
}

const fn last(flags: FlagSet) -> bool {
    flags.is_last()
}

impl<R: BufRead> Source for Dbn<R> {
    fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                self.events += 1;
                return Ok(Some(event));
            }
            if !self.read()? {
                return Ok(None);
            }
        }
    }

    fn notes(&self) -> Notes {
        self.notes
    }

    fn format(&self) -> &'static str {
        "Databento DBN"
    }
}
