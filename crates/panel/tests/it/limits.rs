//! What is larger than the limits is refused with the limit's name; what is as large as them is read.

use crate::scene::check;
use samebits_panel::{
    Bars, Limits, Named, decompress, read_characteristics, read_closes, read_curated, read_revisions,
    read_sectors,
};
use std::io::Read;

fn named(limits: Limits) -> Named<'static> {
    Named { name: "f", limits }
}

fn closes(text: &str, limits: Limits, expected: &str) {
    check(read_closes(named(limits), text.as_bytes()).err().as_ref(), expected);
}

const SMALL: Limits = Limits { content: 1 << 16, line: 64, fields: 4, memory: 1 << 16 };

#[test]
fn content_lines_and_fields_have_limits() {
    let text = "date,A,B,C\n2017-02-08,1,2,3\n";
    for (limits, expected) in [
        (Limits { content: text.len() as u64, line: 17, ..SMALL }, "no error"),
        (Limits { content: text.len() as u64 - 1, ..SMALL }, "f: more than 27 bytes of content"),
        (Limits { line: 16, ..SMALL }, "f, line 2: a line of more than 16 bytes"),
        (Limits { line: 10, ..SMALL }, "f, line 1: a line of more than 10 bytes"),
        (Limits { fields: 3, ..SMALL }, "f, line 1: 4 fields, at most 3 are read"),
        (Limits { memory: 100, ..SMALL }, "f: more than 100 bytes of memory"),
    ] {
        closes(text, limits, expected);
    }
}

/// A line that is longer than what is read ahead: one field, one in quotes with line breaks, many fields.
#[test]
fn a_line_is_not_read_to_its_end_when_it_is_too_long() {
    let wide = Limits { content: 1 << 30, fields: 1 << 30, ..SMALL };
    for cell in ["x", ",", "\n,\n"] {
        let text = format!("date,A\n2017-02-08,\"{}", cell.repeat(1 << 18));
        let error = read_closes(named(wide), text.as_bytes()).unwrap_err().to_string();
        assert!(error.ends_with("a line of more than 64 bytes"), "{error}");
    }
    let fields = format!("date,A\n2017-02-08{}", ",1".repeat(1 << 18));
    closes(&fields, wide, "f, line 2: a line of more than 64 bytes");
}

/// Rows that are short in the file and long in memory.
#[test]
fn memory_has_a_limit_in_every_reader() {
    let limits = Limits { content: 1 << 20, line: 1 << 10, fields: 100, memory: 1 << 14 };
    let many = |header: &str, row: &dyn Fn(usize) -> String| {
        let rows: String = (0..2_000).map(row).collect();
        format!("{header}\n{rows}")
    };
    let day = |k: usize| samebits_units::Date::from_days(k as i32).unwrap();
    let texts = [
        many("date,A", &|k| format!("{},1\n", day(k))),
        many("date,ticker,open,high,low,close,volume", &|k| format!("{},A,1,1,1,1,1\n", day(k))),
        many("ticker,name,gics_sector", &|k| format!("{k},,X\n")),
        many("date,ticker,characteristic,value", &|k| format!("{},{k},x,1\n", day(0))),
        many("date,ticker,close_2017_08_vintage,close_2018_02_vintage", &|k| format!("{},{k},1,1\n", day(0))),
        many("ticker,ex_date,kind,detail,price_return_in_panel", &|k| format!("{k},{},split,2:1,\n", day(0))),
    ];
    let read = |limits: Limits| {
        let bytes = texts.each_ref().map(String::as_bytes);
        let file = named(limits);
        [
            read_closes(file, bytes[0]).err(),
            Bars::read(file, bytes[1]).err(),
            read_sectors(file, bytes[2]).err(),
            read_characteristics(file, bytes[3]).err(),
            read_revisions(file, bytes[4]).err(),
            read_curated(file, bytes[5]).err(),
        ]
    };
    for (at, error) in read(limits).iter().enumerate() {
        let expected = "f: more than 16384 bytes of memory";
        assert_eq!(error.as_ref().map(ToString::to_string).as_deref(), Some(expected), "reader {at}");
    }
    for (at, error) in read(Limits { memory: 1 << 24, ..limits }).iter().enumerate() {
        assert!(error.is_none(), "reader {at}: {error:?}");
    }
}

#[test]
fn a_compressed_bomb_is_not_unpacked() {
    let bomb = zstd::encode_all(std::io::repeat(b'x').take(1 << 22), 3).unwrap();
    assert!(bomb.len() < 1 << 12);
    let error = decompress("f.zst", bomb.as_slice(), true, 1 << 21).unwrap_err();
    check(Some(&error), "f.zst: more than 2097152 bytes of content");
    assert_eq!(decompress("f.zst", bomb.as_slice(), true, 1 << 22).unwrap().len(), 1 << 22);
    let error = decompress("f.zst", &bomb[..bomb.len() - 1], true, 1 << 22).unwrap_err();
    assert!(matches!(error, samebits_panel::Error::Io { .. }), "{error}");
}
