//! Taxes of a day, from its events.

use crate::{Error, law_of, year};
use samebits_snapshot::record::{Account, Event, Market, Realised, Tax};
use samebits_units::{Date, Money};

/// The sums over `events`, which led from `before` to `after`: gains by term after disallowed losses, and the change of the
/// tax accrued (from nothing where a tax year began in between).
///
/// # Errors
/// No law for the holder, overflow.
pub fn day_tax(before: &Account, after: &Account, events: &[Event], market: &Market) -> Result<Tax, Error> {
    let mut realised = Realised::default();
    let (mut lost, mut disallowed, mut disallowed_today) = (Money::ZERO, Money::ZERO, Money::ZERO);
    for event in events {
        let Some(counted) = counted(event)? else { continue };
        let bucket = if counted.long_term { &mut realised.long_term } else { &mut realised.short_term };
        *bucket = bucket.plus(counted.amount)?;
        match counted.disallows {
            None if counted.amount.is_negative() => lost = lost.minus(counted.amount)?,
            None => {}
            Some(sold) => {
                disallowed = disallowed.plus(counted.amount)?;
                if sold == market.as_of {
                    disallowed_today = disallowed_today.plus(counted.amount)?;
                }
            }
        }
    }
    let law = law_of(after, market)?;
    let accrued = year::accrued(after, law)?;
    let earlier = if before.tax_year == after.tax_year { year::accrued(before, law)? } else { Money::ZERO };
    let change = accrued.minus(earlier)?;
    Ok(Tax { realised, harvested: lost.minus(disallowed_today)?, disallowed, accrued, change })
}

/// What an event adds to the gains of the year.
struct Counted {
    amount: Money,
    long_term: bool,
    /// Of a disallowed loss: the day of the sale.
    disallows: Option<Date>,
}

fn counted(event: &Event) -> Result<Option<Counted>, Error> {
    let (amount, long_term, disallows) = match event {
        Event::Close { proceeds, basis, long_term, deemed, .. } => {
            (proceeds.minus(deemed.unwrap_or(*basis))?, *long_term, None)
        }
        Event::ShortClose { proceeds, paid, long_term, .. } => (proceeds.minus(*paid)?, *long_term, None),
        Event::Gain { amount, long_term, .. } => (*amount, *long_term, None),
        Event::WashDefer { loss, long_term, sold, .. }
        | Event::WashOutside { loss, long_term, sold, .. }
        | Event::ShortDefer { loss, long_term, closed: sold, .. } => (*loss, *long_term, Some(*sold)),
        // There is one bucket where losses are superficial.
        Event::Superficial { denied, sold, .. } => (*denied, false, Some(*sold)),
        _ => return Ok(None),
    };
    Ok(Some(Counted { amount, long_term, disallows }))
}
