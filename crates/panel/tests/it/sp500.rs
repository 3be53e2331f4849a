//! The layout of the large files, on small ones made here: incomplete names go, missing volumes are 0, faults have places.

use crate::scene::{check, date, fixtures, price, sp100};
use samebits_panel::{Error, Panel, Sources, read_bar_volumes, read_quotes};
use std::fmt::Write as _;
use std::path::Path;

/// Not in the order of the tickers; NEW has no quote at first.
const CLOSES: &str =
    "date,CCC,AAA,NEW,BBB\n2013-02-08,3,1,,2\n2013-02-11,3.5,1.5,,2.5\n2013-02-12,4,1.25,9,2.25\n";
const BARS: &str = "date,ticker,open,high,low,close,volume\n2013-02-08,AAA,1,1,1,1,10\n2013-02-08,BBB,2,2,2,2,20\n\
    2013-02-08,CCC,3,3,3,3,30\n2013-02-11,CCC,3,3,3,3.5,31\n2013-02-11,AAA,,1,1,1,11\n2013-02-12,NEW,9,9,9,9,90\n\
    2013-02-12,BBB,2,2,2,2,22\n";
const NAMES: &str =
    "ticker,name,gics_sector,sector_as_of\nAAA,A,X,2018\nBBB,B,Y,2018\nCCC,C,X,2018\nNEW,N,Z,2018\n";

/// Writes the three files under the names of the large ones.
fn write(dir: &Path, closes: &str, bars: &str, names: &str) {
    let sources = Sources::sp500(dir);
    let zst = |path: &Path, text: &str| {
        std::fs::write(path, zstd::encode_all(text.as_bytes(), 1).expect("a temporary file"))
            .expect("a temporary file");
    };
    zst(&sources.closes, closes);
    zst(&sources.volumes, bars);
    std::fs::write(&sources.sectors, names).expect("a temporary file");
}

fn load(closes: &str, bars: &str, names: &str) -> Result<Panel, Error> {
    let dir = tempfile::tempdir().expect("a temporary file");
    write(dir.path(), closes, bars, names);
    Panel::load_sp500(dir.path())
}

#[test]
fn complete_names_in_the_order_of_their_tickers() {
    let panel = load(CLOSES, BARS, NAMES).unwrap();
    assert_eq!(panel.tickers(), ["AAA", "BBB", "CCC"]);
    assert_eq!(panel.sectors, ["X", "Y"], "the sector of a name that went is gone");
    assert_eq!(panel.securities.iter().map(|s| s.sector).collect::<Vec<_>>(), [0, 1, 0]);
    let closes = ["1", "2", "3", "1.5", "2.5", "3.5", "1.25", "2.25", "4"].map(price);
    assert!(panel.closes.iter().eq(&closes), "{:?}", panel.closes);
    assert_eq!(panel.volumes, ndarray::array![[10, 20, 30], [11, 0, 31], [0, 22, 0]]);
    assert_eq!(panel.columns()["CCC"], 2);
}

#[test]
fn quotes_with_a_fault() {
    let quotes =
        |text: &str, expected: &str| check(read_quotes("c", text.as_bytes()).err().as_ref(), expected);
    quotes("date,A\n2013-02-08,1\n2013-02-11,\n", "c, line 3, column A: no value");
    quotes("date,A\n2013-02-08,0\n", "c, line 2, column A: price 0 is not positive");
    quotes("date,A,B\n2013-02-08,,x\n", "c, line 2, column B: price: `x` is not a decimal number");
    quotes("date,A\n2013-02-08,\n2013-02-08,\n", "c, line 3, column date: 2013-02-08 is here twice");
    quotes("date,A\n", "c: no rows");
    let late = read_quotes("c", CLOSES.as_bytes()).unwrap();
    assert_eq!(late.values[[2, 2]], Some(price("9")));
    assert_eq!(late.values[[1, 2]], None);
}

#[test]
fn bars_with_a_fault() {
    let like = read_quotes("c", CLOSES.as_bytes()).unwrap();
    let bars = |rows: &str, expected: &str| {
        let text = format!("date,ticker,open,high,low,close,volume\n{rows}");
        check(read_bar_volumes("v", text.as_bytes(), &like).err().as_ref(), expected);
    };
    bars("", "v: no rows");
    bars("2013-02-08,AAA,1,1,1,1,1.5\n", "v, line 2, column volume: `1.5` is not a whole number of shares");
    bars("2013-02-08,AAA,1,1,1,1,\n", "v, line 2, column volume: `` is not a whole number of shares");
    bars("2013-02-08,AAA,1,1,1,1\n", "v, line 2: 6 fields instead of 7");
    bars("2013-02-08,XXX,1,1,1,1,1\n", "v, line 2, column ticker: ticker XXX is not in the closes");
    bars("2013-02-09,AAA,1,1,1,1,1\n", "v, line 2, column date: session 2013-02-09 is not in the closes");
    bars(",AAA,1,1,1,1,1\n", "v, line 2, column date: `` is not a date of the form YYYY-MM-DD");
    bars(
        "2013-02-11,AAA,1,1,1,1,1\n2013-02-08,AAA,1,1,1,1,1\n",
        "v, line 3, column date: 2013-02-08 comes after 2013-02-11: dates must ascend",
    );
    bars(
        "2013-02-08,AAA,1,1,1,1,1\n2013-02-08,BBB,1,1,1,1,1\n2013-02-08,AAA,1,1,1,1,1\n",
        "v, line 4, column ticker: ticker AAA is here twice",
    );
    let other = "date,name,open,high,low,close,volume\n";
    let error = read_bar_volumes("v", other.as_bytes(), &like).err();
    check(error.as_ref(), "v, line 1: the column is named `name` instead of `ticker`");
}

#[test]
fn files_with_a_fault() {
    let error = |closes: &str, names: &str| load(closes, BARS, names).unwrap_err().to_string();
    let none = CLOSES.replace(",1,,", ",,,").replace("8,3,,,2", "8,,,,");
    assert!(error(&none, NAMES).ends_with("close_clean.csv.zst: no name has a close in every session"));
    let found = error(CLOSES, &NAMES.replace("BBB,B,Y,2018\n", ""));
    assert!(found.ends_with("sp500_constituents.csv: no entry for BBB"), "{found}");
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), CLOSES, BARS, NAMES);
    std::fs::remove_file(Sources::sp500(dir.path()).volumes).unwrap();
    let error = Panel::load_sp500(dir.path()).unwrap_err();
    assert!(matches!(&error, Error::Io { file, .. } if file.ends_with("ohlcv_raw.csv.zst")), "{error}");
}

/// The two layouts give one panel of the small fixture, whose names are sorted and complete.
#[test]
fn the_fixture_in_the_other_layout() {
    let panel = sp100();
    let mut bars = "date,ticker,open,high,low,close,volume\n".to_owned();
    for (row, day) in panel.dates.iter().enumerate() {
        for (column, ticker) in panel.tickers().iter().enumerate().filter(|at| panel.volumes[[row, at.0]] > 0)
        {
            writeln!(bars, "{day},{ticker},1,1,1,1,{}", panel.volumes[[row, column]]).unwrap();
        }
    }
    let small = Sources::sp100(&fixtures("prices"));
    let closes = std::fs::read_to_string(small.closes).unwrap();
    let names = std::fs::read_to_string(small.sectors).unwrap();
    let names = names.replace('\n', ",more\n");
    assert_eq!(load(&closes, &bars, &names).unwrap(), panel);
}

#[test]
fn a_span_of_sessions() {
    let panel = sp100();
    let year = panel.between(date("2016-01-01"), date("2016-12-31")).unwrap();
    assert_eq!((year.dates.len(), year.dates[0]), (252, date("2016-01-04")));
    assert_eq!(year.dates.last(), Some(&date("2016-12-30")));
    let start = panel.day_index(year.dates[0]).unwrap();
    assert_eq!(year.closes, panel.closes.slice(ndarray::s![start..start + 252, ..]));
    assert_eq!(year.volumes, panel.volumes.slice(ndarray::s![start..start + 252, ..]));
    assert_eq!((&year.securities, &year.sectors), (&panel.securities, &panel.sectors));
    let all = panel.between(panel.dates[0], panel.dates[755]).unwrap();
    assert_eq!(all, panel, "both ends belong to the span");
    assert_eq!(panel.between(date("2016-12-31"), date("2017-01-01")), None, "a weekend");
    assert_eq!(panel.between(date("2016-12-30"), date("2016-01-04")), None);
}
