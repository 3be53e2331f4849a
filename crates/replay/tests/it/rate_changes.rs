//! Rates that the law's dated rows change while an account is simulated.

use crate::scene::{clock, fixtures, machine, runs};
use samebits_canon::Isa;
use samebits_panel::{Actions, LeftOut, Panel};
use samebits_replay::simulate::{
    FIRST_SESSION, Settings, World, catalogue_accounts, catalogue_accounts_until, method, rate_changes,
    simulate,
};
use samebits_replay::why::why;
use samebits_replay::{Backend, Verdict, replay};
use samebits_snapshot::record::{Event, Rates};
use samebits_store::Store;
use samebits_tax::australia::{Kind, Taxpayer, rates};
use samebits_units::{Bps, Date, Money};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn hundredths(short_term: i32, long_term: i32, ordinary: i32) -> Rates {
    let rate = Bps::from_hundredths;
    Rates { short_term: rate(short_term), long_term: rate(long_term), ordinary: rate(ordinary) }
}

/// India, 2024-07-23, on prices whose dates are moved there: 15 and 10 % become 20 and 12.5 %, each with a surcharge of 10 %
/// and a cess of 4 %. The change is an event of that day, the decision of the day is made on the new rates, and the store's
/// chain of accounts and every replay hold.
#[test]
fn the_rates_of_india_change_within_the_year() {
    let mut panel = Panel::load(&fixtures().join("prices")).unwrap();
    // The third session is on or after the day of the change.
    let moved = day("2024-07-23").days_since(panel.dates[FIRST_SESSION + 2]);
    for date in &mut panel.dates {
        *date = date.plus_days(moved).unwrap();
    }
    let (first, last) = (panel.dates[FIRST_SESSION], panel.dates[FIRST_SESSION + 3]);
    let world = World::complete(panel, &Actions { rows: Vec::new(), left_out: LeftOut::default() }).unwrap();
    let plan = catalogue_accounts_until(first, last, 7).unwrap().swap_remove(6);
    let (old, new) = (hundredths(171_600, 114_400, 343_200), hundredths(228_800, 143_000, 343_200));
    assert_eq!((plan.id.as_str(), plan.rates), ("07-di-in", old));
    assert_eq!(plan.rate_changes.len(), 1);
    assert_eq!((plan.rate_changes[0].from, plan.rate_changes[0].rates), (day("2024-07-23"), new));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = Store::create(&path).unwrap().predicting(samebits_replay::RiskPredictor::shared());
    let settings = Settings {
        days: 4,
        accounts: &[plan],
        threads: 1,
        machine: machine(Isa::detect()),
        actor: "test",
        recorded_at: 1,
        method: method(),
        execution: None,
    };
    simulate(&world, &mut store, &settings, &mut |_| {}).unwrap();
    let verified = store.verify(&mut |_| {});
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    drop(store);
    for (at, stored) in runs(&path, "07-di-in").iter().enumerate() {
        let run = &stored.run;
        let changed = run.outcome.events.iter().any(|event| matches!(event, Event::RatesChanged { .. }));
        assert_eq!(changed, at == 2, "{at}");
        assert_eq!(run.inputs.account.rates, if at <= 2 { old } else { new }, "{at}");
        let short = why(run, Some("AAPL")).unwrap().day.rates_bp[0];
        assert_eq!(short, if at < 2 { 1_716.0 } else { 2_288.0 }, "{at}");
        let found = replay(run, &stored.ids, &Backend::cpu(Isa::Portable), &clock).unwrap();
        assert_eq!(found.verdict, Verdict::Identical, "{:?}", found.differences);
    }
}

/// Australia, announced for 2027-07-01: the discount goes, for those who ask for what is announced.
#[test]
fn an_announced_change_is_for_those_who_ask() {
    let income = Money::from_units(250_000).unwrap();
    let payer = Taxpayer { kind: Kind::Individual { taxable_income: income }, franked: Bps::ZERO };
    let (first, last) = (day("2026-07-02"), day("2027-12-31"));
    let found = |announced: bool, last: Date| {
        rate_changes(first, last, &|day| Ok(rates(day, &payer, announced)?)).unwrap()
    };
    assert_eq!(found(false, last), []);
    assert_eq!(found(true, day("2027-06-30")), []);
    let changes = found(true, day("2027-07-01"));
    assert_eq!(changes, found(true, last));
    assert_eq!(changes.len(), 1);
    // 45 % and a levy of 2 %.
    assert_eq!(
        (changes[0].from, changes[0].rates),
        (day("2027-07-01"), hundredths(470_000, 470_000, 470_000))
    );
    assert_eq!(changes[0].loss_value, Bps::from_hundredths(235_000));
}

/// Where no row falls into the span an account is what it was; the demo's year has rows.
#[test]
fn the_rows_of_the_demos_year() {
    let (first, last) = (day("2017-02-08"), day("2018-02-07"));
    let quiet = catalogue_accounts_until(first, day("2017-03-31"), 14).unwrap();
    assert_eq!(quiet, catalogue_accounts(first, 14).unwrap());
    let found = |at: usize| -> Vec<String> {
        let plan = catalogue_accounts_until(first, last, 14).unwrap().swap_remove(at);
        plan.rate_changes.iter().map(|change| change.from.to_string()).collect()
    };
    assert_eq!(found(0), ["2018-01-01"], "United States");
    assert!(found(2).is_empty(), "Canada: above the last bracket in both years");
    assert_eq!(found(4), ["2017-07-01"], "Australia: the end of the budget repair levy");
    assert_eq!(found(6), ["2017-04-01"], "India: the surcharge");
}
