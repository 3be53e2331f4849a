//! Accounts and days for corporate actions and flows.

use crate::scene::{account, day, market};
use samebits_ledger::{Flows, apply, open_day};
use samebits_snapshot::record::*;
use samebits_units::{Date, Money, Qty};

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) fn shares(text: &str) -> Qty {
    text.parse().unwrap()
}

pub(crate) fn lot(id: u64, security: u32, quantity: &str, basis: &str, acquired: &str) -> Lot {
    Lot {
        id,
        parent: None,
        security,
        quantity: shares(quantity),
        basis: money(basis),
        acquired: day(acquired),
        held_from: day(acquired),
        replacement: false,
        fair_value: None,
    }
}

pub(crate) fn short(id: u64, security: u32, quantity: &str, proceeds: &str, opened: &str) -> ShortLot {
    ShortLot {
        id,
        security,
        quantity: shares(quantity),
        proceeds: money(proceeds),
        opened: day(opened),
        replacement: false,
        against_long_term: false,
    }
}

/// No cash, these lots.
pub(crate) fn holding(lots: Vec<Lot>, shorts: Vec<ShortLot>) -> Account {
    let last = lots.iter().map(|lot| lot.id).chain(shorts.iter().map(|lot| lot.id)).max();
    let next_lot = last.map_or(1, |id| id + 1);
    Account { lots, shorts, next_lot, tax_year: 2100, ..account(0) }
}

pub(crate) fn action(id: &str, security: u32, kind: ActionKind) -> Action {
    Action { id: id.into(), security, kind }
}

pub(crate) fn acting(date: Date, prices: [&str; 3], actions: Vec<Action>) -> Market {
    let prices = prices.map(|price| price.parse().unwrap()).to_vec();
    Market { prices, actions, ..market(date, [1; 3]) }
}

/// What every account keeps: cash, basis less proceeds owed, less gains, less income and flows. Gifts take their basis.
pub(crate) fn kept(account: &Account) -> i128 {
    let basis: i128 = account.lots.iter().map(|lot| i128::from(lot.basis.micros())).sum();
    let proceeds: i128 = account.shorts.iter().map(|lot| i128::from(lot.proceeds.micros())).sum();
    let income = account.income.unwrap_or_default();
    let gains = account.realised.short_term.micros() + account.realised.long_term.micros();
    let booked = income.dividends.micros() - income.in_lieu.micros() - income.borrow.micros();
    let flows = income.flows.micros();
    i128::from(account.cash.micros()) + basis - proceeds - i128::from(gains + booked + flows)
}

/// Opens a day. The events give the account; opening again changes nothing; money is conserved.
pub(crate) fn opened(before: &Account, market: &Market, cash_in_lieu: bool) -> (Account, Vec<Event>) {
    let flows = Flows { cash_in_lieu, ..Flows::default() };
    let (after, events) = open_day(before, market, &flows).unwrap();
    assert_eq!(apply(before, &events).unwrap(), after);
    assert_eq!(open_day(&after, market, &flows).unwrap(), (after.clone(), Vec::new()));
    assert_eq!(kept(before), kept(&after));
    assert!(after.lots.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert!(after.shorts.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert!(after.lots.iter().all(|lot| lot.quantity.is_positive() && !lot.basis.is_negative()));
    (after, events)
}

/// (id, security, shares, basis) of the long lots.
pub(crate) fn held(account: &Account) -> Vec<(u64, u32, String, String)> {
    let row = |lot: &Lot| (lot.id, lot.security, lot.quantity.to_string(), lot.basis.to_string());
    account.lots.iter().map(row).collect()
}

/// (id, security, shares, proceeds) of the short lots.
pub(crate) fn owed(account: &Account) -> Vec<(u64, u32, String, String)> {
    let row = |lot: &ShortLot| (lot.id, lot.security, lot.quantity.to_string(), lot.proceeds.to_string());
    account.shorts.iter().map(row).collect()
}

pub(crate) fn row(id: u64, security: u32, quantity: &str, basis: &str) -> (u64, u32, String, String) {
    (id, security, quantity.into(), basis.into())
}

/// Gains of the year (short-term, long-term) as text.
pub(crate) fn gains(account: &Account) -> (String, String) {
    (account.realised.short_term.to_string(), account.realised.long_term.to_string())
}
