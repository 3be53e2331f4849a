//! Characteristics as they were known on a day.

use crate::scene::{check, date, read, sp100};
use samebits_panel::{Characteristics, read_characteristics};

const HEADER: &str = "date,ticker,characteristic,value\n";

#[test]
fn files_with_a_fault() {
    let fault = |rows: &str, expected: &str| {
        check(read_characteristics("k", format!("{HEADER}{rows}").as_bytes()).err().as_ref(), expected);
    };
    fault("", "k: no rows");
    fault("2017-02-08,A,value\n", "k, line 2: 3 fields instead of 4");
    fault("2017-02-08,,value,1\n", "k, line 2, column ticker: empty ticker");
    fault("2017-02-08,A,,1\n", "k, line 2, column characteristic: no name");
    fault("2017-02-08,A,value,\n", "k, line 2, column value: characteristic: `` is not a decimal number");
    fault(
        "2017-02-08,A,value,NaN\n",
        "k, line 2, column value: characteristic: `NaN` is not a decimal number",
    );
    fault(
        "2017-02-08,A,value,0.123456789\n",
        "k, line 2, column value: characteristic: `0.123456789` has more than 8 decimals",
    );
    fault(
        "2017-02-08,A,value,1\n2017-02-08,B,value,1\n2017-02-08,A,value,1\n",
        "k, line 4, column date: 2017-02-08 is here twice",
    );
    fault(
        "2017-02-08,A,value,1\n2017-02-07,A,other,1\n2017-02-07,A,value,1\n",
        "k, line 4, column date: 2017-02-07 comes after 2017-02-08: dates must ascend",
    );
}

#[test]
fn the_latest_value_that_was_known() {
    let text = format!(
        "{HEADER}2017-05-15,B,value,0.5\n2017-02-08,A,value,-1.25\n2017-05-15,A,value,7\n2017-01-03,B,profit,0.1\n"
    );
    let all = read_characteristics("k", text.as_bytes()).unwrap();
    assert_eq!(all.names().collect::<Vec<_>>(), ["profit", "value"]);
    let value = |day: &str| all.on(date(day), &["B", "A", "C"])[1].values.clone();
    assert_eq!(value("2017-02-07"), [None, None, None]);
    assert_eq!(value("2017-02-08"), [None, Some(-1.25), None]);
    assert_eq!(value("2017-05-14"), [None, Some(-1.25), None], "the day before is too early");
    assert_eq!(value("2017-05-15"), [Some(0.5), Some(7.0), None]);
    let profit = &all.on(date("2030-01-01"), &["B", "A"])[0];
    assert_eq!((profit.name.as_str(), &profit.values), ("profit", &vec![Some(0.1), None]));
}

#[test]
fn the_characteristics_of_the_fixture() {
    let panel = sp100();
    let all = read_characteristics("k", read("synthetic_characteristics.csv").as_slice()).unwrap();
    let columns = all.on(date("2018-02-07"), &panel.tickers());
    let known = |at: usize| columns[at].values.iter().flatten().count();
    assert_eq!((columns[0].name.as_str(), known(0)), ("book_to_price", 98));
    assert_eq!((columns[1].name.as_str(), known(1)), ("gross_profitability", 87));
    let apple = panel.columns()["AAPL"];
    assert_eq!(all.on(date("2017-05-14"), &panel.tickers())[0].values[apple], Some(0.4207));
    assert_eq!(columns[0].values[apple], Some(0.3746), "nothing newer in November");
}

/// A folder of prices may have a table of a fixed name; one without is no fault, a damaged one is.
#[test]
fn a_table_beside_the_prices() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Characteristics::beside(folder.path()).unwrap(), None);
    let path = folder.path().join(Characteristics::FILE);
    std::fs::write(&path, read("synthetic_characteristics.csv")).unwrap();
    let found = Characteristics::beside(folder.path()).unwrap().unwrap();
    assert_eq!(found, Characteristics::load(&path).unwrap());
    assert_eq!(found.names().collect::<Vec<_>>(), ["book_to_price", "gross_profitability"]);
    std::fs::write(&path, "date,ticker,characteristic,value\n2016-11-15,AAPL,value,x\n").unwrap();
    let error = Characteristics::beside(folder.path()).unwrap_err().to_string();
    assert!(error.contains("characteristics.csv") && error.contains('2'), "{error}");
    assert!(Characteristics::load(&folder.path().join("none.csv")).is_err());
}
