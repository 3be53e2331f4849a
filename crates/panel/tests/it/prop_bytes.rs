//! Foreign bytes end in a table or in an error, never in a panic; a table survives printing and reading.

use crate::scene::sp100;
use proptest::prelude::*;
use samebits_panel::{
    ActionKind, ActionRow, Panel, Splits, read_bar_volumes, read_characteristics, read_closes, read_curated,
    read_distributions, read_inferred_splits, read_memberships, read_quotes, read_revisions, read_sectors,
    read_volumes, revised_tickers,
};
use samebits_units::{Date, Price};
use std::fmt::Write as _;
use std::sync::LazyLock;

static PANEL: LazyLock<Panel> = LazyLock::new(sp100);

/// Every reader of rows on `bytes`.
fn every_reader(bytes: &[u8]) {
    let _ = read_quotes("x", bytes).map(|table| table.complete());
    let like = read_closes("x", "date,A,B\n2017-02-08,1,2\n2017-02-09,1,2\n".as_bytes()).expect("closes");
    let _ = read_bar_volumes("x", bytes, &like);
    let _ = read_revisions("x", bytes).map(|rows| revised_tickers(&rows));
    let _ = read_curated("x", bytes);
    let _ = read_inferred_splits("x", bytes);
    let _ = read_distributions("x", bytes);
    let _ = read_characteristics("x", bytes);
}

proptest! {
    #[test]
    fn any_bytes_in_any_file(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        every_reader(&bytes);
    }

    #[test]
    fn nearly_rows(header in 0..7_usize, body in "([-+0-9.:,AB\"\n]|2017-02-0[89],|A,|split,|cash_dividend\n){0,60}") {
        let headers = [
            "date,A,B",
            "date,ticker,open,high,low,close,volume",
            "date,ticker,close_2017_08_vintage,close_2018_02_vintage",
            "ticker,ex_date,kind,detail,price_return_in_panel",
            "ex_date_est,ticker,ratio_est",
            "ex_date,ticker,yield_on_prev_close,amount_per_share_est,prev_close,kind",
            "date,ticker,characteristic,value",
        ];
        every_reader(format!("{}\n{body}", headers[header]).as_bytes());
    }

    /// A close that is quoted and adjusted again is the same to a unit of 1e-8, whatever the ratios.
    #[test]
    fn quotes_and_back(
        close in 1..1_000_000_000_000_i64,
        ratios in prop::collection::vec((1..40_u32, 1..40_u32), 0..4),
    ) {
        let rows: Vec<ActionRow> = (1..).zip(&ratios).map(|(day, &(new, old))| {
            let kind = ActionKind::Split { new, old, in_prices: true };
            ActionRow { ex_date: Date::from_days(day).unwrap(), ticker: "A".to_owned(), kind }
        }).collect();
        let factor = Splits::of(&rows).after("A", Date::from_days(0).unwrap()).unwrap();
        let (new, old) = factor.parts();
        let (new, old) = (i128::from(new), i128::from(old));
        let quoted = i128::from(factor.price(Price::from_e8(close)).unwrap().e8());
        prop_assert!((2 * (quoted * old - i128::from(close) * new)).abs() <= old, "half a unit");
        if new >= old {
            prop_assert_eq!((2 * quoted * old + new) / (2 * new), i128::from(close));
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_closes("x", bytes.as_slice());
        let _ = read_volumes("x", bytes.as_slice());
        let _ = read_sectors("x", bytes.as_slice());
    }

    #[test]
    fn nearly_a_table(body in "[-+0-9.,\"\n\re ]{0,120}") {
        let text = format!("date,A,B\n2017-02-08,1,2\n{body}");
        let _ = read_closes("x", text.as_bytes());
        let _ = read_volumes("x", text.as_bytes());
        let _ = read_sectors("x", format!("ticker,name,gics_sector\n{body}").as_bytes());
    }

    #[test]
    fn nearly_members(body in "([-0-9,\"\n]|x,|2017-02-0[89],|V\n|T\n){0,40}") {
        let _ = read_memberships("x", format!("benchmark,rebalanced,ticker\n{body}").as_bytes(), &PANEL);
    }

    #[test]
    fn tables_round_trip(rows in prop::collection::vec((1..i64::MAX, 1..i64::MAX), 1..20), first in 0..20_000) {
        let mut text = "date,A,B\n".to_owned();
        for (day, (a, b)) in (first..).zip(&rows) {
            let date = Date::from_days(day).unwrap();
            writeln!(text, "{date},{},{}", Price::from_e8(*a), Price::from_e8(*b)).unwrap();
        }
        let table = read_closes("x", text.as_bytes()).unwrap();
        for (found, (a, b)) in table.values.rows().into_iter().zip(&rows) {
            prop_assert_eq!((found[0].e8(), found[1].e8()), (*a, *b));
        }
    }
}
