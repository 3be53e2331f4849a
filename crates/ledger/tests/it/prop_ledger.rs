//! Random years against the reference, share by share; and what must hold whatever happens.

use crate::reference::{Reference, Share};
use crate::scene::{FREE, account, buy, day, market, sell};
use proptest::prelude::*;
use samebits_ledger::{Flows, Order, apply, open_day, settle};
use samebits_snapshot::record::{Account, TradeSide};
use samebits_units::{Money, Qty};
use std::collections::BTreeSet;

/// A day: calendar days since the one before, prices, and wishes that become orders where lots allow.
#[derive(Debug, Clone)]
struct Day {
    gap: i32,
    prices: [i64; 3],
    sells: Vec<(usize, i64)>,
    buys: [i64; 3],
}

fn days() -> impl Strategy<Value = Vec<Day>> {
    let one = (
        1..25_i32,
        [20..200_i64, 20..200_i64, 20..200_i64],
        prop::collection::vec((0..30_usize, 1..9_i64), 0..4),
        [
            prop_oneof![2 => Just(0), 1 => 1..9_i64],
            prop_oneof![2 => Just(0), 1 => 1..9_i64],
            prop_oneof![2 => Just(0), 1 => 1..9_i64],
        ],
    );
    let day = one.prop_map(|(gap, prices, sells, buys)| Day { gap, prices, sells, buys });
    prop::collection::vec(day, 1..25)
}

/// The wishes of a day as orders against the lots that are there.
fn orders(account: &Account, day: &Day) -> Vec<Order> {
    let mut chosen = BTreeSet::new();
    let mut sells: Vec<Order> = Vec::new();
    for (pick, count) in &day.sells {
        if account.lots.is_empty() {
            break;
        }
        let lot = &account.lots[pick % account.lots.len()];
        if chosen.insert(lot.id) {
            sells.push(sell(lot.security, lot.id, (*count).min(lot.quantity.whole_shares())));
        }
    }
    sells.sort_by_key(|order| order.security);
    let buys = day.buys.iter().enumerate().filter(|(_, count)| **count > 0);
    sells.into_iter().chain(buys.map(|(security, count)| buy(security as u32, *count))).collect()
}

/// The lots of the account as shares, comparable with those of the reference.
fn as_shares(account: &Account) -> Vec<(u32, i32, i32, i64, bool)> {
    let mut shares = Vec::new();
    for lot in &account.lots {
        let count = lot.quantity.whole_shares();
        assert_eq!(lot.basis.micros() % (count * 1_000_000), 0, "equal shares: {lot:?}");
        let cost = lot.basis.micros() / (count * 1_000_000);
        for _ in 0..count {
            shares.push((lot.security, lot.acquired.days(), lot.held_from.days(), cost, lot.replacement));
        }
    }
    shares.sort_unstable();
    shares
}

fn reference_shares(reference: &Reference) -> Vec<(u32, i32, i32, i64, bool)> {
    let row = |s: &Share| (s.security, s.acquired.days(), s.held_from.days(), s.cost, s.replacement);
    let mut shares: Vec<_> = reference.shares.iter().map(row).collect();
    shares.sort_unstable();
    shares
}

/// The reference's shares that are those of a lot.
pub(crate) fn shares_of(reference: &Reference, account: &Account, id: u64) -> Vec<Share> {
    let lot = account.lots.iter().find(|lot| lot.id == id).unwrap();
    let cost = lot.basis.micros() / lot.quantity.micros();
    let same = |s: &&Share| {
        (s.security, s.acquired, s.held_from, s.cost, s.replacement)
            == (lot.security, lot.acquired, lot.held_from, cost, lot.replacement)
    };
    let mut shares: Vec<Share> = reference.shares.iter().filter(same).cloned().collect();
    shares.truncate(lot.quantity.whole_shares() as usize);
    shares
}

fn follow(
    reference: &mut Reference,
    opened: &Account,
    orders: &[Order],
    day: &Day,
    date: samebits_units::Date,
) {
    let mut sales = Vec::new();
    for order in orders.iter().filter(|order| order.side == TradeSide::Sell) {
        let lot = shares_of(reference, opened, order.lot.unwrap());
        let price = day.prices[order.security as usize];
        let count = order.quantity.whole_shares() as usize;
        let losses = reference.sell(&lot, count, price, date);
        sales.push(losses);
    }
    for losses in sales {
        reference.match_back(losses, date);
    }
    for order in orders.iter().filter(|order| order.side == TradeSide::Buy) {
        let price = day.prices[order.security as usize];
        reference.buy(order.security, order.quantity.whole_shares() as usize, price, date);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_years_match_the_reference(days in days()) {
        let mut now = account(10_000_000);
        now.tax_year = 2100;
        let mut reference = Reference::default();
        let mut date = day("2016-01-04");
        let mut seen = BTreeSet::new();
        for day in &days {
            date = date.plus_days(day.gap).unwrap();
            let market = market(date, day.prices);
            let (opened, mut events) = open_day(&now, &market, &Flows::default()).unwrap();
            let orders = orders(&opened, day);
            let settled = settle(&opened, &market, &orders, FREE).unwrap();
            follow(&mut reference, &opened, &orders, day, date);
            events.extend(settled.events.iter().cloned());

            prop_assert_eq!(&apply(&now, &events).unwrap(), &settled.account);
            let after = settled.account;
            prop_assert_eq!(as_shares(&after), reference_shares(&reference));
            let units = |money: Money| money.micros() / 1_000_000;
            prop_assert_eq!(units(after.realised.short_term), reference.short);
            prop_assert_eq!(units(after.realised.long_term), reference.long);

            // Cash moves by the trades alone.
            let flow = settled.trades.iter().try_fold(Money::ZERO, |flow, trade| if trade.side.pays() {
                flow.minus(trade.notional)
            } else {
                flow.plus(trade.notional)
            });
            prop_assert_eq!(now.cash.plus(flow.unwrap()).unwrap(), after.cash);
            // Ids ascend and are never used again; no lot is empty; open locks are consistent.
            prop_assert!(after.lots.windows(2).all(|pair| pair[0].id < pair[1].id));
            for lot in after.lots.iter().filter(|lot| lot.id >= now.next_lot) {
                prop_assert!(seen.insert(lot.id));
            }
            prop_assert!(after.lots.iter().all(|lot| lot.quantity > Qty::ZERO && lot.id < after.next_lot));
            for lock in &after.locks {
                prop_assert!(lock.open_quantity > Qty::ZERO && !lock.open_loss.is_negative() && lock.last >= date);
            }
            now = after;
        }
    }

    /// With costs and prices that do not divide evenly, money and basis are conserved to the unit all the same.
    #[test]
    fn rounding_conserves(days in days(), rate in 0..200_000_i32) {
        let costs = samebits_ledger::Costs {
            buy: samebits_units::Bps::from_hundredths(rate),
            sell: samebits_units::Bps::from_hundredths(rate / 3),
        };
        let mut now = account(10_000_000);
        now.tax_year = 2100;
        let mut date = day("2016-01-04");
        for day in &days {
            date = date.plus_days(day.gap).unwrap();
            let mut market = market(date, day.prices);
            for (at, price) in market.prices.iter_mut().enumerate() {
                *price = samebits_units::Price::from_e8(price.e8() + 1_234_567 * (at as i64 + 1));
            }
            let (opened, _) = open_day(&now, &market, &Flows::default()).unwrap();
            let settled = settle(&opened, &market, &orders(&opened, day), costs).unwrap();
            let basis = |account: &Account| Money::total(account.lots.iter().map(|lot| lot.basis)).unwrap();
            let held = |account: &Account| account.cash.plus(basis(account)).unwrap();
            let gains = Money::total(settled.trades.iter().map(|trade| trade.gain)).unwrap();
            // Cash plus basis grows by realised gains and by disallowed losses, and by nothing else.
            let grown = held(&settled.account).minus(held(&opened)).unwrap();
            prop_assert_eq!(grown, gains.plus(settled.tax.disallowed).unwrap());
            let realised = settled.tax.realised.short_term.plus(settled.tax.realised.long_term).unwrap();
            prop_assert_eq!(realised, gains.plus(settled.tax.disallowed).unwrap());
            now = settled.account;
        }
    }
}
