//! What happens before the day's trades: a new tax year, and locks that have run out.

use crate::{Error, apply, carry_over};
use samebits_snapshot::record::{Account, Event, Market};

/// The account as the day begins, and the events that led there.
///
/// # Errors
/// Overflow in the netting of a year.
pub fn open_day(account: &Account, market: &Market) -> Result<(Account, Vec<Event>), Error> {
    let mut events = Vec::new();
    let year = market.as_of.year();
    if year > account.tax_year {
        let carry = carry_over(&account.realised, &account.carry, &market.law)?;
        events.push(Event::YearRoll { year, carry, owed: None });
    }
    let ended = account.locks.iter().filter(|lock| lock.last < market.as_of);
    events.extend(ended.map(|lock| Event::LockClose { lot: lock.lot, sold: lock.sold }));
    Ok((apply(account, &events)?, events))
}
