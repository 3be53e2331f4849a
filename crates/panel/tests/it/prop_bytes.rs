//! Foreign bytes end in a table or in an error, never in a panic; a table survives printing and reading.

use proptest::prelude::*;
use samebits_panel::{read_closes, read_sectors, read_volumes};
use samebits_units::{Date, Price};
use std::fmt::Write as _;

proptest! {
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
