//! Shares of another company for those held: spin-offs and mergers.

use super::position::{Held, SIDES, Side, cash_in_lieu, lots, portions};
use crate::Error;
use crate::open_day::Opening;
use samebits_snapshot::record::{Action, CashReason, Event};
use samebits_units::{Bps, Money, Price, Qty};

/// What is received.
pub(super) struct Terms {
    /// The other company, where it is in the universe.
    pub(super) into: Option<u32>,
    /// Shares for `old` shares; 0: none.
    pub(super) new: u32,
    pub(super) old: u32,
    /// Price of a share received.
    pub(super) value: Price,
}

/// Part of each lot's basis goes to the shares received (IRC 355, 358(b) and (c)); they keep the days of the lot they come
/// from (IRC 1223(1)).
pub(super) fn spin_off(
    day: &mut Opening<'_>,
    action: &Action,
    terms: &Terms,
    basis: Bps,
) -> Result<(), Error> {
    for side in SIDES {
        let mut change = Change::new(day, action, side);
        let held = lots(&day.account, day.market.as_of, &day.rules, action.security, side)?;
        for (lot, received) in held.iter().zip(portions(&held, terms.new, terms.old)?) {
            if received.is_zero() {
                continue;
            }
            let moved = lot.basis.times(basis)?;
            if let Some(into) = terms.into {
                change.receive(lot, into, received, moved)?;
            } else {
                let sold = terms.value.value(received)?;
                change.paid = change.paid.plus(sold)?;
                change.events.extend(lot.gain(&action.id, sold.minus(moved)?)?);
            }
            change.events.extend(lot.adjust(&action.id, lot.quantity, lot.basis.minus(moved)?));
        }
        change.finish(day, terms)?;
    }
    Ok(())
}

/// All shares are exchanged. For shares alone basis and days carry over (IRC 354, 358(a), 1223(1)); with cash besides, gain is
/// recognised up to the cash and a loss is not (IRC 356(a) and (c)); for cash alone, or for shares of a company outside the
/// universe, which are sold at once, each lot is closed.
pub(super) fn merger(
    day: &mut Opening<'_>,
    action: &Action,
    terms: &Terms,
    cash: Price,
) -> Result<(), Error> {
    for side in SIDES {
        let mut change = Change::new(day, action, side);
        let held = lots(&day.account, day.market.as_of, &day.rules, action.security, side)?;
        let shares = match terms.new {
            0 => vec![Qty::ZERO; held.len()],
            new => portions(&held, new, terms.old)?,
        };
        for (lot, received) in held.iter().zip(shares) {
            let boot = cash.value(lot.quantity)?;
            let worth = boot.plus(terms.value.value(received)?)?;
            match terms.into {
                Some(into) if !received.is_zero() => {
                    let recognised = worth.minus(lot.basis)?.max(Money::ZERO).min(boot);
                    change.receive(lot, into, received, lot.basis.minus(boot)?.plus(recognised)?)?;
                    change.events.extend(lot.gain(&action.id, recognised)?);
                    change.events.push(Event::Retire { action: action.id.clone(), lot: lot.id });
                    change.paid = change.paid.plus(boot)?;
                }
                _ => change.events.push(lot.end(lot.quantity, worth)?),
            }
        }
        change.finish(day, terms)?;
    }
    Ok(())
}

/// What an exchange does to one side of an account.
struct Change<'a> {
    action: &'a Action,
    side: Side,
    /// The first lot received, and the next one.
    first: u64,
    next: u64,
    /// Cash received, as a long position sees it.
    paid: Money,
    events: Vec<Event>,
}

impl<'a> Change<'a> {
    fn new(day: &Opening<'_>, action: &'a Action, side: Side) -> Self {
        let first = day.account.next_lot;
        Self { action, side, first, next: first, paid: Money::ZERO, events: Vec::new() }
    }

    fn receive(&mut self, lot: &Held<'_>, security: u32, quantity: Qty, basis: Money) -> Result<(), Error> {
        let (action, id) = (self.action.id.clone(), self.next);
        self.events.push(Event::Receive { action, lot: id, from: lot.id, security, quantity, basis });
        let used_up = || Error::Action { id: self.action.id.clone(), problem: "lot ids are used up" };
        self.next = id.checked_add(1).ok_or_else(used_up)?;
        Ok(())
    }

    /// Records all of it; fractions of a share in what was received are sold.
    fn finish(mut self, day: &mut Opening<'_>, terms: &Terms) -> Result<(), Error> {
        let security = Some(self.action.security);
        let amount = self.side.signed(self.paid)?;
        let cash = Event::Cash { reason: CashReason::Exchange, security, amount };
        self.events.extend((!self.paid.is_zero()).then_some(cash));
        day.record(self.events)?;
        match terms.into {
            Some(into) => cash_in_lieu(day, (into, self.side), self.first, terms.value),
            None => Ok(()),
        }
    }
}
