//! The ledger: events applied to an account.

use crate::Error;
use samebits_snapshot::record::{Account, Carry, Event, Lot, Realised};
use samebits_units::{Date, Money, Qty};

/// The account after `events`, in their order.
///
/// # Errors
/// [`Error::Event`] with the position of the first event that does not fit; the account given is never changed.
pub fn apply(account: &Account, events: &[Event]) -> Result<Account, Error> {
    let mut after = account.clone();
    for (index, event) in events.iter().enumerate() {
        one(&mut after, event).map_err(|fault| fault.at(index))?;
    }
    Ok(after)
}

/// Why one event does not fit.
enum Fault {
    Misfit(&'static str),
    Number(samebits_units::Error),
}

impl From<samebits_units::Error> for Fault {
    fn from(error: samebits_units::Error) -> Self {
        Self::Number(error)
    }
}

impl Fault {
    fn at(self, index: usize) -> Error {
        match self {
            Self::Misfit(problem) => Error::Event { index, problem },
            Self::Number(error) => Error::Units(error),
        }
    }
}

fn one(account: &mut Account, event: &Event) -> Result<(), Fault> {
    match event {
        Event::YearRoll { year, carry, .. } => roll(account, *year, carry),
        Event::LockClose { lot, sold } => {
            let at = lock_at(account, *lot, *sold).ok_or(Fault::Misfit("no such lock"))?;
            account.locks.remove(at);
            Ok(())
        }
        Event::Close { lot, quantity, proceeds, basis, long_term } => {
            close(account, *lot, *quantity, *basis)?;
            account.cash = account.cash.plus(*proceeds)?;
            add(&mut account.realised, *long_term, proceeds.minus(*basis)?)
        }
        Event::Open { lot, security, quantity, basis, acquired } => {
            account.cash = account.cash.minus(*basis)?;
            open(account, *lot, *security, (*quantity, *basis), *acquired)
        }
        Event::WashDefer {
            sold_lot,
            sold,
            replacement,
            quantity,
            loss,
            long_term,
            tacked_days,
            split_to,
        } => {
            defer(account, *replacement, *quantity, *loss, *tacked_days, *split_to)?;
            settle_lock(account, *sold_lot, *sold, *quantity, *loss)?;
            add(&mut account.realised, *long_term, *loss)
        }
        Event::LockOpen { lock } => {
            account.locks.push(lock.clone());
            Ok(())
        }
        _ => Err(Fault::Misfit("not an event of these rules")),
    }
}

fn roll(account: &mut Account, year: i16, carry: &Carry) -> Result<(), Fault> {
    if year <= account.tax_year {
        return Err(Fault::Misfit("the year does not advance"));
    }
    account.tax_year = year;
    account.carry = *carry;
    account.realised = Realised::default();
    Ok(())
}

fn add(realised: &mut Realised, long_term: bool, amount: Money) -> Result<(), Fault> {
    let bucket = if long_term { &mut realised.long_term } else { &mut realised.short_term };
    *bucket = bucket.plus(amount)?;
    Ok(())
}

fn lot_at(account: &Account, id: u64) -> Result<usize, Fault> {
    account.lots.binary_search_by_key(&id, |lot| lot.id).map_err(|_| Fault::Misfit("the lot is not open"))
}

fn lock_at(account: &Account, lot: u64, sold: Date) -> Option<usize> {
    account.locks.iter().position(|lock| lock.lot == lot && lock.sold == sold)
}

fn close(account: &mut Account, id: u64, quantity: Qty, basis: Money) -> Result<(), Fault> {
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

fn open(
    account: &mut Account,
    id: u64,
    security: u32,
    (quantity, basis): (Qty, Money),
    acquired: Date,
) -> Result<(), Fault> {
    if id != account.next_lot || !quantity.is_positive() {
        return Err(Fault::Misfit("the lot's id is not the next one, or it has no shares"));
    }
    let held_from = acquired;
    account.lots.push(Lot {
        id,
        parent: None,
        security,
        quantity,
        basis,
        acquired,
        held_from,
        replacement: false,
        fair_value: None,
    });
    account.next_lot = next(id)?;
    Ok(())
}

fn next(id: u64) -> Result<u64, Fault> {
    id.checked_add(1).ok_or(Fault::Misfit("lot ids are used up"))
}

/// The matched shares keep the lot's id, take the loss into their basis and the earlier start of holding; the rest of the
/// lot becomes a lot of its own.
fn defer(
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
    let matched_basis = if split_to.is_some() { lot.basis.share(quantity, lot.quantity)? } else { lot.basis };
    if let Some(rest) = split_to {
        if rest != account.next_lot {
            return Err(Fault::Misfit("the split lot's id is not the next one"));
        }
        let (quantity, basis) = (lot.quantity.minus(quantity)?, lot.basis.minus(matched_basis)?);
        account.lots.push(Lot {
            id: rest,
            parent: Some(lot.parent.unwrap_or(id)),
            quantity,
            basis,
            ..lot.clone()
        });
        account.next_lot = next(rest)?;
    }
    let held_from =
        lot.acquired.plus_days(tacked_days.checked_neg().ok_or(Fault::Misfit("days out of range"))?)?;
    account.lots[at] =
        Lot { quantity, basis: matched_basis.plus(loss)?, held_from, replacement: true, ..lot };
    Ok(())
}

/// Takes the matched part out of the lock of the sale, if the sale has one already; an empty lock is closed.
fn settle_lock(account: &mut Account, lot: u64, sold: Date, quantity: Qty, loss: Money) -> Result<(), Fault> {
    let Some(at) = lock_at(account, lot, sold) else { return Ok(()) };
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
