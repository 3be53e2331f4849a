//! A market of three securities; the first two are share classes of one company. Accounts under four laws.

use samebits_ledger::{Costs, Error, Flows, Order, Settlement, apply, open_day, settle};
use samebits_snapshot::record::*;
use samebits_units::{Bps, Date, Money, Price, Qty};

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn money(units: i64) -> Money {
    Money::from_units(units).unwrap()
}

pub(crate) fn market(as_of: Date, prices: [i64; 3]) -> Market {
    let security =
        |ticker: &str, identity_group| Security { ticker: ticker.into(), sector: 0, identity_group };
    Market {
        as_of,
        currency: "USD".into(),
        securities: vec![security("XA", 0), security("XB", 0), security("Y", 1)],
        sectors: vec!["S".into()],
        prices: prices.map(|units| Price::from_e8(units * 100_000_000)).to_vec(),
        benchmark: Benchmark { id: "b".into(), rebalanced: as_of, weights: vec![0.5, 0.25, 0.25] },
        alpha: Vec::new(),
        borrow: vec![Bps::ZERO; 3],
        law: Law {
            id: "us".into(),
            long_term_years: 1,
            wash_days: 30,
            loss_limit: Money::from_units(3_000).unwrap(),
            system: None,
        },
        execution: None,
        laws: laws(),
        actions: Vec::new(),
    }
}

/// One law a jurisdiction; India's without its levies, which have a test of their own.
fn laws() -> Vec<Law> {
    let law = |id: &str, jurisdiction, month, lots, wash, netting| Law {
        id: id.into(),
        long_term_years: 1,
        wash_days: 30,
        loss_limit: if netting == Netting::ByTerm { money(3_000) } else { Money::ZERO },
        system: Some(System {
            jurisdiction,
            year_starts_in_month: month,
            lots,
            wash,
            netting,
            levies: Levies::default(),
            grandfather: (jurisdiction == Jurisdiction::India)
                .then(|| Grandfather { acquired_before: day("2018-02-01") }),
        }),
    };
    let half = Netting::Discount { part: Bps::from_hundredths(500_000) };
    let lakh = Netting::Exempt { amount: money(100_000) };
    vec![
        law("in", Jurisdiction::India, 4, LotRule::Fifo, WashRule::None, lakh),
        law("au", Jurisdiction::Australia, 7, LotRule::Specific, WashRule::Policy, half),
        law("ca", Jurisdiction::Canada, 1, LotRule::Average, WashRule::Superficial, Netting::Single),
        law(
            "us2",
            Jurisdiction::UnitedStates,
            1,
            LotRule::Specific,
            WashRule::ShareForShare,
            Netting::ByTerm,
        ),
    ]
}

pub(crate) fn account(cash: i64) -> Account {
    let rate = Bps::from_hundredths;
    Account {
        cash: Money::from_units(cash).unwrap(),
        lots: Vec::new(),
        locks: Vec::new(),
        rates: Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(350_000) },
        realised: Realised::default(),
        carry: Carry::default(),
        tax_year: 2017,
        next_lot: 1,
        ..Account::default()
    }
}

/// An account of a holder in `jurisdiction`, with a million in cash.
pub(crate) fn account_in(jurisdiction: Jurisdiction) -> Account {
    let holder = Holder {
        jurisdiction,
        profile: "test".into(),
        outside: Realised::default(),
        loss_value: Bps::ZERO,
        dividend_rate: Bps::ZERO,
    };
    Account { holder: Some(holder), ..account(1_000_000) }
}

/// A purchase in another account.
pub(crate) fn elsewhere(account: &str, security: u32, acquired: &str, shares: i64) -> OutsidePurchase {
    OutsidePurchase {
        account: account.into(),
        security,
        acquired: day(acquired),
        quantity: Qty::from_shares(shares).unwrap(),
        plan: account == "plan",
    }
}

/// One day: opened, settled without costs, and replayed from its events.
pub(crate) fn step(
    account: &Account,
    date: &str,
    prices: [i64; 3],
    orders: &[Order],
) -> Result<(Settlement, Vec<Event>), Error> {
    step_in(&market(day(date), prices), account, orders)
}

#[allow(clippy::panic_in_result_fn, reason = "the error is what some tests ask for")]
pub(crate) fn step_in(
    market: &Market,
    account: &Account,
    orders: &[Order],
) -> Result<(Settlement, Vec<Event>), Error> {
    let (opened, mut events) = open_day(account, market, &Flows::default())?;
    let settled = settle(&opened, market, orders, FREE)?;
    events.extend(settled.events.iter().cloned());
    assert_eq!(apply(account, &events).unwrap(), settled.account, "{}", market.as_of);
    Ok((settled, events))
}

/// Several days; the account after them.
pub(crate) fn steps(start: &Account, days: &[(&str, [i64; 3], &[Order])]) -> Account {
    days.iter().fold(start.clone(), |now, (date, prices, orders)| {
        step(&now, date, *prices, orders).unwrap().0.account
    })
}

pub(crate) const FREE: Costs = Costs { buy: Bps::ZERO, sell: Bps::ZERO };

fn order(side: TradeSide, security: u32, lot: Option<u64>, shares: i64) -> Order {
    Order { side, security, lot, quantity: Qty::from_shares(shares).unwrap() }
}

pub(crate) fn buy(security: u32, shares: i64) -> Order {
    order(TradeSide::Buy, security, None, shares)
}

pub(crate) fn sell(security: u32, lot: u64, shares: i64) -> Order {
    order(TradeSide::Sell, security, Some(lot), shares)
}

pub(crate) fn short(security: u32, shares: i64) -> Order {
    order(TradeSide::Short, security, None, shares)
}

pub(crate) fn cover(security: u32, lot: u64, shares: i64) -> Order {
    order(TradeSide::Cover, security, Some(lot), shares)
}
