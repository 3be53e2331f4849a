//! Pools and superficial losses, first in first out, policy locks, levies, grandfathering, years of other systems.

use crate::scene::{account_in, buy, day, elsewhere, market, money, sell, step, step_in, steps};
use samebits_ledger::{Error, Flows, apply, first_day, law_of, open_day};
use samebits_snapshot::record::*;
use samebits_units::{Bps, Money, Qty};

use Jurisdiction::{Australia, Canada, India, UnitedStates};

fn superficial(events: &[Event]) -> Option<(Option<u64>, Money, Money)> {
    events.iter().find_map(|event| match event {
        Event::Superficial { into, denied, added, .. } => Some((*into, *denied, *added)),
        _ => None,
    })
}

#[test]
fn purchases_join_the_pool() {
    let start = account_in(Canada);
    let (settled, events) = step(&start, "2017-01-03", [10, 1, 1], &[buy(0, 10)]).unwrap();
    assert!(matches!(events[..], [Event::Open { .. }, Event::Pool { into: 1, from: 1 }]));
    let (settled, _) = step(&settled.account, "2017-01-31", [16, 7, 1], &[buy(0, 20), buy(1, 3)]).unwrap();
    let pools = settled.account;
    let rows: Vec<_> =
        pools.lots.iter().map(|lot| (lot.id, lot.quantity.whole_shares(), lot.basis)).collect();
    assert_eq!(rows, [(1, 30, money(420)), (3, 3, money(21))]);
    assert_eq!(pools.lots[0].acquired, day("2017-01-03"));
    // A sale takes the average.
    let (sold, _) = step(&pools, "2017-02-10", [20, 7, 1], &[sell(0, 1, 10)]).unwrap();
    assert_eq!((sold.trades[0].gain, sold.account.lots[0].basis), (money(60), money(280)));
    // Purchases are kept for sixty days before the latest one.
    let days = |account: &Account| -> Vec<_> {
        account.recent.iter().map(|kept| (kept.security, kept.acquired.to_string())).collect()
    };
    let kept = |date: &str| days(&steps(&pools, &[(date, [16, 7, 1], &[buy(2, 1)])]));
    assert_eq!(kept("2017-03-04").len(), 4);
    let (first, second) = ((0, "2017-01-31".to_owned()), (1, "2017-01-31".to_owned()));
    assert_eq!(kept("2017-03-05"), [first, second, (2, "2017-03-05".to_owned())]);
}

#[test]
fn canada_has_one_bucket() {
    let start = Account { tax_year: 2015, ..account_in(Canada) };
    let held = steps(&start, &[("2016-01-04", [100, 1, 100], &[buy(0, 10), buy(2, 10)])]);
    let end = step(&held, "2017-06-01", [60, 1, 850], &[sell(0, 1, 10), sell(2, 2, 10)]).unwrap().0;
    let realised = end.tax.realised;
    assert_eq!((realised.short_term, realised.long_term), (money(7_100), Money::ZERO));
    assert_eq!(end.tax.accrued, money(2_840));
}

/// IT-456R: of 50 shares held 20 are sold and 15 bought back: 15/20 of the loss is denied and joins the pool.
#[test]
fn a_superficial_loss_in_part() {
    let held = steps(
        &account_in(Canada),
        &[
            ("2017-01-03", [100, 1, 1], &[buy(0, 50)]),
            ("2017-06-01", [80, 1, 1], &[sell(0, 1, 20)]),
            ("2017-06-20", [80, 1, 1], &[buy(0, 15)]),
            ("2017-07-01", [80, 1, 1], &[]),
        ],
    );
    // Counted in full until the window has ended.
    assert_eq!((held.realised.short_term, held.locks.len()), (money(-400), 1));
    let (settled, events) = step(&held, "2017-07-02", [80, 1, 1], &[]).unwrap();
    assert_eq!(superficial(&events), Some((Some(1), money(300), money(300))));
    let end = settled.account;
    assert_eq!((end.realised.short_term, end.locks.len()), (money(-100), 0));
    assert_eq!(end.lots[0].basis, money(3_000 + 1_200 + 300));
}

/// What is bought but sold again, or bought outside the window, or not at all, denies nothing.
#[test]
fn no_superficial_loss() {
    let start = steps(&account_in(Canada), &[("2017-01-03", [100, 1, 1], &[buy(0, 50)])]);
    for (before, after) in [(None, None), (Some("2017-05-01"), None), (None, Some("2017-07-02"))] {
        let mut now = start.clone();
        if let Some(date) = before {
            now = steps(&now, &[(date, [80, 1, 1], &[buy(0, 10)])]);
        }
        let all = now.lots[0].quantity.whole_shares();
        now = steps(&now, &[("2017-06-01", [60, 1, 1], &[sell(0, 1, all - 1)])]);
        let lost = now.realised.short_term;
        if let Some(date) = after {
            now = steps(&now, &[(date, [60, 1, 1], &[buy(0, 10)])]);
        }
        let (end, events) = step(&now, "2017-07-03", [60, 1, 1], &[]).unwrap();
        assert_eq!((superficial(&events), end.account.realised.short_term), (None, lost));
        assert!(end.account.locks.is_empty());
    }
    // Bought within the window, everything sold: none is held at its end.
    let now = steps(
        &start,
        &[("2017-05-20", [80, 1, 1], &[buy(0, 10)]), ("2017-06-01", [60, 1, 1], &[sell(0, 1, 60)])],
    );
    let (_, events) = step(&now, "2017-07-02", [60, 1, 1], &[]).unwrap();
    assert!(matches!(events[..], [Event::LockClose { lot: 1, .. }]));
}

/// The revenue agency's example of affiliated holders: 2,000 sold with a loss of 10,000; bought in the window: plan 1,000,
/// spouse 2,000, own 500. Each takes its part of the 3,500; the plan's is lost.
#[test]
fn a_superficial_loss_among_affiliates() {
    let outside =
        vec![elsewhere("plan", 0, "2017-06-05", 1_000), elsewhere("spouse", 0, "2017-05-20", 2_000)];
    let start = Account { outside, ..account_in(Canada) };
    let held = steps(
        &start,
        &[
            ("2017-01-03", [10, 1, 1], &[buy(0, 2_000)]),
            ("2017-06-01", [5, 1, 1], &[sell(0, 1, 2_000)]),
            ("2017-06-10", [5, 1, 1], &[buy(0, 500)]),
        ],
    );
    assert_eq!(held.realised.short_term, money(-10_000));
    let (settled, events) = step(&held, "2017-07-03", [5, 1, 1], &[]).unwrap();
    let own = Money::from_micros(10_000_000_000 * 5 / 35);
    assert_eq!(superficial(&events), Some((Some(2), money(10_000), own)));
    assert_eq!(settled.account.lots[0].basis, money(2_500).plus(own).unwrap());
    assert_eq!(settled.account.realised.short_term, Money::ZERO);
}

/// A purchase elsewhere alone denies the loss, and nothing comes here; one before the year's end is settled within it.
#[test]
fn a_superficial_loss_elsewhere_and_across_the_year() {
    for (sold, rolls_first) in [("2017-11-20", false), ("2017-12-20", true)] {
        let start = Account { outside: vec![elsewhere("plan", 0, sold, 10)], ..account_in(Canada) };
        let held = steps(
            &start,
            &[("2017-01-03", [100, 1, 1], &[buy(0, 20)]), (sold, [80, 1, 1], &[sell(0, 1, 10)])],
        );
        let (end, events) = step(&held, "2018-02-01", [80, 1, 1], &[]).unwrap();
        assert_eq!(superficial(&events), Some((None, money(200), Money::ZERO)));
        assert_eq!(matches!(events[0], Event::YearRoll { .. }), rolls_first);
        let end = end.account;
        let (carried, realised) = if rolls_first { (200, 200) } else { (0, 0) };
        assert_eq!((end.carry.short_term, end.realised.short_term), (money(carried), money(realised)));
        assert_eq!(end.lots[0].basis, money(1_000));
    }
}

#[test]
fn first_in_first_out() {
    let held = steps(
        &account_in(India),
        &[
            ("2019-01-03", [100, 1, 100], &[buy(0, 10), buy(2, 5)]),
            ("2019-01-04", [100, 1, 100], &[buy(0, 10)]),
        ],
    );
    let sold = |orders: &[_]| step(&held, "2019-06-03", [80, 1, 80], orders).map(|done| done.0);
    assert_eq!(sold(&[sell(0, 3, 1)]).unwrap_err(), Error::NotFirst { index: 0, lot: 3, expected: 1 });
    let partly = sold(&[sell(0, 1, 9), sell(0, 3, 1)]).unwrap_err();
    assert_eq!(partly, Error::NotFirst { index: 1, lot: 3, expected: 1 });
    // The day of acquisition decides, not the id.
    let mut older = held.clone();
    older.lots[2].acquired = day("2018-12-03");
    let error = step(&older, "2019-06-03", [80, 1, 80], &[sell(0, 1, 1)]).unwrap_err();
    assert_eq!(error, Error::NotFirst { index: 0, lot: 1, expected: 3 });
    let done = sold(&[sell(0, 1, 10), sell(0, 3, 4), sell(2, 2, 5)]).unwrap();
    // No rule disallows a loss here, and none locks.
    assert_eq!(done.tax.realised.short_term, money(-380));
    assert!(done.account.locks.is_empty());
}

/// A policy lock bars purchases, but one in spite of it disallows nothing.
#[test]
fn a_policy_lock_disallows_nothing() {
    let held = steps(
        &account_in(Australia),
        &[
            ("2017-07-03", [100, 1, 1], &[buy(0, 10)]),
            ("2017-09-01", [90, 1, 1], &[buy(0, 10)]),
            ("2017-09-04", [80, 1, 1], &[sell(0, 1, 10)]),
        ],
    );
    assert_eq!((held.locks.len(), held.locks[0].last), (1, day("2017-10-04")));
    let end = steps(&held, &[("2017-09-10", [80, 1, 1], &[buy(0, 10)])]);
    assert_eq!((end.realised.short_term, end.lots.len()), (money(-200), 2));
    assert!(
        open_day(&end, &market(day("2017-10-05"), [1; 3]), &Flows::default()).unwrap().0.locks.is_empty()
    );
}

/// Losses are used before the discount whatever their holding period; gains of long-held lots have it.
#[test]
fn discount_losses_are_in_the_short_bucket() {
    let held = Account { tax_year: 2015, ..account_in(Australia) };
    let held = steps(&held, &[("2016-01-04", [100, 1, 100], &[buy(0, 10), buy(2, 10)])]);
    let end = step(&held, "2017-06-01", [60, 1, 850], &[sell(0, 1, 10), sell(2, 2, 10)]).unwrap().0;
    let realised = end.tax.realised;
    assert_eq!((realised.short_term, realised.long_term), (money(-400), money(7_500)));
    assert!(end.trades[0].long_term && !end.account.locks[0].long_term);
    // The discounted rate is 20 %: 7,100 of it.
    assert_eq!(end.tax.accrued, money(1_420));
}

/// Cost 10,000, fair value 12,000: sold for 15,000 the gain is 3,000, for 11,000 nothing, for 9,000 the real loss.
#[test]
fn grandfathered_cost() {
    for (price, gain) in [(1_500, 3_000), (1_100, 0), (900, -1_000)] {
        let mut held = steps(&account_in(India), &[("2017-04-03", [1_000, 1, 1], &[buy(0, 10)])]);
        held.lots[0].fair_value = Some(money(12_000));
        let all = step(&held, "2018-06-01", [price, 1, 1], &[sell(0, 1, 10)]).unwrap().0;
        assert_eq!(all.tax.realised.long_term, money(gain), "{price}");
        let part = step(&held, "2018-06-01", [price, 1, 1], &[sell(0, 1, 5)]).unwrap().0.account;
        assert_eq!((part.lots[0].basis, part.lots[0].fair_value), (money(5_000), Some(money(6_000))));
        let rest = step(&part, "2018-06-02", [price, 1, 1], &[sell(0, 1, 5)]).unwrap().0.account;
        assert_eq!(rest.realised.long_term, money(gain));
        // The first day that is too late, and a system without the rule.
        held.lots[0].acquired = day("2018-02-01");
        let late = step(&held, "2018-06-01", [price, 1, 1], &[sell(0, 1, 10)]).unwrap().0;
        assert_eq!(late.trades[0].gain, money(price * 10 - 10_000));
    }
}

/// Levies leave in cash, half a millionth away from zero, and touch neither basis nor proceeds nor cost.
#[test]
fn levies_are_paid_apart() {
    let mut market = market(day("2019-01-03"), [100, 1, 1]);
    let system = market.laws[0].system.as_mut().unwrap();
    system.levies = Levies { buy: Bps::from_hundredths(1_150), sell: Bps::from_hundredths(1_000) };
    let (bought, events) = step_in(&market, &account_in(India), &[buy(0, 10)]).unwrap();
    let amount = Money::from_micros(-1_150_000);
    let levy = Event::Cash { reason: CashReason::Levy, security: Some(0), amount };
    assert_eq!(events.last(), Some(&levy));
    assert_eq!(bought.account.cash.micros(), 998_998_850_000);
    assert_eq!((bought.account.lots[0].basis, bought.trades[0].cost), (money(1_000), Money::ZERO));
    let (sold, _) = step_in(&market, &bought.account, &[sell(0, 1, 10)]).unwrap();
    assert_eq!((sold.trades[0].gain, sold.account.cash.micros()), (Money::ZERO, 999_997_850_000));
    // Half of a millionth goes up.
    let system = market.laws[0].system.as_mut().unwrap();
    system.levies = Levies { buy: Bps::from_hundredths(1), sell: Bps::ZERO };
    market.prices[0] = samebits_units::Price::from_e8(50_000_000);
    let (half, events) = step_in(&market, &account_in(India), &[buy(0, 1)]).unwrap();
    assert!(matches!(events.last(), Some(Event::Cash { amount, .. }) if amount.micros() == -1));
    assert_eq!(half.account.lots[0].basis, Money::from_micros(500_000));
}

#[test]
fn tax_years_begin_where_the_law_says() {
    let market = market(day("2018-01-01"), [1; 3]);
    for (jurisdiction, last, first, number) in [
        (UnitedStates, "2017-12-31", "2018-01-01", 2018),
        (Canada, "2017-12-31", "2018-01-01", 2018),
        (Australia, "2018-06-30", "2018-07-01", 2018),
        (India, "2018-03-31", "2018-04-01", 2018),
    ] {
        let law = law_of(&account_in(jurisdiction), &market).unwrap();
        assert_eq!(samebits_tax::tax_year(law, day(last)), Ok(number - 1));
        assert_eq!(samebits_tax::tax_year(law, day(first)), Ok(number));
        assert_eq!(first_day(number, law), Ok(day(first)));
    }
    // A net loss is carried; only gains of its own term may use a long-term one in India.
    for (jurisdiction, carried) in [(Australia, (700, 0)), (Canada, (700, 0)), (India, (0, 1_000))] {
        let mut now = account_in(jurisdiction);
        now.realised = Realised { short_term: money(300), long_term: money(-1_000) };
        let (opened, _) = open_day(&now, &market_on("2018-07-02"), &Flows::default()).unwrap();
        assert_eq!((opened.carry.short_term, opened.carry.long_term), (money(carried.0), money(carried.1)));
    }
}

fn market_on(date: &str) -> Market {
    market(day(date), [1; 3])
}

fn system(laws: &mut [Law], at: usize) -> &mut System {
    laws[at].system.as_mut().unwrap()
}

#[test]
fn laws_that_fail_are_named() {
    let ask = |change: fn(&mut Vec<Law>), jurisdiction| {
        let mut market = market_on("2017-06-01");
        change(&mut market.laws);
        open_day(&account_in(jurisdiction), &market, &Flows::default()).map(|_| ()).unwrap_err().to_string()
    };
    assert!(ask(Vec::clear, Canada).contains("none of the market's 0 laws is that of Canada"));
    assert!(ask(|laws| system(laws, 0).year_starts_in_month = 13, India).contains("law in: the tax year"));
    assert!(ask(|laws| system(laws, 2).lots = LotRule::Specific, Canada).contains("needs pooled lots"));
    assert!(ask(|laws| laws[2].wash_days = 31, Canada).contains("the window exceeds 30 days"));
    let bad = ask(|laws| system(laws, 3).lots = LotRule::Average, UnitedStates);
    assert!(bad.contains("no replacement shares"));
}

/// Lots that came otherwise than by a purchase join their pool as a day opens, and count as bought on their day.
#[test]
fn stray_lots_join_their_pool() {
    let held = steps(&account_in(Canada), &[("2017-01-03", [100, 1, 1], &[buy(0, 10)])]);
    let mut strayed = held.clone();
    strayed.lots.push(Lot { id: 2, acquired: day("2017-01-02"), ..held.lots[0].clone() });
    strayed.next_lot = 3;
    let (opened, events) = open_day(&strayed, &market_on("2017-01-04"), &Flows::default()).unwrap();
    assert_eq!(events, [Event::Pool { into: 1, from: 2 }]);
    assert_eq!((opened.lots.len(), opened.lots[0].basis), (1, money(2_000)));
    assert_eq!(opened.lots[0].acquired, day("2017-01-02"));
    let days: Vec<_> = opened.recent.iter().map(|kept| kept.acquired.to_string()).collect();
    assert_eq!(days, ["2017-01-02", "2017-01-03"]);
    // Events that do not fit.
    let mut other = strayed.clone();
    other.lots[1].security = 2;
    let sold = day("2017-01-03");
    let deny = |denied, added, into| Event::Superficial { sold_lot: 1, sold, into, denied, added };
    let outside = Event::WashOutside {
        sold_lot: 1,
        sold,
        purchase: 0,
        quantity: Qty::from_shares(1).unwrap(),
        loss: Money::ZERO,
        long_term: false,
    };
    let cases = [
        (Event::Pool { into: 1, from: 2 }, "one security"),
        (Event::Pool { into: 1, from: 7 }, "not open"),
        (deny(money(1), money(1), Some(1)), "no such lock"),
        (outside, "no such purchase"),
    ];
    for (event, part) in cases {
        assert!(apply(&other, &[event]).unwrap_err().to_string().contains(part), "{part}");
    }
    let lost = steps(&held, &[("2017-01-03", [50, 1, 1], &[sell(0, 1, 5)])]);
    for (event, part) in [
        (deny(money(251), money(1), Some(1)), "more is denied"),
        (deny(money(250), money(251), Some(1)), "more is added"),
        (deny(money(250), money(1), None), "to no lot"),
    ] {
        assert!(apply(&lost, &[event]).unwrap_err().to_string().contains(part), "{part}");
    }
}
