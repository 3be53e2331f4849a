//! Corporate actions and borrow fees.
//!
//! Splits, dividends and fees are worked out from the market. For the others (spin-off, return of capital, merger), and for
//! the fractions of a share that an action pays out, shares and basis are taken from the action's own events, because they
//! are terms of the action and not of the trades; so are gifts.

use super::Recount;
use super::book::{Share, add, remove};
use crate::Error;
use samebits_snapshot::record::{Action, ActionKind, CashReason, Event, Market};
use samebits_units::{Money, Price};
use std::collections::{BTreeMap, BTreeSet};

/// 1e-8 of the currency x 1e-6 of a share x 1e-6 of a rate, to 1e-6 of the currency; a year of fees has 360 days.
const FEE_DIVISOR: i128 = 100_000_000_000_000 * 360;

/// The events that actions leave, read in order.
struct Cursor<'a> {
    events: Vec<&'a Event>,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn next_if(&mut self, fits: impl Fn(&Event) -> bool) -> Option<&'a Event> {
        let event = *self.events.get(self.at)?;
        fits(event).then(|| self.at += 1)?;
        Some(event)
    }
}

/// The action that an event names.
fn named(event: &Event) -> Option<&str> {
    match event {
        Event::Adjust { action, .. }
        | Event::Receive { action, .. }
        | Event::Retire { action, .. }
        | Event::Gain { action, .. }
        | Event::Scale { action, .. } => Some(action),
        _ => None,
    }
}

fn closes(event: &Event) -> bool {
    matches!(event, Event::Close { .. } | Event::ShortClose { .. })
}

fn pays(event: &Event, reasons: [CashReason; 2], of: u32) -> bool {
    matches!(event, Event::Cash { reason, security: Some(security), .. } if reasons.contains(reason) && *security == of)
}

impl Recount {
    pub(super) fn actions(&mut self, market: &Market, opening: &[Event]) -> Result<(), Error> {
        let belongs = |event: &&Event| {
            let reasons =
                [CashReason::Dividend, CashReason::InLieu, CashReason::ReturnOfCapital, CashReason::Exchange];
            let cash = matches!(event, Event::Cash { reason, .. } if reasons.contains(reason));
            cash || closes(event) || named(event).is_some()
        };
        let mut cursor = Cursor { events: opening.iter().filter(belongs).collect(), at: 0 };
        for action in &market.actions {
            let applied =
                self.applied.as_ref().is_some_and(|(day, ids)| self.today < *day || ids.contains(&action.id));
            if applied {
                continue;
            }
            self.one(action, &mut cursor)?;
            match &mut self.applied {
                Some((day, ids)) if *day == self.today => ids.push(action.id.clone()),
                _ => self.applied = Some((self.today, vec![action.id.clone()])),
            }
        }
        match cursor.events.get(cursor.at) {
            None => Ok(()),
            Some(event) => Err(self.fault(format!("no action of the day explains the event {event:?}"))),
        }
    }

    fn one(&mut self, action: &Action, cursor: &mut Cursor<'_>) -> Result<(), Error> {
        match action.kind {
            ActionKind::Split { new, old } => self.split(action, (new.into(), old.into()), cursor),
            ActionKind::Dividend { amount, .. } => {
                for (short, reason) in [(false, CashReason::Dividend), (true, CashReason::InLieu)] {
                    self.dividend(action, amount, (short, reason), cursor)?;
                }
                Ok(())
            }
            ActionKind::SymbolChange { .. } => Ok(()),
            ActionKind::ReturnOfCapital { .. } | ActionKind::SpinOff { .. } | ActionKind::Merger { .. } => {
                self.by_events(action, cursor)
            }
        }
    }

    fn dividend(
        &mut self,
        action: &Action,
        amount: Price,
        (short, reason): (bool, CashReason),
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Error> {
        let shares = self.positions.get(&(action.security, short)).copied().unwrap_or(0);
        let paid = amount.value(self.qty(shares)?)?;
        let expected = if short { paid.negated()? } else { paid };
        let found = match cursor.next_if(|event| pays(event, [reason; 2], action.security)) {
            Some(Event::Cash { amount, .. }) => *amount,
            _ => Money::ZERO,
        };
        if expected == found {
            return Ok(());
        }
        let what = format!("{} of {}", if short { "the payment in lieu" } else { "the dividend" }, action.id);
        Err(Error::Cash { day: self.today, what, expected, found })
    }

    /// The position is cut off to a millionth of a share; each lot gets what the running total over the lots grows by.
    fn split(
        &mut self,
        action: &Action,
        (new, old): (i128, i128),
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Error> {
        let mut ended = BTreeSet::new();
        for short in [false, true] {
            let (mut before, mut given) = (0, 0);
            for (lot, shares) in self.book.lots(action.security, short) {
                before += shares;
                let through = before * new / old;
                self.recut(action.security, short, lot, through - given);
                if through == given {
                    self.book.money.remove(&lot);
                    ended.insert(lot);
                }
                given = through;
            }
            let position = self.positions.entry((action.security, short)).or_default();
            *position = *position * new / old;
        }
        let scaled = |shares: i128| shares * new / old;
        for lost in self.lost.iter_mut().filter(|lost| lost.security == action.security) {
            lost.shares = scaled(lost.shares);
        }
        self.lost.retain(|lost| lost.shares > 0);
        for bought in self.elsewhere.iter_mut().filter(|bought| bought.security == action.security) {
            bought.shares = scaled(bought.shares);
        }
        for (_, _, shares) in self.bought.iter_mut().filter(|(security, ..)| *security == action.security) {
            *shares = scaled(*shares);
        }
        let own = |event: &Event| named(event) == Some(action.id.as_str()) || closes(event);
        while let Some(event) = cursor.next_if(own) {
            if let Event::Close { lot, quantity, .. } | Event::ShortClose { lot, quantity, .. } = event
                && !ended.contains(lot)
            {
                self.leave(*lot, quantity.micros().into())?;
            }
        }
        Ok(())
    }

    /// The shares of a lot become `shares`.
    fn recut(&mut self, security: u32, short: bool, lot: u64, shares: i128) {
        let side = self.book.side(short).entry(security).or_default();
        let taken = remove(side, lot, i128::MAX);
        if let Some(one) = taken.first() {
            add(side, one, shares);
        }
    }

    fn by_events(&mut self, action: &Action, cursor: &mut Cursor<'_>) -> Result<(), Error> {
        let own = |event: &Event| {
            let cash = [CashReason::ReturnOfCapital, CashReason::Exchange];
            named(event) == Some(action.id.as_str()) || closes(event) || pays(event, cash, action.security)
        };
        let begun = cursor.at;
        while let Some(event) = cursor.next_if(own) {
            match event {
                Event::Adjust { lot, quantity, basis, .. } => {
                    let short = self.book.is_owed(*lot);
                    let security = self.security(*lot)?;
                    let before = self.book.lots(security, short).get(lot).copied().unwrap_or(0);
                    let after = i128::from(quantity.micros());
                    self.recut(security, short, *lot, after);
                    self.shift(security, short, after - before);
                    self.book.money.insert(*lot, basis.micros().into());
                }
                Event::Receive { lot, from, security, quantity, basis, .. } => {
                    self.receive((*lot, *from), *security, quantity.micros().into(), basis.micros().into())?;
                }
                Event::Retire { lot, .. } => {
                    let (security, short) = (self.security(*lot)?, self.book.is_owed(*lot));
                    let shares = self.book.lots(security, short).get(lot).copied().unwrap_or(0);
                    self.recut(security, short, *lot, 0);
                    self.shift(security, short, -shares);
                    self.book.money.remove(lot);
                }
                Event::Close { lot, quantity, .. } | Event::ShortClose { lot, quantity, .. } => {
                    self.leave(*lot, quantity.micros().into())?;
                }
                _ => {}
            }
        }
        self.taken_from_events += u32::from(cursor.at > begun);
        Ok(())
    }

    fn security(&self, lot: u64) -> Result<u32, Error> {
        self.book.security(lot).ok_or_else(|| self.fault(format!("lot {lot} is not open")))
    }

    fn receive(
        &mut self,
        (lot, from): (u64, u64),
        security: u32,
        shares: i128,
        money: i128,
    ) -> Result<(), Error> {
        let (parent, short) = (self.security(from)?, self.book.is_owed(from));
        let id = self.take_id(Some(lot))?;
        let old = self.book.side(short).entry(parent).or_default();
        let one = old.iter().find(|share| share.lot == from).cloned();
        let one = one.ok_or_else(|| self.fault(format!("lot {from} is not open")))?;
        let purchase = if short { id } else { one.purchase };
        add(self.book.side(short).entry(security).or_default(), &Share { lot: id, purchase, ..one }, shares);
        self.book.money.insert(id, money);
        self.shift(security, short, shares);
        Ok(())
    }

    /// Fees for borrowed shares since the last day with one, at the day's price and rate: `price x shares x rate x days / 360`.
    pub(super) fn fees(&mut self, market: &Market, opening: &[Event]) -> Result<(), Error> {
        let mut expected = BTreeMap::<u32, i128>::new();
        let any = self.book.owed.values().any(|shares| !shares.is_empty());
        if any && self.accrued.is_none_or(|through| through < self.today) {
            for (security, shares) in &self.book.owed {
                let days = |opened| {
                    self.accrued.map_or(0, |through| self.today.days_since(through.max(opened)).max(0))
                };
                let sum: i128 =
                    shares.iter().map(|share| share.micros * i128::from(days(share.acquired))).sum();
                let at = *security as usize;
                let (Some(price), Some(rate)) = (market.prices.get(at), market.borrow.get(at)) else {
                    let known = market.prices.len().min(market.borrow.len());
                    return Err(Error::NoSecurity { day: self.today, security: *security, known });
                };
                let product = sum * i128::from(price.e8()) * i128::from(rate.hundredths());
                let fee = (product + product.signum() * (FEE_DIVISOR / 2)) / FEE_DIVISOR;
                expected.insert(*security, -fee);
            }
            self.accrued = Some(self.today);
        }
        expected.retain(|_, fee| *fee != 0);
        let mut found = BTreeMap::<u32, i128>::new();
        for event in opening {
            if let Event::Cash { reason: CashReason::Borrow, security, amount } = event {
                *found.entry(security.unwrap_or(u32::MAX)).or_default() += i128::from(amount.micros());
            }
        }
        for security in expected.keys().chain(found.keys()) {
            let of = |fees: &BTreeMap<u32, i128>| fees.get(security).copied().unwrap_or(0);
            let (wanted, paid) = (of(&expected), of(&found));
            if wanted != paid {
                let what = format!("the borrow fee of security {security}");
                let (expected, found) = (self.money(wanted)?, self.money(paid)?);
                return Err(Error::Cash { day: self.today, what, expected, found });
            }
        }
        Ok(())
    }
}
