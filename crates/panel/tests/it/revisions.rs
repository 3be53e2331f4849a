//! Two downloads of one history: what is read, what is set, and which changes are one factor.

use crate::scene::{check, date, price, read, sp100};
use samebits_panel::{Applied, RevisedTicker, Vintage, read_revisions, revised_tickers};

const HEADER: &str = "date,ticker,close_2017_08_vintage,close_2018_02_vintage\n";

#[test]
fn files_with_a_fault() {
    let fault = |rows: &str, expected: &str| {
        check(read_revisions("r", format!("{HEADER}{rows}").as_bytes()).err().as_ref(), expected);
    };
    fault("", "r: no rows");
    fault("2016-01-06,A,1\n", "r, line 2: 3 fields instead of 4");
    fault("2016-01-06,,1,2\n", "r, line 2, column ticker: empty ticker");
    fault("2016-01-06,A,0,2\n", "r, line 2, column close_2017_08_vintage: price 0 is not positive");
    fault("2016-01-06,A,1,\n", "r, line 2, column close_2018_02_vintage: price: `` is not a decimal number");
    fault("2016-01-06,A,1,2\n2016-01-06,A,1,2\n", "r, line 3, column ticker: ticker A is here twice");
    fault(
        "2016-01-06,A,1,2\n2016-01-05,A,1,2\n",
        "r, line 3, column date: 2016-01-05 comes after 2016-01-06: dates must ascend",
    );
    let error = read_revisions("r", "date,ticker,close,close\n".as_bytes()).err();
    check(error.as_ref(), "r, line 1: the column is named `close` instead of `close_2017_08_vintage`");
}

#[test]
fn the_extract_by_ticker() {
    let revisions = read_revisions("r", read("revisions_3x30.csv").as_slice()).unwrap();
    let found = revised_tickers(&revisions);
    let all = |ticker: &str, ratio_e9| RevisedTicker {
        ticker: ticker.to_owned(),
        cells: 30,
        first: date("2015-11-25"),
        last: date("2016-01-08"),
        ratio_e9,
        at_ratio: 30,
    };
    assert_eq!(found.len(), 3);
    assert_eq!((found[0].ticker.as_str(), found[0].cells), ("AMD", 3));
    assert_eq!(found[1], all("ISRG", found[1].ratio_e9));
    assert_eq!(found[2], all("LEN", found[2].ratio_e9));
    assert_eq!((found[1].ratio_e9 + 500_000) / 1_000_000, 3000, "3:1 in 2017-10");
    assert_eq!((found[2].ratio_e9 + 500_000) / 1_000_000, 1020, "51:50 in 2017-11");
    assert_eq!(found.iter().map(RevisedTicker::is_rescaling).collect::<Vec<_>>(), [false, true, true]);
}

/// Four cells at 2, one at 3: the median is 2, and 25 cells of which 20 are at it are no rescaling.
#[test]
fn a_rescaling_is_one_ratio_nearly_everywhere() {
    let rows = |odd: usize, cells: usize| {
        let line = |at: usize| {
            let day = samebits_units::Date::from_days(at as i32).unwrap();
            format!("{day},A,{},1\n", if at.is_multiple_of(odd) { 3 } else { 2 })
        };
        let text: String = (0..cells).map(line).collect();
        let found = revised_tickers(&read_revisions("r", format!("{HEADER}{text}").as_bytes()).unwrap());
        (found[0].ratio_e9, found[0].at_ratio, found[0].is_rescaling())
    };
    assert_eq!(rows(5, 25), (2_000_000_000, 20, false));
    assert_eq!(rows(10, 30), (2_000_000_000, 27, true));
    assert_eq!(rows(100, 19), (2_000_000_000, 18, false), "too few cells");
}

#[test]
fn both_vintages_of_the_fixture() {
    let panel = sp100();
    let revisions = read_revisions("r", read("revisions_3x30.csv").as_slice()).unwrap();
    let (earlier, applied) = panel.with_closes(&revisions, Vintage::Earlier);
    let column = panel.columns()["AMD"];
    assert_eq!(applied, Applied { cells: 3, changed: 3, unknown_tickers: 60, unknown_sessions: 0 });
    for (day, close) in [("2015-12-07", "2.36"), ("2016-01-06", "2.5"), ("2016-01-07", "2.28")] {
        assert_eq!(earlier.closes[[panel.day_index(date(day)).unwrap(), column]], price(close));
    }
    let differ = earlier.closes.iter().zip(&panel.closes).filter(|(a, b)| a != b).count();
    assert_eq!((differ, &earlier.volumes), (3, &panel.volumes));
    let (later, applied) = earlier.with_closes(&revisions, Vintage::Later);
    assert_eq!((&later, applied.changed), (&panel, 3));
    let tail = panel.between(date("2016-01-07"), date("2018-02-07")).unwrap();
    let (_, applied) = tail.with_closes(&revisions, Vintage::Later);
    assert_eq!(applied, Applied { cells: 1, changed: 0, unknown_tickers: 60, unknown_sessions: 2 });
}

/// All 54 corrections of the fixture's names: no ticker was rescaled.
#[test]
fn the_corrections_of_the_fixture() {
    let revisions = read_revisions("r", read("sp100_revisions.csv").as_slice()).unwrap();
    let (_, applied) = sp100().with_closes(&revisions, Vintage::Earlier);
    assert_eq!((revisions.len(), applied.cells, applied.unknown_tickers), (54, 54, 0));
    let tickers = revised_tickers(&revisions);
    assert_eq!(tickers.len(), 48);
    assert!(tickers.iter().all(|ticker| !ticker.is_rescaling()));
}
