//! Fees for borrowed shares; what the client puts in, takes out and gives away.

use crate::Error;
use crate::law::{is_long_term, law_of};
use samebits_snapshot::record::{Account, CashReason, Event, Jurisdiction, Lot, Market};
use samebits_units::{Money, Price, Qty};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What the client wants done before the day's trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flows {
    /// Cash put in; not negative.
    pub contribution: Money,
    /// Cash taken out; not negative. The day's trades raise it.
    pub withdrawal: Money,
    /// Market value to give away in shares; not negative. What the lots do not allow is not given: the values of the
    /// day's `Gift` events say how much was.
    pub gift: Money,
    /// After a split the fraction of a share that a position has is paid out in cash; kept otherwise.
    pub cash_in_lieu: bool,
}

/// 1e-8 of the currency x 1e-6 of a share x 1e-6 of a rate, to 1e-6 of the currency; a year of fees has 360 days.
const FEE_DIVISOR: i128 = 100_000_000_000_000 * 360;

/// Fees for the shares sold short, from the last day paid for (not before a lot was opened) to today:
/// `price * shares * rate * days / 360` with the day's price and rate, rounded half away from zero per security. The first
/// day with shorts only sets the day.
pub(crate) fn borrow(account: &Account, market: &Market) -> Result<Vec<Event>, Error> {
    let today = market.as_of;
    if account.shorts.is_empty() || account.accrued_through.is_some_and(|through| today <= through) {
        return Ok(Vec::new());
    }
    let mut share_days = BTreeMap::<u32, i128>::new();
    for lot in &account.shorts {
        let since = account.accrued_through.map_or(today, |through| through.max(lot.opened));
        let days = i128::from(today.days_since(since).max(0));
        let borrowed = i128::from(lot.quantity.micros()).checked_mul(days);
        let sum = share_days.entry(lot.security).or_default();
        *sum = borrowed.and_then(|borrowed| sum.checked_add(borrowed)).ok_or_else(overflow)?;
    }
    let mut events = Vec::new();
    for (security, share_days) in share_days {
        let amount = fee(market, security, share_days)?.negated()?;
        let cash = Event::Cash { reason: CashReason::Borrow, security: Some(security), amount };
        events.extend((!amount.is_zero()).then_some(cash));
    }
    events.push(Event::Accrued { through: today });
    Ok(events)
}

const fn overflow() -> samebits_units::Error {
    samebits_units::Error::Overflow { what: "fee or gift" }
}

/// `share_days` are millionths of a share times days.
fn fee(market: &Market, security: u32, share_days: i128) -> Result<Money, Error> {
    let known = market.prices.len().min(market.borrow.len());
    let at = security as usize;
    let (Some(price), Some(rate)) = (market.prices.get(at), market.borrow.get(at)) else {
        return Err(Error::NoSecurity { security, known });
    };
    let product = share_days
        .checked_mul(i128::from(price.e8()))
        .and_then(|value| value.checked_mul(i128::from(rate.hundredths())))
        .ok_or_else(overflow)?;
    let half = (FEE_DIVISOR / 2).checked_mul(product.signum());
    let rounded =
        half.and_then(|half| product.checked_add(half)).and_then(|sum| sum.checked_div(FEE_DIVISOR));
    let micros = rounded.and_then(|micros| i64::try_from(micros).ok()).ok_or_else(overflow)?;
    Ok(Money::from_micros(micros))
}

/// The events of the client's wishes.
pub(crate) fn flows(account: &Account, market: &Market, flows: &Flows) -> Result<Vec<Event>, Error> {
    let Flows { contribution, withdrawal, gift, cash_in_lieu: _ } = *flows;
    for (flow, amount) in [("contribution", contribution), ("withdrawal", withdrawal), ("gift", gift)] {
        if amount.is_negative() {
            return Err(Error::Flow { flow, amount, problem: "it is negative" });
        }
    }
    let mut events = Vec::new();
    for (reason, amount) in
        [(CashReason::Contribution, contribution), (CashReason::Withdrawal, withdrawal.negated()?)]
    {
        let cash = Event::Cash { reason, security: None, amount };
        events.extend((!amount.is_zero()).then_some(cash));
    }
    if gift.is_positive() {
        events.extend(give(account, market, gift)?);
    }
    Ok(events)
}

/// A lot that may be given away.
struct Gift<'a> {
    lot: &'a Lot,
    price: Price,
    value: Money,
    gain: Money,
}

impl Gift<'_> {
    /// The larger gain for its value first, then the earlier start of holding, then the id.
    fn order(&self, other: &Self) -> Ordering {
        let cross = |gain: Money, value: Money| {
            // A product of two 64-bit numbers fits.
            i128::from(gain.micros()).saturating_mul(i128::from(value.micros()))
        };
        cross(other.gain, self.value)
            .cmp(&cross(self.gain, other.value))
            .then(self.lot.held_from.cmp(&other.lot.held_from))
            .then(self.lot.id.cmp(&other.lot.id))
    }
}

/// Whole shares of the most appreciated long-term lots, up to `amount` (IRC 170(e): the value of long-term property is
/// deductible and its gain is not taxed). Lots at a loss, short-term ones and replacements stay.
fn give(account: &Account, market: &Market, amount: Money) -> Result<Vec<Event>, Error> {
    if account.holder.as_ref().is_some_and(|holder| holder.jurisdiction != Jurisdiction::UnitedStates) {
        let problem = "gifts of shares are defined for the United States only";
        return Err(Error::Flow { flow: "gift", amount, problem });
    }
    let law = law_of(account, market)?;
    let mut gifts = Vec::new();
    for lot in &account.lots {
        let known = market.prices.len();
        let price = *market
            .prices
            .get(lot.security as usize)
            .ok_or(Error::NoSecurity { security: lot.security, known })?;
        let value = price.value(lot.quantity)?;
        let gain = value.minus(lot.basis)?;
        let long_term = is_long_term(lot.held_from, market.as_of, law)?;
        if long_term && !lot.replacement && value.is_positive() && !gain.is_negative() {
            gifts.push(Gift { lot, price, value, gain });
        }
    }
    gifts.sort_by(Gift::order);
    let (mut left, mut events) = (amount, Vec::new());
    for Gift { lot, price, .. } in gifts {
        let quantity = whole_shares(left, price, lot.quantity)?;
        if quantity.is_zero() {
            continue;
        }
        let whole = quantity == lot.quantity;
        let basis = if whole { lot.basis } else { lot.basis.share(quantity, lot.quantity)? };
        let value = price.value(quantity)?;
        left = left.minus(value)?;
        events.push(Event::Gift { lot: lot.id, quantity, basis, value });
    }
    Ok(events)
}

/// How many whole shares of a lot are worth at most `amount`. What [`Price::value`] rounds to is at most `amount` then.
fn whole_shares(amount: Money, price: Price, lot: Qty) -> Result<Qty, Error> {
    let affordable =
        i128::from(amount.micros()).checked_mul(100).and_then(|e8| e8.checked_div(price.e8().into()));
    let shares = affordable.ok_or_else(overflow)?.min(lot.whole_shares().into());
    Ok(Qty::from_shares(i64::try_from(shares).map_err(|_| overflow())?)?)
}
