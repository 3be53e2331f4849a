//! Locks: opened and closed, and losses that leave them without a replacement lot of this account.

use super::{Fault, NOT_MINE, add, lot_at};
use samebits_snapshot::record::{Account, Event, Lock};
use samebits_units::{Date, Money, Qty};

/// Losses stay in the order of disposal, which is the order of their events.
#[expect(clippy::unnecessary_wraps, reason = "as every handler of the dispatch")]
pub(super) fn open(account: &mut Account, lock: &Lock) -> Result<(), Fault> {
    account.locks.push(lock.clone());
    Ok(())
}

pub(super) fn close(account: &mut Account, lot: u64, sold: Date) -> Result<(), Fault> {
    let at = find(account, lot, sold).ok_or(Fault::Misfit("no such lock"))?;
    account.locks.remove(at);
    Ok(())
}

fn find(account: &Account, lot: u64, sold: Date) -> Option<usize> {
    account.locks.iter().position(|lock| lock.lot == lot && lock.sold == sold)
}

/// Takes the matched part out of the lock of the sale, if the sale has one already; an empty lock is closed.
pub(super) fn settle(
    account: &mut Account,
    lot: u64,
    sold: Date,
    quantity: Qty,
    loss: Money,
) -> Result<(), Fault> {
    let Some(at) = find(account, lot, sold) else { return Ok(()) };
    let lock = &mut account.locks[at];
    lock.open_quantity = lock.open_quantity.minus(quantity)?;
    lock.open_loss = lock.open_loss.minus(loss)?;
    if lock.open_quantity.is_negative() || lock.open_loss.is_negative() {
        return Err(Fault::Misfit("more is matched than the lock has open"));
    }
    if lock.open_quantity.is_zero() {
        account.locks.remove(at);
    }
    Ok(())
}

/// The loss is disallowed and goes nowhere: the replacement is not in this account. A used-up purchase keeps its place
/// until the year rolls, so that indices mean the same all year.
pub(super) fn wash_outside(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::WashOutside { sold_lot, sold, purchase, quantity, loss, long_term } = *event else {
        return Err(NOT_MINE);
    };
    let bought = account.outside.get_mut(purchase as usize).ok_or(Fault::Misfit("no such purchase"))?;
    if !quantity.is_positive() || quantity > bought.quantity {
        return Err(Fault::Misfit("more shares than the purchase has open, or none"));
    }
    bought.quantity = bought.quantity.minus(quantity)?;
    settle(account, sold_lot, sold, quantity, loss)?;
    add(&mut account.realised, long_term, loss)
}

/// The denied loss leaves the bucket that it had been counted in; the window's lock ends with it.
pub(super) fn superficial(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::Superficial { sold_lot, sold, into, denied, added } = *event else { return Err(NOT_MINE) };
    let at = find(account, sold_lot, sold).ok_or(Fault::Misfit("no such lock"))?;
    let lock = account.locks.remove(at);
    if !denied.is_positive() || denied > lock.open_loss {
        return Err(Fault::Misfit("more is denied than was lost, or nothing"));
    }
    if added.is_negative() || added > denied || (into.is_none() && !added.is_zero()) {
        return Err(Fault::Misfit("more is added than denied, or to no lot"));
    }
    if let Some(id) = into {
        let at = lot_at(account, id)?;
        account.lots[at].basis = account.lots[at].basis.plus(added)?;
    }
    add(&mut account.realised, lock.long_term, denied)
}
