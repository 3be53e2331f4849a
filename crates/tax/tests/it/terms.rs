//! Tax years, terms and buckets.

use crate::scene::{day, law, law_without_system, money};
use Jurisdiction::{Australia, Canada, India, UnitedStates};
use samebits_snapshot::record::{Jurisdiction, Law};
use samebits_tax::{bucket, is_long_term, tax_year};

#[test]
fn tax_years_have_the_number_of_the_year_they_begin_in() {
    for (whose, on, year) in [
        (UnitedStates, "2017-01-01", 2017),
        (Canada, "2017-12-31", 2017),
        (Australia, "2017-06-30", 2016),
        (Australia, "2017-07-01", 2017),
        (India, "2018-03-31", 2017),
        (India, "2018-04-01", 2018),
    ] {
        assert_eq!(tax_year(&law(whose, on), day(on)), Ok(year), "{on}");
    }
    assert_eq!(tax_year(&law_without_system(), day("2017-06-30")), Ok(2017));
    let mut broken = law(India, "2018-04-01");
    broken.system.as_mut().unwrap().year_starts_in_month = 13;
    assert!(tax_year(&broken, day("2018-04-01")).is_err());
}

fn first_long_day(law: &Law, held_from: &str) -> Option<String> {
    let held_from = day(held_from);
    let days = (0..800).map(|after| held_from.plus_days(after).unwrap());
    let mut long = days.filter(|on| is_long_term(law, held_from, *on).unwrap());
    long.next().map(|on| on.to_string())
}

#[test]
fn the_first_long_term_day() {
    let plain = [
        ("2016-03-01", "2017-03-02"),
        ("2016-02-29", "2017-03-01"),
        ("2016-02-28", "2017-03-01"),
        ("2017-12-31", "2019-01-01"),
    ];
    for (bought, first) in plain {
        for law in [law_without_system(), law(UnitedStates, "2017-06-01"), law(Australia, "2017-06-01")] {
            assert_eq!(first_long_day(&law, bought).unwrap(), first, "{} {bought}", law.id);
        }
        assert_eq!(first_long_day(&law(India, "2017-06-01"), bought).unwrap(), first);
        assert_eq!(first_long_day(&law(Canada, "2017-06-01"), bought), None);
    }
    // The year that begins on 1 March 2015 ends on 29 February 2016.
    for (law, first) in [
        (law(UnitedStates, "2017-06-01"), "2016-03-01"),
        (law(Australia, "2017-06-01"), "2016-03-01"),
        (law(India, "2017-06-01"), "2016-02-29"),
        (law_without_system(), "2016-02-29"),
    ] {
        assert_eq!(first_long_day(&law, "2015-02-28").unwrap(), first, "{}", law.id);
    }
}

#[test]
fn buckets() {
    for (whose, gain_of_long, loss_of_long) in
        [(UnitedStates, true, true), (Canada, false, false), (Australia, true, false), (India, true, true)]
    {
        let law = law(whose, "2020-08-03");
        assert_eq!(bucket(&law, true, money(5)), gain_of_long, "{whose:?}");
        assert_eq!(bucket(&law, true, money(-5)), loss_of_long, "{whose:?}");
        assert!(!bucket(&law, false, money(5)) && !bucket(&law, false, money(-5)));
    }
    assert!(bucket(&law_without_system(), true, money(-5)));
}
