//! Members of a benchmark from rebalance to rebalance.

use crate::scene::{check, date, read, sp100};
use samebits_panel::read_memberships;
use std::collections::BTreeSet;

const HEADER: &str = "benchmark,rebalanced,ticker\n";

#[test]
fn files_with_a_fault() {
    let panel = sp100();
    let fault = |rows: &str, expected: &str| {
        let text = format!("{HEADER}{rows}");
        check(read_memberships("m", text.as_bytes(), &panel).err().as_ref(), expected);
    };
    fault("", "m: no rows");
    fault(",2017-02-08,AAPL\n", "m, line 2, column benchmark: no name");
    fault(
        "x,2017-02-8,AAPL\n",
        "m, line 2, column rebalanced: `2017-02-8` is not a date of the form YYYY-MM-DD",
    );
    fault("x,2017-02-08,ZZZ\n", "m, line 2, column ticker: ticker ZZZ is not in the closes");
    fault("x,2017-02-08\n", "m, line 2: 2 fields instead of 3");
    fault(
        "x,2017-02-08,V\ny,2017-02-08,V\nx,2017-02-08,T\nx,2017-02-08,V\n",
        "m, line 5, column ticker: ticker V is here twice",
    );
    fault(
        "x,2017-02-08,V\ny,2017-02-07,V\nx,2017-02-07,T\n",
        "m, line 4, column rebalanced: 2017-02-07 comes after 2017-02-08: dates must ascend",
    );
}

#[test]
fn the_members_of_the_fixture() {
    let panel = sp100();
    let all = read_memberships("m", read("synthetic_membership.csv").as_slice(), &panel).unwrap();
    assert_eq!(all.keys().collect::<Vec<_>>(), ["synthetic-90", "synthetic-technology"]);
    let members = &all["synthetic-90"];
    let days = ["2017-02-08", "2017-06-16", "2017-09-15", "2017-12-15"].map(date);
    assert!(members.rebalances().eq(days));
    assert!(members.on(date("2017-02-07")).is_empty());
    assert_eq!((members.rebalanced(date("2017-02-07")), members.rebalanced(days[1])), (None, Some(days[1])));
    let on = |day: &str| -> BTreeSet<&str> {
        let columns = members.on(date(day));
        assert!(columns.is_sorted() && columns.len() == 90, "{day}");
        columns.iter().map(|&column| panel.tickers()[column]).collect()
    };
    assert_eq!(on("2017-02-08"), on("2017-06-15"), "the day before a rebalance is as the day of the last");
    let change = |before: &str, after: &str| -> (Vec<&str>, Vec<&str>) {
        let (before, after) = (on(before), on(after));
        (before.difference(&after).copied().collect(), after.difference(&before).copied().collect())
    };
    let swap = |out: [&'static str; 3], into: [&'static str; 3]| (out.to_vec(), into.to_vec());
    assert_eq!(change("2017-06-15", "2017-06-16"), swap(["DAL", "EQIX", "HON"], ["USB", "UTX", "WYNN"]));
    assert_eq!(change("2017-06-16", "2017-09-15"), swap(["BA", "JNJ", "MCD"], ["DAL", "UNP", "VZ"]));
    assert_eq!(change("2017-09-15", "2030-01-01"), swap(["BAC", "MO", "PCLN"], ["HON", "WMT", "XOM"]));
    assert_eq!(all["synthetic-technology"].on(date("2018-01-02")).len(), 11);
}
