//! CSV files: very long lines, very many columns and rows, huge fields in quotes, compressed bombs. The limit is `memory`.

use crate::bomb;
use samebits_panel::{
    Bars, Error, Limits, Named, Panel, Table, decompress, read_bar_volumes, read_characteristics,
    read_closes, read_curated, read_distributions, read_inferred_splits, read_memberships, read_quotes,
    read_revisions, read_sectors, read_volumes,
};
use samebits_units::{Date, Price};
use std::fmt::Write;

const LIMITS: Limits = Limits { content: 1 << 21, line: 1 << 17, fields: 4_096, memory: 1 << 22 };
const FILE: Named<'static> = Named { name: "file", limits: LIMITS };

const HEADERS: [&str; 10] = [
    "date,AAA,BBB",
    "date,ticker,open,high,low,close,volume",
    "ticker,name,gics_sector",
    "benchmark,rebalanced,ticker",
    "date,ticker,characteristic,value",
    "date,ticker,close_2017_08_vintage,close_2018_02_vintage",
    "ticker,ex_date,kind,detail,price_return_in_panel",
    "ex_date_est,ticker,ratio_est",
    "ex_date,ticker,yield_on_prev_close,amount_per_share_est,prev_close,kind",
    "date",
];

fn closes() -> Table<Price> {
    read_closes("closes", "date,AAA,BBB\n2017-02-08,1.5,2\n2017-02-09,1.25,2.01\n".as_bytes()).unwrap()
}

/// Every reader on one text; how many took it.
fn every_reader(name: &str, text: &str) -> usize {
    let volumes =
        read_volumes("volumes", "date,AAA,BBB\n2017-02-08,1,0\n2017-02-09,7,8\n".as_bytes()).unwrap();
    let sectors = read_sectors("sectors", "ticker,name,gics_sector\nAAA,A,X\nBBB,B,X\n".as_bytes()).unwrap();
    let like = closes();
    let panel = Panel::join(closes(), ("volumes", &volumes), ("sectors", &sectors)).unwrap();
    let bytes = text.as_bytes();
    let mut taken = 0;
    let mut check = |reader: &str, read: &dyn Fn() -> Result<(), Error>| {
        let found = bomb(&format!("{name}, {reader}"), LIMITS.memory, read);
        let io = matches!(found, Err(Error::Io { .. }));
        assert!(!io, "{name}, {reader}: {found:?}");
        taken += usize::from(found.is_ok());
    };
    check("closes", &|| read_closes(FILE, bytes).map(drop));
    check("volumes", &|| read_volumes(FILE, bytes).map(drop));
    check("quotes", &|| read_quotes(FILE, bytes).map(|quotes| drop(quotes.complete())));
    check("bars", &|| Bars::read(FILE, bytes).map(drop));
    check("bar volumes", &|| read_bar_volumes(FILE, bytes, &like).map(drop));
    check("sectors", &|| read_sectors(FILE, bytes).map(drop));
    check("members", &|| read_memberships(FILE, bytes, &panel).map(drop));
    check("characteristics", &|| read_characteristics(FILE, bytes).map(drop));
    check("revisions", &|| read_revisions(FILE, bytes).map(drop));
    check("curated", &|| read_curated(FILE, bytes).map(drop));
    check("splits", &|| read_inferred_splits(FILE, bytes).map(drop));
    check("distributions", &|| read_distributions(FILE, bytes).map(drop));
    taken
}

#[test]
fn lines_and_fields_without_end() {
    let most = LIMITS.content as usize;
    for header in HEADERS {
        for (start, part) in [
            ("", "x"),
            ("", ","),
            ("", ",x"),
            ("", "\""),
            ("\"", "\n"),
            ("\"", ",\n"),
            ("\"", "\"\""),
            ("", "\n"),
            ("", "\r"),
            ("2017-02-08", ",1"),
            ("2017-02-08,\"", "1"),
        ] {
            for length in [most / 2, 2 * most] {
                let text = format!("{header}\n{start}{}", part.repeat(length / part.len()));
                assert_eq!(every_reader("a long line", &text), 0);
            }
        }
    }
    for part in ["A", ",A", ",", "\"", "\"A\","] {
        let text = format!("date,{}", part.repeat(most / 2 / part.len()));
        assert_eq!(every_reader("a long header", &text), 0);
    }
}

/// The shortest rows there are, as many as the content may have, and as many columns.
#[test]
fn many_rows_and_columns() {
    let day = |k: usize| Date::from_days((k % 40_000) as i32).unwrap();
    // As many rows as fit, and a third and a tenth of them.
    let parts = |text: &str| {
        [1, 3, 10].map(|part| {
            let end = text.len().min(LIMITS.content as usize) / part;
            text[..end].rfind('\n').map_or(0, |end| end + 1)
        })
    };
    let rows = |header: &str, row: &dyn Fn(usize, &mut String)| {
        let mut text = format!("{header}\n");
        for k in 0.. {
            row(k, &mut text);
            if text.len() + 100 > LIMITS.content as usize {
                break;
            }
        }
        text
    };
    let wide = |fields: usize| {
        let names: String = (0..fields).fold(String::new(), |mut text, k| {
            let _ = write!(text, ",{k:x}");
            text
        });
        rows(&format!("date{names}"), &|k, text| {
            let _ = writeln!(text, "{}{}", day(k), ",1".repeat(fields));
        })
    };
    let mut taken = 0;
    for fields in [1, 2, 60, 1_000, 4_095, 4_096, 20_000] {
        let text = wide(fields);
        taken += parts(&text).map(|end| every_reader("a table", &text[..end])).iter().sum::<usize>();
    }
    let mut each = |header: &str, row: &dyn Fn(usize, &mut String)| {
        let text = rows(header, row);
        taken += parts(&text).map(|end| every_reader("rows", &text[..end])).iter().sum::<usize>();
    };
    let put = |text: &mut String, row: std::fmt::Arguments<'_>| {
        let _ = text.write_fmt(row);
    };
    each(HEADERS[1], &|k, text| put(text, format_args!("{},,1,1,1,1,0\n", day(k))));
    each(HEADERS[1], &|k, text| put(text, format_args!("1970-01-01,{k:x},1,1,1,1,0\n")));
    each(HEADERS[1], &|k, text| put(text, format_args!("{},{k:x},1,1,1,1,0\n", day(k))));
    each(HEADERS[2], &|k, text| put(text, format_args!("{k:x},,X\n")));
    each(HEADERS[3], &|k, text| put(text, format_args!("{k:x},1970-01-01,AAA\n")));
    each(HEADERS[3], &|k, text| put(text, format_args!("x,{},AAA\n", day(k))));
    each(HEADERS[4], &|k, text| put(text, format_args!("1970-01-01,{k:x},x,1\n")));
    each(HEADERS[4], &|k, text| put(text, format_args!("1970-01-01,x,{k:x},1\n")));
    each(HEADERS[4], &|k, text| put(text, format_args!("{},x,x,1\n", day(k))));
    each(HEADERS[5], &|k, text| put(text, format_args!("1970-01-01,{k:x},1,1\n")));
    each(HEADERS[6], &|k, text| put(text, format_args!("{k:x},1970-01-01,split,2:1,\n")));
    each(HEADERS[6], &|k, text| put(text, format_args!("{k:x},1970-01-01,merger,,0\n")));
    each(HEADERS[7], &|k, text| put(text, format_args!("1970-01-01,{k:x},\n")));
    each(HEADERS[8], &|k, text| put(text, format_args!("1970-01-01,{k:x},,1,,cash_dividend\n")));
    assert!(taken > 30, "{taken}");
}

#[test]
fn compressed_tables() {
    let most = LIMITS.content;
    let packed = |length: u64| zstd::bulk::compress(&vec![b','; length as usize], 19).unwrap();
    for (length, fits) in [(most, true), (most + 1, false), (64 << 20, false)] {
        let bytes = packed(length);
        let found = bomb("a packed table", most, || decompress("file", &bytes[..], true, most).map(drop));
        assert_eq!(found.is_ok(), fits, "{found:?}");
    }
    // Without the length of its content a frame has a window of its own.
    for (level, length) in [(1, 16 << 20), (19, 16 << 20), (19, most)] {
        let bytes = zstd::encode_all(&vec![b','; length as usize][..], level).unwrap();
        let found = bomb("a stream", most, || decompress("file", &bytes[..], true, most).map(drop));
        assert!(found.is_err(), "{level}");
    }
    for log in [22, 27, 31, 41] {
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 3, 0, 16, 7];
        let found = bomb("a window", 0, || decompress("file", &frame[..], true, most).map(drop));
        assert!(matches!(found, Err(Error::Io { .. })), "{log}: {found:?}");
    }
}
