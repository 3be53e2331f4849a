//! Random corporate actions against the reference; the same on short lots with all signs turned.

use crate::actions_reference::{Ratio, RefLot, Reference};
use crate::actions_scene::{acting, holding, money, opened};
use crate::scene::day;
use proptest::prelude::*;
use samebits_snapshot::record::*;
use samebits_units::{Bps, Date, Money, Price, Qty};

#[derive(Debug, Clone)]
struct Case {
    lots: Vec<Lot>,
    /// Days between, prices, actions of a day.
    days: Vec<(i32, [i64; 3], Vec<Action>)>,
    cash_in_lieu: bool,
}

fn lots() -> impl Strategy<Value = Vec<Lot>> {
    let quantity =
        prop_oneof![(1..500_i64).prop_map(|count| count * 1_000_000), 1..2_000_000_000_i64, 1..9_i64];
    let lot = (0..3_u32, quantity, 0..100_000_000_000_i64, 0..900_i32, 0..40_i32);
    prop::collection::vec(lot, 1..6).prop_map(|rows| {
        let lot = |(at, (security, quantity, basis, age, tacked)): (usize, (u32, i64, i64, i32, i32))| {
            let acquired = day("2016-01-04").plus_days(-age).unwrap();
            Lot {
                id: at as u64 + 1,
                parent: None,
                security,
                quantity: Qty::from_micros(quantity),
                basis: Money::from_micros(basis),
                acquired,
                held_from: acquired.plus_days(-tacked).unwrap(),
                replacement: false,
                fair_value: None,
            }
        };
        rows.into_iter().enumerate().map(lot).collect()
    })
}

fn price() -> impl Strategy<Value = Price> {
    prop_oneof![
        (1..500_i64).prop_map(|units| Price::from_e8(units * 100_000_000)),
        (0..50_000_000_000_i64).prop_map(Price::from_e8),
    ]
}

fn kind(security: u32) -> impl Strategy<Value = ActionKind> {
    let other = move |step: u32| (step > 0).then_some((security + step) % 3);
    let spin_off = (0..3_u32, 1..6_u32, 1..6_u32, 0..1_000_001_i32, price()).prop_map(
        move |(step, new, old, basis, value)| ActionKind::SpinOff {
            into: other(step),
            new,
            old,
            basis: Bps::from_hundredths(basis),
            value,
        },
    );
    let merger = (0..3_u32, 1..6_u32, 1..6_u32, prop_oneof![Just(Price::ZERO), price()], price()).prop_map(
        move |(step, new, old, cash, value)| ActionKind::Merger { into: other(step), new, old, cash, value },
    );
    let cash = (1..50_000_000_000_i64).prop_map(|cash| ActionKind::Merger {
        into: None,
        new: 0,
        old: 1,
        cash: Price::from_e8(cash),
        value: Price::ZERO,
    });
    prop_oneof![
        3 => (1..6_u32, 1..6_u32).prop_map(|(new, old)| ActionKind::Split { new, old }),
        1 => price().prop_map(|amount| ActionKind::Dividend { amount, special: false }),
        2 => price().prop_map(|amount| ActionKind::ReturnOfCapital { amount }),
        3 => spin_off,
        2 => merger,
        1 => cash,
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let action = (0..3_u32).prop_flat_map(|security| (Just(security), kind(security)));
    let actions = prop::collection::vec(action, 0..3);
    let prices = [1..500_i64, 1..500_i64, 1..500_i64];
    let days = prop::collection::vec((1..200_i32, prices, actions), 1..4);
    (lots(), days, any::<bool>()).prop_map(|(lots, days, cash_in_lieu)| {
        let named = |actions: Vec<(u32, ActionKind)>| {
            let action = |(at, (security, kind))| Action { id: format!("a{at}"), security, kind };
            actions.into_iter().enumerate().map(action).collect()
        };
        let mut days: Vec<(i32, [i64; 3], Vec<Action>)> =
            days.into_iter().map(|(gap, prices, actions)| (gap, prices, named(actions))).collect();
        for (at, day) in days.iter_mut().enumerate() {
            day.2.iter_mut().for_each(|action| action.id = format!("{at}/{}", action.id));
        }
        Case { lots, days, cash_in_lieu }
    })
}

fn mirrored(lot: &Lot, id: u64) -> ShortLot {
    ShortLot {
        id,
        security: lot.security,
        quantity: lot.quantity,
        proceeds: lot.basis,
        opened: lot.acquired,
        replacement: false,
        against_long_term: false,
    }
}

fn market(date: Date, prices: [i64; 3], actions: &[Action]) -> Market {
    let texts = prices.map(|price| price.to_string());
    acting(date, [&texts[0], &texts[1], &texts[2]], actions.to_vec())
}

fn refs(lots: &[Lot]) -> Vec<RefLot> {
    let lot = |lot: &Lot| RefLot {
        security: lot.security,
        quantity: lot.quantity.micros().into(),
        basis: lot.basis.micros().into(),
        acquired: lot.acquired,
        held_from: lot.held_from,
    };
    lots.iter().map(lot).collect()
}

fn booked(account: &Account) -> i64 {
    account.realised.short_term.micros() + account.realised.long_term.micros()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn random_actions_match_the_reference(case in case()) {
        let mut now = holding(case.lots.clone(), vec![]);
        let mut reference = Reference::new(refs(&case.lots));
        let mut date = day("2016-01-04");
        for (gap, prices, actions) in &case.days {
            date = date.plus_days(*gap).unwrap();
            let market = market(date, *prices, actions);
            now = opened(&now, &market, case.cash_in_lieu).0;
            for action in actions {
                reference.act(action, date, &market.prices, case.cash_in_lieu);
            }
            prop_assert_eq!(&refs(&now.lots), &reference.lots);
            prop_assert_eq!(i128::from(now.cash.micros()), reference.cash);
            prop_assert_eq!(i128::from(now.realised.short_term.micros()), reference.short);
            prop_assert_eq!(i128::from(now.realised.long_term.micros()), reference.long);
            for (security, (exact, slack)) in &reference.exact {
                let held = now.lots.iter().filter(|lot| lot.security == *security);
                let position: i64 = held.map(|lot| lot.quantity.micros()).sum();
                prop_assert!(exact.minus(Ratio::whole(position.into())).within(*slack));
            }
        }
    }

    /// A short account owes to the millionth what a long one gets, and in one account both cancel.
    #[test]
    fn short_lots_mirror_long_ones(case in case()) {
        let shorts = |first: u64| case.lots.iter().zip(first..).map(|(lot, id)| mirrored(lot, id)).collect::<Vec<_>>();
        let mut long = holding(case.lots.clone(), vec![]);
        let mut short = holding(vec![], shorts(1));
        let mut both = holding(case.lots.clone(), shorts(case.lots.len() as u64 + 1));
        let mut date = day("2016-01-04");
        for (gap, prices, actions) in &case.days {
            date = date.plus_days(*gap).unwrap();
            let market = market(date, *prices, actions);
            for account in [&mut long, &mut short, &mut both] {
                *account = opened(account, &market, case.cash_in_lieu).0;
            }
            prop_assert_eq!(short.cash, long.cash.negated().unwrap());
            prop_assert_eq!(booked(&short), -booked(&long));
            prop_assert_eq!(short.realised.long_term, Money::ZERO);
            let like = long.lots.iter().map(|lot| mirrored(lot, lot.id)).collect::<Vec<_>>();
            prop_assert_eq!(&short.shorts, &like);
            prop_assert_eq!((both.cash, booked(&both)), (money("0"), 0));
            prop_assert_eq!(both.lots.len(), both.shorts.len());
            let net = both.income.unwrap_or_default();
            prop_assert_eq!(net.dividends, net.in_lieu);
        }
    }
}
