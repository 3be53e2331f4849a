//! The wash-sale rule: a loss is disallowed share for share against purchases in the identity group within the window
//! before and after the sale; the disallowed loss and the holding period move to the replacement shares.

use crate::Error;
use samebits_snapshot::record::{Account, Event, Lock, Market};
use samebits_units::{Money, Qty};

/// A loss realised today.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    pub(crate) lot: u64,
    /// The lot as it was bought.
    pub(crate) purchase: u64,
    pub(crate) security: u32,
    pub(crate) quantity: Qty,
    /// Positive.
    pub(crate) amount: Money,
    pub(crate) held_days: i32,
    pub(crate) long_term: bool,
}

/// Matches a loss with shares bought in the window before that are still held after the day's sales, in order of
/// acquisition; what stays unmatched opens a lock.
pub(crate) fn after_sale(account: &Account, market: &Market, sale: &Loss) -> Result<Vec<Event>, Error> {
    let group = group_of(market, sale.security)?;
    let first = market.as_of.plus_days(market.law.wash_days.saturating_neg())?;
    let mut candidates = Vec::new();
    for lot in &account.lots {
        let recent = lot.acquired >= first && lot.acquired <= market.as_of;
        let same_purchase = lot.parent.unwrap_or(lot.id) == sale.purchase;
        if recent && !lot.replacement && !same_purchase && group_of(market, lot.security)? == group {
            candidates.push(lot);
        }
    }
    candidates.sort_by_key(|lot| (lot.acquired, lot.parent.unwrap_or(lot.id), lot.id));
    let mut events = Vec::new();
    let (mut quantity, mut loss, mut next_lot) = (sale.quantity, sale.amount, account.next_lot);
    for lot in candidates {
        if quantity.is_zero() {
            break;
        }
        let (matched, part) = take(quantity, loss, lot.quantity)?;
        let split_to = (matched < lot.quantity).then_some(next_lot);
        next_lot = next_lot.saturating_add(u64::from(split_to.is_some()));
        events.push(Event::WashDefer {
            sold_lot: sale.lot,
            sold: market.as_of,
            replacement: lot.id,
            quantity: matched,
            loss: part,
            long_term: sale.long_term,
            tacked_days: sale.held_days,
            split_to,
        });
        (quantity, loss) = (quantity.minus(matched)?, loss.minus(part)?);
    }
    if quantity.is_positive() {
        let lock = Lock {
            group,
            sold: market.as_of,
            last: market.as_of.plus_days(market.law.wash_days)?,
            security: sale.security,
            lot: sale.lot,
            open_quantity: quantity,
            open_loss: loss,
            held_days: sale.held_days,
            long_term: sale.long_term,
            short: false,
        };
        events.push(Event::LockOpen { lock });
    }
    Ok(events)
}

/// Matches a new lot with the open losses of its group, earliest sale first.
pub(crate) fn after_purchase(account: &Account, market: &Market, bought: u64) -> Result<Vec<Event>, Error> {
    let lot = account.lots.iter().find(|lot| lot.id == bought).ok_or(Error::NoLot { lot: bought })?;
    let group = group_of(market, lot.security)?;
    // Locks stand in the order of disposal.
    let locks = account.locks.iter().filter(|lock| lock.group == group && market.as_of <= lock.last);
    let mut events = Vec::new();
    let (mut replacement, mut left, mut next_lot) = (lot.id, lot.quantity, account.next_lot);
    for lock in locks {
        if left.is_zero() {
            break;
        }
        let (matched, loss) = take(lock.open_quantity, lock.open_loss, left)?;
        let split_to = (matched < left).then_some(next_lot);
        events.push(Event::WashDefer {
            sold_lot: lock.lot,
            sold: lock.sold,
            replacement,
            quantity: matched,
            loss,
            long_term: lock.long_term,
            tacked_days: lock.held_days,
            split_to,
        });
        left = left.minus(matched)?;
        if let Some(rest) = split_to {
            replacement = rest;
            next_lot = next_lot.saturating_add(1);
        }
    }
    Ok(events)
}

/// How many of `open` shares `available` ones replace, and the loss that goes with them (all of it with all shares,
/// otherwise the share of it, rounded down).
fn take(open: Qty, loss: Money, available: Qty) -> Result<(Qty, Money), Error> {
    let matched = open.min(available);
    let part = if matched == open { loss } else { loss.share(matched, open)? };
    Ok((matched, part))
}

fn group_of(market: &Market, security: u32) -> Result<u32, Error> {
    let known = market.securities.len();
    let found = market.securities.get(security as usize);
    found.map(|security| security.identity_group).ok_or(Error::NoSecurity { security, known })
}
