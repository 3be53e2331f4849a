//! Years in numbers.

use crate::scene::{law, law_without_system, money, rate, rates};
use samebits_snapshot::record::{Carry, Holder, Jurisdiction, Law, Realised};
use samebits_tax::{accrued, carry_over};
use samebits_units::{Bps, Money};

fn check(law: &Law, realised: (i64, i64), carry: (i64, i64), tax: i64, next: (i64, i64)) {
    let rates = rates(400_000, 200_000, 350_000);
    let realised = Realised { short_term: money(realised.0), long_term: money(realised.1) };
    let carry = Carry { short_term: money(carry.0), long_term: money(carry.1) };
    let next = Carry { short_term: money(next.0), long_term: money(next.1) };
    assert_eq!(accrued(law, &rates, None, &realised, &carry), Ok(money(tax)), "{realised:?} {carry:?}");
    let carried = carry_over(law, &realised, &Realised::default(), &carry);
    assert_eq!(carried, Ok(next), "{realised:?} {carry:?}");
}

#[test]
fn united_states_with_and_without_a_system() {
    for law in [law_without_system(), law(Jurisdiction::UnitedStates, "2017-03-01")] {
        check(&law, (1_000, 2_000), (0, 0), 800, (0, 0));
        check(&law, (-1_000, 2_000), (0, 0), 200, (0, 0));
        check(&law, (5_000, -2_000), (0, 0), 1_200, (0, 0));
        check(&law, (-1_000, 0), (0, 0), -350, (0, 0));
        check(&law, (-5_000, 0), (0, 0), -1_050, (2_000, 0));
        check(&law, (-5_000, 1_000), (0, 0), -1_050, (1_000, 0));
        check(&law, (1_000, -9_000), (0, 0), -1_050, (0, 5_000));
        check(&law, (-2_000, -4_000), (0, 0), -1_050, (0, 3_000));
        check(&law, (4_000, 0), (1_000, 0), 1_200, (0, 0));
        check(&law, (4_000, 1_000), (0, 9_000), -1_050, (0, 1_000));
        check(&law, (0, 0), (0, 0), 0, (0, 0));
    }
}

/// Products round as they did in the ledger: one on a sum, two on two gains.
#[test]
fn roundings_of_laws_without_a_system() {
    let rates = rates(500_000, 500_001, 500_000);
    let at = |short: i64, long: i64| {
        let (short_term, long_term) = (Money::from_micros(short), Money::from_micros(long));
        let realised = Realised { short_term, long_term };
        accrued(&law_without_system(), &rates, None, &realised, &Carry::default()).unwrap().micros()
    };
    assert_eq!(at(1, 1), 2);
    assert_eq!(at(3, -2), 1);
    assert_eq!(at(-2, 1), -1);
    assert_eq!(at(-1, -2), -2);
}

#[test]
fn losses_that_the_year_cannot_use_have_the_value_of_the_holder() {
    let law = law(Jurisdiction::UnitedStates, "2017-03-01");
    let outside = Realised { short_term: money(2_000), long_term: Money::ZERO };
    let holder = Holder {
        jurisdiction: Jurisdiction::UnitedStates,
        profile: "single".into(),
        outside,
        loss_value: rate(100_000),
        dividend_rate: Bps::ZERO,
    };
    let realised = Realised { short_term: money(-9_000), long_term: Money::ZERO };
    let rates = rates(400_000, 200_000, 350_000);
    // 7,000 of net loss: 3,000 at 35 %, 4,000 at 10 %.
    let tax = accrued(&law, &rates, Some(&holder), &realised, &Carry::default());
    assert_eq!(tax, Ok(money(-1_450)));
    let carried = carry_over(&law, &realised, &outside, &Carry::default());
    assert_eq!(carried, Ok(Carry { short_term: money(4_000), long_term: Money::ZERO }));
}

#[test]
fn australia_takes_losses_before_the_discount() {
    let law = law(Jurisdiction::Australia, "2020-08-03");
    let realised = Realised { short_term: money(-4_000), long_term: money(7_500) };
    // 7,500 less 4,000 is 3,500; half of it, 1,750, at 40 %.
    let tax = accrued(&law, &rates(400_000, 200_000, 0), None, &realised, &Carry::default());
    assert_eq!(tax, Ok(money(700)));
    assert_eq!(tax, Ok(money(1_750).times(rate(400_000)).unwrap()));
}

#[test]
fn canada_and_india() {
    let canada = law(Jurisdiction::Canada, "2020-08-03");
    check(&canada, (-5_000, 0), (0, 0), 0, (5_000, 0));
    check(&canada, (9_000, 0), (5_000, 0), 1_600, (0, 0));
    let india = law(Jurisdiction::India, "2024-08-01");
    // A long-term loss does not reduce a short-term gain.
    check(&india, (50_000, -50_000), (0, 0), 20_000, (0, 50_000));
    // A short-term loss reduces a long-term gain, before the exempt 125,000.
    check(&india, (-50_000, 225_000), (0, 0), 10_000, (0, 0));
    check(&india, (-50_000, 100_000), (0, 0), 0, (0, 0));
    check(&india, (-50_000, 20_000), (1_000, 0), 0, (31_000, 0));
    check(&india, (10_000, 300_000), (0, 50_000), 4_000 + 25_000, (0, 0));
}
