//! Lots: bought, sold, pooled, split by a wash sale; and the roll of the year.

use super::{Fault, NOT_MINE, add, locks, lot_at, receive, take_id};
use samebits_snapshot::record::{Account, Carry, Event, Lot, Purchase, Realised};
use samebits_units::{Date, Money, Qty};

/// Pooled purchases are kept this long before the latest one: twice the longest window that a law with pools may have.
pub(super) const RECENT_DAYS: i32 = 60;

pub(super) fn roll(account: &mut Account, year: i16, carry: &Carry) -> Result<(), Fault> {
    if year <= account.tax_year {
        return Err(Fault::Misfit("the year does not advance"));
    }
    account.tax_year = year;
    account.carry = *carry;
    account.realised = Realised::default();
    // Used up, or of the calendar year before last: no window reaches there.
    let last = year.saturating_sub(1);
    account.outside.retain(|bought| bought.quantity.is_positive() && bought.acquired.year() >= last);
    Ok(())
}

pub(super) fn bought(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::Open { lot: id, security, quantity, basis, acquired } = *event else { return Err(NOT_MINE) };
    if !quantity.is_positive() {
        return Err(Fault::Misfit("the new lot has no shares"));
    }
    take_id(account, id)?;
    account.cash = account.cash.minus(basis)?;
    account.lots.push(Lot {
        id,
        parent: None,
        security,
        quantity,
        basis,
        acquired,
        held_from: acquired,
        replacement: false,
        fair_value: None,
    });
    Ok(())
}

pub(super) fn sold(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::Close { lot: id, quantity, proceeds, basis, long_term, deemed } = *event else {
        return Err(NOT_MINE);
    };
    take(account, id, quantity, basis)?;
    receive(account, proceeds)?;
    add(&mut account.realised, long_term, proceeds.minus(deemed.unwrap_or(basis))?)
}

/// Shares leave a lot, with their basis and their part of a fair value.
pub(super) fn take(account: &mut Account, id: u64, quantity: Qty, basis: Money) -> Result<(), Fault> {
    let at = lot_at(account, id)?;
    let lot = &mut account.lots[at];
    lot.fair_value = part_of(lot.fair_value, quantity, lot.quantity)?.1;
    close(account, id, quantity, basis)?;
    Ok(())
}

/// Takes shares and their basis out of a lot; an empty lot ends.
pub(super) fn close(account: &mut Account, id: u64, quantity: Qty, basis: Money) -> Result<(), Fault> {
    let at = lot_at(account, id)?;
    let lot = &mut account.lots[at];
    if !quantity.is_positive() || quantity > lot.quantity {
        return Err(Fault::Misfit("more shares than the lot has, or none"));
    }
    lot.quantity = lot.quantity.minus(quantity)?;
    lot.basis = lot.basis.minus(basis)?;
    if lot.quantity.is_zero() {
        if !lot.basis.is_zero() {
            return Err(Fault::Misfit("basis is left in an empty lot"));
        }
        account.lots.remove(at);
    }
    Ok(())
}

/// The part of an amount that goes with `quantity` of `whole` shares, rounded down, and the rest.
fn part_of(
    amount: Option<Money>,
    quantity: Qty,
    whole: Qty,
) -> Result<(Option<Money>, Option<Money>), Fault> {
    let Some(amount) = amount else { return Ok((None, None)) };
    let part = amount.share(quantity, whole)?;
    Ok((Some(part), Some(amount.minus(part)?)))
}

/// `from` is merged into `into`, and its purchase noted. A lot merged into itself is the first of its pool: only the
/// purchase is noted.
pub(super) fn pool(account: &mut Account, into: u64, from: u64) -> Result<(), Fault> {
    let at = lot_at(account, from)?;
    let taken = account.lots[at].clone();
    let purchase = Purchase { security: taken.security, acquired: taken.acquired, quantity: taken.quantity };
    if into != from {
        let to = lot_at(account, into)?;
        let pool = &mut account.lots[to];
        if pool.security != taken.security {
            return Err(Fault::Misfit("a pool has one security"));
        }
        pool.quantity = pool.quantity.plus(taken.quantity)?;
        pool.basis = pool.basis.plus(taken.basis)?;
        pool.acquired = pool.acquired.min(taken.acquired);
        pool.held_from = pool.held_from.min(taken.held_from);
        pool.replacement |= taken.replacement;
        pool.fair_value = match (pool.fair_value, taken.fair_value) {
            (Some(one), Some(other)) => Some(one.plus(other)?),
            _ => None,
        };
        account.lots.remove(at);
    }
    note(&mut account.recent, purchase);
    Ok(())
}

/// Notes a purchase by day, and forgets those out of every window of the latest one.
fn note(recent: &mut Vec<Purchase>, purchase: Purchase) {
    let at = recent.partition_point(|before| before.acquired <= purchase.acquired);
    recent.insert(at, purchase);
    let latest: Date = recent.last().map_or(purchase.acquired, |last| last.acquired);
    recent.retain(|kept| latest.days_since(kept.acquired) <= RECENT_DAYS);
}

pub(super) fn wash_defer(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::WashDefer { sold_lot, sold, replacement, quantity, loss, long_term, tacked_days, split_to } =
        *event
    else {
        return Err(NOT_MINE);
    };
    replace(account, replacement, quantity, loss, tacked_days, split_to)?;
    locks::settle(account, sold_lot, sold, quantity, loss)?;
    add(&mut account.realised, long_term, loss)
}

/// The matched shares keep the lot's id, take the loss into their basis and the earlier start of holding; the rest of the
/// lot becomes a lot of its own.
fn replace(
    account: &mut Account,
    id: u64,
    quantity: Qty,
    loss: Money,
    tacked_days: i32,
    split_to: Option<u64>,
) -> Result<(), Fault> {
    let at = lot_at(account, id)?;
    let lot = account.lots[at].clone();
    if !quantity.is_positive() || quantity > lot.quantity || lot.replacement {
        return Err(Fault::Misfit("the replacement lot cannot take the match"));
    }
    if (quantity < lot.quantity) != split_to.is_some() {
        return Err(Fault::Misfit("a split lot needs a new id, a whole one has none"));
    }
    let (matched_basis, matched_value) = match split_to {
        None => (lot.basis, lot.fair_value),
        Some(rest) => {
            take_id(account, rest)?;
            let matched_basis = lot.basis.share(quantity, lot.quantity)?;
            let (matched_value, fair_value) = part_of(lot.fair_value, quantity, lot.quantity)?;
            account.lots.push(Lot {
                id: rest,
                parent: Some(lot.parent.unwrap_or(id)),
                quantity: lot.quantity.minus(quantity)?,
                basis: lot.basis.minus(matched_basis)?,
                fair_value,
                ..lot.clone()
            });
            (matched_basis, matched_value)
        }
    };
    let held_from =
        lot.acquired.plus_days(tacked_days.checked_neg().ok_or(Fault::Misfit("days out of range"))?)?;
    let basis = matched_basis.plus(loss)?;
    account.lots[at] =
        Lot { quantity, basis, held_from, replacement: true, fair_value: matched_value, ..lot };
    Ok(())
}
