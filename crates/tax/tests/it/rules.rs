//! Superficial losses, grandfathered shares, and the change announced in Australia.

use crate::scene::{day, money, qty, rate};
use samebits_tax::australia::{Split, index_factor, split, top_up};
use samebits_tax::canada::{allocate, superficial};
use samebits_tax::india::grandfathered_basis;
use samebits_units::Money;

/// 50 shares held, 20 sold at a loss, 15 bought in the window: 45 are still there at its end.
#[test]
fn the_example_of_it_456r() {
    assert_eq!(superficial(qty(20), qty(15), qty(45), money(1_000)), Ok(money(750)));
    assert_eq!(superficial(qty(20), qty(30), qty(4), money(1_000)), Ok(money(200)));
    assert_eq!(superficial(qty(20), qty(30), qty(60), money(1_000)), Ok(money(1_000)));
    assert_eq!(superficial(qty(20), qty(0), qty(30), money(1_000)), Ok(Money::ZERO));
    assert_eq!(superficial(qty(3), qty(1), qty(1), Money::from_micros(2)), Ok(Money::ZERO));
    for (sold, bought, held, loss) in [(0, 1, 1, 1), (1, -1, 1, 1), (1, 1, -1, 1), (1, 1, 1, -1)] {
        assert!(superficial(qty(sold), qty(bought), qty(held), money(loss)).is_err());
    }
}

/// 2,000 sold at a loss of 10,000; a registered plan bought 1,000, the spouse 2,000, the holder 500.
#[test]
fn the_example_of_the_agency() {
    let held = [qty(1_000), qty(2_000), qty(500)];
    let denied = superficial(qty(2_000), qty(3_500), qty(3_500), money(10_000)).unwrap();
    assert_eq!(denied, money(10_000));
    let parts = allocate(denied, &held).unwrap();
    let micros: Vec<i64> = parts.iter().map(|part| part.micros()).collect();
    // 10/35, 20/35 and 5/35, to the millionth.
    assert_eq!(micros, [2_857_142_857, 5_714_285_714, 1_428_571_429]);
    assert_eq!(Money::total(parts), Ok(denied));
    for (denied, holders) in [(1, vec![]), (1, vec![0, 0]), (1, vec![2, -1]), (-1, vec![1])] {
        let holders: Vec<_> = holders.into_iter().map(qty).collect();
        assert!(allocate(money(denied), &holders).is_err(), "{denied} {holders:?}");
    }
}

/// The larger of cost and fair value alone would make a loss of 1,000 out of the second sale.
#[test]
fn the_fair_value_of_2018_lifts_gains_and_makes_no_loss() {
    for (cost, fair, proceeds, gain) in [
        (10_000, 12_000, 15_000, 3_000),
        (10_000, 12_000, 11_000, 0),
        (10_000, 12_000, 9_000, -1_000),
        (10_000, 8_000, 15_000, 5_000),
        (10_000, 8_000, 7_000, -3_000),
    ] {
        let basis = grandfathered_basis(money(cost), money(fair), money(proceeds));
        assert_eq!(money(proceeds).minus(basis), Ok(money(gain)), "{cost} {fair} {proceeds}");
    }
}

#[test]
fn a_gain_over_the_announced_change() {
    let check = |basis, fair, proceeds, index, before, after| {
        let found = split(money(basis), money(fair), money(proceeds), rate(index));
        assert_eq!(
            found,
            Ok(Split { before: money(before), after: money(after) }),
            "{basis} {fair} {proceeds}"
        );
    };
    check(100, 160, 200, 1_000_000, 60, 40);
    check(100, 160, 200, 1_050_000, 60, 32);
    // Indexation takes a gain away, and makes no loss.
    check(100, 160, 165, 1_050_000, 60, 0);
    check(100, 160, 150, 1_050_000, 60, -10);
    check(100, 80, 150, 1_000_000, -20, 70);
    assert!(split(money(1), money(1), money(1), rate(999_999)).is_err());
}

#[test]
fn index_factors_have_three_decimals_and_minima_top_up() {
    assert_eq!(index_factor(1_234, 1_300), Ok(rate(1_053_000)));
    assert_eq!(index_factor(2_000, 2_001), Ok(rate(1_001_000)));
    assert_eq!(index_factor(1_300, 1_234), Ok(rate(1_000_000)));
    assert!(index_factor(0, 5).is_err() && index_factor(5, 0).is_err() && index_factor(1, u32::MAX).is_err());
    let on = day("2027-07-01");
    assert_eq!(top_up(on, money(1_000), money(190)), Ok(money(110)));
    assert_eq!(top_up(on, money(1_000), money(470)), Ok(Money::ZERO));
    assert_eq!(top_up(on, money(-1_000), money(0)), Ok(Money::ZERO));
    assert!(top_up(day("2027-06-30"), money(1_000), money(0)).is_err());
}
