//! Random years with short positions, purchases elsewhere and pools against references in which every share is an object.

use crate::pools::Pools;
use crate::reference::{Elsewhere, Owed, Reference};
use crate::scene::{FREE, account_in, buy, cover, day, market, sell, short};
use proptest::prelude::*;
use samebits_ledger::{Flows, Order, apply, open_day, settle};
use samebits_snapshot::record::{Account, Event, Jurisdiction, OutsidePurchase, TradeSide};
use samebits_units::{Date, Money, Qty};
use std::collections::BTreeSet;

/// A day: calendar days since the one before, prices, and wishes that become orders where positions allow.
#[derive(Debug, Clone)]
struct Day {
    gap: i32,
    prices: [i64; 3],
    sells: Vec<(usize, i64)>,
    covers: Vec<(usize, i64)>,
    buys: [i64; 3],
    shorts: [i64; 3],
}

fn wish() -> impl Strategy<Value = i64> {
    prop_oneof![2 => Just(0), 1 => 1..9_i64]
}

fn days(most_gap: i32) -> impl Strategy<Value = Vec<Day>> {
    let picks = || prop::collection::vec((0..30_usize, 1..9_i64), 0..4);
    let one = (
        1..most_gap,
        [20..200_i64, 20..200_i64, 20..200_i64],
        picks(),
        picks(),
        [wish(), wish(), wish()],
        [wish(), wish(), wish()],
    );
    let day = one.prop_map(|(gap, prices, sells, covers, buys, shorts)| Day {
        gap,
        prices,
        sells,
        covers,
        buys,
        shorts,
    });
    prop::collection::vec(day, 1..30)
}

/// Purchases elsewhere, by day since the start.
fn outside() -> impl Strategy<Value = Vec<OutsidePurchase>> {
    let one = (0..300_i32, 0..3_u32, 1..9_i64, any::<bool>());
    prop::collection::vec(one, 0..12).prop_map(|mut rows| {
        rows.sort_by_key(|row| row.0);
        let row = |(after, security, shares, plan): (i32, u32, i64, bool)| OutsidePurchase {
            account: if plan { "plan" } else { "spouse" }.into(),
            security,
            acquired: start().plus_days(after).unwrap(),
            quantity: Qty::from_shares(shares).unwrap(),
            plan,
        };
        rows.into_iter().map(row).collect()
    })
}

fn start() -> Date {
    day("2016-01-04")
}

fn group(security: u32) -> u32 {
    u32::from(security >= 2)
}

/// Picks as orders on lots, each at most once, ascending by security.
fn on_lots(
    lots: &[(u32, u64, Qty)],
    picks: &[(usize, i64)],
    order: fn(u32, u64, i64) -> Order,
) -> Vec<Order> {
    let mut chosen = BTreeSet::new();
    let mut orders = Vec::new();
    for (pick, count) in picks {
        let Some((security, id, quantity)) = lots.get(pick % lots.len().max(1)) else { break };
        if chosen.insert(*id) {
            orders.push(order(*security, *id, (*count).min(quantity.whole_shares())));
        }
    }
    orders.sort_by_key(|order| order.security);
    orders
}

/// The wishes of a day as orders that the rule against the box admits.
fn orders(account: &Account, day: &Day) -> Vec<Order> {
    let longs: Vec<_> = account.lots.iter().map(|lot| (lot.security, lot.id, lot.quantity)).collect();
    let shorts: Vec<_> = account.shorts.iter().map(|lot| (lot.security, lot.id, lot.quantity)).collect();
    let mut orders = on_lots(&longs, &day.sells, sell);
    let sold = |id: u64| orders.iter().find(|order| order.lot == Some(id)).map(|order| order.quantity);
    let kept = longs.iter().filter(|(_, id, quantity)| sold(*id) != Some(*quantity));
    let mut long: Vec<u32> = kept.map(|(security, ..)| group(*security)).collect();
    let wishes = |wishes: [i64; 3]| (0_u32..).zip(wishes).filter(|(_, count)| *count > 0);
    for (security, count) in wishes(day.buys) {
        if shorts.iter().all(|short| group(short.0) != group(security)) {
            orders.push(buy(security, count));
            long.push(group(security));
        }
    }
    for (security, count) in wishes(day.shorts) {
        if !long.contains(&group(security)) {
            orders.push(short(security, count));
        }
    }
    orders.extend(on_lots(&shorts, &day.covers, cover));
    orders
}

type LongRow = (u32, i32, i32, i64, bool);
type ShortRow = (u32, i32, i64, bool, bool);

/// Long and short lots as shares.
fn as_shares(account: &Account) -> (Vec<LongRow>, Vec<ShortRow>) {
    let each = |amount: Money, quantity: Qty| {
        let count = quantity.whole_shares();
        assert_eq!(amount.micros() % (count * 1_000_000), 0, "equal shares");
        (amount.micros() / (count * 1_000_000), count as usize)
    };
    let (mut long, mut short) = (Vec::new(), Vec::new());
    for lot in &account.lots {
        let (cost, count) = each(lot.basis, lot.quantity);
        let row = (lot.security, lot.acquired.days(), lot.held_from.days(), cost, lot.replacement);
        long.extend(std::iter::repeat_n(row, count));
    }
    for lot in &account.shorts {
        let (proceeds, count) = each(lot.proceeds, lot.quantity);
        let row = (lot.security, lot.opened.days(), proceeds, lot.replacement, lot.against_long_term);
        short.extend(std::iter::repeat_n(row, count));
    }
    long.sort_unstable();
    short.sort_unstable();
    (long, short)
}

fn reference_shares(reference: &Reference) -> (Vec<LongRow>, Vec<ShortRow>) {
    let row = |s: &crate::reference::Share| {
        (s.security, s.acquired.days(), s.held_from.days(), s.cost, s.replacement)
    };
    let mut long: Vec<_> = reference.shares.iter().map(row).collect();
    let row = |s: &Owed| (s.security, s.opened.days(), s.proceeds, s.replacement, s.against_long);
    let mut short: Vec<_> = reference.owed.iter().map(row).collect();
    long.sort_unstable();
    short.sort_unstable();
    (long, short)
}

fn owed_of(reference: &Reference, account: &Account, id: u64) -> Vec<Owed> {
    let lot = account.shorts.iter().find(|lot| lot.id == id).unwrap();
    let proceeds = lot.proceeds.micros() / lot.quantity.micros();
    let same = |s: &&Owed| {
        (s.security, s.opened, s.proceeds, s.replacement, s.against_long)
            == (lot.security, lot.opened, proceeds, lot.replacement, lot.against_long_term)
    };
    let mut shares: Vec<Owed> = reference.owed.iter().filter(same).cloned().collect();
    shares.truncate(lot.quantity.whole_shares() as usize);
    shares
}

fn follow(reference: &mut Reference, opened: &Account, orders: &[Order], day: &Day, date: Date) {
    let of = |side| orders.iter().filter(move |order: &&Order| order.side == side);
    let with = |order: &Order| (order.quantity.whole_shares() as usize, day.prices[order.security as usize]);
    let mut sales = Vec::new();
    for order in of(TradeSide::Sell) {
        let lot = crate::prop_ledger::shares_of(reference, opened, order.lot.unwrap());
        let (count, price) = with(order);
        sales.push(reference.sell(&lot, count, price, date));
    }
    for losses in sales {
        reference.match_back(losses, date);
    }
    for order in of(TradeSide::Buy) {
        let (count, price) = with(order);
        reference.buy(order.security, count, price, date);
    }
    for order in of(TradeSide::Short) {
        let (count, price) = with(order);
        reference.short(order.security, count, price, date);
    }
    let mut closings = Vec::new();
    for order in of(TradeSide::Cover) {
        let lot = owed_of(reference, opened, order.lot.unwrap());
        let (count, price) = with(order);
        closings.push(reference.cover(&lot, count, price));
    }
    for losses in closings {
        reference.match_owed(losses, date);
    }
}

fn total(amounts: impl Iterator<Item = Money>) -> Money {
    Money::total(amounts).unwrap()
}

/// Cash plus bases less proceeds of open shorts: what gains and disallowed losses alone may change.
fn held(account: &Account) -> Money {
    let basis = total(account.lots.iter().map(|lot| lot.basis));
    let proceeds = total(account.shorts.iter().map(|lot| lot.proceeds));
    account.cash.plus(basis).unwrap().minus(proceeds).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_years_with_shorts_match_the_reference(days in days(25), outside in outside()) {
        let mut now = Account { tax_year: 2100, outside: outside.clone(), ..account_in(Jurisdiction::UnitedStates) };
        let mut reference = Reference::default();
        for (purchase, bought) in outside.iter().enumerate() {
            let (security, acquired) = (bought.security, bought.acquired);
            let share = Elsewhere { security, acquired, purchase, used: false };
            reference.elsewhere.extend(vec![share; bought.quantity.whole_shares() as usize]);
        }
        let mut date = start();
        for day in &days {
            date = date.plus_days(day.gap).unwrap();
            let market = market(date, day.prices);
            let (opened, mut events) = open_day(&now, &market, &Flows::default()).unwrap();
            reference.open(date);
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
            for (index, bought) in after.outside.iter().enumerate() {
                let unused = reference.elsewhere.iter().filter(|s| s.purchase == index && !s.used).count();
                prop_assert_eq!(bought.quantity.whole_shares(), unused as i64);
            }
            // Positions are the sums of their lots: what was traded, share for share.
            for security in 0..3 {
                let moved: i64 = orders.iter().filter(|order| order.security == security).map(|order| {
                    let sign = if order.side.pays() { 1 } else { -1 };
                    sign * order.quantity.whole_shares()
                }).sum();
                let position = |account: &Account| {
                    let long = account.lots.iter().filter(|lot| lot.security == security);
                    let short = account.shorts.iter().filter(|lot| lot.security == security);
                    long.map(|lot| lot.quantity.whole_shares()).sum::<i64>()
                        - short.map(|lot| lot.quantity.whole_shares()).sum::<i64>()
                };
                prop_assert_eq!(position(&after), position(&now) + moved);
            }
            let ids = after.lots.iter().map(|lot| lot.id).chain(after.shorts.iter().map(|lot| lot.id));
            let ids: Vec<u64> = ids.collect();
            prop_assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
            prop_assert!(ids.iter().all(|id| *id < after.next_lot));
            now = after;
        }
        // Everything that was ever disallowed is in a basis, out of proceeds, or gone.
        let grown = held(&now).minus(held(&account_in(Jurisdiction::UnitedStates))).unwrap();
        let realised = now.realised.short_term.plus(now.realised.long_term).unwrap();
        let gone = Money::from_units(reference.gone).unwrap();
        prop_assert_eq!(grown, realised.minus(gone).unwrap());
    }

    /// With costs and prices that do not divide evenly, money is conserved to the millionth all the same.
    #[test]
    fn rounding_conserves_with_shorts(days in days(25), outside in outside(), rate in 0..200_000_i32) {
        let costs = samebits_ledger::Costs {
            buy: samebits_units::Bps::from_hundredths(rate),
            sell: samebits_units::Bps::from_hundredths(rate / 3),
        };
        let mut now = Account { tax_year: 2100, outside, ..account_in(Jurisdiction::UnitedStates) };
        let mut date = start();
        for day in &days {
            date = date.plus_days(day.gap).unwrap();
            let mut market = market(date, day.prices);
            for (at, price) in market.prices.iter_mut().enumerate() {
                *price = samebits_units::Price::from_e8(price.e8() + 1_234_567 * (at as i64 + 1));
            }
            let (opened, events) = open_day(&now, &market, &Flows::default()).unwrap();
            let settled = settle(&opened, &market, &orders(&opened, day), costs).unwrap();
            let gone = |events: &[Event]| total(events.iter().filter_map(|event| match event {
                Event::WashOutside { loss, .. } => Some(*loss),
                _ => None,
            }));
            let realised = |account: &Account| {
                account.realised.short_term.plus(account.realised.long_term).unwrap()
            };
            let moved = |before: &Account, after: &Account| {
                let grown = held(after).minus(held(before)).unwrap();
                grown.minus(realised(after).minus(realised(before)).unwrap()).unwrap()
            };
            prop_assert_eq!(moved(&now, &opened), gone(&events).negated().unwrap());
            prop_assert_eq!(moved(&opened, &settled.account), gone(&settled.events).negated().unwrap());
            let gains = total(settled.trades.iter().map(|trade| trade.gain));
            let counted = settled.tax.realised.short_term.plus(settled.tax.realised.long_term).unwrap();
            prop_assert_eq!(counted, gains.plus(settled.tax.disallowed).unwrap());
            now = settled.account;
        }
    }

    #[test]
    fn random_pools_match_their_reference(days in days(25), outside in outside()) {
        let mut now = Account { tax_year: 2100, outside: outside.clone(), ..account_in(Jurisdiction::Canada) };
        let mut pools = Pools::new(&outside);
        let mut date = start();
        for day in &days {
            date = date.plus_days(day.gap).unwrap();
            let market = market(date, day.prices);
            let (opened, mut events) = open_day(&now, &market, &Flows::default()).unwrap();
            pools.open(date);
            let longs: Vec<_> = opened.lots.iter().map(|lot| (lot.security, lot.id, lot.quantity)).collect();
            let mut orders = on_lots(&longs, &day.sells, sell);
            orders.extend((0_u32..).zip(day.buys).filter(|(_, n)| *n > 0).map(|(s, n)| buy(s, n)));
            let settled = settle(&opened, &market, &orders, FREE).unwrap();
            for order in &orders {
                let (count, price) = (order.quantity.whole_shares() as usize, day.prices[order.security as usize]);
                match order.side {
                    TradeSide::Sell => pools.sell(order.security, count, price, date),
                    _ => pools.buy(order.security, count, price, date),
                }
            }
            events.extend(settled.events.iter().cloned());
            let after = settled.account;
            prop_assert_eq!(&apply(&now, &events).unwrap(), &after);
            for security in 0..3 {
                let lots: Vec<_> = after.lots.iter().filter(|lot| lot.security == security).collect();
                prop_assert!(lots.len() <= 1, "one pool a security");
                let pool = lots.first().map(|lot| (lot.quantity.whole_shares(), lot.basis.micros()));
                prop_assert_eq!(pool.unwrap_or_default(), pools.pool(security));
            }
            prop_assert_eq!(after.realised.short_term.micros() + after.realised.long_term.micros(), pools.realised);
            // Denied losses are in a pool or lost; every other change of wealth is a result.
            let lost = total(events.iter().filter_map(|event| match event {
                Event::Superficial { denied, added, .. } => Some(denied.minus(*added).unwrap()),
                _ => None,
            }));
            let result = |account: &Account| {
                held(account).minus(account.realised.short_term.plus(account.realised.long_term).unwrap()).unwrap()
            };
            prop_assert_eq!(result(&after).plus(lost).unwrap(), result(&now));
            now = after;
        }
    }
}
