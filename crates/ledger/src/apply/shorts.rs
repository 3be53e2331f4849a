//! Short lots: opened, closed, split by a disallowed loss.

use super::{Fault, NOT_MINE, add, locks, receive, take_id};
use samebits_snapshot::record::{Account, Event, ShortLot};

pub(super) fn opened(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::ShortOpen { lot: id, security, quantity, proceeds, opened, against_long_term } = *event else {
        return Err(NOT_MINE);
    };
    if !quantity.is_positive() {
        return Err(Fault::Misfit("the new short lot has no shares"));
    }
    take_id(account, id)?;
    receive(account, proceeds)?;
    account.shorts.push(ShortLot {
        id,
        security,
        quantity,
        proceeds,
        opened,
        replacement: false,
        against_long_term,
    });
    Ok(())
}

pub(super) fn short_at(account: &Account, id: u64) -> Result<usize, Fault> {
    let found = account.shorts.binary_search_by_key(&id, |short| short.id);
    found.map_err(|_| Fault::Misfit("the short lot is not open"))
}

pub(super) fn closed(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::ShortClose { lot: id, quantity, proceeds, paid, long_term } = *event else {
        return Err(NOT_MINE);
    };
    let at = short_at(account, id)?;
    let short = &mut account.shorts[at];
    if !quantity.is_positive() || quantity > short.quantity {
        return Err(Fault::Misfit("more shares than the short lot owes, or none"));
    }
    short.quantity = short.quantity.minus(quantity)?;
    short.proceeds = short.proceeds.minus(proceeds)?;
    if short.quantity.is_zero() {
        if !short.proceeds.is_zero() {
            return Err(Fault::Misfit("proceeds are left in an empty short lot"));
        }
        account.shorts.remove(at);
    }
    receive(account, paid.negated()?)?;
    add(&mut account.realised, long_term, proceeds.minus(paid)?)
}

/// The matched shares keep the id and give the loss out of their proceeds; the rest becomes a short lot of its own.
pub(super) fn defer(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let Event::ShortDefer { closed_lot, closed, replacement, quantity, loss, long_term, split_to } = *event
    else {
        return Err(NOT_MINE);
    };
    let at = short_at(account, replacement)?;
    let short = account.shorts[at].clone();
    if !quantity.is_positive() || quantity > short.quantity || short.replacement {
        return Err(Fault::Misfit("the replacement cannot take the match"));
    }
    if (quantity < short.quantity) != split_to.is_some() {
        return Err(Fault::Misfit("a split lot needs a new id, a whole one has none"));
    }
    let mut matched = short.proceeds;
    if let Some(rest) = split_to {
        take_id(account, rest)?;
        matched = short.proceeds.share(quantity, short.quantity)?;
        account.shorts.push(ShortLot {
            id: rest,
            quantity: short.quantity.minus(quantity)?,
            proceeds: short.proceeds.minus(matched)?,
            ..short.clone()
        });
    }
    let proceeds = matched.minus(loss)?;
    account.shorts[at] = ShortLot { quantity, proceeds, replacement: true, ..short };
    locks::settle(account, closed_lot, closed, quantity, loss)?;
    add(&mut account.realised, long_term, loss)
}
