//! The frozen prices: shape, ends, and some cells as they are printed in the file.

use samebits_panel::Panel;
use samebits_units::{Date, Price};
use std::path::Path;

fn panel() -> Panel {
    Panel::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices"))
        .expect("the fixture loads")
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

#[test]
fn shape_ends_and_cells() {
    let panel = panel();
    assert_eq!(panel.closes.dim(), (756, 100));
    assert_eq!(panel.volumes.dim(), (756, 100));
    assert_eq!((panel.dates[0], panel.dates[755]), (date("2015-02-09"), date("2018-02-07")));
    let column = |ticker: &str| panel.securities.iter().position(|s| s.ticker == ticker).unwrap();
    for (day, ticker, cents) in
        [("2018-02-07", "AAPL", 15_954), ("2018-02-07", "AMD", 1_160), ("2018-02-07", "AMZN", 141_678)]
    {
        let price = panel.closes[[panel.day_index(date(day)).unwrap(), column(ticker)]];
        assert_eq!(price, Price::from_e8(cents * 1_000_000), "{ticker}");
    }
    assert_eq!(panel.sectors.len(), 11);
    assert!(panel.sectors.is_sorted());
    let sector = |ticker: &str| panel.sectors[panel.securities[column(ticker)].sector as usize].as_str();
    assert_eq!((sector("AAPL"), sector("AIG")), ("Information Technology", "Financials"));
}

#[test]
fn a_loop_over_days_sees_a_window_that_ends_today() {
    let panel = panel();
    let day = 504;
    let window = panel.closes_until(day, 505).unwrap();
    assert_eq!(window.dim(), (505, 100));
    assert_eq!(window.row(504), panel.closes.row(day));
    assert_eq!(panel.volumes_until(day, 63).unwrap().row(0), panel.volumes.row(442));
    assert_eq!(panel.dates_until(day, 505).unwrap().last(), Some(&panel.dates[day]));
    assert_eq!(panel.closes_on(755).unwrap(), panel.closes.row(755));
    assert!(panel.closes_until(day, 506).is_none(), "the history is one row too short");
    assert!(panel.closes_until(756, 1).is_none(), "there is no such session");
    assert!(panel.closes_on(756).is_none());
    assert!(panel.closes_until(usize::MAX, 1).is_none());
    assert_eq!(panel.day_index(date("2018-02-04")), None, "a Sunday");
}
