//! Corporate actions before the day's trades (`docs/actions.md`): splits and cash a share here, exchanges in [`exchange`].
//!
//! An action meets every lot of its security, long lots first, then short ones with all signs turned.

mod check;
mod exchange;
mod position;

pub use check::reverse;

use crate::open_day::Opening;
use crate::{Error, Flows};
use position::{SIDES, cash_in_lieu, lots, portions};
use samebits_snapshot::record::{Account, Action, ActionKind, CashReason, Event};
use samebits_units::{Date, Money, Price, Qty};

/// Applies the actions of the day that the account has not applied yet, in their order.
pub(crate) fn run(day: &mut Opening<'_>, flows: &Flows) -> Result<(), Error> {
    check::all(day.market)?;
    let (market, mut ids) = (day.market, Vec::new());
    for action in &market.actions {
        if !is_applied(&day.account, market.as_of, &action.id) {
            one(day, action, flows)?;
            ids.push(action.id.clone());
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    day.record(vec![Event::ActionsApplied { day: market.as_of, ids }])
}

fn is_applied(account: &Account, as_of: Date, id: &str) -> bool {
    account.applied.as_ref().is_some_and(|last| as_of < last.day || last.ids.iter().any(|known| known == id))
}

fn one(day: &mut Opening<'_>, action: &Action, flows: &Flows) -> Result<(), Error> {
    match &action.kind {
        ActionKind::Split { new, old } => split(day, action, (*new, *old), flows.cash_in_lieu),
        ActionKind::Dividend { amount, .. } => dividend(day, action, *amount),
        ActionKind::ReturnOfCapital { amount } => return_of_capital(day, action, *amount),
        ActionKind::SpinOff { into, new, old, basis, value } => {
            let terms = exchange::Terms { into: *into, new: *new, old: *old, value: *value };
            exchange::spin_off(day, action, &terms, *basis)
        }
        ActionKind::Merger { into, new, old, cash, value } => {
            let terms = exchange::Terms { into: *into, new: *new, old: *old, value: *value };
            exchange::merger(day, action, &terms, *cash)
        }
        // Securities are known by index; the ticker of the market was compared with `to`.
        ActionKind::SymbolChange { .. } => Ok(()),
    }
}

/// Shares change, the basis does not (IRC 305(a), 307(a)). A lot that is left without a millionth of a share is closed for
/// nothing.
fn split(day: &mut Opening<'_>, action: &Action, ratio: (u32, u32), in_lieu: bool) -> Result<(), Error> {
    let ((new, old), security) = (ratio, action.security);
    for side in SIDES {
        let held = lots(&day.account, day.market.as_of, &day.rules, security, side)?;
        let mut events = Vec::new();
        for (lot, quantity) in held.iter().zip(portions(&held, new, old)?) {
            if quantity.is_zero() {
                events.push(lot.end(lot.quantity, Money::ZERO)?);
            } else {
                events.extend(lot.adjust(&action.id, quantity, lot.basis));
            }
        }
        day.record(events)?;
        if in_lieu {
            let price = day.market.prices[security as usize];
            cash_in_lieu(day, (security, side), 0, price)?;
        }
    }
    let account = &day.account;
    let counted = account.locks.iter().any(|lock| lock.security == security)
        || account.outside.iter().any(|purchase| purchase.security == security)
        || account.recent.iter().any(|purchase| purchase.security == security);
    let scale = Event::Scale { action: action.id.clone(), security, new, old };
    day.record(Vec::from_iter(counted.then_some(scale)))
}

/// Cash for the shares held as the day begins; lots are untouched.
fn dividend(day: &mut Opening<'_>, action: &Action, amount: Price) -> Result<(), Error> {
    for (side, reason) in SIDES.into_iter().zip([CashReason::Dividend, CashReason::InLieu]) {
        let held = lots(&day.account, day.market.as_of, &day.rules, action.security, side)?;
        let paid = amount.value(Qty::total(held.iter().map(|lot| lot.quantity))?)?;
        let cash = Event::Cash { reason, security: Some(action.security), amount: side.signed(paid)? };
        day.record(Vec::from_iter((!paid.is_zero()).then_some(cash)))?;
    }
    Ok(())
}

/// Cash that reduces the basis of each lot by its part; what exceeds the basis is a gain (IRC 301(c)(2) and (3)).
fn return_of_capital(day: &mut Opening<'_>, action: &Action, amount: Price) -> Result<(), Error> {
    for side in SIDES {
        let (mut paid, mut events) = (Money::ZERO, Vec::new());
        for lot in lots(&day.account, day.market.as_of, &day.rules, action.security, side)? {
            let part = amount.value(lot.quantity)?;
            let returned = part.min(lot.basis.max(Money::ZERO));
            events.extend(lot.adjust(&action.id, lot.quantity, lot.basis.minus(returned)?));
            events.extend(lot.gain(&action.id, part.minus(returned)?)?);
            paid = paid.plus(part)?;
        }
        let (reason, security) = (CashReason::ReturnOfCapital, Some(action.security));
        let cash = Event::Cash { reason, security, amount: side.signed(paid)? };
        events.extend((!paid.is_zero()).then_some(cash));
        day.record(events)?;
    }
    Ok(())
}
