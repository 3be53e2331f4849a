//! Wash sales, terms and year ends, example by example.

use crate::scene::{FREE, account, buy, day, market, sell};
use samebits_ledger::{Costs, Error, Flows, Order, apply, open_day, settle};
use samebits_snapshot::record::{Account, Event, Tax};
use samebits_units::{Bps, Date, Money};

fn money(units: i64) -> Money {
    Money::from_units(units).unwrap()
}

/// Runs days of (date, price of every security, orders) without costs; the ledger must give the same account.
fn run(days: &[(&str, [i64; 3], &[Order])]) -> (Account, Vec<Tax>) {
    let mut now = account(1_000_000);
    let mut taxes = Vec::new();
    for (date, prices, orders) in days {
        let market = market(day(date), *prices);
        let (opened, mut events) = open_day(&now, &market, &Flows::default()).unwrap();
        let settled = settle(&opened, &market, orders, FREE).unwrap();
        events.extend(settled.events);
        assert_eq!(apply(&now, &events).unwrap(), settled.account, "{date}");
        taxes.push(settled.tax);
        now = settled.account;
    }
    (now, taxes)
}

fn lots(account: &Account) -> Vec<(u64, i64, i64, String)> {
    let row = |lot: &samebits_snapshot::record::Lot| {
        (lot.id, lot.quantity.whole_shares(), lot.basis.micros() / 1_000_000, lot.held_from.to_string())
    };
    account.lots.iter().map(row).collect()
}

/// Treas. Reg. 1.1091-2, examples 1 and 2: a share bought for 100 is sold for 80 and replaced for 90 (basis 110), or sold
/// for 90 and replaced for 80 (basis 90).
#[test]
fn basis_of_the_replacement() {
    for (sold_at, bought_at, basis) in [(80, 90, 110), (90, 80, 90)] {
        let (end, taxes) = run(&[
            ("2017-01-03", [100, 1, 1], &[buy(0, 1)]),
            ("2017-06-01", [sold_at, 1, 1], &[sell(0, 1, 1)]),
            ("2017-06-15", [bought_at, 1, 1], &[buy(0, 1)]),
        ]);
        // The holding period of the sold share (149 days) is tacked on.
        assert_eq!(lots(&end), [(2, 1, basis, "2017-01-17".to_owned())]);
        assert!(end.locks.is_empty());
        assert_eq!((taxes[1].harvested, taxes[2].disallowed), (money(100 - sold_at), money(100 - sold_at)));
        assert_eq!(end.realised.short_term, Money::ZERO);
    }
}

/// A purchase before the sale, and in another share class, counts as one after it.
#[test]
fn look_back_over_the_identity_group() {
    let (end, taxes) = run(&[
        ("2017-01-03", [100, 50, 1], &[buy(0, 10)]),
        ("2017-05-20", [80, 40, 1], &[buy(1, 4)]),
        ("2017-06-01", [70, 40, 1], &[sell(0, 1, 10)]),
    ]);
    // 4 of 10 shares are replaced: 4 x 30 of the loss of 300 moves into the basis of 160.
    assert_eq!(lots(&end), [(2, 4, 280, "2016-12-22".to_owned())]);
    assert_eq!((taxes[2].harvested, taxes[2].disallowed), (money(180), money(120)));
    assert_eq!(end.realised.short_term, money(-180));
    let lock = &end.locks[0];
    assert_eq!((lock.group, lock.last, lock.open_quantity.whole_shares()), (0, day("2017-07-01"), 6));
    assert_eq!(lock.open_loss, money(180));
}

#[test]
fn thirty_days_on_both_sides() {
    let disallowed = |bought: &str, sold: &str| {
        let mut days = vec![("2016-01-04", [100, 1, 1], vec![buy(0, 1)])];
        let before = day(bought) < day(sold);
        days.push(if before {
            (bought, [90, 1, 1], vec![buy(0, 1)])
        } else {
            (sold, [80, 1, 1], vec![sell(0, 1, 1)])
        });
        days.push(if before {
            (sold, [80, 1, 1], vec![sell(0, 1, 1)])
        } else {
            (bought, [90, 1, 1], vec![buy(0, 1)])
        });
        let days: Vec<_> =
            days.iter().map(|(date, prices, orders)| (*date, *prices, orders.as_slice())).collect();
        let (_, taxes) = run(&days);
        taxes.iter().any(|tax| tax.disallowed.is_positive())
    };
    for (bought, expected) in
        [("2017-05-01", false), ("2017-05-02", true), ("2017-07-01", true), ("2017-07-02", false)]
    {
        assert_eq!(disallowed(bought, "2017-06-01"), expected, "{bought}");
    }
}

/// A larger replacement lot is split at the match; the rest keeps its own basis and can replace another sale.
#[test]
fn a_replacement_lot_is_split() {
    let (end, _) = run(&[
        ("2017-01-03", [100, 1, 1], &[buy(0, 2)]),
        ("2017-01-04", [100, 1, 1], &[buy(0, 3)]),
        ("2017-06-01", [80, 1, 1], &[sell(0, 1, 2), sell(0, 2, 3)]),
        ("2017-06-10", [90, 1, 1], &[buy(0, 9)]),
    ]);
    let held = lots(&end);
    assert_eq!(held.iter().map(|lot| (lot.1, lot.2)).collect::<Vec<_>>(), [(2, 220), (3, 330), (4, 360)]);
    assert_eq!(end.lots[1].parent, Some(3));
    assert_eq!(end.lots.iter().map(|lot| lot.replacement).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(end.realised.short_term, Money::ZERO);
}

/// Shares that replaced one loss do not replace another one.
#[test]
fn no_share_is_a_replacement_twice() {
    let (end, taxes) = run(&[
        ("2017-01-03", [100, 1, 1], &[buy(0, 1)]),
        ("2017-01-04", [100, 1, 1], &[buy(0, 1)]),
        ("2017-05-25", [85, 1, 1], &[buy(0, 1)]),
        ("2017-06-01", [80, 1, 1], &[sell(0, 1, 1)]),
        ("2017-06-05", [70, 1, 1], &[sell(0, 2, 1)]),
    ]);
    assert_eq!((taxes[3].disallowed, taxes[4].disallowed), (money(20), Money::ZERO));
    assert_eq!(lots(&end), [(3, 1, 105, "2016-12-27".to_owned())]);
}

/// The rest of the lot that is sold is no replacement of it (Rev. Rul. 56-602: one purchase, reduced).
#[test]
fn the_rest_of_the_same_purchase_is_no_replacement() {
    let (end, taxes) =
        run(&[("2017-05-25", [100, 1, 1], &[buy(0, 10)]), ("2017-06-01", [80, 1, 1], &[sell(0, 1, 4)])]);
    assert_eq!((taxes[1].harvested, taxes[1].disallowed), (money(80), Money::ZERO));
    assert_eq!(end.locks[0].open_quantity.whole_shares(), 4);
}

#[test]
fn a_lock_ends_after_its_last_day() {
    let (held, _) = run(&[
        ("2017-01-03", [100, 1, 1], &[buy(0, 1)]),
        ("2017-06-01", [80, 1, 1], &[sell(0, 1, 1)]),
        ("2017-07-01", [80, 1, 1], &[]),
    ]);
    assert_eq!(held.locks.len(), 1);
    let (events, opened) = {
        let (opened, events) =
            open_day(&held, &market(day("2017-07-02"), [1; 3]), &Flows::default()).unwrap();
        (events, opened)
    };
    assert_eq!(events, [Event::LockClose { lot: 1, sold: day("2017-06-01") }]);
    assert!(opened.locks.is_empty());
}

#[test]
fn long_term_begins_the_day_after_the_anniversary() {
    for (bought, sold, long) in [
        ("2016-03-01", "2017-03-01", false),
        ("2016-03-01", "2017-03-02", true),
        ("2016-02-29", "2017-02-28", false),
        ("2016-02-29", "2017-03-01", true),
    ] {
        let (end, _) = run(&[(bought, [100, 1, 1], &[buy(0, 1)]), (sold, [150, 1, 1], &[sell(0, 1, 1)])]);
        let gain = if long { end.realised.long_term } else { end.realised.short_term };
        assert_eq!(gain, money(50), "{bought} {sold}");
    }
}

#[test]
fn a_year_rolls_with_its_carry() {
    let (end, taxes) = run(&[
        ("2017-01-03", [100, 1, 100], &[buy(0, 100), buy(2, 100)]),
        ("2017-06-01", [30, 1, 120], &[sell(0, 1, 100), sell(2, 2, 100)]),
        ("2018-01-02", [30, 1, 120], &[]),
    ]);
    // A loss of 7,000 and a gain of 2,000: 3,000 against ordinary income, 2,000 carried.
    assert_eq!(taxes[1].accrued, money(-1_050));
    assert_eq!(
        (end.tax_year, end.carry.short_term, end.realised.short_term),
        (2018, money(2_000), Money::ZERO)
    );
}

#[test]
fn costs_are_part_of_basis_and_proceeds() {
    let costs = Costs { buy: Bps::from_hundredths(10_000), sell: Bps::from_hundredths(20_000) };
    let market = market(day("2017-01-03"), [100, 1, 1]);
    let bought = settle(&account(10_000), &market, &[buy(0, 10)], costs).unwrap();
    assert_eq!((bought.account.cash, bought.account.lots[0].basis), (money(8_990), money(1_010)));
    let sold = settle(&bought.account, &market, &[sell(0, 1, 5)], costs).unwrap();
    assert_eq!(sold.trades[0].gain, money(490 - 505));
    assert_eq!(sold.account.cash, money(8_990 + 490));
}

#[test]
fn bad_orders_are_named_and_change_nothing() {
    let market = market(day("2017-01-03"), [100, 1, 1]);
    let start = settle(&account(10_000), &market, &[buy(0, 10)], FREE).unwrap().account;
    let cases: [(&[Order], &str); 10] = [
        (&[sell(0, 1, 11)], "11 shares to sell, 10 held"),
        (&[sell(0, 1, 1), sell(0, 1, 1)], "sold twice"),
        (&[sell(0, 7, 1)], "lot 7 is not open"),
        (&[sell(2, 1, 1)], "another security"),
        (&[buy(9, 1)], "security 9"),
        (&[buy(0, 0)], "not positive"),
        (&[buy(0, 1_000)], "cash would be"),
        (&[buy(2, 1), buy(0, 1)], "ascending"),
        (&[buy(2, 1), sell(0, 1, 1)], "sells come before buys"),
        (&[Order { lot: Some(1), ..buy(0, 1) }], "a sale names its lot"),
    ];
    for (orders, part) in cases {
        let error = settle(&start, &market, orders, FREE).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_ledger_that_does_not_fit_is_refused() {
    let market = market(day("2017-01-03"), [100, 1, 1]);
    let start = settle(&account(10_000), &market, &[buy(0, 10)], FREE).unwrap().account;
    let (quantity, sold) = (start.lots[0].quantity, Date::default());
    let money = Money::ZERO;
    let open = Event::Open { lot: 9, security: 0, quantity, basis: money, acquired: sold };
    let close =
        |lot| Event::Close { lot, quantity, proceeds: money, basis: money, long_term: false, deemed: None };
    let events = [
        (open, "not the next one"),
        (close(5), "not open"),
        (close(1), "basis is left"),
        (Event::LockClose { lot: 1, sold }, "no such lock"),
        (Event::YearRoll { year: 2017, carry: start.carry, owed: None }, "does not advance"),
    ];
    for (event, part) in events {
        let error = apply(&start, &[event]).unwrap_err();
        assert!(
            matches!(error, Error::Event { index: 0, .. }) && error.to_string().contains(part),
            "{error}"
        );
    }
}
