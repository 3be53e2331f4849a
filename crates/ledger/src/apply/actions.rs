//! Events of corporate actions, income, fees and flows, applied to an account.

use super::{Fault, add, lot_at, lots, shorts, take_id};
use samebits_snapshot::record::{Account, Applied, CashReason, Event, Income, Lot, ShortLot};
use samebits_units::{Date, Money, Qty};

/// One event of this module's kind; any other one does not fit.
pub(super) fn one(account: &mut Account, event: &Event) -> Result<(), Fault> {
    match event {
        Event::Adjust { lot, quantity, basis, .. } => adjust(account, *lot, *quantity, *basis),
        Event::Receive { lot, from, security, quantity, basis, .. } => {
            receive(account, (*lot, *from), *security, *quantity, *basis)
        }
        Event::Retire { lot, .. } => retire(account, *lot),
        Event::Gain { amount, long_term, .. } => add(&mut account.realised, *long_term, *amount),
        Event::Scale { security, new, old, .. } => scale(account, *security, *new, *old),
        Event::ActionsApplied { day, ids } => applied(account, *day, ids),
        Event::Cash { reason, amount, .. } => cash(account, *reason, *amount),
        Event::Accrued { through } => {
            if account.accrued_through.is_some_and(|before| *through <= before) {
                return Err(Fault::Misfit("fees are paid up to that day already"));
            }
            account.accrued_through = Some(*through);
            Ok(())
        }
        Event::RatesChanged { from } => rates(account, *from),
        Event::Gift { lot, quantity, basis, value } => {
            lots::take(account, *lot, *quantity, *basis)?;
            book(account, |income| {
                income.gifts = income.gifts.plus(*value)?;
                Ok(())
            })
        }
        _ => Err(Fault::Misfit("not an event of these rules")),
    }
}

/// The first pending rates become those of the account.
fn rates(account: &mut Account, from: Date) -> Result<(), Fault> {
    let Some(change) = account.rate_changes.first().copied().filter(|change| change.from == from) else {
        return Err(Fault::Misfit("no rates change on that day, or others change first"));
    };
    account.rate_changes.remove(0);
    account.rates = change.rates;
    if let Some(holder) = &mut account.holder {
        (holder.loss_value, holder.dividend_rate) = (change.loss_value, change.dividend_rate);
    }
    Ok(())
}

/// A new year's income: nothing but the tax that is still owed, with that of the year that ended.
pub(super) fn roll_income(account: &mut Account, owed: Option<Money>) -> Result<(), Fault> {
    book(account, |income| {
        let tax_owed = income.tax_owed.plus(owed.unwrap_or_default())?;
        *income = Income { tax_owed, ..Income::default() };
        Ok(())
    })
}

/// Changes the sums of the year; they are absent while all of them are zero.
fn book(
    account: &mut Account,
    change: impl FnOnce(&mut Income) -> Result<(), samebits_units::Error>,
) -> Result<(), Fault> {
    let mut income = account.income.unwrap_or_default();
    change(&mut income)?;
    account.income = (income != Income::default()).then_some(income);
    Ok(())
}

fn cash(account: &mut Account, reason: CashReason, amount: Money) -> Result<(), Fault> {
    account.cash = account.cash.plus(amount)?;
    book(account, |income| {
        match reason {
            CashReason::Dividend => income.dividends = income.dividends.plus(amount)?,
            CashReason::InLieu => income.in_lieu = income.in_lieu.minus(amount)?,
            CashReason::Borrow => income.borrow = income.borrow.minus(amount)?,
            CashReason::Contribution | CashReason::Withdrawal => income.flows = income.flows.plus(amount)?,
            CashReason::ReturnOfCapital | CashReason::Exchange | CashReason::Levy => {}
        }
        Ok(())
    })
}

fn long_at(account: &Account, id: u64) -> Option<usize> {
    lot_at(account, id).ok()
}

/// A fair value moves with the basis: the rest of a lot keeps what the part that left did not take.
fn adjust(account: &mut Account, id: u64, quantity: Qty, basis: Money) -> Result<(), Fault> {
    if !quantity.is_positive() {
        return Err(Fault::Misfit("a lot is left without shares"));
    }
    if let Some(at) = long_at(account, id) {
        let lot = &mut account.lots[at];
        if let Some(fair) = lot.fair_value {
            let left = fair_part(fair, lot.basis.minus(basis)?, lot.basis)?;
            lot.fair_value = Some(fair.minus(left)?);
        }
        (lot.quantity, lot.basis) = (quantity, basis);
    } else {
        let at = shorts::short_at(account, id)?;
        let lot = &mut account.shorts[at];
        (lot.quantity, lot.proceeds) = (quantity, basis);
    }
    Ok(())
}

/// `fair * part / whole`, cut off; nothing of it goes with a part of no basis.
fn fair_part(fair: Money, part: Money, whole: Money) -> Result<Money, Fault> {
    if !whole.is_positive() {
        return Ok(Money::ZERO);
    }
    Ok(fair.share(Qty::from_micros(part.micros()), Qty::from_micros(whole.micros()))?)
}

/// A lot that comes from another one keeps its days, its purchase, and whether it is a replacement.
fn receive(
    account: &mut Account,
    (id, from): (u64, u64),
    security: u32,
    quantity: Qty,
    basis: Money,
) -> Result<(), Fault> {
    if !quantity.is_positive() {
        return Err(Fault::Misfit("the new lot has no shares"));
    }
    take_id(account, id)?;
    if let Some(at) = long_at(account, from) {
        let lot = account.lots[at].clone();
        let fair_value = lot.fair_value.map(|fair| fair_part(fair, basis, lot.basis)).transpose()?;
        let parent = Some(lot.parent.unwrap_or(from));
        account.lots.push(Lot { id, parent, security, quantity, basis, fair_value, ..lot });
    } else {
        let lot = account.shorts[shorts::short_at(account, from)?].clone();
        account.shorts.push(ShortLot { id, security, quantity, proceeds: basis, ..lot });
    }
    Ok(())
}

fn retire(account: &mut Account, id: u64) -> Result<(), Fault> {
    if let Some(at) = long_at(account, id) {
        account.lots.remove(at);
    } else {
        let at = shorts::short_at(account, id)?;
        account.shorts.remove(at);
    }
    Ok(())
}

/// Locks and purchases count shares of the security; a lock without a millionth of a share ends.
fn scale(account: &mut Account, security: u32, new: u32, old: u32) -> Result<(), Fault> {
    let scaled = |quantity: Qty| {
        let shares = i128::from(quantity.micros()).checked_mul(i128::from(new));
        let micros = shares.and_then(|shares| shares.checked_div(i128::from(old)));
        let micros = micros.and_then(|micros| i64::try_from(micros).ok());
        micros.map(Qty::from_micros).ok_or(Fault::Misfit("the ratio does not fit"))
    };
    for lock in account.locks.iter_mut().filter(|lock| lock.security == security) {
        lock.open_quantity = scaled(lock.open_quantity)?;
    }
    account.locks.retain(|lock| !lock.open_quantity.is_zero());
    for purchase in account.outside.iter_mut().filter(|purchase| purchase.security == security) {
        purchase.quantity = scaled(purchase.quantity)?;
    }
    for purchase in account.recent.iter_mut().filter(|purchase| purchase.security == security) {
        purchase.quantity = scaled(purchase.quantity)?;
    }
    Ok(())
}

fn applied(account: &mut Account, day: Date, ids: &[String]) -> Result<(), Fault> {
    let last = account.applied.get_or_insert_with(|| Applied { day, ids: Vec::new() });
    if day < last.day {
        return Err(Fault::Misfit("actions of a later day have been applied"));
    }
    if ids.iter().any(|id| last.ids.contains(id)) {
        return Err(Fault::Misfit("the action has been applied"));
    }
    if day > last.day {
        *last = Applied { day, ids: Vec::new() };
    }
    last.ids.extend_from_slice(ids);
    Ok(())
}
