//! From trade to settlement, around the days on which the cycle changed.

use crate::scene::{day, law};
use Jurisdiction::{Australia, Canada, India, UnitedStates};
use samebits_snapshot::record::Jurisdiction;
use samebits_tax::{
    Disposal, Error, RealisedOn, realisation_day, realised_on, settlement_cycle, settlement_day, tax_year,
};
use samebits_units::Date;

fn days(texts: &[&str]) -> Vec<Date> {
    texts.iter().map(|text| day(text)).collect()
}

/// The last day of an old cycle and the first of a new one settle together.
#[test]
fn cycles() {
    let sessions = days(&["2017-09-01", "2017-09-05", "2017-09-06", "2017-09-07"]);
    let settled = |sessions: &[Date], text: &str| {
        let cycle = settlement_cycle(UnitedStates, day(text)).unwrap();
        settlement_day(sessions, day(text), cycle).unwrap()
    };
    assert_eq!(settled(&sessions, "2017-09-01"), day("2017-09-07"));
    assert_eq!(settled(&sessions, "2017-09-05"), day("2017-09-07"));
    let sessions = days(&["2024-05-24", "2024-05-28", "2024-05-29"]);
    assert_eq!(settled(&sessions, "2024-05-24"), day("2024-05-29"));
    assert_eq!(settled(&sessions, "2024-05-28"), day("2024-05-29"));
    for (whose, on, sessions) in [
        (Canada, "2024-05-27", 1),
        (Australia, "2016-03-06", 3),
        (Australia, "2026-01-05", 2),
        (India, "2023-01-27", 1),
    ] {
        assert_eq!(settlement_cycle(whose, day(on)), Ok(sessions), "{whose:?} {on}");
    }
    assert!(matches!(settlement_cycle(UnitedStates, day("1995-06-06")), Err(Error::NoRow { .. })));
}

#[test]
fn days_that_are_no_sessions() {
    let sessions = days(&["2024-05-24", "2024-05-28"]);
    for (on, cycle) in [("2024-05-25", 1), ("2024-05-28", 1), ("2024-05-24", 2)] {
        let error = settlement_day(&sessions, day(on), cycle).unwrap_err();
        assert_eq!(error, Error::NoSession { day: day(on), needed: cycle, known: 2 });
    }
    assert!(settlement_day(&sessions, day("2024-05-24"), usize::MAX).is_err());
}

/// A Canadian sale on the last session of a year belongs to the next one.
#[test]
fn the_year_of_a_sale() {
    let sessions = days(&["2024-12-30", "2024-12-31", "2025-01-02"]);
    for (whose, trade, year) in
        [(Canada, "2024-12-30", 2024), (Canada, "2024-12-31", 2025), (UnitedStates, "2024-12-31", 2024)]
    {
        let on = realisation_day(whose, Disposal::Sale, &sessions, day(trade)).unwrap();
        assert_eq!(tax_year(&law(whose, trade), on), Ok(year), "{whose:?} {trade}");
    }
}

#[test]
fn who_counts_which_day() {
    use Disposal::{Sale, ShortGain, ShortLoss};
    use RealisedOn::{Settlement, Trade};
    for (whose, expected) in [
        (UnitedStates, [Trade, Trade, Settlement]),
        (Canada, [Settlement, Settlement, Settlement]),
        (Australia, [Trade, Trade, Trade]),
        (India, [Trade, Trade, Trade]),
    ] {
        let found =
            [Sale, ShortGain, ShortLoss].map(|what| realised_on(whose, what, day("2024-05-28")).unwrap());
        assert_eq!(found, expected, "{whose:?}");
    }
}
