//! The ledger: events applied to an account.

mod actions;
mod locks;
mod lots;
mod shorts;

use crate::Error;
use samebits_snapshot::record::{Account, Event, Realised};
use samebits_units::Money;

/// The account after `events`, in their order.
///
/// # Errors
/// [`Error::Event`] with the position of the first event that does not fit; the account given is never changed.
pub fn apply(account: &Account, events: &[Event]) -> Result<Account, Error> {
    let mut after = account.clone();
    apply_to(&mut after, events)?;
    Ok(after)
}

/// As [`apply`], in place. After an error the account is none: its owner gives up.
pub(crate) fn apply_to(account: &mut Account, events: &[Event]) -> Result<(), Error> {
    for (index, event) in events.iter().enumerate() {
        one(account, event).map_err(|fault| fault.at(index))?;
    }
    Ok(())
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

/// One line an event: the work is done in the modules.
fn one(account: &mut Account, event: &Event) -> Result<(), Fault> {
    match event {
        Event::YearRoll { year, carry, owed } => {
            lots::roll(account, *year, carry)?;
            actions::roll_income(account, *owed)
        }
        Event::Open { .. } => lots::bought(account, event),
        Event::Close { .. } => lots::sold(account, event),
        Event::Pool { into, from } => lots::pool(account, *into, *from),
        Event::WashDefer { .. } => lots::wash_defer(account, event),
        Event::LockOpen { lock } => locks::open(account, lock),
        Event::LockClose { lot, sold } => locks::close(account, *lot, *sold),
        Event::WashOutside { .. } => locks::wash_outside(account, event),
        Event::Superficial { .. } => locks::superficial(account, event),
        Event::ShortOpen { .. } => shorts::opened(account, event),
        Event::ShortClose { .. } => shorts::closed(account, event),
        Event::ShortDefer { .. } => shorts::defer(account, event),
        _ => actions::one(account, event),
    }
}

/// What a handler answers when the dispatch gave it another event.
const NOT_MINE: Fault = Fault::Misfit("another event");

/// Cash that comes in; negative goes out.
fn receive(account: &mut Account, amount: Money) -> Result<(), Fault> {
    account.cash = account.cash.plus(amount)?;
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

/// Takes the next lot id, which has to be `id`.
fn take_id(account: &mut Account, id: u64) -> Result<(), Fault> {
    if id != account.next_lot {
        return Err(Fault::Misfit("the id of the new lot is not the next one"));
    }
    account.next_lot = next(id)?;
    Ok(())
}

fn next(id: u64) -> Result<u64, Fault> {
    id.checked_add(1).ok_or(Fault::Misfit("lot ids are used up"))
}
