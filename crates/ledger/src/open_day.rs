//! What happens before the day's trades: windows that have run out, a new tax year.

use crate::law::{Rules, law_of};
use crate::year::{first_day, tax_year, year_end};
use crate::{Error, apply, superficial, wash};
use samebits_snapshot::record::{Account, Event, Lock, LotRule, Market, WashRule};
use samebits_units::Date;

/// The account as the day begins, and the events that led there.
///
/// What belongs to the old year is settled before the year rolls: purchases in other accounts, and windows that ended.
/// (Laws without a system roll first; their locks end without a result.)
///
/// # Errors
/// No law for the account's holder, a law that contradicts itself, or overflow in the netting of a year.
pub fn open_day(account: &Account, market: &Market) -> Result<(Account, Vec<Event>), Error> {
    let law = law_of(account, market)?;
    let rules = Rules::of(law)?;
    let mut opening = Opening { market, rules, account: account.clone(), events: Vec::new() };
    opening.pool()?;
    let year = tax_year(market.as_of, law)?;
    if year > account.tax_year {
        if law.system.is_some() {
            opening.settle_windows(first_day(year, law)?)?;
        }
        let end = year_end(&opening.account, law)?;
        opening.record(Event::YearRoll { year, carry: end.carry, owed: end.owed })?;
    }
    opening.settle_windows(market.as_of)?;
    Ok((opening.account, opening.events))
}

struct Opening<'a> {
    market: &'a Market,
    rules: Rules<'a>,
    account: Account,
    events: Vec<Event>,
}

impl Opening<'_> {
    fn record(&mut self, event: Event) -> Result<(), Error> {
        self.account = apply(&self.account, std::slice::from_ref(&event))?;
        self.events.push(event);
        Ok(())
    }

    /// Purchases elsewhere made before `until`, then locks whose last day is before it.
    fn settle_windows(&mut self, until: Date) -> Result<(), Error> {
        if self.rules.wash == WashRule::ShareForShare {
            while let Some(event) = wash::next_outside(&self.account, self.market, &self.rules, until)? {
                self.record(event)?;
            }
        }
        let ended: Vec<Lock> = self.account.locks.iter().filter(|lock| lock.last < until).cloned().collect();
        for lock in ended {
            let event = match self.rules.wash {
                WashRule::Superficial => superficial::at_end(&self.account, self.market, &self.rules, &lock)?,
                _ => Event::LockClose { lot: lock.lot, sold: lock.sold },
            };
            self.record(event)?;
        }
        Ok(())
    }

    /// Under average cost, lots that came otherwise than by a purchase join the lowest lot of their security.
    fn pool(&mut self) -> Result<(), Error> {
        if self.rules.lots != LotRule::Average {
            return Ok(());
        }
        let lots = self.account.lots.clone();
        for lot in &lots {
            let into =
                lots.iter().find(|other| other.security == lot.security).map_or(lot.id, |first| first.id);
            if into != lot.id {
                self.record(Event::Pool { into, from: lot.id })?;
            }
        }
        Ok(())
    }
}
