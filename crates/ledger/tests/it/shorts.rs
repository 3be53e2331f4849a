//! Short positions: terms, disallowed losses, refusals.

use crate::scene::{FREE, account_in, buy, cover, day, market, money, sell, short, step, steps};
use samebits_ledger::{Costs, Error, Order, apply, settle};
use samebits_snapshot::record::{Account, Event, Jurisdiction, ShortLot};
use samebits_units::{Bps, Money};

fn us() -> Account {
    account_in(Jurisdiction::UnitedStates)
}

/// Id, shares, proceeds in whole units, replacement.
fn owed(account: &Account) -> Vec<(u64, i64, i64, bool)> {
    let row = |lot: &ShortLot| {
        (lot.id, lot.quantity.whole_shares(), lot.proceeds.micros() / 1_000_000, lot.replacement)
    };
    account.shorts.iter().map(row).collect()
}

/// Part of a lot takes its share of the proceeds; costs belong to both ends; the gain is short-term whatever the time.
#[test]
fn a_short_lot_from_open_to_close() {
    let costs = Costs { buy: Bps::from_hundredths(10_000), sell: Bps::from_hundredths(20_000) };
    let opened = settle(&us(), &market(day("2017-01-03"), [100, 1, 1]), &[short(0, 10)], costs).unwrap();
    assert_eq!(owed(&opened.account), [(1, 10, 980, false)]);
    assert_eq!(opened.account.cash, money(1_000_980));
    let later = market(day("2018-06-01"), [70, 1, 1]);
    let half = settle(&opened.account, &later, &[cover(0, 1, 4)], costs).unwrap();
    // 4 x 98 - 4 x 70 x 1.01
    let gain = Money::from_micros(109_200_000);
    assert_eq!((half.trades[0].gain, half.trades[0].long_term), (gain, false));
    assert_eq!((half.account.realised.short_term, half.account.realised.long_term), (gain, Money::ZERO));
    assert_eq!(owed(&half.account), [(1, 6, 588, false)]);
    let rest = settle(&half.account, &later, &[cover(0, 1, 6)], costs).unwrap();
    assert!(rest.account.shorts.is_empty());
    assert_eq!(rest.account.cash, money(1_000_980).minus(Money::from_micros(707_000_000)).unwrap());
}

/// Section 1233(d): a loss is long-term when shares of the group had been held long-term on the day of the short sale; a gain
/// is short-term all the same (the lots sold that day count: they were held on it).
#[test]
fn a_loss_against_long_term_shares_is_long_term() {
    for (bought, against) in [("2016-01-04", true), ("2017-01-04", false)] {
        for (price, gain) in [(120, -200), (90, 100)] {
            let start = Account { tax_year: 2016, ..us() };
            let end = steps(
                &start,
                &[
                    (bought, [100, 50, 1], &[buy(1, 10)]),
                    ("2017-06-01", [100, 50, 1], &[sell(1, 1, 10), short(0, 10)]),
                    ("2017-09-01", [price, 50, 1], &[cover(0, 2, 10)]),
                ],
            );
            let long = against && gain < 0;
            let expected = if long { (Money::ZERO, money(gain)) } else { (money(gain), Money::ZERO) };
            assert_eq!((end.realised.short_term, end.realised.long_term), expected, "{bought} {price}");
        }
    }
}

/// Section 1091(e): thirty days on both sides of the closing, to the day.
#[test]
fn a_closing_loss_beside_another_short_sale() {
    for (other, disallowed) in
        [("2017-05-01", false), ("2017-05-02", true), ("2017-07-01", true), ("2017-07-02", false)]
    {
        let first: (&str, [i64; 3], &[Order]) = ("2017-03-01", [100, 1, 1], &[short(0, 10)]);
        let end = if other < "2017-06-01" {
            let days: &[(&str, [i64; 3], &[Order])] = &[
                first,
                (other, [110, 1, 1], &[short(0, 10)]),
                ("2017-06-01", [120, 1, 1], &[cover(0, 1, 10)]),
            ];
            steps(&us(), days)
        } else {
            let days: &[(&str, [i64; 3], &[Order])] = &[
                first,
                ("2017-06-01", [120, 1, 1], &[cover(0, 1, 10)]),
                (other, [110, 1, 1], &[short(0, 10)]),
            ];
            steps(&us(), days)
        };
        let (realised, proceeds) = if disallowed { (0, 900) } else { (-200, 1_100) };
        assert_eq!(end.realised.short_term, money(realised), "{other}");
        assert_eq!(owed(&end), [(2, 10, proceeds, disallowed)], "{other}");
    }
}

/// A larger replacement is split; its matched part is no replacement again; the lock keeps what is open and bars shorts only.
#[test]
fn a_replacement_short_is_split() {
    let held = steps(
        &us(),
        &[
            ("2017-03-01", [100, 50, 1], &[short(0, 10)]),
            ("2017-05-20", [110, 50, 1], &[short(1, 4)]),
            ("2017-06-01", [120, 50, 1], &[cover(0, 1, 10)]),
        ],
    );
    // 4 of 10 shares are replaced: 80 of 200 leaves proceeds of 200.
    assert_eq!(owed(&held), [(2, 4, 120, true)]);
    let lock = &held.locks[0];
    assert_eq!((lock.open_quantity.whole_shares(), lock.open_loss, lock.short), (6, money(120), true));
    assert_eq!((held.realised.short_term, lock.last), (money(-120), day("2017-07-01")));
    let more = step(&held, "2017-06-10", [100, 50, 1], &[short(0, 9)]).unwrap().0;
    assert_eq!(owed(&more.account), [(2, 4, 120, true), (3, 6, 480, true), (4, 3, 300, false)]);
    assert_eq!((more.tax.disallowed, more.account.locks.len()), (money(120), 0));
    // Only the three shares left over can replace the next loss.
    let last = step(&more.account, "2017-06-12", [150, 50, 1], &[cover(0, 3, 6)]).unwrap().0;
    assert_eq!(last.account.locks[0].open_quantity.whole_shares(), 6, "one sale: its rest replaces nothing");
    let next = step(&more.account, "2017-06-12", [150, 60, 1], &[cover(1, 2, 4)]).unwrap().0;
    assert_eq!(next.tax.disallowed, money(90));
}

/// A lock of a short does not meet purchases, and one of a sale does not meet shorts.
#[test]
fn locks_know_their_side() {
    let end = steps(
        &us(),
        &[
            ("2017-03-01", [100, 1, 100], &[buy(2, 10), short(0, 10)]),
            ("2017-06-01", [120, 1, 80], &[sell(2, 1, 10), cover(0, 2, 10)]),
            ("2017-06-10", [120, 1, 80], &[buy(0, 10), short(2, 10)]),
        ],
    );
    assert_eq!(end.realised.short_term, money(-400));
    assert_eq!(end.locks.iter().map(|lock| lock.short).collect::<Vec<_>>(), [false, true]);
    assert_eq!((end.lots[0].replacement, end.shorts[0].replacement), (false, false));
}

#[test]
fn refusals() {
    let held = steps(&us(), &[("2017-03-01", [100, 50, 10], &[buy(0, 10), short(2, 10)])]);
    let cases: [(&[Order], &str); 9] = [
        (&[short(0, 1)], "group 0 at once"),
        (&[short(1, 1)], "group 0 at once"),
        (&[sell(0, 1, 9), short(1, 1)], "order 1: long and short in identity group 0"),
        (&[buy(2, 1)], "group 1 at once"),
        (&[cover(2, 2, 11)], "11 shares to cover, 10 owed"),
        (&[cover(0, 2, 1)], "another security"),
        (&[cover(2, 1, 1)], "short lot 1 is not open"),
        (&[cover(2, 2, 1), cover(2, 2, 1)], "covered twice"),
        (&[cover(2, 2, 1), short(2, 1)], "then shorts, then covers"),
    ];
    for (orders, part) in cases {
        let error = step(&held, "2017-03-02", [100, 50, 10], orders).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    // A name sold out on the day may be shorted on it; a purchase and a short sale of one day meet.
    assert!(step(&held, "2017-03-02", [100, 50, 10], &[sell(0, 1, 10), short(1, 1)]).is_ok());
    let both = settle(&us(), &market(day("2017-03-02"), [100; 3]), &[buy(0, 1), short(1, 1)], FREE);
    assert_eq!(both, Err(Error::AgainstTheBox { index: 1, group: 0 }));
    // Covering costs cash that has to be there.
    let poor = Account { cash: money(50), ..held };
    let error = step(&poor, "2017-03-02", [100, 50, 10], &[cover(2, 2, 10)]).unwrap_err();
    assert_eq!(error, Error::NegativeCash { cash: money(-50) });
}

#[test]
fn a_short_ledger_that_does_not_fit_is_refused() {
    let held = steps(&us(), &[("2017-03-01", [100, 50, 10], &[short(2, 10)])]);
    let (quantity, opened, none) = (held.shorts[0].quantity, day("2017-03-02"), Money::ZERO);
    let open = |lot| Event::ShortOpen {
        lot,
        security: 0,
        quantity,
        proceeds: none,
        opened,
        against_long_term: false,
    };
    let close = |lot| Event::ShortClose { lot, quantity, proceeds: none, paid: none, long_term: false };
    let defer = |split_to| Event::ShortDefer {
        closed_lot: 9,
        closed: opened,
        replacement: 1,
        quantity,
        loss: none,
        long_term: false,
        split_to,
    };
    let cases = [
        (vec![open(7)], "not the next one"),
        (vec![close(3)], "not open"),
        (vec![close(1)], "proceeds are left"),
        (vec![defer(Some(2))], "a whole one has none"),
        (vec![defer(None), defer(None)], "cannot take the match"),
    ];
    for (events, part) in cases {
        let error = apply(&held, &events).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
