//! The law in force on a day: every date on which an answer changes.

use crate::scene::{day, law, money, rate};
use Jurisdiction::{Australia, Canada, India, UnitedStates};
use samebits_snapshot::record::{Grandfather, Jurisdiction, Levies, LotRule, Netting, WashRule};
use samebits_tax::{Error, Standing, in_force, laws};
use samebits_units::Bps;

#[test]
fn ids_are_the_day_of_the_newest_row() {
    for (whose, on, id) in [
        (UnitedStates, "2005-01-01", "us-federal/1988"),
        (UnitedStates, "2017-12-31", "us-federal/2017"),
        (UnitedStates, "2018-01-01", "us-federal/2018"),
        (UnitedStates, "2030-01-01", "us-federal/2026"),
        (Canada, "2019-06-30", "canada/2019"),
        (Canada, "2010-06-30", "canada/2000-10-18"),
        (Australia, "2010-06-30", "australia/2001"),
        (Australia, "2018-06-30", "australia/2017"),
        (Australia, "2027-07-01", "australia/2027"),
        (India, "2018-04-01", "india/2018"),
        (India, "2020-08-03", "india/2020-07-01"),
        (India, "2024-07-22", "india/2024"),
        (India, "2024-07-23", "india/2024-07-23"),
        (India, "2025-04-01", "india/2025"),
    ] {
        assert_eq!(law(whose, on).id, id, "{on}");
    }
}

#[test]
fn united_states() {
    let law = law(UnitedStates, "2017-02-08");
    assert_eq!((law.long_term_years, law.wash_days, law.loss_limit), (1, 30, money(3_000)));
    let system = law.system.unwrap();
    assert_eq!((system.lots, system.wash), (LotRule::Specific, WashRule::ShareForShare));
    assert_eq!((system.netting, system.year_starts_in_month), (Netting::ByTerm, 1));
    assert_eq!((system.levies, system.grandfather), (Levies::default(), None));
}

#[test]
fn canada() {
    let law = law(Canada, "2024-12-01");
    assert_eq!((law.wash_days, law.loss_limit), (30, money(0)));
    let system = law.system.unwrap();
    assert_eq!((system.lots, system.wash), (LotRule::Average, WashRule::Superficial));
    assert_eq!((system.netting, system.year_starts_in_month), (Netting::Single, 1));
}

/// What was announced and given up never holds; what is announced holds for those who ask.
#[test]
fn announced_and_cancelled_rows() {
    let inclusion = |announced| {
        let rows = in_force(Canada, day("2025-01-15"), announced).unwrap();
        rows.into_iter().find(|row| row.parameter == "inclusion").unwrap()
    };
    for row in [inclusion(false), inclusion(true)] {
        assert_eq!((row.value, row.standing), ("0.5", Standing::InForce));
    }
    let australia = |on, announced| samebits_tax::law(Australia, day(on), announced).unwrap();
    let part = |on, announced| australia(on, announced).system.unwrap().netting;
    assert_eq!(part("2027-06-30", true), Netting::Discount { part: rate(500_000) });
    assert_eq!(part("2027-07-01", false), Netting::Discount { part: rate(500_000) });
    assert_eq!(part("2027-07-01", true), Netting::Discount { part: Bps::ZERO });
    assert_eq!(australia("2027-07-01", true).id, "australia/2027-announced");
    assert_eq!(australia("2027-06-30", true).id, australia("2027-06-30", false).id);
}

/// Specific identification is allowed in Australia, and no count of days is law there: the window is a policy.
#[test]
fn australia() {
    let law = law(Australia, "2020-08-03");
    assert_eq!((law.long_term_years, law.wash_days, law.loss_limit), (1, 30, money(0)));
    let system = law.system.unwrap();
    assert_eq!((system.lots, system.wash), (LotRule::Specific, WashRule::Policy));
    assert_eq!(system.year_starts_in_month, 7);
}

/// 10 % over a lakh and 15 % ended on 2024-07-22; no rule of India disallows a loss for a purchase.
#[test]
fn india() {
    for (on, exempt, short, long) in [
        ("2018-03-31", 0, "0.15", "0"),
        ("2018-04-01", 100_000, "0.15", "0.1"),
        ("2024-07-22", 100_000, "0.15", "0.1"),
        ("2024-07-23", 125_000, "0.2", "0.125"),
    ] {
        let system = law(India, on).system.unwrap();
        assert_eq!(system.netting, Netting::Exempt { amount: money(exempt) }, "{on}");
        let rows = in_force(India, day(on), false).unwrap();
        let value = |name| rows.iter().find(|row| row.parameter == name).unwrap().value;
        assert_eq!((value("short_rate"), value("long_rate")), (short, long), "{on}");
    }
    let law = law(India, "2020-06-30");
    assert_eq!((law.long_term_years, law.wash_days), (1, 0));
    let system = law.system.unwrap();
    assert_eq!((system.lots, system.wash, system.year_starts_in_month), (LotRule::Fifo, WashRule::None, 4));
    assert_eq!(system.levies, Levies { buy: rate(1_000), sell: rate(1_000) });
    assert_eq!(system.grandfather, Some(Grandfather { acquired_before: day("2018-02-01") }));
    let later = crate::scene::law(India, "2020-07-01").system.unwrap();
    assert_eq!(later.levies, Levies { buy: rate(1_150), sell: rate(1_000) });
    assert_eq!(crate::scene::law(India, "2018-03-31").system.unwrap().grandfather, None);
}

#[test]
fn all_four_from_the_first_day_that_all_have() {
    let found = laws(day("2017-02-08")).unwrap();
    let whose: Vec<_> = found.iter().map(|law| law.system.as_ref().unwrap().jurisdiction).collect();
    assert_eq!(whose, [UnitedStates, Canada, Australia, India]);
    assert!(laws(day("2004-10-01")).is_ok());
    let error = laws(day("2004-09-30")).unwrap_err();
    assert!(matches!(error, Error::NoRow { jurisdiction: "india", .. }), "{error}");
}
