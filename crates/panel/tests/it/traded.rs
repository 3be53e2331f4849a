//! Protects the way from adjusted closes to the quotes of the day and back.

use crate::scene::{date, fixtures, price, sp100};
use samebits_panel::{ActionKind, ActionRow, ActionSources, Actions, Error, Factor, Panel, Splits};
use samebits_units::Price;

fn split(ex_date: &str, ticker: &str, new: u32, old: u32) -> ActionRow {
    let kind = ActionKind::Split { new, old, in_prices: true };
    ActionRow { ex_date: date(ex_date), ticker: ticker.to_owned(), kind }
}

/// `a / (new / old)`, rounded half away from zero.
fn divided(close: Price, factor: Factor) -> i64 {
    let (new, old) = factor.parts();
    let (new, product) = (i128::from(new), i128::from(close.e8()) * i128::from(old));
    i64::try_from((product + new / 2) / new).expect("a price")
}

fn check(panel: &Panel, actions: &[ActionRow]) -> Panel {
    let splits = Splits::of(actions);
    let traded = panel.as_traded(&splits).expect("quotes");
    for (column, ticker) in panel.tickers().into_iter().enumerate() {
        for (row, &day) in panel.dates.iter().enumerate() {
            let factor = splits.after(ticker, day).expect("a factor");
            let back = divided(traded.closes[[row, column]], factor);
            assert!((back - panel.closes[[row, column]].e8()).abs() <= 1, "{ticker} {day}");
            let (new, old) = factor.parts();
            let shares = u128::from(panel.volumes[[row, column]]) * u128::from(old) / u128::from(new);
            assert_eq!(u128::from(traded.volumes[[row, column]]), shares, "{ticker} {day}");
        }
    }
    traded
}

/// Each split of the fixture: the day before is quoted at the ratio's multiple, the day itself is not.
#[test]
fn a_split_day_falls_by_the_ratio() {
    let panel = sp100();
    let actions = Actions::load(&ActionSources::sp100(&fixtures("market")), &panel.dates).unwrap();
    let traded = check(&panel, &actions.rows);
    let mut seen = Vec::new();
    for action in &actions.rows {
        let ActionKind::Split { new, old, .. } = action.kind else { continue };
        let column = panel.columns()[action.ticker.as_str()];
        let row = panel.day_index(action.ex_date).unwrap();
        let (was, is) = (panel.closes[[row - 1, column]].e8(), panel.closes[[row, column]].e8());
        let (quoted, after) = (traded.closes[[row - 1, column]].e8(), traded.closes[[row, column]].e8());
        assert_eq!((quoted * i64::from(old), after), (was * i64::from(new), is), "{}", action.ticker);
        assert!(quoted > after * 19 / 10, "{}: a jump of its own", action.ticker);
        seen.push((action.ticker.as_str(), new));
    }
    assert_eq!(seen, [("V", 4), ("SBUX", 2), ("NFLX", 7), ("NKE", 2), ("CMCSA", 2)]);
    let close = |day: &str, ticker: &str| {
        traded.closes[[panel.day_index(date(day)).unwrap(), panel.columns()[ticker]]]
    };
    assert_eq!(close("2015-03-18", "V"), price("267.67"));
    assert_eq!(close("2017-02-16", "CMCSA"), price("75.99"));
    assert_eq!(close("2015-03-18", "AAPL"), panel.closes[[26, panel.columns()["AAPL"]]], "no split");
}

/// Two splits multiply, a ratio that is not whole rounds, a reverse split divides, and a split after the end still counts.
#[test]
fn products_of_ratios() {
    let panel = sp100().between(date("2016-01-04"), date("2016-01-08")).unwrap();
    let actions = [
        split("2016-01-06", "AAPL", 3, 2),
        split("2016-01-08", "AAPL", 7, 3),
        split("2020-08-31", "AAPL", 4, 1),
        split("2016-01-07", "AMD", 1, 3),
    ];
    let traded = check(&panel, &actions);
    let column = panel.columns()["AAPL"];
    let ratios = [(14, 1), (14, 1), (28, 3), (28, 3), (4, 1)];
    for (row, (new, old)) in ratios.into_iter().enumerate() {
        let doubled = 2 * panel.closes[[row, column]].e8() * new + old;
        assert_eq!(traded.closes[[row, column]].e8(), doubled / (2 * old));
    }
    let splits = Splits::of(&actions);
    assert_eq!(splits.after("AAPL", date("2016-01-05")).unwrap().parts(), (14, 1));
    assert_eq!(splits.after("AAPL", date("2016-01-06")).unwrap().parts(), (28, 3));
    assert_eq!(splits.after("AAPL", date("2020-08-31")), Some(Factor::ONE));
    assert_eq!(splits.after("MSFT", date("2016-01-04")), Some(Factor::ONE));
}

/// A split that the closes are not adjusted for changes nothing.
#[test]
fn a_split_that_is_not_in_the_prices() {
    let panel = sp100();
    let mut row = split("2016-01-06", "AAPL", 2, 1);
    row.kind = ActionKind::Split { new: 2, old: 1, in_prices: false };
    assert_eq!(panel.as_traded(&Splits::of(&[row])).unwrap(), panel);
}

#[test]
fn a_close_that_does_not_fit() {
    let panel = sp100();
    let huge = [split("2020-01-02", "AAPL", u32::MAX, 1)];
    let found = panel.as_traded(&Splits::of(&huge)).unwrap_err();
    assert!(matches!(found, Error::OutOfRange { what: "close", .. }), "{found}");
    let many: Vec<ActionRow> =
        ["2020-01-02", "2020-01-03", "2020-01-06"].map(|day| split(day, "AAPL", u32::MAX, 1)).to_vec();
    assert_eq!(Splits::of(&many).after("AAPL", panel.dates[0]), None);
    let tiny = [split("2020-01-02", "AAPL", 1, u32::MAX), split("2020-01-03", "AAPL", 1, 100)];
    let found = panel.as_traded(&Splits::of(&tiny)).unwrap_err();
    assert!(matches!(found, Error::OutOfRange { what: "close", .. }), "it would be 0: {found}");
    let mut busy = panel;
    busy.volumes[[3, 0]] = u64::MAX / 2;
    let found = busy.as_traded(&Splits::of(&[split("2020-01-02", "AAPL", 1, 3)])).unwrap_err();
    assert_eq!(found.to_string(), "AAPL, 2015-02-12: volume without its splits is out of range");
}
