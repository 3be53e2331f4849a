//! Rates that change on a day: within a tax year, with a new one, and in the days between two sessions.

use crate::scene::{account_in, day, market, money};
use samebits_ledger::{Error, Flows, accrued, apply, day_tax, law_of, open_day};
use samebits_snapshot::record::*;
use samebits_units::Bps;

fn rates(short: i32, long: i32) -> Rates {
    let rate = |percent: i32| Bps::from_hundredths(percent * 10_000);
    Rates { short_term: rate(short), long_term: rate(long), ordinary: rate(short) }
}

fn change(from: &str, short: i32, long: i32) -> RateChange {
    let rates = rates(short, long);
    RateChange { from: day(from), rates, loss_value: Bps::ZERO, dividend_rate: rates.ordinary }
}

/// A gain of 1,000 of the short term in `year`, nothing from elsewhere, and `changes` to come.
fn gaining(jurisdiction: Jurisdiction, year: i16, short: i32, changes: Vec<RateChange>) -> Account {
    let mut account = account_in(jurisdiction);
    account.rates = rates(short, 10);
    account.tax_year = year;
    account.realised = Realised { short_term: money(1_000), long_term: money(0) };
    account.rate_changes = changes;
    account.holder.as_mut().unwrap().outside = Realised::default();
    account
}

fn opened(account: &Account, on: &str) -> (Account, Vec<Event>) {
    open_day(account, &market(day(on), [100, 1, 1]), &Flows::default()).unwrap()
}

/// India, 2024-07-23: 15 % until the day before, 20 % of the whole year's gain from that day on; the difference shows on it.
#[test]
fn a_change_within_the_year() {
    let before = gaining(Jurisdiction::India, 2024, 15, vec![change("2024-07-23", 20, 12)]);
    assert_eq!(opened(&before, "2024-07-22"), (before.clone(), vec![]));
    // The 23rd, and the first session after it where that is none.
    for on in ["2024-07-23", "2024-07-25"] {
        let (after, events) = opened(&before, on);
        assert_eq!(events, [Event::RatesChanged { from: day("2024-07-23") }]);
        assert_eq!((after.rates, after.rate_changes.len()), (rates(20, 12), 0));
        assert_eq!(after.holder.as_ref().unwrap().dividend_rate, Bps::from_hundredths(200_000));
        let market = market(day(on), [100, 1, 1]);
        let law = law_of(&after, &market).unwrap();
        let tax = [&before, &after].map(|account| accrued(account, law).unwrap());
        assert_eq!(tax, [money(150), money(200)]);
        assert_eq!(day_tax(&before, &after, &events, &market).unwrap().change, money(50));
        assert_eq!(opened(&after, on), (after.clone(), vec![]), "once");
    }
}

/// The old year is taxed at its own last rates: those of its last day, session or not, and not those of the new year.
#[test]
fn a_change_with_the_year() {
    let end = |changes| opened(&gaining(Jurisdiction::UnitedStates, 2017, 40, changes), "2018-01-02");
    let owed = |events: &[Event]| {
        events.iter().find_map(|event| match event {
            Event::YearRoll { owed, .. } => *owed,
            _ => None,
        })
    };
    let (first, late) = (change("2018-01-01", 30, 10), change("2017-12-31", 35, 10));
    let changed = |of: &RateChange| Event::RatesChanged { from: of.from };

    let (account, events) = end(vec![first]);
    assert_eq!((owed(&events), account.rates), (Some(money(400)), rates(30, 10)));
    assert_eq!((events.len(), &events[1]), (2, &changed(&first)));

    let (account, events) = end(vec![late]);
    assert_eq!((owed(&events), account.rates), (Some(money(350)), rates(35, 10)));
    assert_eq!((events.len(), &events[0]), (2, &changed(&late)));

    let (account, events) = end(vec![late, first, change("2018-01-03", 1, 1)]);
    assert_eq!((owed(&events), account.rates), (Some(money(350)), rates(30, 10)));
    assert_eq!((&events[0], &events[2]), (&changed(&late), &changed(&first)));
    assert_eq!(account.rate_changes, [change("2018-01-03", 1, 1)]);
}

#[test]
fn only_the_first_change_can_take_effect() {
    let (first, second) = (change("2024-07-23", 20, 12), change("2025-04-01", 21, 13));
    let account = gaining(Jurisdiction::India, 2024, 15, vec![first, second]);
    for from in [second.from, day("2024-07-22")] {
        let error = apply(&account, &[Event::RatesChanged { from }]).unwrap_err();
        assert!(matches!(error, Error::Event { index: 0, .. }), "{error}");
    }
    let both = [first, second].map(|change| Event::RatesChanged { from: change.from });
    assert_eq!(apply(&account, &both).unwrap().rates, rates(21, 13));
}
