//! What happens before the day's trades: windows that have run out, a new tax year, changed rates, corporate actions, borrow fees, flows.

use crate::law::{Rules, law_of};
use crate::year::{first_day, tax_year, year_end};
use crate::{Error, Flows, actions, apply_to, cash, superficial, wash};
use samebits_snapshot::record::{Account, Event, Lock, LotRule, Market, WashRule};
use samebits_units::Date;
use std::collections::BTreeMap;

/// The account as the day begins, and the events that led there: the year roll, locks that ran out, `market.actions` in
/// their order, fees for borrowed shares, `flows`.
///
/// Cash may be negative after a withdrawal: the day's trades have to repair it. Actions and fees are booked once however
/// often the day is opened; `flows` are booked each time.
///
/// Rates change on the first day that is opened on or after theirs. Those of a day in the old year do so before the year rolls
/// and are what that year is taxed at; those of the new year, its first day included, after it.
///
/// What belongs to the old year is settled before the year rolls: purchases in other accounts, and windows that ended.
/// (Laws without a system roll first; their locks end without a result.)
///
/// # Errors
/// No law for the account's holder, a law that contradicts itself, [`Error::Action`] for a malformed corporate action,
/// [`Error::Flow`], and overflow; nothing is applied then.
pub fn open_day(account: &Account, market: &Market, flows: &Flows) -> Result<(Account, Vec<Event>), Error> {
    let law = law_of(account, market)?;
    let rules = Rules::of(law)?;
    let mut opening = Opening { market, rules, account: account.clone(), events: Vec::new() };
    opening.pool()?;
    let year = tax_year(law, market.as_of)?;
    if year > account.tax_year {
        if law.system.is_some() {
            opening.settle_windows(first_day(year, law)?)?;
        }
        opening.rates(first_day(year, law)?.plus_days(-1)?)?;
        let end = year_end(&opening.account, law)?;
        opening.record(vec![Event::YearRoll { year, carry: end.carry, owed: end.owed }])?;
    }
    opening.rates(market.as_of)?;
    opening.settle_windows(market.as_of)?;
    actions::run(&mut opening, flows)?;
    opening.pool()?;
    opening.record(cash::borrow(&opening.account, market)?)?;
    opening.record(cash::flows(&opening.account, market, flows)?)?;
    Ok((opening.account, opening.events))
}

/// A day being opened: the account so far, and the events that led there.
pub(crate) struct Opening<'a> {
    pub(crate) market: &'a Market,
    pub(crate) rules: Rules<'a>,
    pub(crate) account: Account,
    pub(crate) events: Vec<Event>,
}

impl Opening<'_> {
    /// Applies `events` and keeps them.
    pub(crate) fn record(&mut self, events: Vec<Event>) -> Result<(), Error> {
        if !events.is_empty() {
            apply_to(&mut self.account, &events)?;
            self.events.extend(events);
        }
        Ok(())
    }

    /// Changes of the rates that took effect on or before `day`.
    fn rates(&mut self, day: Date) -> Result<(), Error> {
        while let Some(change) = self.account.rate_changes.first().filter(|change| change.from <= day) {
            let from = change.from;
            self.record(vec![Event::RatesChanged { from }])?;
        }
        Ok(())
    }

    /// Purchases elsewhere made before `until`, then locks whose last day is before it.
    fn settle_windows(&mut self, until: Date) -> Result<(), Error> {
        if self.rules.wash == WashRule::ShareForShare {
            while let Some(event) = wash::next_outside(&self.account, self.market, &self.rules, until)? {
                self.record(vec![event])?;
            }
        }
        let ended: Vec<Lock> = self.account.locks.iter().filter(|lock| lock.last < until).cloned().collect();
        for lock in ended {
            let event = match self.rules.wash {
                WashRule::Superficial => superficial::at_end(&self.account, self.market, &self.rules, &lock)?,
                _ => Event::LockClose { lot: lock.lot, sold: lock.sold },
            };
            self.record(vec![event])?;
        }
        Ok(())
    }

    /// Under average cost, lots that came otherwise than by a purchase join the lowest lot of their security.
    fn pool(&mut self) -> Result<(), Error> {
        if self.rules.lots != LotRule::Average {
            return Ok(());
        }
        let mut first: BTreeMap<u32, u64> = BTreeMap::new();
        let mut events = Vec::new();
        for lot in &self.account.lots {
            let into = *first.entry(lot.security).or_insert(lot.id);
            if into != lot.id {
                events.push(Event::Pool { into, from: lot.id });
            }
        }
        self.record(events)
    }
}
