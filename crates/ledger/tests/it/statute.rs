//! Section 1091 by its regulations, with purchases in other accounts, and three mistakes seen elsewhere.

use crate::scene::{account, account_in, buy, day, elsewhere, market, money, sell, step, steps};
use samebits_ledger::{Flows, open_day};
use samebits_snapshot::record::{Account, Event, Jurisdiction, Lot};
use samebits_units::{Money, Qty};

/// Shares, basis in whole units, start of holding.
fn lots(account: &Account) -> Vec<(i64, i64, String)> {
    let row =
        |lot: &Lot| (lot.quantity.whole_shares(), lot.basis.micros() / 1_000_000, lot.held_from.to_string());
    account.lots.iter().map(row).collect()
}

fn us() -> Account {
    account_in(Jurisdiction::UnitedStates)
}

/// Treas. Reg. 1.1091-1(h), example 1: 100 shares bought for 10,000, 100 more for 9,000, the first 100 sold for 9,000 within
/// thirty days: no loss is allowable.
#[test]
fn regulation_example_1() {
    for mut start in [account(1_000_000), us()] {
        start.tax_year = 1954;
        let end = steps(
            &start,
            &[
                ("1954-12-01", [100, 1, 1], &[buy(0, 100)]),
                ("1954-12-15", [90, 1, 1], &[buy(0, 100)]),
                ("1955-01-03", [90, 1, 1], &[sell(0, 1, 100)]),
            ],
        );
        assert_eq!(end.realised.short_term, Money::ZERO);
        // The sold shares had been held for 33 days.
        assert_eq!(lots(&end), [(100, 10_000, "1954-11-12".to_owned())]);
    }
}

/// Example 2: 100 shares for 5,000; 50 for 2,750 and 25 for 1,125 within thirty days before the sale of the 100 for 4,000.
/// 750 is not allowable; the bases become 3,250 and 1,375.
#[test]
fn regulation_example_2() {
    let start = Account { tax_year: 1954, ..us() };
    let end = steps(
        &start,
        &[
            ("1954-09-21", [50, 1, 1], &[buy(0, 100)]),
            ("1954-12-21", [55, 1, 1], &[buy(0, 50)]),
            ("1954-12-27", [45, 1, 1], &[buy(0, 25)]),
            ("1955-01-03", [40, 1, 1], &[sell(0, 1, 100)]),
        ],
    );
    assert_eq!(end.realised.short_term, money(-250));
    let bases: Vec<_> = lots(&end).into_iter().map(|lot| (lot.0, lot.1)).collect();
    assert_eq!(bases, [(50, 3_250), (25, 1_375)]);
    assert_eq!(end.locks[0].open_quantity, Qty::from_shares(25).unwrap());
}

/// Example 3: 100 shares for 5,000 sold for 4,000; 50 shares bought on each of four days that follow. Those of the first two
/// days are the replacement and take on the holding period.
#[test]
fn regulation_example_3() {
    let start = Account { tax_year: 1954, ..us() };
    let end = steps(
        &start,
        &[
            ("1954-09-15", [50, 1, 1], &[buy(0, 100)]),
            ("1956-02-01", [40, 1, 1], &[sell(0, 1, 100)]),
            ("1956-02-15", [40, 1, 1], &[buy(0, 50)]),
            ("1956-02-16", [40, 1, 1], &[buy(0, 50)]),
            ("1956-02-17", [40, 1, 1], &[buy(0, 50)]),
            ("1956-02-18", [40, 1, 1], &[buy(0, 50)]),
        ],
    );
    let since = day("1956-02-01").days_since(day("1954-09-15"));
    let tacked = |date: &str| day(date).plus_days(-since).unwrap().to_string();
    assert_eq!(
        lots(&end),
        [
            (50, 2_500, tacked("1956-02-15")),
            (50, 2_500, tacked("1956-02-16")),
            (50, 2_000, "1956-02-17".to_owned()),
            (50, 2_000, "1956-02-18".to_owned()),
        ]
    );
    assert_eq!((end.realised.long_term, end.locks.len()), (Money::ZERO, 0));
}

/// The law bars acquiring, not holding: other lots of a locked name stay, with or without a gain, and may be sold.
#[test]
fn a_lock_bars_buying_and_never_forces_a_sale() {
    let held = steps(
        &us(),
        &[
            ("2017-01-03", [50, 1, 1], &[buy(0, 10)]),
            ("2017-01-04", [100, 1, 1], &[buy(0, 10)]),
            ("2017-06-01", [80, 1, 1], &[sell(0, 2, 10)]),
        ],
    );
    assert_eq!(held.locks.len(), 1);
    let mut now = held.clone();
    for date in ["2017-06-02", "2017-06-15", "2017-07-01", "2017-07-02"] {
        let (settled, events) = step(&now, date, [80, 1, 1], &[]).unwrap();
        assert!(events.iter().all(|event| matches!(event, Event::LockClose { .. })), "{events:?}");
        now = settled.account;
    }
    assert_eq!((now.lots.clone(), now.locks.len()), (held.lots.clone(), 0));
    // A gain sale in the window is free; a purchase in it is what costs the loss.
    let sold = step(&held, "2017-06-15", [80, 1, 1], &[sell(0, 1, 5)]).unwrap().0;
    assert_eq!(sold.tax.realised.short_term, money(150));
    let bought = step(&held, "2017-07-01", [80, 1, 1], &[buy(0, 10)]).unwrap().0;
    assert_eq!(bought.tax.disallowed, money(200));
}

#[test]
fn a_purchase_ten_days_before_spoils_todays_loss() {
    let start = steps(
        &us(),
        &[("2017-01-03", [100, 1, 1], &[buy(0, 10)]), ("2017-05-22", [80, 1, 1], &[buy(0, 10)])],
    );
    let settled = step(&start, "2017-06-01", [80, 1, 1], &[sell(0, 1, 10)]).unwrap().0;
    assert_eq!((settled.tax.harvested, settled.tax.disallowed), (Money::ZERO, money(200)));
    assert!(settled.account.locks.is_empty());
}

/// The lock is the group's, and another class is a replacement.
#[test]
fn identity_groups_lock_share_classes_together() {
    let start = steps(
        &us(),
        &[("2017-01-03", [100, 50, 70], &[buy(0, 10)]), ("2017-06-01", [80, 50, 70], &[sell(0, 1, 10)])],
    );
    assert_eq!((start.locks[0].group, start.locks[0].security), (0, 0));
    let other = step(&start, "2017-06-20", [80, 50, 70], &[buy(2, 10)]).unwrap().0;
    assert_eq!(other.tax.disallowed, Money::ZERO);
    let class = step(&start, "2017-06-20", [80, 50, 70], &[buy(1, 10)]).unwrap().0;
    assert_eq!(class.tax.disallowed, money(200));
}

/// Own lots and purchases elsewhere replace in one order of acquisition. What is matched elsewhere leaves no basis here,
/// whether the other account is a spouse's or a plan (Rev. Rul. 2008-5).
#[test]
fn purchases_elsewhere_before_the_sale() {
    for name in ["plan", "spouse"] {
        let start = Account {
            outside: vec![elsewhere(name, 1, "2017-05-20", 3), elsewhere(name, 0, "2017-05-25", 9)],
            ..us()
        };
        let held = steps(
            &start,
            &[
                ("2017-01-03", [100, 1, 1], &[buy(0, 10)]),
                ("2017-05-20", [90, 1, 1], &[buy(0, 2)]),
                ("2017-05-24", [90, 1, 1], &[buy(0, 4)]),
            ],
        );
        let (settled, events) = step(&held, "2017-06-01", [80, 1, 1], &[sell(0, 1, 10)]).unwrap();
        let matched: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::WashDefer { replacement, quantity, .. } => {
                    Some((*replacement, quantity.whole_shares(), false))
                }
                Event::WashOutside { purchase, quantity, .. } => {
                    Some((u64::from(*purchase), quantity.whole_shares(), true))
                }
                _ => None,
            })
            .collect();
        assert_eq!(matched, [(2, 2, false), (0, 3, true), (3, 4, false), (1, 1, true)]);
        let after = settled.account;
        assert_eq!(settled.tax.disallowed, money(200));
        // Two and four shares take 20 each; the loss on the other four is in no basis.
        let bases: Vec<_> = lots(&after).into_iter().map(|lot| (lot.0, lot.1)).collect();
        assert_eq!(bases, [(2, 220), (4, 440)]);
        let left: Vec<_> = after.outside.iter().map(|bought| bought.quantity.whole_shares()).collect();
        assert_eq!(left, [0, 8]);
        assert_eq!(after.realised.short_term, Money::ZERO);
    }
}

/// A purchase elsewhere after the sale is matched when its day is over: after the account's own purchases of that day, and
/// never beyond the window.
#[test]
fn purchases_elsewhere_after_the_sale() {
    for (bought, disallowed) in
        [("2017-05-01", 0), ("2017-05-02", 100), ("2017-06-01", 100), ("2017-07-01", 100), ("2017-07-02", 0)]
    {
        let start = Account { outside: vec![elsewhere("spouse", 0, bought, 5)], ..us() };
        let end = steps(
            &start,
            &[
                ("2017-01-03", [100, 1, 1], &[buy(0, 10)]),
                ("2017-06-01", [80, 1, 1], &[sell(0, 1, 10)]),
                ("2017-08-01", [80, 1, 1], &[]),
            ],
        );
        assert_eq!(end.realised.short_term, money(disallowed - 200), "{bought}");
        assert!(end.locks.is_empty());
    }
    let start = Account { outside: vec![elsewhere("spouse", 0, "2017-06-10", 8)], ..us() };
    let end = steps(
        &start,
        &[
            ("2017-01-03", [100, 1, 1], &[buy(0, 10)]),
            ("2017-06-01", [80, 1, 1], &[sell(0, 1, 10)]),
            ("2017-06-10", [80, 1, 1], &[buy(0, 6)]),
            ("2017-06-11", [80, 1, 1], &[]),
        ],
    );
    assert_eq!(lots(&end)[0].1, 600);
    assert_eq!(end.outside[0].quantity, Qty::from_shares(4).unwrap());
}

/// A purchase elsewhere late in the year is settled in that year, even when the next look is in the new one; purchases that
/// no window reaches are forgotten when a year rolls.
#[test]
fn the_old_year_is_settled_before_it_rolls() {
    let start = Account {
        outside: vec![
            elsewhere("spouse", 0, "2015-12-30", 10),
            elsewhere("spouse", 0, "2017-12-20", 10),
            elsewhere("spouse", 2, "2017-12-20", 10),
        ],
        ..us()
    };
    let held = steps(
        &start,
        &[("2017-01-03", [500, 1, 1], &[buy(0, 10)]), ("2017-12-15", [100, 1, 1], &[sell(0, 1, 10)])],
    );
    let (opened, events) =
        open_day(&held, &market(day("2018-01-02"), [100, 1, 1]), &Flows::default()).unwrap();
    assert!(matches!(events[..], [Event::WashOutside { purchase: 1, .. }, Event::YearRoll { .. }]));
    assert_eq!(opened.carry.short_term, Money::ZERO);
    assert_eq!(opened.outside, [elsewhere("spouse", 2, "2017-12-20", 10)]);
}
