//! Protects the messages: every fault names its file, its line and its column.

use samebits_panel::{Error, Panel, Sources, read_closes, read_sectors, read_volumes};
use std::path::Path;

const CLOSES: &str = "date,AAA,BBB\n2017-02-08,1.5,2\n2017-02-09,1.25,2.5\n";
const VOLUMES: &str = "date,BBB,AAA\n2017-02-08,10,20\n2017-02-09,0,40\n";
const SECTORS: &str = "ticker,name,gics_sector\nBBB,Firm B,Energy\nAAA,\"Firm A, Inc.\",Utilities\n";

fn check(error: Option<&Error>, expected: &str) {
    let found = error.map_or_else(|| "no error".to_owned(), ToString::to_string);
    assert_eq!(found, expected);
}

fn closes(text: &[u8], expected: &str) {
    check(read_closes("c.csv", text).err().as_ref(), expected);
}

#[test]
fn closes_with_a_fault() {
    let rows = |rows: &str| format!("date,AAA,BBB\n2017-02-08,1.5,2\n{rows}\n").into_bytes();
    closes(b"", "c.csv: no rows");
    closes(b"date,AAA\n", "c.csv: no rows");
    closes(b"date\n2017-02-08\n", "c.csv: no rows");
    closes(b"day,AAA\n", "c.csv, line 1: the column is named `day` instead of `date`");
    closes(b"date,AAA,BBB,AAA\n", "c.csv, line 1: ticker AAA is here twice");
    closes(b"date,AAA,\n", "c.csv, line 1: empty ticker");
    closes(&rows("2017-02-08,1,2"), "c.csv, line 3, column date: 2017-02-08 is here twice");
    closes(
        &rows("2017-02-07,1,2"),
        "c.csv, line 3, column date: 2017-02-07 comes after 2017-02-08: dates must ascend",
    );
    closes(
        &rows("2017-02-29,1,2"),
        "c.csv, line 3, column date: `2017-02-29` is not a date of the form YYYY-MM-DD",
    );
    closes(&rows("2017-02-09,1,"), "c.csv, line 3, column BBB: no value");
    closes(&rows("2017-02-09,0,2"), "c.csv, line 3, column AAA: price 0 is not positive");
    closes(&rows("2017-02-09,1,-2.5"), "c.csv, line 3, column BBB: price -2.5 is not positive");
    closes(&rows("2017-02-09,1e3,2"), "c.csv, line 3, column AAA: price: `1e3` is not a decimal number");
    closes(
        &rows("2017-02-09,1,0.123456789"),
        "c.csv, line 3, column BBB: price: `0.123456789` has more than 8 decimals",
    );
    closes(&rows("2017-02-09,1"), "c.csv, line 3: 2 fields instead of 3");
    closes(&rows("2017-02-09,1,2\n2017-02-10,1,2,3"), "c.csv, line 4: 4 fields instead of 3");
    closes(b"date,AAA\n2017-02-08,\xFF\n", "c.csv, line 2: not UTF-8");
}

#[test]
fn volumes_with_a_fault() {
    for (cell, fault) in [
        ("", "no value"),
        ("-1", "`-1` is not a whole number of shares"),
        ("1.5", "`1.5` is not a whole number of shares"),
        ("18446744073709551616", "`18446744073709551616` is not a whole number of shares"),
    ] {
        let text = format!("date,AAA,BBB\n2017-02-08,1,{cell}\n");
        let error = read_volumes("v.csv", text.as_bytes()).err();
        check(error.as_ref(), &format!("v.csv, line 2, column BBB: {fault}"));
    }
}

#[test]
fn sectors_with_a_fault() {
    for (text, expected) in [
        ("", "s.csv: no rows"),
        ("ticker,name,gics_sector\n", "s.csv: no rows"),
        ("ticker,firm,gics_sector\n", "s.csv, line 1: the column is named `firm` instead of `name`"),
        ("ticker,name\n", "s.csv, line 1: the column is named `` instead of `gics_sector`"),
        ("ticker,name,gics_sector\nA,a,\n", "s.csv, line 2, column gics_sector: no sector for A"),
        (
            "ticker,name,gics_sector\nA,a,X\nB,b,X\nA,a,Y\n",
            "s.csv, line 4, column ticker: ticker A is here twice",
        ),
        ("ticker,name,gics_sector\nA,a,X\n,b,X\n", "s.csv, line 3, column ticker: empty ticker"),
        ("ticker,name,gics_sector\nA,a\n", "s.csv, line 2: 2 fields instead of 3"),
    ] {
        check(read_sectors("s.csv", text.as_bytes()).err().as_ref(), expected);
    }
}

fn join(volumes: &str, sectors: &str) -> Result<Panel, Error> {
    let shares = read_volumes("v.csv", volumes.as_bytes())?;
    let rows = read_sectors("s.csv", sectors.as_bytes())?;
    Panel::join(read_closes("c.csv", CLOSES.as_bytes())?, ("v.csv", &shares), ("s.csv", &rows))
}

#[test]
fn columns_follow_the_closes() {
    let panel = join(VOLUMES, SECTORS).unwrap();
    assert_eq!(panel.volumes, ndarray::array![[20, 10], [40, 0]]);
    assert_eq!(panel.sectors, ["Energy", "Utilities"]);
    assert_eq!((panel.securities[0].sector, panel.securities[0].name.as_str()), (1, "Firm A, Inc."));
}

#[test]
fn files_that_do_not_belong_together() {
    let with = |from: &str, to: &str| join(&VOLUMES.replace(from, to), SECTORS).err();
    check(
        with("02-09", "02-10").as_ref(),
        "v.csv, line 3, column date: session 2017-02-10 where the closes have 2017-02-09",
    );
    check(with("2017-02-09,0,40\n", "").as_ref(), "v.csv, line 3: 1 sessions, the closes have 2");
    check(with("0,40\n", "0,40\n2017-02-10,1,1\n").as_ref(), "v.csv, line 4: 3 sessions, the closes have 2");
    check(with("BBB", "CCC").as_ref(), "v.csv, line 1: ticker CCC is not in the closes");
    let short = "date,BBB\n2017-02-08,10\n2017-02-09,0\n";
    check(join(short, SECTORS).err().as_ref(), "v.csv: no entry for AAA");
    let more = format!("{SECTORS}CCC,c,Energy\n");
    check(
        join(VOLUMES, &more).err().as_ref(),
        "s.csv, line 4, column ticker: ticker CCC is not in the closes",
    );
    let fewer = SECTORS.replace("BBB,Firm B,Energy\n", "");
    check(join(VOLUMES, &fewer).err().as_ref(), "s.csv: no entry for BBB");
}

#[test]
fn files_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let error = Panel::load(dir.path()).unwrap_err();
    assert!(matches!(&error, Error::Io { file, .. } if file.ends_with("sp100_756d_close.csv")), "{error}");
    let good = Sources::sp100(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices"));
    let cut = dir.path().join("cut.csv.zst");
    let bytes = std::fs::read(&good.volumes).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let error = Panel::load_files(&Sources { volumes: cut, ..good }).unwrap_err();
    assert!(matches!(&error, Error::Io { file, .. } if file.ends_with("cut.csv.zst")), "{error}");
}
