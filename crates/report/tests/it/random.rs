//! Random years under four tax systems: what the ledger does and what the recount makes of the trades alone are the same.

use crate::desk::{Desk, day, funded, market, money, order, walk};
use samebits_ledger::{Flows, Order};
use samebits_snapshot::record::*;
use samebits_units::{Bps, Date, Money, Qty};

/// A linear congruential generator (Knuth's MMIX constants): the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }
}

const NAMES: u32 = 5;

fn prices(random: &mut Random, level: &mut [u64]) -> Vec<String> {
    let step = |level: &mut u64| {
        *level = *level * (9_000 + random.below(2_001)) / 10_000 + 1;
        // Eight decimals: shares times price is not a whole number of millionths.
        format!("{}.{:08}", *level / 100, (*level % 100) * 1_000_000 + random.below(1_000_000))
    };
    level.iter_mut().map(step).collect()
}

fn action(random: &mut Random, today: Date) -> Option<Action> {
    let security = random.below(NAMES.into()) as u32;
    let kind = match random.below(12) {
        0 => ActionKind::Split { new: 3, old: 2 },
        1 => ActionKind::Split { new: 1, old: 7 },
        2 | 3 => ActionKind::Dividend { amount: "0.37125".parse().unwrap(), special: false },
        4 => ActionKind::SpinOff {
            into: None,
            new: 1,
            old: 3,
            basis: Bps::from_hundredths(113_333),
            value: "7.31".parse().unwrap(),
        },
        5 => ActionKind::ReturnOfCapital { amount: "0.9".parse().unwrap() },
        6 if security != 4 => ActionKind::SpinOff {
            into: Some(4),
            new: 2,
            old: 5,
            basis: Bps::from_hundredths(200_000),
            value: "3.3".parse().unwrap(),
        },
        7 if security == 2 => ActionKind::Merger {
            into: Some(3),
            new: 2,
            old: 3,
            cash: "1.25".parse().unwrap(),
            value: "19.77".parse().unwrap(),
        },
        _ => return None,
    };
    Some(Action { id: format!("{today}/{security}"), security, kind })
}

/// All of a lot, or whole shares and now and then a fraction of it. (Fractions every day would grind lots to dust, because
/// each match splits one.)
fn some_of(random: &mut Random, quantity: Qty) -> Qty {
    let (shares, micros) = (quantity.whole_shares() as u64, quantity.micros() as u64);
    match random.below(16) {
        0 => Qty::from_micros(1 + random.below(micros) as i64),
        1..=7 if shares > 1 => Qty::from_shares(1 + random.below(shares) as i64).unwrap(),
        _ => quantity,
    }
}

/// Sells and covers of what there is, purchases and short sales of groups that are not on the other side.
fn orders(random: &mut Random, account: &Account, fifo: bool) -> Vec<Order> {
    let group = |security: u32| if security < 2 { 0 } else { security };
    let mut orders = Vec::new();
    let mut lots: Vec<&Lot> = account.lots.iter().collect();
    lots.sort_by_key(|lot| (lot.security, lot.acquired, lot.id));
    let mut first = true;
    for (at, lot) in lots.iter().enumerate() {
        first |= at == 0 || lots[at - 1].security != lot.security;
        if random.one_in(3) && (first || !fifo) {
            let quantity = some_of(random, lot.quantity);
            first = quantity == lot.quantity;
            orders.push(Order { side: TradeSide::Sell, security: lot.security, lot: Some(lot.id), quantity });
        } else {
            first = false;
        }
    }
    let long = |security: u32| account.lots.iter().any(|lot| group(lot.security) == group(security));
    let short = |security: u32| account.shorts.iter().any(|lot| group(lot.security) == group(security));
    let (mut buys, mut shorts) = (Vec::new(), Vec::new());
    for security in 0..NAMES {
        let shares = 1 + random.below(40) as i64;
        // Securities 3 and 4 are for short sales only.
        if security < 3 && random.one_in(2) && !short(security) {
            buys.push(order(TradeSide::Buy, security, None, shares));
        } else if security >= 3 && random.one_in(2) && !long(security) {
            shorts.push(order(TradeSide::Short, security, None, shares));
        }
    }
    let mut covers: Vec<Order> = Vec::new();
    let mut owed: Vec<&ShortLot> = account.shorts.iter().collect();
    owed.sort_by_key(|lot| (lot.security, lot.id));
    for lot in owed {
        if random.one_in(3) {
            let quantity = some_of(random, lot.quantity);
            covers.push(Order {
                side: TradeSide::Cover,
                security: lot.security,
                lot: Some(lot.id),
                quantity,
            });
        }
    }
    orders.into_iter().chain(buys).chain(shorts).chain(covers).collect()
}

/// What a random year has shown.
#[derive(Debug, Default)]
struct Shown {
    disallowed: i64,
    gone: i64,
    short_defers: usize,
    splits: usize,
    rolls: usize,
    gifts: usize,
    taken: u32,
}

fn a_year(seed: u64, jurisdiction: Jurisdiction, shown: &mut Shown) {
    let mut random = Random(seed);
    let mut account = funded("9000000", jurisdiction, 2016);
    if jurisdiction == Jurisdiction::Australia || jurisdiction == Jurisdiction::India {
        account.tax_year = 2015;
    }
    let mut today = day("2016-05-02");
    // Old lots with a gain: what gifts are taken from.
    for id in 1..=12 {
        let (acquired, quantity) = (day("2014-03-03"), Qty::from_shares(30).unwrap());
        account.lots.push(Lot {
            id,
            parent: None,
            security: (id % 3) as u32,
            quantity,
            basis: money("333.333333"),
            acquired,
            held_from: acquired,
            replacement: false,
            fair_value: None,
        });
    }
    account.next_lot = 13;
    if random.one_in(2) {
        account.outside = (0..4)
            .map(|at| OutsidePurchase {
                account: "plan".into(),
                security: at % 3,
                acquired: today.plus_days(20 * at as i32 - 10).unwrap(),
                quantity: Qty::from_shares(5 + i64::from(at)).unwrap(),
                plan: at % 2 == 0,
            })
            .collect();
    }
    let mut desk = Desk::new(account);
    let mut level = vec![9_000, 9_100, 4_000, 6_000, 2_500];
    for _ in 0..70 {
        let texts = prices(&mut random, &mut level);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut market = market(today, &texts, &[0.2; NAMES as usize]);
        market.actions.extend(action(&mut random, today));
        let flows = Flows {
            contribution: if random.one_in(20) { money("5000") } else { Money::ZERO },
            withdrawal: if random.one_in(20) { money("700") } else { Money::ZERO },
            gift: if jurisdiction == Jurisdiction::UnitedStates && random.one_in(4) {
                money("3000")
            } else {
                Money::ZERO
            },
            cash_in_lieu: seed.is_multiple_of(2),
        };
        let fifo = jurisdiction == Jurisdiction::India;
        desk.trade(market, flows, |account| orders(&mut random, account, fifo));
        today = today.plus_days(1 + random.below(11) as i32).unwrap();
    }
    let year = walk(&desk.runs).unwrap_or_else(|error| panic!("{jurisdiction:?}, seed {seed}: {error}"));
    let events = || desk.runs.iter().flat_map(|run| &run.outcome.events);
    shown.disallowed += year.sums.disallowed.micros();
    shown.gone += year.sums.gone.micros();
    shown.short_defers += events().filter(|event| matches!(event, Event::ShortDefer { .. })).count();
    shown.splits += events().filter(|event| matches!(event, Event::Adjust { .. })).count();
    shown.rolls += events().filter(|event| matches!(event, Event::YearRoll { .. })).count();
    shown.gifts += events().filter(|event| matches!(event, Event::Gift { .. })).count();
    shown.taken += year.checked.taken_from_events;
}

fn years(jurisdiction: Jurisdiction) -> Shown {
    let mut shown = Shown::default();
    for seed in 1..=12 {
        a_year(seed, jurisdiction, &mut shown);
    }
    assert!(shown.rolls >= 12 && shown.splits > 50 && shown.taken > 50, "too quiet: {shown:?}");
    shown
}

#[test]
fn united_states_share_for_share() {
    let shown = years(Jurisdiction::UnitedStates);
    let quiet = shown.disallowed <= 0 || shown.gone <= 0 || shown.short_defers < 100 || shown.gifts == 0;
    assert!(!quiet, "too quiet: {shown:?}");
}

#[test]
fn canada_superficial_losses() {
    let shown = years(Jurisdiction::Canada);
    assert!(shown.disallowed > 0 && shown.gone > 0, "too quiet: {shown:?}");
}

#[test]
fn australia_and_india_disallow_nothing() {
    for jurisdiction in [Jurisdiction::Australia, Jurisdiction::India] {
        assert_eq!(years(jurisdiction).disallowed, 0);
    }
}
